// What follows from the images for a U-Net's configuration.

#include <algorithm>
#include <bit>
#include <numeric>
#include <string>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/models/task_keys.hpp"
#include "lib/models/unet_config.hpp"

namespace diffusion {
namespace {

constexpr std::int64_t most_groups = 32;  // diffusers' number
constexpr std::int64_t fewest_channels_a_group = 2;
constexpr std::int64_t widest_head = 8;  // diffusers' number

std::vector<std::int64_t> channels_of(const Json& model) {
  const auto given = JsonAt(model, "model").find("block_out_channels");
  const Json none;
  const JsonAt value(given ? given->json() : none, "", "model.block_out_channels");
  const auto levels = given ? value.array() : std::vector<JsonAt>{};
  if (levels.empty() || levels.size() > most_levels)
    value.refuse("channels per level, such as [16, 32, 64]");
  std::vector<std::int64_t> channels;
  for (const JsonAt& level : levels) channels.push_back(level.whole(1, most_channels));
  return channels;
}

std::int64_t common_divisor(const std::vector<std::int64_t>& channels) {
  std::int64_t common = 0;
  for (const std::int64_t c : channels) common = std::gcd(common, c);
  return common;
}

/// The largest power of two, up to a limit, that divides `number`.
std::int64_t dividing_power(std::int64_t number, std::int64_t limit) {
  std::int64_t power = limit;
  while (power > 1 && number % power != 0) power /= 2;
  return power;
}

/// Groups of the normalisation that leave each at least two channels.
std::int64_t groups_for(std::int64_t common) {
  const auto most = std::uint64_t(std::max(common / fewest_channels_a_group, std::int64_t(1)));
  return dividing_power(common, std::min(most_groups, std::int64_t(std::bit_floor(most))));
}

/// Every level but the last halves both sides.
void check_sides(const ImageSides& sides, std::size_t levels) {
  const std::size_t multiple = std::size_t(1) << (levels - 1);
  const auto [height, width] = sides;
  if (height % multiple == 0 && width % multiple == 0) return;
  const auto up = [&](std::size_t side) {
    return std::to_string((side + multiple - 1) / multiple * multiple);
  };
  throw Error("the images are " + std::to_string(height) + " x " + std::to_string(width) +
              " pixels, but a network of " + std::to_string(levels) +
              " levels needs sides that are multiples of " + std::to_string(multiple) +
              "; `size` " + up(height) + "x" + up(width) +
              " resizes them, or give fewer `channels`");
}

/// With what follows from the channels.
Json completed(Json model, const std::vector<std::int64_t>& channels) {
  const auto plain = [&](const char* block) {
    return std::vector<std::string>(channels.size(), block);
  };
  if (!model.contains("down_block_types")) model["down_block_types"] = plain("DownBlock2D");
  if (!model.contains("up_block_types")) model["up_block_types"] = plain("UpBlock2D");
  const std::int64_t common = common_divisor(channels);
  if (!model.contains("norm_num_groups")) model["norm_num_groups"] = groups_for(common);
  if (!model.contains("attention_head_dim"))
    model["attention_head_dim"] = dividing_power(common, widest_head);
  return model;
}

}  // namespace

void check_unet(const Json& config) { parse_unet_config(completed(config, channels_of(config))); }

Json fit_unet(Json model, const NetworkTask& task) {
  const auto channels = channels_of(model);
  check_sides(task.sides, channels.size());
  fit_images(model, task);
  fit_classes(model, "num_class_embeds", task.classes, task.classes + 1);
  return completed(std::move(model), channels);
}

}  // namespace diffusion
