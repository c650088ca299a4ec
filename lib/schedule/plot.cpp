#include "lib/schedule/plot.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

/// Told apart with any kind of colour vision: Okabe and Ito's palette without its
/// yellow, which white paper swallows. More schedules than colours go on in dashes.
constexpr const char* colours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                   "#e69f00", "#56b4e9", "#000000"};
constexpr const char* dashes[] = {"1", "2", "4", "5"};
constexpr int most_points = 1000;  // a curve; more than any picture has room for

struct Panel {
  std::string column, title;
  bool log_scale = false;
  double low = 0, high = 1;  // what the vertical axis shows
};

/// Where a picture's parts lie, in pixels from the lower left corner.
struct Frame {
  int width, height, columns, rows, legend_columns, legend_height, title_height;
};

bool preserving(const NamedSchedule& each) {
  return each.schedule.path == Path::variance_preserving;
}

bool draws(const Panel& panel, const NamedSchedule& each) {
  return preserving(each) || panel.column == "sigma" || panel.column == "log_snr";
}

TableColumn column_named(const Schedule& schedule, const std::string& name) {
  return choose_columns(schedule, {name}).at(0);
}

/// The steps that are drawn: all, or evenly spread ones with both ends.
std::vector<int> steps_drawn(const Schedule& schedule) {
  const int steps = schedule.steps(), count = std::min(steps, most_points);
  std::vector<int> drawn;
  for (int i = 0; i < count; ++i)
    drawn.push_back(count == 1 ? 1 : 1 + int(std::int64_t(i) * (steps - 1) / (count - 1)));
  return drawn;
}

struct Extent {
  double low = HUGE_VAL, high = -HUGE_VAL, least_positive = HUGE_VAL;

  void take(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
    if (value > 0) least_positive = std::min(least_positive, value);
  }
};

Extent extent_of(const Panel& panel, const NamedSchedule& each) {
  Extent extent;
  const TableColumn column = column_named(each.schedule, panel.column);
  for (const int t : steps_drawn(each.schedule)) extent.take(column.value(each.schedule, t));
  return extent;
}

double middle_of(const Panel& panel, const NamedSchedule& each) {
  const Schedule& schedule = each.schedule;
  return column_named(schedule, panel.column).value(schedule, (schedule.steps() + 1) / 2);
}

/// Betas that leap at the end or differ much, and sigmas that explode, are seen on a
/// logarithmic axis.
bool wants_log(const Panel& panel, std::span<const NamedSchedule> schedules) {
  double lowest = HUGE_VAL, highest = 0;
  for (const auto& each : schedules) {
    if (!draws(panel, each)) continue;
    if (panel.column == "sigma" && each.schedule.path == Path::variance_exploding) return true;
    lowest = std::min(lowest, middle_of(panel, each));
    highest = std::max(highest, extent_of(panel, each).high);
  }
  return panel.column == "beta" && lowest > 0 && highest > 10 * lowest;
}

void choose_axis(Panel& panel, std::span<const NamedSchedule> schedules) {
  panel.log_scale = wants_log(panel, schedules);
  Extent all;
  for (const auto& each : schedules)
    if (draws(panel, each)) {
      const Extent own = extent_of(panel, each);
      for (const double value : {own.low, own.high}) all.take(value);
      all.least_positive = std::min(all.least_positive, own.least_positive);
    }
  if (panel.log_scale) {
    panel.low = std::pow(10, std::floor(std::log10(all.least_positive)));
    panel.high = std::pow(10, std::ceil(std::log10(all.high)));
    if (!(panel.low < panel.high)) panel.high = 10 * panel.low;
  } else if (panel.column == "log_snr") {
    if (all.low > all.high) all.low = all.high = 0;
    const double margin = std::max(1.0, 0.05 * (all.high - all.low));
    panel.low = all.low - margin;
    panel.high = all.high + margin;
  } else {
    panel.high = panel.column == "beta" && all.high > 0 ? 1.05 * all.high : 1.05;
  }
}

std::vector<Panel> panels_of(std::span<const NamedSchedule> schedules) {
  std::vector<Panel> panels;
  if (std::ranges::any_of(schedules, preserving)) {
    panels.push_back({"beta", "beta: noise that a step adds"});
    panels.push_back({"alpha_bar", "alpha_bar: signal that is left"});
  }
  if (!std::ranges::all_of(schedules, preserving))
    panels.push_back({"sigma", "sigma: scale of the noise"});
  panels.push_back({"log_snr", "log-SNR"});
  for (Panel& panel : panels) choose_axis(panel, schedules);
  return panels;
}

// ----- text -----

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

/// One line in single quotes, where gnuplot expands nothing.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text)
    out += c == '\''                                        ? "''"
           : static_cast<unsigned char>(c) < 32 || c == 127 ? " "
                                                            : std::string(1, c);
  return out + "'";
}

std::string legend_name(const NamedSchedule& each) {
  const auto by = each.schedule.extra.find("made_by");
  const bool plain = !each.name.starts_with("standard input") || by == each.schedule.extra.end();
  return abridged(plain ? each.name : each.name + " (" + each.schedule.family + ")");
}

// ----- script -----

bool ends_infinite(std::span<const NamedSchedule> schedules) {
  return std::ranges::any_of(schedules, [](const NamedSchedule& each) {
    return std::ranges::any_of(each.schedule.levels,
                               [](const NoiseLevel& level) { return std::isinf(level.lambda); });
  });
}

