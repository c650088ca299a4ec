#include "tools/sample/plane.hpp"

#include <algorithm>
#include <cmath>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/text.hpp"
#include "lib/noise/combine.hpp"
#include "lib/noise/level_text.hpp"
#include "lib/output/plane.hpp"
#include "lib/output/scatter.hpp"
#include "lib/tensor/stack.hpp"

namespace diffusion {
namespace {

constexpr std::size_t most_paths = 200;
constexpr std::size_t arrows_a_side = 25;
constexpr double longest_arrow = 2.5;  // in distances between arrows
constexpr const char* usual_level = "ve-sigma=0.5";

NoiseLevel level_of(const PlaneRequest& request, const Schedule& schedule) {
  const std::string text = request.level.empty() ? usual_level : request.level;
  const NoiseLevel level = parse_level("--field-level", text, schedule).level;
  if (level.clean() || level.pure_noise())
    throw Error("--field-level " + text + ": has no arrows; needs a level with data and noise");
  return level;
}

/// How far out states are shown.
double shrink(const PlaneRun& run, const NoiseLevel& at) {
  return run.schedule.path == Path::variance_exploding ? 1 / std::hypot(1, at.sigma) : 1;
}

/// A square lattice over the samples and a fifth of their extent about them.
class Lattice {
 public:
  explicit Lattice(const Tensor& samples) {
    for (std::size_t axis = 0; axis < 2; ++axis) {
      float low = samples.data()[axis], high = low;
      for (std::size_t i = axis; i < samples.size(); i += 2) {
        low = std::min(low, samples.data()[i]);
        high = std::max(high, samples.data()[i]);
      }
      const double margin = high > low ? 0.2 * (double(high) - double(low)) : 1;
      first_[axis] = low - margin;
      step_[axis] = (double(high) - double(low) + 2 * margin) / double(arrows_a_side - 1);
    }
  }

  Tensor places() const {
    Tensor all(Shape{arrows_a_side * arrows_a_side, 1, 1, 2});
    for (std::size_t n = 0; n < all.shape(0); ++n) {
      all.data()[2 * n] = float(first_[0] + step_[0] * double(n % arrows_a_side));
      all.data()[2 * n + 1] = float(first_[1] + step_[1] * double(n / arrows_a_side));
    }
    return all;
  }

  /// By one factor, so that the longest is of that many distances.
  Tensor fitted(const Tensor& arrows) const {
    double longest = 0;
    for (std::size_t i = 0; i < arrows.size(); i += 2)
      longest = std::max(longest,
                         std::hypot(arrows.data()[i] / step_[0], arrows.data()[i + 1] / step_[1]));
    return combine(longest > 0 ? longest_arrow / longest : 1, arrows, 0, arrows);
  }

 private:
  double first_[2], step_[2];
};

}  // namespace

void add_plane_options(const cli::Flags& flags, PlaneRequest& request) {
  flags.add(
      {"--paths", "FILE", "Draw the ways of the first samples of two numbers: .png, .svg or .pdf",
       cli::drawings()},
      request.paths);
  flags.add(
      {"--field", "FILE", "Draw arrows over the plane to the model's estimates: .png, .svg or .pdf",
       cli::drawings()},
      request.field);
  flags.add({.names = "--field-level",
             .value = "LEVEL",
             .help = "Where the field is asked: a step t, or ve-sigma=2, snr=0.5, lambda=-1",
             .otherwise = usual_level,
             .needs = {"--field"}},
            request.level);
}

void check_plane(const PlaneRequest& request) {
  const auto check = [](const std::string& path, const std::string& flag) {
    if (path.empty()) return;
    picture_type(path, flag);
    need_gnuplot(flag);
  };
  check(request.paths, "--paths");
  check(request.field, "--field");
}

void check_plane(const PlaneRequest& request, const PlaneRun& run) {
  for (const std::string& path : {request.paths, request.field})
    if (!path.empty()) need_plane(run.model.shape, path);
  if (request.field.empty()) return;
  level_of(request, run.schedule);
  for (const Turn& turn : run.turns)
    if (turn.label != run.turns.front().label)
      throw Error(request.field + ": a field is of one class; choose it by --class");
}

Paths::Paths(const std::string& path, const PlaneRun& run, std::size_t samples)
    : path_(path),
      run_(run),
      states_(run.grid.size(), Tensor(Shape{std::min(samples, most_paths), 1, 1, 2}, 0)) {}

GenerateWatch Paths::watch() {
  return {.at_level = [this](std::size_t offset, std::uint32_t index, const Tensor& x) {
    at_level(offset, index, x);
  }};
}

void Paths::at_level(std::size_t offset, std::uint32_t index, const Tensor& x) {
  Tensor& kept = states_[index];
  if (offset >= kept.shape(0)) return;
  const Tensor first = rows_from(x, 0, std::min(x.shape(0), kept.shape(0) - offset));
  const double factor = shrink(run_, run_.grid[index]);
  put_rows(run_.model.units.to_data(combine(factor, first, 0, first)), kept, offset);
}

void Paths::write() const {
  write_file(path_, draw_with_gnuplot(paths_script(states_, picture_type(path_, "--paths"))));
}

void write_field(const PlaneRequest& request, const PlaneRun& run, const Tensor& samples) {
  const Lattice lattice(samples);
  const NoiseLevel level = level_of(request, run.schedule);
  const Tensor places = lattice.places(), y = run.model.units.to_network(places);
  const Tensor x0 = run.denoiser(0, places.shape(0))(combine(level.alpha, y, 0, y), level).x0;
  const Tensor arrows = lattice.fitted(combine(1, run.model.units.to_data(x0), -1, places));
  write_file(request.field,
             draw_with_gnuplot(field_script({"samples", samples}, {places, arrows},
                                            picture_type(request.field, "--field"))));
}

}  // namespace diffusion
