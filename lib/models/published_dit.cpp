// The names and shapes of DiT's and SiT's code: https://github.com/facebookresearch/DiT and
// https://github.com/willisma/SiT. A network here has the same names.
#include <algorithm>
#include <cmath>

#include "lib/models/published.hpp"
#include "lib/models/published_size.hpp"
#include "lib/models/task_keys.hpp"
#include "lib/models/weight_views.hpp"
#include "lib/nn/positions.hpp"

namespace diffusion {
namespace {

/// What a file does not say.
struct Asked {
  std::int64_t heads;  // 0: those of the paper's sizes
  std::optional<ImageSides> sides;
};

Asked asked_of_transformer(Params& params) {
  const std::int64_t heads = params.integer("heads", 0);
  if (heads < 0) params.refuse("heads", "must be a number of heads, or 0 for the paper's");
  return {heads, take_sides(params)};
}

/// Peebles and Xie 2023, Table 1.
std::size_t usual_heads(const StateDict& weights, std::size_t width) {
  struct Size {
    std::size_t width, heads;
  };
  for (const Size size : {Size{384, 6}, Size{768, 12}, Size{1024, 16}, Size{1152, 16}})
    if (size.width == width) return size.heads;
  weights.refuse("does not say how many heads a width of " + std::to_string(width) +
                 " has: `as` dit:heads=N does");
}

const std::string positions = "pos_embed", patches = "x_embedder.proj.weight",
                  last = "final_layer.linear.weight", classes = "y_embedder.embedding_table.weight";

/// The table of positions has a row for each token.
ImageSides sides_of(const StateDict& weights, const Asked& asked, std::size_t patch) {
  if (asked.sides) return *asked.sides;
  if (!weights.has(positions))
    weights.refuse("does not say the size of images: `as` dit:size=HxW does");
  const std::size_t tokens = weights.shape(positions, 3)[1];
  const auto side = std::size_t(std::lround(std::sqrt(double(tokens))));
  if (side * side != tokens)
    weights.refuse("has " + std::to_string(tokens) +
                   " tokens, which make no square: `as` dit:size=HxW says the size of images");
  return {side * patch, side * patch};
}

/// They follow from the size; a table that was learned is another network.
void take_positions(StateDict& weights, const ImageSides& sides, std::size_t patch) {
  if (!weights.has(positions)) return;
  const WeightTensor table = weights.take(positions);
  const nn::layers::Positions shape{std::int64_t(sides.height / patch),
                                    std::int64_t(sides.width / patch),
                                    std::int64_t(table.shape.back())};
  if (table.shape != std::vector<std::size_t>{1, std::size_t(shape.height * shape.width),
                                              table.shape.back()} ||
      table.shape.back() % 4 != 0)
    weights.refuse("pos_embed has the shape " + shape_text(table.shape) + " where images of " +
                   std::to_string(sides.height) + " x " + std::to_string(sides.width) + " have " +
                   std::to_string(shape.height * shape.width) + " tokens");
  const std::vector<float> theirs = table.values(), ours = nn::position_table(shape);
  // Half a step of bfloat16 is 2^-9.
  for (std::size_t i = 0; i < ours.size(); ++i)
    if (!(std::abs(theirs[i] - ours[i]) < 2.5e-3f))
      weights.refuse(
          "pos_embed is not the sines and cosines of rows and columns; tables that were "
          "learned are not run here");
}

/// What the shapes tell.
struct Geometry {
  std::size_t width, patch, in, out;  // in and out: channels
  ImageSides sides;
};

Geometry geometry_of(const StateDict& weights, const Asked& asked) {
  const auto& first = weights.shape(patches, 4);
  const std::size_t patch = first[2], rows = weights.shape(last, 2)[0];
  if (rows % (patch * patch) != 0)
    weights.refuse("final_layer.linear has " + std::to_string(rows) +
                   " rows, which are no whole patches of " + std::to_string(patch));
  return {first[0], patch, first[1], rows / (patch * patch), sides_of(weights, asked, patch)};
}

Json config_of(const StateDict& weights, const Asked& asked, const Geometry& g) {
  const double hidden = double(weights.shape("blocks.0.mlp.fc1.weight", 2)[0]);
  Json config = {
      {"_class_name", "DiT"},
      {"sample_size", sides_to_json(g.sides)},
      {"patch_size", g.patch},
      {"in_channels", g.in},
      {"out_channels", g.out},
      {"hidden_size", g.width},
      {"depth", weights.count("blocks.")},
      {"num_heads", asked.heads > 0 ? std::size_t(asked.heads) : usual_heads(weights, g.width)},
      {"mlp_ratio", hidden / double(g.width)}};
  if (weights.has(classes)) config["num_classes"] = weights.shape(classes, 2)[0] - 1;
  return config;
}

ConvertedNetwork read_dit(StateDict weights, const Asked& asked) {
  const Geometry g = geometry_of(weights, asked);
  Json config = config_of(weights, asked, g);
  take_positions(weights, g.sides, g.patch);
  return {std::move(config), std::move(weights).rest()};
}

/// What follows the velocity in an output of twice the channels, a SiT leaves unused. Its velocity
/// is that of a time that runs to the data.
ConvertedNetwork read_sit(StateDict weights, const Asked& asked) {
  const Geometry g = geometry_of(weights, asked);
  ConvertedNetwork network = read_dit(std::move(weights), asked);
  network.config.update(
      {{"out_channels", std::min(g.in, g.out)}, {"time_scale", -0.001}, {"time_offset", 1}});
  for (WeightTensor& tensor : network.weights) {
    if (!tensor.name.starts_with("final_layer.linear.")) continue;
    std::vector<std::size_t> rows;
    for (std::size_t row = 0; row < tensor.shape[0]; ++row)
      if (row % g.out < g.in) rows.push_back(row);
    tensor = scaled(rows_of(std::move(tensor), std::move(rows)), -1);
  }
  return network;
}

}  // namespace

std::function<ConvertedNetwork(StateDict)> dit_form(Params& params) {
  return [asked = asked_of_transformer(params)](StateDict weights) {
    return read_dit(std::move(weights), asked);
  };
}

std::function<ConvertedNetwork(StateDict)> sit_form(Params& params) {
  return [asked = asked_of_transformer(params)](StateDict weights) {
    return read_sit(std::move(weights), asked);
  };
}

}  // namespace diffusion
