#include "lib/schedule/plot.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/plot_panels.hpp"

namespace diffusion {
namespace {

/// Where a picture's parts lie, in pixels from the lower left corner.
struct PlotFrame {
  int width, height, columns, rows, legend_columns, legend_height, title_height;
};

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

/// The first and last characters of a name too long for a legend.
std::string abridged(const std::string& name) {
  constexpr std::size_t most = 44;
  std::vector<std::string> characters;
  for (const char c : name) {
    if (starts_character(c) || characters.empty()) characters.emplace_back();
    characters.back() += c;
  }
  if (characters.size() <= most) return name;
  std::string text;
  for (std::size_t i = 0; i < 18; ++i) text += characters[i];
  text += "...";
  for (std::size_t i = characters.size() - 23; i < characters.size(); ++i) text += characters[i];
  return text;
}

bool ends_infinite(std::span<const NamedSchedule> schedules) {
  return std::ranges::any_of(schedules, [](const NamedSchedule& each) {
    return std::ranges::any_of(each.schedule.levels,
                               [](const NoiseLevel& level) { return std::isinf(level.lambda); });
  });
}

PlotFrame frame_for(std::span<const NamedSchedule> schedules, std::size_t panels,
                    const PlotSettings& settings) {
  PlotFrame frame{};
  frame.columns = panels == 4 ? 2 : int(panels);
  frame.rows = panels == 4 ? 2 : 1;
  frame.title_height = settings.title.empty() ? 0 : 36;
  std::size_t longest = 8;
  for (const auto& each : schedules) longest = std::max(longest, abridged(each.name).size());
  frame.width = settings.size.width != 0 ? settings.size.width : 430 * frame.columns;
  const int entries = int(schedules.size()) + (ends_infinite(schedules) ? 1 : 0);
  frame.legend_columns = std::clamp(frame.width / (int(longest) * 9 + 70), 1, entries);
  const int legend_rows = (entries + frame.legend_columns - 1) / frame.legend_columns;
  frame.legend_height = 24 * legend_rows + 18;
  frame.height = settings.size.height != 0
                     ? settings.size.height
                     : 420 * frame.rows + frame.legend_height + frame.title_height;
  if (frame.height < frame.legend_height + frame.title_height + 120 * frame.rows ||
      frame.width < 160 * frame.columns)
    throw Error("`size` " + std::to_string(frame.width) + "x" + std::to_string(frame.height) +
                ": too small for " + std::to_string(panels) + " panels and " +
                std::to_string(entries) + " lines of legend");
  return frame;
}

std::string block_name(std::size_t schedule, std::size_t panel) {
  return "$s" + std::to_string(schedule) + "p" + std::to_string(panel);
}

/// The value as drawn: infinities at the panel's edge, and nothing where a logarithm has none.
std::string drawn(const PlotPanel& panel, double value) {
  if (panel.log_scale && value <= 0) return "NaN";
  return significant(std::clamp(value, panel.low, panel.high), 7);
}

/// Lines of x, y, and y again where it marks an infinity.
std::string data(const NamedSchedule& each, const PlotPanel& panel, double width) {
  const TableColumn column = column_named(each.schedule, panel.column);
  std::string text;
  for (const int t : steps_drawn(each.schedule)) {
    const double value = column.value(each.schedule, t);
    const std::string y = std::isnan(value) ? "NaN" : drawn(panel, value);
    text += significant(t * width / each.schedule.steps(), 7) + " " + y + " " +
            (std::isinf(value) ? y : "NaN") + "\n";
  }
  return text;
}

/// Earlier curves are drawn broader, so that one which a later covers shows as its rim.
std::string style(std::size_t schedule, std::size_t count) {
  const double step = count == 1 ? 0 : std::min(0.4, 1.4 / double(count - 1));
  const double width = 1.9 + step * double(count - 1 - schedule);
  return gnuplot_line(schedule) + " lw " + significant(width, 3);
}

std::string margins(const PlotFrame& frame, int index) {
  const int column = index % frame.columns, row = index / frame.columns;
  const double cell = double(frame.width) / frame.columns;
  const double space = frame.height - frame.legend_height - frame.title_height;
  const double tall = space / frame.rows, top = frame.height - frame.title_height - row * tall;
  const auto at = [](double pixels, int of) { return significant(pixels / of, 6) + "\n"; };
  return "set lmargin at screen " + at(column * cell + 72, frame.width) + "set rmargin at screen " +
         at((column + 1) * cell - 26, frame.width) + "set tmargin at screen " +
         at(top - 36, frame.height) + "set bmargin at screen " + at(top - tall + 62, frame.height);
}

std::string axes(const PlotPanel& panel) {
  const std::string range = significant(panel.low, 7) + ":" + significant(panel.high, 7);
  return "set title " + gnuplot_quoted(panel.title) + " noenhanced\nset yrange [" + range + "]\n" +
         (panel.log_scale ? "set logscale y\nset format y '10^{%L}'\n"
                          : "unset logscale y\nset format y '%g'\n");
}

std::string curves(std::span<const NamedSchedule> schedules, const PlotPanel& panel,
                   std::size_t index) {
  std::vector<std::string> parts;
  for (std::size_t s = 0; s < schedules.size(); ++s) {
    if (!draws(panel, schedules[s])) continue;
    const std::string block = block_name(s, index);
    const bool few = schedules[s].schedule.steps() <= 40;
    parts.push_back(block + " using 1:2 with " + (few ? "linespoints pt 7 ps 0.6 " : "lines ") +
                    style(s, schedules.size()));
    if (panel.column == "log_snr")
      parts.push_back(block + " using 1:3 with points pt " + "11 ps 1.4 lc rgb '#333333'");
  }
  return "plot " + join(parts, ", ") + "\n";
}

/// A plot of nothing that spans the picture and shows the names alone.
std::string legend(std::span<const NamedSchedule> schedules, const PlotFrame& frame) {
  std::vector<std::string> parts;
  for (std::size_t s = 0; s < schedules.size(); ++s)
    parts.push_back("NaN with lines " + style(s, schedules.size()) + " title " +
                    gnuplot_quoted(abridged(schedules[s].name)));
  if (ends_infinite(schedules))
    parts.emplace_back("NaN with points pt 11 ps 1.4 lc rgb '#333333' title 'infinite log-SNR'");
  return "set lmargin at screen 0\nset rmargin at screen 1\nset bmargin at screen 0\n"
         "set tmargin at screen " +
         significant(double(frame.legend_height) / frame.height, 6) +
         "\nunset title\nunset xlabel\nunset border\nunset tics\nunset grid\nunset logscale\n"
         "set yrange [0:1]\nset key inside center center horizontal Left reverse noenhanced "
         "spacing 1.25 "
         "maxcols " +
         std::to_string(frame.legend_columns) + "\nplot " + join(parts, ", ") + "\n";
}

}  // namespace

std::string gnuplot_script(std::span<const NamedSchedule> schedules, const PlotSettings& settings) {
  const auto panels = panels_of(schedules);
  const PlotFrame frame = frame_for(schedules, panels.size(), settings);
  const int steps = shortest_of(schedules).steps();
  const bool alike = std::ranges::all_of(
      schedules, [&](const NamedSchedule& each) { return each.schedule.steps() == steps; });
  const double width = alike ? steps : 1;
  std::string script = gnuplot_opening(settings.type, frame.width, frame.height, "schedules");
  for (std::size_t p = 0; p < panels.size(); ++p)
    for (std::size_t s = 0; s < schedules.size(); ++s)
      if (draws(panels[p], schedules[s]))
        script += block_name(s, p) + " << end\n" + data(schedules[s], panels[p], width) + "end\n";
  script += "set multiplot\n";
  if (!settings.title.empty())
    script += "set label 1 " + gnuplot_quoted(settings.title) + " at screen 0.5,screen " +
              significant(1 - 20.0 / frame.height, 6) + " center noenhanced font ',14'\n";
  script += "set key off\nset xrange [0:" + significant(width, 9) + "]\nset xlabel " +
            gnuplot_quoted(alike ? "step t" : "t/T") + "\n" +
            (alike && steps <= 10 ? "set xtics 1\n" : "");
  for (std::size_t p = 0; p < panels.size(); ++p) {
    script += margins(frame, int(p)) + axes(panels[p]) + curves(schedules, panels[p], p);
    script += "unset label 1\n";
  }
  return script + legend(schedules, frame) + "unset multiplot\n";
}

}  // namespace diffusion
