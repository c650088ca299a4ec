#include "tools/sample/step.hpp"

#include <algorithm>
#include <numeric>

#include "lib/base/error.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/noise/clip.hpp"
#include "lib/noise/level_text.hpp"
#include "lib/noise/prediction.hpp"
#include "lib/rng/noise_source.hpp"
#include "lib/sample/lone_step.hpp"
#include "lib/tensor/finite.hpp"
#include "lib/tensor/formats/npy.hpp"
#include "tools/cli/output_files.hpp"
#include "tools/cli/schedule_options.hpp"

namespace diffusion {
namespace {

/// Samplers whose steps stand alone.
cli::Values lone_samplers() {
  cli::Values values = cli::specs_of("samplers", samplers());
  std::erase_if(values.choices, [](const cli::Choice& choice) {
    return sampler_row(choice.name).steps != Steps::alone;
  });
  return values;
}

void add_arrays(const cli::Flags& flags, StepRequest& request) {
  const cli::Values arrays = cli::files({".npy"});
  flags.add({.names = "state",
             .value = "STATE.npy",
             .help = "x_t: an array of N states, or -",
             .values = arrays,
             .required = true},
            request.state);
  flags.add({.names = "prediction",
             .value = "PREDICTION.npy",
             .help = "What the model says of them, or -",
             .values = arrays,
             .required = true},
            request.prediction);
  flags.add({"--predict", "WHAT", "What that is: {}", cli::names_of("predictions", predictions())},
            request.predicts);
  flags.add({.names = "-o,--output",
             .value = "FILE.npy",
             .help = "The next states, float32",
             .values = arrays,
             .otherwise = "-, standard output"},
            request.output);
  flags.add({"--x0", "FILE.npy", "Also write the estimate of the clean data", arrays}, request.x0);
}

void add_levels(const cli::Flags& flags, StepRequest& request) {
  cli::add_schedule(flags, request.schedule);
  flags.app().get_option("--schedule")->required();
  flags.add({"--from", "LEVEL", "Level of STATE: a step t, or ve-sigma=2, snr=0.5, lambda=-1"},
            request.from);
  flags.add({"--to", "LEVEL", "The level to go to; 0 is clean data"}, request.to);
  add_grid_options(flags, request.grid);
  for (const char* flag : {"--grid", "--steps"})
    flags.app().get_option(flag)->excludes("--from")->excludes("--to");
  flags.add({"--index", "I", "Take step I of the grid, counted from 1; with --from, use its noise",
             cli::whole(1, max_steps)},
            request.index);
}

struct StepInterval {
  NoiseLevel from, to;
  std::string name;
  std::uint32_t index;  // 0: not known
};

StepInterval of_grid(const Schedule& schedule, const StepRequest& request) {
  if (!request.index)
    throw Error(
        "step: needs levels, --from T --to T; or --index I, with --steps N, of a grid's N steps");
  const auto grid = grid_of(schedule, request.grid);
  const std::size_t index = *request.index, steps = grid.size() - 1;
  if (index > steps)
    throw Error("--index " + std::to_string(index) + ": the grid has " + std::to_string(steps) +
                " steps");
  return {grid[index - 1], grid[index],
          "step " + std::to_string(index) + " of " + std::to_string(steps), *request.index};
}

/// Steps of the table have the place that they have where all of them are taken.
StepInterval of_levels(const Schedule& schedule, const StepRequest& request) {
  if (request.from.empty() || request.to.empty())
    throw Error("--from and --to go together: the levels of STATE and of the result");
  const LevelAsked from = parse_level("--from", request.from, schedule);
  const LevelAsked to = parse_level("--to", request.to, schedule);
  if (!(to.level.lambda > from.level.lambda))
    throw Error("--to " + request.to + ": is not cleaner than --from " + request.from);
  const std::uint32_t usual = from.t ? std::uint32_t(schedule.steps() - *from.t + 1) : 0;
  return {from.level, to.level, "from " + request.from + " to " + request.to,
          request.index.value_or(usual)};
}

Tensor read_states(const std::string& path) {
  const NpyArray array = read_npy(path);
  const std::string name = path == "-" ? "standard input" : path;
  if (!is_floating(array.type))
    throw Error(name + ": holds " + name_of(array.type) +
                " where floating-point numbers are needed");
  Tensor x = array.to_tensor();
  if (x.dimension() < 2 || x.size() == 0)
    throw Error(name + ": is " + describe(x.shape()) +
                " where states are N x ..., such as "
                "N x H x W x C");
  need_finite(x, name);
  return x;
}

Tensor read_prediction(const StepRequest& request, const Tensor& x) {
  Tensor said = read_states(request.prediction);
  Shape wide = x.shape();
  wide.back() *= 2;
  if (said.shape() != x.shape() && said.shape() != wide)
    throw Error(request.prediction + ": is " + describe(said.shape()) + " where the states are " +
                describe(x.shape()));
  return said;
}

/// The one draw that a step takes: of the states' shape, or 1 x that.
Tensor read_draw(const std::string& path, const Shape& shape) {
  Tensor draw = read_states(path);
  const bool wrapped = draw.dimension() == shape.size() + 1 && draw.shape(0) == 1;
  if (wrapped) draw.reshape(shape);
  if (draw.shape() != shape)
    throw Error(path + ": is " + describe(draw.shape()) + " where a step takes one draw, " +
                describe(shape));
  return draw;
}

/// A draw from a file, and whether the step took it.
struct Replayed {
  std::optional<Tensor> draw = {};
  bool taken = false;

