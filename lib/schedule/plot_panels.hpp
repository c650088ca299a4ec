// What the panels of a picture of schedules show, and on which axes.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "lib/schedule/compare.hpp"

namespace diffusion {

struct PlotPanel {
  std::string column, title;
  bool log_scale = false;
  double low = 0, high = 1;  // what the vertical axis shows
};

/// beta and alpha_bar where a schedule is variance preserving, sigma where one is not,
/// and log_snr, with axes that hold all schedules.
std::vector<PlotPanel> panels_of(std::span<const NamedSchedule> schedules);

/// Whether a schedule has the panel's column.
bool draws(const PlotPanel& panel, const NamedSchedule& each);

TableColumn column_named(const Schedule& schedule, const std::string& name);

/// The steps that are drawn: all, or evenly spread ones with both ends.
std::vector<int> steps_drawn(const Schedule& schedule);

}  // namespace diffusion
