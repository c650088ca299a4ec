#include "tools/sample/compare.hpp"

#include <algorithm>
#include <iostream>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/text.hpp"
#include "tools/cli/output_files.hpp"
#include "tools/cli/schedule_options.hpp"
#include "tools/sample/compare_report.hpp"

namespace diffusion {
namespace {

void add_runs(const cli::Flags& flags, CompareRequest& request) {
  flags.add({.names = "--samplers",
             .value = "SPEC,...",
             .help = "Samplers with their parameters",
             .values = cli::several(cli::specs_of("samplers", samplers())),
             .otherwise = "ddim,heun,dpmpp-2m"},
            request.samplers);
  flags.add({.names = "--steps",
             .value = "N,...",
             .help = "Intervals of the grids",
             .otherwise = "5,10,20,50"},
            request.steps);
  flags.add({"--grid", "SPEC", "Noise levels to visit", cli::a_grid()}, request.grid);
  flags.add({"--reference", "SPEC", "What stands for the solution",
             cli::specs_of("samplers", samplers())},
            request.reference);
}

void add_samples(const cli::Flags& flags, CompareRequest& request) {
  flags.add({"-n,--count", "N", "How many samples each", cli::whole(1, std::uint64_t(1) << 20)},
            request.count);
  flags.add({"--first", "K", "Number of the first sample of the seed"}, request.first);
  flags.add({"--batch", "N", "Samples carried at once", cli::whole(1, 65536)}, request.batch);
  flags.add({"--seed", "N", "Seed of all randomness"}, request.seed);
}

void add_results(const cli::Flags& flags, CompareRequest& request) {
  flags.add({"--json", "", "Print one JSON document"}, request.json);
  flags.add({"--sheet", "FILE", "Also a picture: a row a sampler, a column a step count",
             cli::pictures()},
            request.sheet);
  flags.add({.names = "--show",
             .value = "K",
             .help = "Samples in each place of it",
             .values = cli::whole(1, 1000),
             .needs = {"--sheet"}},
            request.shown);
  flags.add({"--plot", "FILE", "Also curves, by gnuplot: .png, .svg or .pdf", cli::drawings()},
            request.plot);
  flags.add({"-o,--output", "FILE.npz", "Also keep all samples, float32", cli::files({".npz"})},
            request.output);
}

void refuse_twice(const std::string& flag, std::vector<std::string> words) {
  std::ranges::sort(words);
  const auto twice = std::ranges::adjacent_find(words);
  if (twice != words.end()) throw Error(flag + ": " + *twice + " twice");
}

std::vector<std::string> samplers_of(const CompareRequest& request) {
  std::vector<std::string> specs;
  for (const std::string& list : request.samplers)
    for (std::string& spec : split_specs(list)) specs.push_back(std::move(spec));
  if (specs.empty()) specs = {"ddim", "heun", "dpmpp-2m"};
  for (const std::string& spec : specs) make_sampler(spec);
  refuse_twice("--samplers", specs);
  return specs;
}

/// Those that are usual, as far as the schedule goes.
std::vector<int> usual_steps(int most) {
  std::vector<int> steps;
  for (const int usual : {5, 10, 20, 50})
    if (usual <= most) steps.push_back(usual);
  return steps.empty() ? std::vector<int>{most} : steps;
}

std::vector<int> steps_of(const CompareRequest& request, int most) {
  if (request.steps.empty()) return usual_steps(most);
  std::vector<int> steps;
  for (const std::string& word : split(request.steps, ',')) {
    const auto number = parse_integer(word);
    if (!number || *number < 1 || *number > max_steps)
      throw Error("--steps " + request.steps + ": needs numbers of intervals, such as 5,10,20");
    steps.push_back(int(*number));
  }
  refuse_twice("--steps", split(request.steps, ','));
  return steps;
}

SamplerComparison comparison_of(const cli::Tool& tool, const CompareRequest& asked,
                                const SampleSource& opened, const std::vector<std::string>& specs) {
  std::atomic<std::size_t> evaluations = 0;
  std::size_t passed = 0;
  const SampleSource source = counted(opened, evaluations);
  const auto classes = cli::chosen_classes(source, asked.control.classes, asked.source.model);
  const DenoiserOf denoiser = steered(source, classes, asked.control, asked.first);
  const NoiseSource noise(asked.seed, "diff-sample");
  Progress progress(tool.progress(), "comparing", 0, "steps");
  return compared({.samplers = specs,
                   .steps = steps_of(asked, source.schedule.steps()),
                   .grid = asked.grid,
                   .reference = asked.reference},
                  {.request = {.shape = source.model.shape,
                               .first = asked.first,
                               .count = asked.count,
                               .batch = asked.batch},
                   .schedule = source.schedule,
                   .denoiser = denoiser,
                   .noise = noise,
                   .asked = evaluations,
                   .passed = [&](const std::string& now) { progress.update(++passed, now); }});
}

}  // namespace

const CLI::App* add_compare(cli::Tool& tool, CompareRequest& request) {
  const cli::Flags flags =
      tool.add_command("compare", "Compare samplers by their distance to the solution");
  add_source_options(flags, request.source);
  add_runs(flags, request);
  add_samples(flags, request);
  add_control_options(flags, request.control);
  add_results(flags, request);
  return &flags.app();
}

cli::ExitCode compare(const cli::Tool& tool, const CompareRequest& request) {
  cli::check_output_files({request.sheet, request.plot, request.output});
  const ComparisonFiles files = comparison_files(request);
  const auto specs = samplers_of(request);
  const SampleSource source =
      open_source(tool, request.source, request.control.classes.guidance.guide);
  files.check(source.model.shape);
  if (!request.sheet.empty() && source.model.numbers)
    throw Error(request.sheet + ": samples of " + describe(source.model.shape) +
                " are numbers here, not pictures");
  SamplerComparison found = comparison_of(tool, request, source, specs);
  finish(tool, source);
  found.reference.samples = source.model.units.to_data(std::move(found.reference.samples));
  for (ComparedRun& run : found.runs)
    run.samples = source.model.units.to_data(std::move(run.samples));
  files.write(found);
  if (request.json)
    std::cout << to_text(to_json(found));
  else
    print_table(std::cout, found);
  return ending(source, 0);
}

}  // namespace diffusion
