#include "tools/schedule/plot.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/gnuplot.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/plot.hpp"

namespace diffusion::cli {
namespace {

PlotSize size_of(const std::string& text) {
  if (text.empty()) return {};
  const auto sides = parse_extents(text).value_or(std::vector<std::size_t>{});
  const auto fits = [](std::size_t side) { return side >= 100 && side <= 10000; };
  if (sides.size() != 2 || !std::ranges::all_of(sides, fits))
    throw Error("--size " + text + ": needs WIDTHxHEIGHT, each from 100 to 10000");
  return {int(sides[0]), int(sides[1])};
}

}  // namespace

ExitCode plot_schedules(const ScheduleOptions& options) {
  const PlotSettings settings{.type = picture_type(options.output, "-o"),
                              .size = size_of(options.size),
                              .title = options.title};
  const auto schedules = load_inputs(options);
  write_file(options.output, draw_with_gnuplot(gnuplot_script(schedules, settings)));
  return done;
}

}  // namespace diffusion::cli
