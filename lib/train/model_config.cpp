#include "lib/train/model_config.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

constexpr std::int64_t most_groups = 32;  // diffusers' number
constexpr std::int64_t fewest_channels_a_group = 2;

std::vector<std::int64_t> channels_of(const Json& model) {
  const Json channels = model.value("block_out_channels", Json());
  const auto good = [](const Json& c) { return c.is_number_unsigned() && c > 0; };
  if (!channels.is_array() || channels.empty() || !std::ranges::all_of(channels, good))
    throw Error("model.block_out_channels: must be channels per level, such as [16, 32, 64], got " +
                channels.dump());
  return channels.get<std::vector<std::int64_t>>();
}

/// The largest power of two up to 32 that leaves each group some channels.
std::int64_t groups_for(const std::vector<std::int64_t>& channels) {
  std::int64_t common = 0;
  for (const std::int64_t c : channels) common = std::gcd(common, c);
  std::int64_t groups = most_groups;
  while (groups > 1 && (common % groups != 0 || common / groups < fewest_channels_a_group))
    groups /= 2;
  return groups;
}

/// Every level but the last halves both sides.
void check_sides(const TrainingSet& images, std::size_t levels) {
  const std::size_t multiple = std::size_t(1) << (levels - 1);
  const std::size_t height = images.height(), width = images.width();
  if (height % multiple == 0 && width % multiple == 0) return;
  const auto up = [&](std::size_t side) {
    return std::to_string((side + multiple - 1) / multiple * multiple);
  };
  throw Error("the images are " + std::to_string(height) + " x " + std::to_string(width) +
              " pixels, but a network of " + std::to_string(levels) +
              " levels needs sides that are multiples of " + std::to_string(multiple) +
              "; --size " + up(height) + "x" + up(width) +
              " resizes them, or give fewer --channels");
}

void set_or_check(Json& model, const char* key, const Json& value) {
  if (!model.contains(key)) model[key] = value;
  if (model[key] != value)
    throw Error("model." + std::string(key) + ": is " + model[key].dump() +
                " where the images need " + value.dump());
}

}  // namespace

Json fitting_model(Json model, const TrainingSet& images) {
  if (model.value("_class_name", Json("UNet2DModel")) != "UNet2DModel") return model;
  const auto channels = channels_of(model);
  check_sides(images, channels.size());
  const Json size = images.height() == images.width()
                        ? Json(images.height())
                        : Json::array({images.height(), images.width()});
  set_or_check(model, "sample_size", size);
  set_or_check(model, "in_channels", images.channels());
  set_or_check(model, "out_channels", images.channels());
  const auto plain = [&](const char* block) {
    return std::vector<std::string>(channels.size(), block);
  };
  if (!model.contains("down_block_types")) model["down_block_types"] = plain("DownBlock2D");
  if (!model.contains("up_block_types")) model["up_block_types"] = plain("UpBlock2D");
  if (!model.contains("norm_num_groups")) model["norm_num_groups"] = groups_for(channels);
  return model;
}

}  // namespace diffusion