Frame frame_for(std::span<const NamedSchedule> schedules, std::size_t panels,
                const PlotSettings& settings) {
  Frame frame{};
  frame.columns = panels == 4 ? 2 : int(panels);
  frame.rows = panels == 4 ? 2 : 1;
  frame.title_height = settings.title.empty() ? 0 : 36;
  std::size_t longest = 8;
  for (const auto& each : schedules) longest = std::max(longest, legend_name(each).size());
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
    throw Error("--size " + std::to_string(frame.width) + "x" + std::to_string(frame.height) +
                ": too small for " + std::to_string(panels) + " panels and " +
                std::to_string(entries) + " lines of legend");
  return frame;
}

std::string terminal(const PlotSettings& settings, const Frame& frame) {
  const std::string width = std::to_string(frame.width), height = std::to_string(frame.height);
  const std::string font = " font 'Sans,11' background rgb 'white'\n";
  switch (settings.type) {
    case PictureType::png:
      return "set terminal pngcairo enhanced size " + width + "," + height + font;
    case PictureType::svg:
      return "set terminal svg enhanced size " + width + "," + height + " name 'schedules'" + font;
    case PictureType::pdf:  // points of 1/72 inch for pixels
      return "set terminal pdfcairo enhanced size " + significant(frame.width / 72.0, 6) + "in," +
             significant(frame.height / 72.0, 6) + "in" + font;
  }
  __builtin_unreachable();
}

std::string block_name(std::size_t schedule, std::size_t panel) {
  return "$s" + std::to_string(schedule) + "p" + std::to_string(panel);
}

/// The value as drawn: infinities at the panel's edge, and nothing where a logarithm has none.
std::string drawn(const Panel& panel, double value) {
  if (panel.log_scale && value <= 0) return "NaN";
  return significant(std::clamp(value, panel.low, panel.high), 7);
}

/// Lines of x, y, and y again where it marks an infinity.
std::string data(const NamedSchedule& each, const Panel& panel, double width) {
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
  const std::size_t kinds = std::size(colours);
  const double step = count == 1 ? 0 : std::min(0.4, 1.4 / double(count - 1));
  const double width = 1.9 + step * double(count - 1 - schedule);
  return "lc rgb '" + std::string(colours[schedule % kinds]) + "' dt " +
         dashes[schedule / kinds % std::size(dashes)] + " lw " + significant(width, 3);
}

std::string margins(const Frame& frame, int index) {
  const int column = index % frame.columns, row = index / frame.columns;
  const double cell = double(frame.width) / frame.columns;
  const double space = frame.height - frame.legend_height - frame.title_height;
  const double tall = space / frame.rows, top = frame.height - frame.title_height - row * tall;
  const auto at = [](double pixels, int of) { return significant(pixels / of, 6) + "\n"; };
  return "set lmargin at screen " + at(column * cell + 64, frame.width) + "set rmargin at screen " +
         at((column + 1) * cell - 26, frame.width) + "set tmargin at screen " +
         at(top - 36, frame.height) + "set bmargin at screen " + at(top - tall + 62, frame.height);
}

std::string axes(const Panel& panel) {
  const std::string range = significant(panel.low, 7) + ":" + significant(panel.high, 7);
  return "set title " + quoted(panel.title) + " noenhanced\nset yrange [" + range + "]\n" +
         (panel.log_scale ? "set logscale y\nset format y '10^{%L}'\n"
                          : "unset logscale y\nset format y '%g'\n");
}

std::string curves(std::span<const NamedSchedule> schedules, const Panel& panel,
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
std::string legend(std::span<const NamedSchedule> schedules, const Frame& frame) {
  std::vector<std::string> parts;
  for (std::size_t s = 0; s < schedules.size(); ++s)
    parts.push_back("NaN with lines " + style(s, schedules.size()) + " title " +
                    quoted(legend_name(schedules[s])));
  if (ends_infinite(schedules))
    parts.push_back("NaN with points pt 11 ps 1.4 lc rgb '#333333' title 'infinite log-SNR'");
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
  const Frame frame = frame_for(schedules, panels.size(), settings);
  const int steps = shortest_of(schedules).steps();
  const bool alike = std::ranges::all_of(
      schedules, [&](const NamedSchedule& each) { return each.schedule.steps() == steps; });
  const double width = alike ? steps : 1;
  std::string script = "set encoding utf8\n" + terminal(settings, frame);
  for (std::size_t p = 0; p < panels.size(); ++p)
    for (std::size_t s = 0; s < schedules.size(); ++s)
      if (draws(panels[p], schedules[s]))
        script += block_name(s, p) + " << end\n" + data(schedules[s], panels[p], width) + "end\n";
  script += "set multiplot\n";
  if (!settings.title.empty())
    script += "set label 1 " + quoted(settings.title) + " at screen 0.5,screen " +
              significant(1 - 20.0 / frame.height, 6) + " center noenhanced font ',14'\n";
  script +=
      "set key off\nset border 3 lc rgb '#555555'\nset tics nomirror out textcolor rgb "
      "'#333333'\nset grid lt 1 lw 0.6 lc rgb '#dddddd'\nset xrange [0:" +
      significant(width, 9) + "]\nset xlabel " + quoted(alike ? "step t" : "t/T") + "\n" +
      (alike && steps <= 10 ? "set xtics 1\n" : "");
  for (std::size_t p = 0; p < panels.size(); ++p) {
    script += margins(frame, int(p)) + axes(panels[p]) + curves(schedules, panels[p], p);
    script += "unset label 1\n";
  }
  return script + legend(schedules, frame) + "unset multiplot\n";
}

}  // namespace diffusion
