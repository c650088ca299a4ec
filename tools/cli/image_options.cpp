#include "tools/cli/image_options.hpp"

#include <cmath>

#include "lib/base/text.hpp"

namespace diffusion::cli {
namespace {

using Extent = std::pair<std::size_t, std::size_t>;
const char* const group = "Images";

[[noreturn]] void refuse(const std::string& why) { throw CLI::ValidationError(why); }

/// "64" or "48x64": height x width.
Extent parse_extent(const std::string& flag, const std::string& text) {
  constexpr std::int64_t most = 1 << 16;
  std::vector<std::string> parts = split(text, 'x');
  if (parts.size() == 1) parts.push_back(parts[0]);
  std::vector<std::size_t> extents;
  for (const auto& part : parts) {
    const auto value = parse_integer(part);
    if (!value || *value < 1 || *value > most || parts.size() != 2)
      refuse(flag + " " + text + ": needs HEIGHTxWIDTH in pixels, such as 64x64");
    extents.push_back(std::size_t(*value));
  }
  return {extents[0], extents[1]};
}

std::pair<double, double> parse_range(const std::string& text) {
  const auto parts = split(text, ',');
  const auto black = parse_number(parts[0]);
  const auto white = parts.size() == 2 ? parse_number(parts[1]) : std::nullopt;
  if (!black || !white || !std::isfinite(*white - *black) || *black == *white)
    refuse("--range " + text + ": needs two different numbers, such as 0,255");
  return {*black, *white};
}

void add_text(CLI::App& app, const char* flag, const char* type, const char* help,
              std::function<void(const std::string&)> take) {
  app.add_option_function<std::string>(flag, std::move(take), help)->type_name(type)->group(group);
}

void add_channels(CLI::App& app, const char* flag, std::size_t count, const char* help,
                  ImageSetOptions& options) {
  app.add_flag_function(
         flag,
         [&options, count](std::int64_t) {
           if (options.channels.value_or(count) != count)
             refuse("--gray and --rgb exclude each other");
           options.channels = count;
         },
         help)
      ->group(group);
}

}  // namespace

void add_image_options(CLI::App& app, ImageSetOptions& options) {
  add_text(app, "--size", "HxW", "Resize the images (antialiased bicubic)",
           [&](const std::string& text) { options.size = parse_extent("--size", text); });
  add_text(app, "--crop", "HxW", "Cut out the middle, after resizing",
           [&](const std::string& text) { options.crop = parse_extent("--crop", text); });
  add_channels(app, "--gray", 1, "Make all images grey", options);
  add_channels(app, "--rgb", 3, "Make all images RGB", options);
  add_text(app, "--layout", "AXES", "Axes of arrays: nhwc, nchw, nhw, hwc or chw",
           [&](const std::string& text) { options.layout = text; });
  app.get_option("--layout")
      ->check(CLI::IsMember({"nhwc", "nchw", "nhw", "hwc", "chw"}).description(""));
  add_text(app, "--range", "BLACK,WHITE", "Black and white of arrays (default: -1,1 for floats)",
           [&](const std::string& text) { options.range = parse_range(text); });
}

void add_file_list(CLI::App& app, ImageSetOptions& options) {
  const auto list = [&options]() -> FileList& {
    return options.list ? *options.list : options.list.emplace();
  };
  add_text(app, "--files-from", "FILE", "Read the pictures that FILE names, one a line (-: stdin)",
           [=](const std::string& path) { list().path = path; });
  app.add_flag_function(
         "-0,--null", [=](std::int64_t) { list().separator = '\0'; },
         "Names in --files-from end in a zero byte, as find -print0 writes them")
      ->needs("--files-from")
      ->group(group);
}

}  // namespace diffusion::cli
