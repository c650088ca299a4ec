#include "lib/output/scatter.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

std::string block(std::size_t cloud) { return "$cloud" + std::to_string(cloud); }

std::string data_of(const Tensor& points) {
  constexpr int digits = 6;
  std::string text;
  for (std::size_t n = 0; n < points.shape(0); ++n)
    text += significant(points.data()[2 * n], digits) + " " +
            significant(points.data()[2 * n + 1], digits) + "\n";
  return text;
}

/// Many points are drawn small, so that where they are dense shows.
std::string size_of(const Tensor& points) {
  return points.shape(0) <= 300 ? "0.6" : points.shape(0) <= 3000 ? "0.4" : "0.2";
}

struct Span {
  float low = std::numeric_limits<float>::infinity(), high = -low;

  void take(float value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  double size() const { return double(high) - double(low); }
};

/// One scale for both axes tells the truth, as long as both can be read.
bool share_a_scale(std::span<const PointCloud> clouds) {
  constexpr double most = 10;
  Span first, second;
  for (const PointCloud& cloud : clouds)
    for (std::size_t n = 0; n < cloud.points.shape(0); ++n) {
      first.take(cloud.points.data()[2 * n]);
      second.take(cloud.points.data()[2 * n + 1]);
    }
  return first.size() <= most * second.size() && second.size() <= most * first.size() &&
         first.size() > 0;
}

}  // namespace

void need_plane(const Shape& sample, const std::string& path) {
  if (sample == Shape{1, 1, 2}) return;
  throw Error(path +
              ": a scatter shows points of two numbers (1 x 1 x 2), and the model's samples " +
              "are " + describe(sample));
}

std::string scatter_script(std::span<const PointCloud> clouds, PictureType type) {
  std::string script = gnuplot_opening(type, 640, 600, "scatter");
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < clouds.size(); ++i) {
    const auto& [name, points] = clouds[i];
    script += block(i) + " << end\n" + data_of(points) + "end\n";
    const bool top = i + 1 == clouds.size();
    parts.push_back(block(i) + " using 1:2 with points pt 7 ps " + size_of(points) + " lc rgb '#" +
                    (top ? "0072b2" : "b0b0b0") + "' title " + gnuplot_quoted(name));
  }
  if (share_a_scale(clouds)) script += "set size ratio -1\n";
  script +=
      "set offsets graph 0.03, graph 0.03, graph 0.03, graph 0.03\n"
      "set xlabel 'x_1'\nset ylabel 'x_2'\n";
  script += clouds.size() > 1 ? "set key outside top center horizontal Left reverse noenhanced\n"
                              : "set key off\n";
  return script + "plot " + join(parts, ", ") + "\n";
}

}  // namespace diffusion
