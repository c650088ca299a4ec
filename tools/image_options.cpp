#include "tools/image_options.hpp"

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion::cli {
namespace {

using Extent = std::optional<std::pair<std::size_t, std::size_t>>;

void add_extent(CLI::App& app, const std::string& flag, Extent& extent, const std::string& help) {
  app.add_option_function<std::string>(
         flag, [flag, &extent](const std::string& text) { extent = parse_extent(flag, text); },
         help)
      ->type_name("HxW")
      ->group("Images");
}

}  // namespace

std::pair<std::size_t, std::size_t> parse_extent(const std::string& flag, const std::string& text) {
  constexpr std::int64_t most = 1 << 16;
  std::vector<std::string> parts = split(text, 'x');
  if (parts.size() == 1) parts.push_back(parts[0]);
  std::vector<std::size_t> extents;
  for (const auto& part : parts) {
    const auto value = parse_integer(part);
    if (!value || *value < 1 || *value > most || parts.size() != 2)
      throw Error(flag + " " + text + ": needs HEIGHTxWIDTH in pixels, such as 64x64");
    extents.push_back(std::size_t(*value));
  }
  return {extents[0], extents[1]};
}

void add_image_options(CLI::App& app, ImageSetOptions& options) {
  const char* const group = "Images";
  add_extent(app, "--size", options.size, "Resize the images (antialiased bicubic)");
  add_extent(app, "--crop", options.crop, "Cut out the middle, after resizing");
  const auto channels = [&](std::size_t count) {
    return [&options, count](std::int64_t) { options.channels = count; };
  };
  auto* gray = app.add_flag_function("--gray", channels(1), "Make all images grey");
  auto* rgb = app.add_flag_function("--rgb", channels(3), "Make all images RGB");
  gray->group(group)->excludes(rgb);
  rgb->group(group);
  app.add_option_function<std::string>(
         "--layout", [&](const std::string& layout) { options.layout = layout; },
         "Axes of arrays: nhwc, nchw, nhw, hwc or chw")
      ->check(CLI::IsMember({"nhwc", "nchw", "nhw", "hwc", "chw"}).description(""))
      ->type_name("AXES")
      ->group(group);
  app.add_option_function<std::vector<double>>(
         "--range",
         [&](const std::vector<double>& ends) {
           if (ends[0] == ends[1]) throw Error("--range: black and white must differ");
           options.range = {ends[0], ends[1]};
         },
         "Black and white of arrays (default: -1,1 for floats)")
      ->delimiter(',')
      ->expected(2)
      ->type_name("BLACK,WHITE")
      ->group(group);
}

}  // namespace diffusion::cli
