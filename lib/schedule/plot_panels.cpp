#include "lib/schedule/plot_panels.hpp"

#include <algorithm>
#include <cmath>

namespace diffusion {
namespace {

constexpr int most_points = 1000;  // a curve; more than any picture has room for

bool preserving(const NamedSchedule& each) {
  return each.schedule.path == Path::variance_preserving;
}

struct AxisExtent {
  double low = HUGE_VAL, high = -HUGE_VAL, least_positive = HUGE_VAL;

  void take(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
    if (value > 0) least_positive = std::min(least_positive, value);
  }
};

AxisExtent extent_of(const PlotPanel& panel, const NamedSchedule& each) {
  AxisExtent extent;
  const TableColumn column = column_named(each.schedule, panel.column);
  for (const int t : steps_drawn(each.schedule)) extent.take(column.value(each.schedule, t));
  return extent;
}

double middle_of(const PlotPanel& panel, const NamedSchedule& each) {
  const Schedule& schedule = each.schedule;
  return column_named(schedule, panel.column).value(schedule, (schedule.steps() + 1) / 2);
}

/// Betas that leap at the end or differ much, and sigmas that explode, are seen on a
/// logarithmic axis.
bool wants_log(const PlotPanel& panel, std::span<const NamedSchedule> schedules) {
  double lowest = HUGE_VAL, highest = 0;
  for (const auto& each : schedules) {
    if (!draws(panel, each)) continue;
    if (panel.column == "sigma" && each.schedule.path == Path::variance_exploding) return true;
    lowest = std::min(lowest, middle_of(panel, each));
    highest = std::max(highest, extent_of(panel, each).high);
  }
  return panel.column == "beta" && lowest > 0 && highest > 10 * lowest;
}

void choose_axis(PlotPanel& panel, std::span<const NamedSchedule> schedules) {
  panel.log_scale = wants_log(panel, schedules);
  AxisExtent all;
  for (const auto& each : schedules)
    if (draws(panel, each)) {
      const AxisExtent own = extent_of(panel, each);
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

}  // namespace

bool draws(const PlotPanel& panel, const NamedSchedule& each) {
  return preserving(each) || panel.column == "sigma" || panel.column == "log_snr";
}

TableColumn column_named(const Schedule& schedule, const std::string& name) {
  return choose_columns(schedule, {name}).at(0);
}

std::vector<int> steps_drawn(const Schedule& schedule) {
  const int steps = schedule.steps(), count = std::min(steps, most_points);
  std::vector<int> drawn;
  for (int i = 0; i < count; ++i)
    drawn.push_back(count == 1 ? 1 : 1 + int(std::int64_t(i) * (steps - 1) / (count - 1)));
  return drawn;
}

std::vector<PlotPanel> panels_of(std::span<const NamedSchedule> schedules) {
  std::vector<PlotPanel> panels;
  if (std::ranges::any_of(schedules, preserving)) {
    panels.push_back({"beta", "beta: noise that a step adds"});
    panels.push_back({"alpha_bar", "alpha_bar: signal that is left"});
  }
  if (!std::ranges::all_of(schedules, preserving))
    panels.push_back({"sigma", "sigma: scale of the noise"});
  panels.push_back({"log_snr", "log-SNR"});
  for (PlotPanel& panel : panels) choose_axis(panel, schedules);
  return panels;
}

}  // namespace diffusion
