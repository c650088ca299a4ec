#include "lib/sample/comparison.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <utility>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/grids/grid.hpp"
#include "lib/tensor/stack.hpp"

namespace diffusion {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int most_reference_steps = 1000;

/// The sampler, telling whether it asks for noise.
Sampler noticing_noise(Sampler sampler, bool& drawn) {
  return [sampler = std::move(sampler), &drawn](SampleRun run) {
    run.noise = [&drawn, noise = std::move(run.noise)](const Shape& shape, std::uint32_t draw) {
      drawn = true;
      return noise(shape, draw);
    };
    return sampler(std::move(run));
  };
}

struct Point {
  std::string sampler;
  double evaluations, distance;
};

/// A logarithmic axis has no place for 0.
std::vector<Point> drawable(std::span<const ComparedRun> runs) {
  std::vector<Point> points;
  for (const ComparedRun& run : runs)
    if (run.distance && *run.distance > 0 && std::isfinite(*run.distance))
      points.push_back({run.sampler, run.evaluations, *run.distance});
  return points;
}

/// A fifth more on both sides than there are evaluations.
std::string range_of(const std::vector<Point>& points) {
  const auto [least, most] = std::ranges::minmax(points, {}, &Point::evaluations);
  return "set xrange [" + significant(least.evaluations / 1.2, 4) + ":" +
         significant(most.evaluations * 1.2, 4) + "]\n";
}

/// A line a sampler, in the order of first mention.
std::vector<std::pair<std::string, std::string>> curves(const std::vector<Point>& points) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const auto& [sampler, evaluations, distance] : points) {
    auto line = std::ranges::find(lines, sampler, &std::pair<std::string, std::string>::first);
    if (line == lines.end()) line = lines.insert(line, {sampler, ""});
    line->second += significant(evaluations, 7) + " " + significant(distance, 7) + "\n";
  }
  return lines;
}

using Grid = std::vector<NoiseLevel>;

std::vector<Grid> grids_of(const Schedule& schedule, const ComparisonPlan& plan) {
  if (grid_has_own_count(plan.grid))
    throw Error("`grid` " + plan.grid +
                ": says itself how many steps there are, and `steps` is to");
  std::vector<Grid> grids;
  for (const int steps : plan.steps) grids.push_back(load_grid(plan.grid, schedule, steps));
  return grids;
}

/// Grids that begin at several levels have several solutions.
const NoiseLevel& common_start(const std::vector<Grid>& grids, const ComparisonPlan& plan) {
  for (const Grid& grid : grids)
    if (grid.front().lambda != grids[0].front().lambda)
      throw Error("`grid` " + plan.grid +
                  ": begins at other levels with other `steps`, so that there is no one "
                  "solution; trailing does not");
  return grids[0].front();
}

/// From where the other grids start: all steps of the schedule below that.
Grid reference_grid(const Schedule& schedule, const ComparisonPlan& plan, const NoiseLevel& start) {
  const Grid fine =
      load_grid(plan.grid, schedule, std::min(schedule.steps(), most_reference_steps));
  Grid grid{start};
  std::ranges::copy_if(fine, std::back_inserter(grid),
                       [&](const NoiseLevel& level) { return level.lambda > start.lambda; });
  return grid;
}

/// Runs of one comparison.
ComparedRun run_of(const std::string& spec, std::span<const NoiseLevel> grid,
                   const ComparisonTools& tools) {
  const std::string now = spec + ", " + std::to_string(grid.size() - 1) + " steps";
  const GenerateTools drawn_with{tools.denoiser,      {},          grid,
                                 tools.schedule.path, tools.noise, &tools.schedule};
  return compared_run(spec, {tools.request, drawn_with, tools.asked, [&] {
                               if (tools.passed) tools.passed(now);
                             }});
}

ComparedRun reference_of(const ComparisonPlan& plan, const Grid& grid,
                         const ComparisonTools& tools) {
  ComparedRun solution = run_of(plan.reference, grid, tools);
  if (solution.draws_noise)
    throw Error("`reference` " + plan.reference +
                ": draws noise, so that it is not a solution of the ODE");
  return solution;
}

}  // namespace

SamplerComparison compared(const ComparisonPlan& plan, const ComparisonTools& tools) {
  const auto grids = grids_of(tools.schedule, plan);
  const Grid fine = reference_grid(tools.schedule, plan, common_start(grids, plan));
  SamplerComparison found{.reference = reference_of(plan, fine, tools), .runs = {}};
  run_of("ddim", std::span(fine).last(2), tools);  // a batch's first evaluation takes longer
  for (const std::string& spec : plan.samplers)
    for (const Grid& grid : grids) {
      ComparedRun& run = found.runs.emplace_back(run_of(spec, grid, tools));
      if (!run.draws_noise) run.distance = rms_distance(run.samples, found.reference.samples);
    }
  return found;
}

ComparedRun compared_run(const std::string& spec, const ComparedBy& by) {
  const GenerateTools& tools = by.tools;
  GenerateRequest request = by.request;
  if (sampler_row(spec).pace == Pace::state) request.batch = 1;
  ComparedRun run{.sampler = spec,
                  .steps = tools.grid.size() - 1,
                  .samples = Tensor(batch_shape(request.count, request.shape)),
                  .evaluations = 0,
                  .seconds = 0,
                  .draws_noise = false};
  const Sampler sampler = noticing_noise(make_sampler(spec), run.draws_noise);
  const GenerateWatch watch{.at_level = [&](std::size_t, std::uint32_t index, const Tensor&) {
    if (index > 0) by.pass();
  }};
  const std::size_t asked_before = by.asked;
  const auto began = Clock::now();
  generate(request, {tools.denoiser, sampler, tools.grid, tools.path, tools.noise, tools.schedule},
           watch,
           [&](std::size_t offset, const Tensor& part) { put_rows(part, run.samples, offset); });
  run.seconds = std::chrono::duration<double>(Clock::now() - began).count() / double(request.count);
  run.evaluations = double(by.asked - asked_before) / double(request.count);
  return run;
}

double rms_distance(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += std::pow(double(a.data()[i]) - double(b.data()[i]), 2);
  return std::sqrt(sum / double(a.size()));
}

std::string comparison_script(std::span<const ComparedRun> runs, std::string_view reference,
                              PictureType type) {
  const auto points = drawable(runs);
  if (points.empty())
    throw Error("`plot`: there is no distance to draw: samplers that draw noise have none");
  const auto lines = curves(points);
  std::string script = gnuplot_opening(type, 860, 560, "comparison");
  for (std::size_t i = 0; i < lines.size(); ++i)
    script += "$run" + std::to_string(i) + " << end\n" + lines[i].second + "end\n";
  script += "set logscale xy\nset format y '%g'\n" + range_of(points) +
            "set xtics (1,2,5,10,20,50,100,200,500,1000,2000,5000)\n"
            "set xlabel 'evaluations of the model for a sample'\n"
            "set ylabel " +
            gnuplot_quoted("RMS distance to " + std::string(reference)) +
            "\n"
            "set key outside right top Left reverse\nplot ";
  for (std::size_t i = 0; i < lines.size(); ++i)
    script += (i > 0 ? ", $run" : "$run") + std::to_string(i) +
              " using 1:2 with linespoints pt 7 ps 0.7 lw 2 " + gnuplot_line(i) + " title " +
              gnuplot_quoted(lines[i].first);
  return script + "\n";
}

}  // namespace diffusion
