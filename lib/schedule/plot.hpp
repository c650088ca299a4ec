// Schedules as a picture: the script that gnuplot draws it from.
#pragma once
#include <span>
#include <string>

#include "lib/base/gnuplot.hpp"
#include "lib/schedule/compare.hpp"

namespace diffusion {

struct PlotSize {
  int width = 0, height = 0;  // pixels; 0 is chosen by the number of panels
};

struct PlotSettings {
  PictureType type = PictureType::png;
  PlotSize size = {};
  std::string title = "";
};

/// Panels of beta and alpha_bar (variance-preserving schedules), sigma (where there are
/// others) and log-SNR, over t, or over t/T where T differs; a legend below them.
/// An infinite log-SNR is a triangle at the edge. The picture goes to gnuplot's
/// standard output. Names may hold anything: they are quoted.
std::string gnuplot_script(std::span<const NamedSchedule> schedules, const PlotSettings& settings);

}  // namespace diffusion
