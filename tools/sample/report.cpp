#include "tools/sample/report.hpp"

#include <iostream>

#include "lib/base/json.hpp"
#include "lib/base/text.hpp"
#include "lib/models/model.hpp"
#include "lib/xla/device.hpp"

namespace diffusion {
namespace {

std::size_t wanted_count(const GenerateRequest& request) {
  if (!request.wanted) return request.count;
  std::size_t count = 0;
  for (std::size_t offset = 0; offset < request.count; ++offset) count += request.wanted(offset);
  return count;
}

Json grid_json(std::span<const NoiseLevel> grid) {
  const auto column = [&](double NoiseLevel::*member) {
    Json values = Json::array();
    for (const NoiseLevel& level : grid) values.push_back(number_to_json(level.*member));
    return values;
  };
  return {{"timestep", column(&NoiseLevel::timestep)},
          {"alpha", column(&NoiseLevel::alpha)},
          {"sigma", column(&NoiseLevel::sigma)}};
}

/// Only those that are written.
Json outputs_json(const SampleRequest& asked) {
  const std::pair<const char*, const std::string&> files[] = {
      {"samples", asked.output},       {"sheet", asked.sheet.path},
      {"scatter", asked.scatter.path}, {"paths", asked.plane.paths},
      {"field", asked.plane.field},    {"film", asked.films.film},
      {"gif", asked.films.gif},        {"trajectory", asked.trajectory}};
  Json outputs = Json::object();
  for (const auto& [what, path] : files)
    if (!path.empty()) outputs[what] = path;
  return outputs;
}

std::string or_usual(const std::string& given, std::string_view usual) {
  return given.empty() ? std::string(usual) : given;
}

Json guide_json(const SampledRun& run) {
  const Guide& guide = *run.source.guide;
  Json json = {{"model", guide.name}, {"scale", guide.scale}};
  if (is_network(guide.name))
    json["weights"] = or_usual(run.asked.control.classes.guidance.guide.weights, usual_weights);
  return json;
}

/// What was drawn from; networks alone have weights, a precision and a device.
Json source_json(const SampledRun& run) {
  const SourceRequest& source = run.asked.source;
  const Schedule& schedule = run.source.schedule;
  Json json = {{"model", source.model}};
  if (is_network(source.model)) {
    json["weights"] = or_usual(source.weights, usual_weights);
    json["precision"] = or_usual(source.precision, usual_precision);
    json["device"] = or_usual(source.device, xla::default_device());
  }
  if (run.source.guide) json["guide"] = guide_json(run);
  json["schedule"] = {
      {"family", schedule.family}, {"params", schedule.params}, {"T", schedule.steps()}};
  json["process"] = path_name(schedule.path);
  return json;
}

Json run_json(const cli::Tool& tool, const SampledRun& run) {
  const SampleTally& tally = run.tally;
  Json classes = Json::array();
  for (const Turn& turn : run.turns) classes.push_back(turn.label);
  Json report = source_json(run);
  report.update({{"sampler", run.asked.sampler},
                 {"steps", run.grid.size() - 1},
                 {"grid", grid_json(run.grid)},
                 {"seed", tool.common().seed},
                 {"first", run.request.first},
                 {"count", run.request.count},
                 {"drawn", tally.samples()},
                 {"shape", run.request.shape},
                 {"classes", classes},
                 {"nfe", run.nfe()},
                 {"seconds", tally.seconds()},
                 {"outputs", outputs_json(run.asked)}});
  return report;
}

std::string summary(const SampledRun& run) {
  const SampleTally& tally = run.tally;
  std::string text = std::to_string(tally.samples()) + " samples of " +
                     describe(run.request.shape) + " in " + significant(tally.seconds(), 3) +
                     " s (" + significant(double(tally.samples()) / tally.seconds(), 3) +
                     " a second)";
  if (const std::size_t skipped = run.request.count - tally.samples())
    text += "; " + std::to_string(skipped) + " were there";
  return text;
}

}  // namespace

SampleTally::SampleTally(const cli::Tool& tool, const GenerateRequest& request, std::size_t steps)
    : wanted_(wanted_count(request)),
      progress_(tool.progress(), "sampling", batch_count(request) * steps, "steps") {}

GenerateWatch SampleTally::watch() {
  return {.at_level = [this](std::size_t, std::uint32_t index, const Tensor&) {
    if (index == 0) return;
    progress_.update(++steps_,
                     std::to_string(samples_) + "/" + std::to_string(wanted_) + " samples");
  }};
}

void SampleTally::stop() {
  progress_.finish();
  seconds_ = std::chrono::duration<double>(Clock::now() - began_).count();
}

void report_run(const cli::Tool& tool, const SampledRun& run) {
  if (run.asked.nfe)
    tool.say("nfe " + significant(run.nfe(), 6) + ": " + std::to_string(run.grid.size() - 1) +
             " steps of " + run.asked.sampler);
  tool.explain(summary(run));
  if (tool.common().json) std::cout << to_text(run_json(tool, run));
}

}  // namespace diffusion
