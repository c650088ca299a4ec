#include "lib/fid/reading_record.hpp"

namespace diffusion {
namespace {

std::string extent(const std::pair<std::size_t, std::size_t>& sides) {
  return std::to_string(sides.first) + "x" + std::to_string(sides.second);
}

}  // namespace

Json reading_record(const ImageSetOptions& options) {
  Json record = Json::object();
  if (options.size) record["size"] = extent(*options.size);
  if (options.crop) record["crop"] = extent(*options.crop);
  if (options.channels) record["channels"] = *options.channels == 1 ? "gray" : "rgb";
  if (options.orient) record["orient"] = true;
  if (options.sixteen == SixteenBits::pillow) record["16_bit"] = "pillow";
  if (options.layout) record["layout"] = *options.layout;
  if (options.range) record["range"] = {options.range->first, options.range->second};
  return record;
}

bool may_be_natural(const std::string& key) { return key == "size" || key == "crop"; }

bool is_of_arrays(const std::string& key) { return key == "layout" || key == "range"; }

}  // namespace diffusion
