#include "tools/schedule_plot.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/process.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/plot.hpp"

namespace diffusion::cli {
namespace {

PictureType type_of(const std::string& output) {
  const std::string ending = extension(output);
  if (ending == ".png") return PictureType::png;
  if (ending == ".svg") return PictureType::svg;
  if (ending == ".pdf") return PictureType::pdf;
  throw Error((output == "-" ? "plot" : output) +
              ": name a file for the picture that ends in .png, .svg or .pdf (-o)");
}

PlotSize size_of(const std::string& text) {
  if (text.empty()) return {};
  std::vector<int> sides;
  for (const std::string& part : split(text, 'x'))
    if (const std::int64_t side = parse_integer(part).value_or(0); side >= 100 && side <= 10000)
      sides.push_back(int(side));
  if (sides.size() != 2 || std::ranges::count(text, 'x') != 1)
    throw Error("--size " + text + ": needs WIDTHxHEIGHT, each from 100 to 10000");
  return {sides[0], sides[1]};
}

/// The first line of what gnuplot complained of that is not its pointer to the place.
std::string complaint(const std::string& text) {
  for (const std::string& line : split(text, '\n'))
    if (line.find_first_not_of(" ^\t") != line.npos) return line;
  return "it says nothing";
}

/// A PDF says when it was made, which is not to change its bytes: it says what
/// SOURCE_DATE_EPOCH does, or the epoch.
void fix_date(std::string& picture) {
  const std::string key = "/CreationDate (D:";
  const auto at = picture.find(key);
  if (at == picture.npos) return;
  const char* given = std::getenv("SOURCE_DATE_EPOCH");
  const std::time_t when = parse_integer(given == nullptr ? "0" : given).value_or(0);
  std::tm date{};
  char digits[16] = "";
  if (gmtime_r(&when, &date) == nullptr || std::strftime(digits, 15, "%Y%m%d%H%M%S", &date) != 14)
    return;
  picture.replace(at + key.size(), 14, digits);
}

/// The same command gives the same bytes: no user's start-up file, no clock.
std::string drawn_by_gnuplot(const std::string& script) {
  if (!has_program("gnuplot"))
    throw Error("plot: needs gnuplot, which is not installed (package gnuplot-nox, or gnuplot)");
  const std::vector<std::string> words{"gnuplot", "--default-settings", "-"};
  const std::vector<std::string> settings{"LC_ALL=C", "TZ=UTC"};
  Finished result = run_program(words, script, settings);
  if (result.status != 0 || result.output.empty())
    throw Error("gnuplot failed: " + complaint(result.error));
  fix_date(result.output);
  return result.output;
}

}  // namespace

ExitCode plot_schedules(const ScheduleOptions& options) {
  const PlotSettings settings{
      .type = type_of(options.output), .size = size_of(options.size), .title = options.title};
  const auto schedules = load_named(options);
  write_file(options.output, drawn_by_gnuplot(gnuplot_script(schedules, settings)));
  return done;
}

}  // namespace diffusion::cli