  Replayed(const StepRequest& request, const Shape& shape) {
    if (!request.draw.empty()) draw = read_draw(request.draw, shape);
  }
  void finish(const StepRequest& request) const {
    if (draw && !taken)
      throw Error("--noise-from " + request.draw + ": a step of " + request.sampler +
                  " draws no noise here");
  }
};

NoiseDraw noise_of(const StepRequest& request, const StepInterval& interval, std::size_t count,
                   Replayed& replayed) {
  if (replayed.draw)
    return [&](const Shape&, std::uint32_t) {
      replayed.taken = true;
      return *replayed.draw;
    };
  std::vector<std::uint64_t> ids(count);
  std::iota(ids.begin(), ids.end(), request.first);
  return [=, known = interval.index > 0, noise = NoiseSource(request.seed, "diff-sample")](
             const Shape& shape, std::uint32_t draw) {
    if (!known)
      throw Error("--index: says which noise the step is to use, and --from is not a step t");
    return noise.normal(shape, ids, draw);
  };
}

Denoised estimate_of(const StepRequest& request, const Tensor& x, const NoiseLevel& from) {
  const Prediction prediction = parse_prediction(request.predicts);
  const Tensor said = read_prediction(request, x);
  const Denoiser plain = [&](const Tensor& state, const NoiseLevel& at) {
    return denoised_from_said(prediction, said, state, at);
  };
  return make_clip(request.clip)(plain)(x, from);
}

}  // namespace

const CLI::App* add_step(cli::Tool& tool, StepRequest& request) {
  const cli::Flags flags =
      tool.add_command("step", "Take one step with what a model elsewhere has predicted");
  add_arrays(flags, request);
  add_levels(flags, request);
  flags.add({"--sampler", "SPEC", "ddim, euler, euler-ancestral, sde, lcm or tcd, with parameters",
             lone_samplers()},
            request.sampler);
  flags.add(
      {"--clip", "SPEC", "Limit estimates of the clean data: {}", cli::specs_of("clips", clips())},
      request.clip);
  flags.add({"--seed", "N", "Seed of the noise that a step adds"}, request.seed);
  flags.add({"--first", "K", "Number of the first sample"}, request.first);
  flags.add({"--noise-from", "FILE.npy", "Take that noise from here instead, one draw",
             cli::files({".npy"})},
            request.draw);
  return &flags.app();
}

cli::ExitCode take_step(const cli::Tool& tool, const StepRequest& request) {
  if (request.state == "-" && request.prediction == "-")
    throw Error("standard input can be read once, so - may stand once");
  cli::check_output_files({request.output, request.x0});
  for (const std::string& path : {request.output, request.x0})
    if (path != "-") need_extension(path, ".npy");
  refuse_terminal(request.output, "an array of states");
  const Schedule schedule = load_schedule(request.schedule);
  for (const std::string& note : schedule.notes) tool.say(note);
  const bool by_levels = !request.from.empty() || !request.to.empty();
  const StepInterval interval =
      by_levels ? of_levels(schedule, request) : of_grid(schedule, request);
  const auto& [from, to, name, index] = interval;
  tool.explain(name + ": sigma/alpha " + significant(from.ve_sigma(), 6) + " to " +
               significant(to.ve_sigma(), 6) + ", timestep " + significant(from.timestep, 7));
  const Tensor x = read_states(request.state);
  const Denoised estimate = estimate_of(request, x, from);
  Replayed replayed(request, x.shape());
  const Tensor next =
      lone_step(request.sampler, {.x = x,
                                  .from = from,
                                  .to = to,
                                  .path = schedule.path,
                                  .estimate = estimate,
                                  .index = std::max(index, 1u),
                                  .noise = noise_of(request, interval, x.shape(0), replayed),
                                  .schedule = &schedule});
  replayed.finish(request);
  if (!request.x0.empty()) write_npy(request.x0, estimate.x0);
  write_npy(request.output, next);
  return cli::done;
}

}  // namespace diffusion
