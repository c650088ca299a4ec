// diff-sample: a model -> samples, with any sampler, on any grid of noise levels.
#include <iostream>

#include "lib/base/interrupt.hpp"
#include "tools/cli/tool.hpp"
#include "tools/sample/compare.hpp"
#include "tools/sample/invert.hpp"
#include "tools/sample/run.hpp"
#include "tools/sample/step.hpp"

using namespace diffusion;

namespace {

cli::ExitCode list(const cli::Tool& tool) {
  tool.need_alone("--list");
  for (const SamplerInfo& row : samplers())
    std::cout << row.name << '\t' << row.order << '\t'
              << (row.draws == Draws::noise ? "noise" : "-") << '\t' << row.calls << '\t'
              << row.summary << '\t' << row.reference << '\n';
  return cli::done;
}

}  // namespace

int main(int argc, char** argv) {
  cli::Tool tool(
      "diff-sample", "draw samples from a diffusion model",
      {{"diff-sample model.safetensors -n 64 -o samples/ --sheet sheet.png",
        "64 pictures, and all of them on one"},
       {"diff-sample model.safetensors -n 10000 --steps 20 -o - | diff-fid real/ -",
        "straight into the measurement"},
       {"diff-sample model.safetensors --sampler ddim:eta=1 --steps 1000 -o ddpm.npz",
        "ancestral sampling as in DDPM"},
       {"diff-sample model.safetensors --class all --cfg 2 --sheet classes.png",
        "a row of every class, guided"},
       {"diff-sample mixture:two.json -n 1000 -o points.csv", "a model without a network"},
       {"diff-sample invert model.safetensors photos/ --refine 5 --check -o latents.npy",
        "the noise that images come from, and how well it gives them back"},
       {"diff-sample compare model.safetensors --samplers ddim,heun --sheet compared.png",
        "samplers side by side, quality against steps"},
       {"diff-sample step x.npy eps.npy -s cosine --from 500 --to 480 -o next.npy",
        "one step, with what a model elsewhere has predicted"},
       {"diff-sample list", "all samplers, grids, schedules"}});
  SampleRequest request;
  bool list_samplers = false;
  add_sample_options(tool.flags(), request);
  tool.add_seed();
  tool.add_json();
  tool.flags().add({"--list", "", "List the samplers, a line each for scripts, and exit"},
                   list_samplers);
  InvertRequest inverted;
  const CLI::App* const invert_command = add_invert(tool, inverted);
  CompareRequest compared;
  const CLI::App* const compare_command = add_compare(tool, compared);
  StepRequest step;
  const CLI::App* const step_command = add_step(tool, step);
  tool.add_list();

  return tool.run(argc, argv, [&] {
    catch_interrupts();
    if (invert_command->parsed()) return invert(tool, inverted);
    if (compare_command->parsed()) return compare(tool, compared);
    if (step_command->parsed()) return take_step(tool, step);
    if (list_samplers) return list(tool);
    return sample(tool, request);
  });
}
