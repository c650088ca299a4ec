#include "lib/train/loss_plot.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

/// Those that a logarithmic axis has a place for.
std::vector<LossPoint> drawable(std::span<const LossPoint> points) {
  std::vector<LossPoint> kept;
  std::ranges::copy_if(points, std::back_inserter(kept), [](const LossPoint& point) {
    return point.loss > 0 && std::isfinite(point.loss);
  });
  return kept;
}

/// Means over the last fiftieth of the steps so far, at least ten.
std::vector<LossPoint> running_mean(std::span<const LossPoint> points) {
  std::vector<LossPoint> means;
  double sum = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    sum += points[i].loss;
    for (const std::size_t width = std::max(i / 50, std::size_t(10)); i - begin >= width; ++begin)
      sum -= points[begin].loss;
    means.push_back({points[i].step, sum / double(i - begin + 1)});
  }
  return means;
}

std::string block(const std::string& name, std::span<const LossPoint> points) {
  std::string text = name + " << end\n";
  for (const LossPoint& point : points)
    text += std::to_string(point.step) + " " + significant(point.loss, 7) + "\n";
  return text + "end\n";
}

}  // namespace

std::string loss_script(std::span<const LossPoint> training, std::span<const LossPoint> validation,
                        PictureType type) {
  const auto steps = drawable(training), held_out = drawable(validation);
  if (steps.empty()) throw Error("`plot`: there is no loss to draw yet");
  std::string script = gnuplot_opening(type, 860, 520, "loss") + block("$steps", steps) +
                       block("$mean", running_mean(steps));
  if (!held_out.empty()) script += block("$heldout", held_out);
  script +=
      "set logscale y\nset format y '%g'\n"
      "set xlabel 'step'\nset ylabel 'loss'\nset key top right Left reverse\n"
      "plot $steps using 1:2 with points pt 7 ps 0.25 lc rgb '#b3cfe3' title 'each step', "
      "$mean using 1:2 with lines lw 2 " +
      gnuplot_line(0) + " title 'running mean'";
  if (!held_out.empty())
    script += ", $heldout using 1:2 with linespoints pt 7 ps 0.7 lw 2 " + gnuplot_line(1) +
              " title 'held-out images'";
  return script + "\n";
}

}  // namespace diffusion
