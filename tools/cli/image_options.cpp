#include "tools/cli/image_options.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/text.hpp"
#include "lib/image/alike.hpp"

namespace diffusion::cli {
namespace {

using Extent = std::pair<std::size_t, std::size_t>;

[[noreturn]] void refuse(const std::string& why) { throw CLI::ValidationError(why); }

/// "64" or "48x64": height x width.
Extent parse_extent(const std::string& flag, const std::string& text) {
  constexpr std::size_t most = 1 << 16;
  const auto sides = parse_extents(text).value_or(std::vector<std::size_t>{});
  if (sides.empty() || sides.size() > 2 || std::ranges::max(sides) > most)
    refuse(flag + " " + text + ": needs HEIGHTxWIDTH in pixels, such as 64x64");
  return {sides.front(), sides.back()};
}

std::pair<double, double> parse_range(const std::string& text) {
  const auto parts = split(text, ',');
  const auto black = parse_number(parts[0]);
  const auto white = parts.size() == 2 ? parse_number(parts[1]) : std::nullopt;
  if (!black || !white || !std::isfinite(*white - *black) || *black == *white)
    refuse("--range " + text + ": needs two different numbers, such as 0,255");
  return {*black, *white};
}

void add_channels(const Flags& flags, const char* name, std::size_t count, const char* help,
                  ImageSetOptions& options) {
  flags.turn({name, "", help}, [&options, count] {
    if (options.channels.value_or(count) != count) refuse("--gray and --rgb exclude each other");
    options.channels = count;
  });
}

}  // namespace

Telling telling_of(const Tool& tool) {
  return {.say = [&tool](const std::string& message) { tool.say(message); },
          .explain = [&tool](const std::string& message) { tool.explain(message); }};
}

Values opacities() { return words({"flatten=white", "flatten=black", "flatten=gray", "drop"}); }

void add_opacity(const Flags& all, ImageSetOptions& options) {
  all.under(images_heading)
      .read({.names = "--alpha",
             .value = "WHAT",
             .help = "Opacity: flatten=COLOUR, or drop, to show what it hides",
             .values = opacities(),
             .otherwise = "flatten=white"},
            [&](const std::string& text) {
              options.opacity = parse_opacity(text);
              if (!options.opacity)
                refuse("--alpha " + text + ": needs flatten=COLOUR (white, black, " +
                       "gray, or #rrggbb) or drop");
            });
}

void add_image_options(const Flags& all, ImageSetOptions& options) {
  const Flags flags = all.under(images_heading);
  options.telling = telling_of(all.tool());
  flags.read({"--size", "HxW", "Resize the images (antialiased bicubic)"},
             [&](const std::string& text) { options.size = parse_extent("--size", text); });
  flags.read({"--crop", "HxW", "Cut out the middle, after resizing"},
             [&](const std::string& text) { options.crop = parse_extent("--crop", text); });
  add_channels(flags, "--gray", 1, "Make all images grey", options);
  add_channels(flags, "--rgb", 3, "Make all images RGB", options);
  flags.add({"--orient", "", "Turn pictures as their EXIF orientation says"}, options.orient);
  flags.read({.names = "--16-bit",
              .value = "HOW",
              .help = "Pictures of 16 bits: {}",
              .values = one_of({"scale", "pillow"}),
              .otherwise = "scale"},
             [&](const std::string& how) {
               options.sixteen = how == "pillow" ? SixteenBits::pillow : SixteenBits::scale;
             });
  flags.read(
      {"--layout", "AXES", "Axes of arrays: {}", one_of({"nhwc", "nchw", "nhw", "hwc", "chw"})},
      [&](const std::string& text) { options.layout = text; });
  flags.read({.names = "--range",
              .value = "BLACK,WHITE",
              .help = "Black and white of arrays",
              .otherwise = "-1,1 for floats"},
             [&](const std::string& text) { options.range = parse_range(text); });
}

void add_file_list(const Flags& all, ImageSetOptions& options) {
  const Flags flags = all.under(images_heading);
  const auto list = [&options]() -> FileList& {
    return options.list ? *options.list : options.list.emplace();
  };
  flags.read(
      {"--files-from", "FILE", "Read the pictures that FILE names, one a line (-: stdin)", files()},
      [=](const std::string& path) { list().path = path; });
  flags.turn({.names = "-0,--null",
              .help = "Names in --files-from end in a zero byte, as find -print0 writes them",
              .needs = {"--files-from"}},
             [=] { list().separator = '\0'; });
}

void complain_of(const Tool& tool, const std::vector<std::string>& failures, std::size_t used,
                 const std::string& data) {
  for (const std::string& failure : failures) tool.complain(failure);
  if (!failures.empty())
    tool.complain(data + ": " + std::to_string(failures.size()) + " of " +
                  count_of(used + failures.size(), "image") + " left out");
}

void tell_of_unlabelled(const Tool& tool, const Unlabelled& images, const std::string& data) {
  if (const std::string remark = images.remark(); !remark.empty()) tool.say(data + ": " + remark);
}

}  // namespace diffusion::cli
