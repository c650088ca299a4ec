#include "lib/output/plane.hpp"

#include <cassert>

#include "lib/base/text.hpp"

namespace diffusion {
namespace {

constexpr int digits = 6;

std::string number(const Tensor& points, std::size_t n, std::size_t axis) {
  return significant(points.data()[2 * n + axis], digits);
}

std::string line_of(const Tensor& points, std::size_t n) {
  return number(points, n, 0) + " " + number(points, n, 1);
}

std::string block(const std::string& name, const std::string& lines) {
  return name + " << end\n" + lines + "end\n";
}

std::string block_of(const std::string& name, const Tensor& points) {
  std::string lines;
  for (std::size_t n = 0; n < points.shape(0); ++n) lines += line_of(points, n) + "\n";
  return block(name, lines);
}

std::string opening(PictureType type, const std::string& name) {
  return gnuplot_opening(type, 640, 600, name) +
         "set offsets graph 0.03, graph 0.03, graph 0.03, graph 0.03\n"
         "set xlabel 'x_1'\nset ylabel 'x_2'\n";
}

}  // namespace

std::string paths_script(std::span<const Tensor> states, PictureType type) {
  assert(!states.empty());
  std::string ways;
  for (std::size_t n = 0; n < states.front().shape(0); ++n) {
    for (const Tensor& state : states) ways += line_of(state, n) + "\n";
    ways += "\n";  // a line ends
  }
  return opening(type, "paths") + block("$ways", ways) + block_of("$starts", states.front()) +
         block_of("$ends", states.back()) +
         "set key outside top center horizontal Left reverse noenhanced\n"
         "plot $ways using 1:2 with lines lw 0.6 lc rgb '#b0b0b0' title 'way', "
         "$starts using 1:2 with points pt 6 ps 0.4 lc rgb '#d55e00' title 'start', "
         "$ends using 1:2 with points pt 7 ps 0.4 lc rgb '#0072b2' title 'sample'\n";
}

std::string field_script(const PointCloud& cloud, const Arrows& arrows, PictureType type) {
  std::string lines;
  for (std::size_t n = 0; n < arrows.from.shape(0); ++n)
    lines += line_of(arrows.from, n) + " " + line_of(arrows.along, n) + "\n";
  return opening(type, "field") + block_of("$cloud", cloud.points) + block("$arrows", lines) +
         "set key outside top center horizontal Left reverse noenhanced\n"
         "plot $cloud using 1:2 with points pt 7 ps 0.3 lc rgb '#b0b0b0' title " +
         gnuplot_quoted(cloud.name) +
         ", $arrows using 1:2:3:4 with vectors head filled size graph 0.01,20 lw 1 "
         "lc rgb '#0072b2' title 'to the estimate'\n";
}

}  // namespace diffusion
