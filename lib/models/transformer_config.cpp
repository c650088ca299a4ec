#include "lib/models/transformer_config.hpp"

#include "lib/base/error.hpp"
#include "lib/models/config_keys.hpp"
#include "lib/models/task_keys.hpp"

namespace diffusion {
namespace {

constexpr std::int64_t most_channels = 1 << 16, most_blocks = 1 << 10, most_patch = 1 << 10;
constexpr std::int64_t most_patches = 1 << 16;  // of an image: attention is quadratic in them

TransformerConfig take_all(ConfigKeys& keys, TransformerKind kind) {
  TransformerConfig c;
  c.sample_size = take_sample_size(keys).value_or(c.sample_size);
  c.patch_size = keys.positive("patch_size", c.patch_size, most_patch);
  c.in_channels = keys.positive("in_channels", c.in_channels);
  c.out_channels = keys.positive("out_channels", c.in_channels, 2 * most_channels);
  c.hidden_size = keys.positive("hidden_size", c.hidden_size, most_channels);
  c.depth = keys.positive("depth", c.depth, most_blocks);
  c.num_heads = keys.positive("num_heads", c.num_heads, most_channels);
  c.mlp_ratio = keys.number("mlp_ratio", c.mlp_ratio);
  c.num_classes = keys.positive_or_null("num_classes", {}, most_class_labels);
  if (kind == TransformerKind::jit)
    c.bottleneck_dim = keys.positive_or_null("bottleneck_dim", {}, most_channels);
  return c;
}

/// What is refused whatever the images are.
void check_blocks(const ConfigKeys& keys, const TransformerConfig& c, TransformerKind kind) {
  if (c.hidden_size % 4 != 0)
    keys.refuse("hidden_size", "a multiple of 4, for sines and cosines of two coordinates");
  if (c.hidden_size % c.num_heads != 0)
    keys.refuse("num_heads", "a divisor of hidden_size, " + std::to_string(c.hidden_size));
  if (kind == TransformerKind::jit && c.head_size() % 4 != 0)
    keys.refuse("num_heads", "such that heads of hidden_size / num_heads are multiples of 4");
  if (!(c.mlp_ratio > 0 && c.mlp_ratio <= 64) || c.mlp_size() < 2)
    keys.refuse("mlp_ratio", "a number in (0, 64] that leaves the MLP channels");
}

bool divides(const TransformerConfig& c, const ImageSides& sides) {
  const auto patch = std::size_t(c.patch_size);
  return sides.height % patch == 0 && sides.width % patch == 0;
}

std::size_t patches_in(const TransformerConfig& c, const ImageSides& sides) {
  return sides.height / std::size_t(c.patch_size) * (sides.width / std::size_t(c.patch_size));
}

/// Patches cover the images.
void check_sides(const TransformerConfig& c, const ImageSides& sides) {
  if (patches_in(c, sides) > most_patches)
    throw Error("the images are " + std::to_string(sides.height) + " x " +
                std::to_string(sides.width) + " pixels, more than " + std::to_string(most_patches) +
                " patches of " + std::to_string(c.patch_size) + "; raise model.patch_size");
  if (divides(c, sides)) return;
  const auto up = [&](std::size_t side) {
    const auto patch = std::size_t(c.patch_size);
    return std::to_string((side + patch - 1) / patch * patch);
  };
  throw Error("the images are " + std::to_string(sides.height) + " x " +
              std::to_string(sides.width) + " pixels, which patches of " +
              std::to_string(c.patch_size) + " do not divide; `size` " + up(sides.height) + "x" +
              up(sides.width) + " resizes them, or change model.patch_size");
}

TransformerConfig parse_blocks(const Json& config, TransformerKind kind) {
  ConfigKeys keys(config, class_name(kind));
  const TransformerConfig c = take_all(keys, kind);
  keys.finish();
  check_blocks(keys, c, kind);
  return c;
}

}  // namespace

const char* class_name(TransformerKind kind) {
  return kind == TransformerKind::dit ? "DiT" : "JiT";
}

TransformerConfig parse_transformer_config(const Json& config, TransformerKind kind) {
  const TransformerConfig c = parse_blocks(config, kind);
  const ConfigKeys keys(config, class_name(kind));
  if (!divides(c, c.sample_size)) keys.refuse("patch_size", "a divisor of sample_size");
  if (patches_in(c, c.sample_size) > most_patches)
    keys.refuse("sample_size", "of at most " + std::to_string(most_patches) + " patches");
  return c;
}

std::vector<std::string> transformer_keys(TransformerKind kind) {
  const Json none = Json::object();
  ConfigKeys keys(none, class_name(kind));
  take_all(keys, kind);
  return keys.known();
}

void check_transformer(const Json& config, TransformerKind kind) { parse_blocks(config, kind); }

Json fit_transformer(Json model, const NetworkTask& task, TransformerKind kind) {
  check_sides(parse_blocks(model, kind), task.sides);
  fit_images(model, task);
  fit_classes(model, "num_classes", task.classes, task.classes);
  return model;
}

}  // namespace diffusion
