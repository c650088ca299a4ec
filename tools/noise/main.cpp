// The forward process: clean images in, images at any noise level out.
#include "lib/base/interrupt.hpp"
#include "tools/noise/add.hpp"
#include "tools/noise/options.hpp"
#include "tools/noise/run.hpp"
#include "tools/noise/undo.hpp"

using namespace diffusion;

namespace {

Noising make_noising(const cli::Tool& tool, const NoiseOptions& options) {
  Schedule schedule = load_schedule(options.schedule, options.length);
  for (const std::string& note : schedule.notes) tool.say(note);
  auto levels = levels_asked(options.levels, schedule);
  return {.schedule = std::move(schedule),
          .levels = std::move(levels),
          .noise = NoiseSource(tool.common().seed, "diff-noise"),
          .process = options.levels.chain ? ForwardProcess::chain : ForwardProcess::closed_form,
          .alpha = options.alpha,
          .eps = options.request.eps_out.empty() ? EpsOfVersions::dropped : EpsOfVersions::kept};
}

}  // namespace

int main(int argc, char** argv) {
  NoiseOptions options;
  cli::Tool tool(
      "diff-noise", "add the noise of the forward process to images",
      {{"diff-noise -s cosine -t 100,500,900 photos/ -o noisy/", "each photo at three levels"},
       {"diff-noise -s s.json -t 0:1000:100 photos/ --strip strip.png", "a look at a schedule"},
       {"diff-noise -t 500 train-images-idx3-ubyte.gz -o x500.npy", "a data set as one array"},
       {"diff-noise -t random photos/ -o x.npy --eps-out eps.npy --manifest t.jsonl",
        "x_t, eps and t to train other software on"},
       {"tar cf - photos | diff-noise -t 300 - | tar xf - -C noisy", "from pipe to pipe"},
       {"diff-noise --chain -t 1000 --every 20 photo.jpg --gif chain.gif", "step by step"},
       {"diff-noise add 0.5,-1 0.2,0.3 --alpha-bar 0.36", "x_t of numbers, by hand"},
       {"diff-noise undo x.npy eps.npy -t 300 -o x0.npy", "back from x_t and a prediction"}});
  add_noise_options(tool, options);
  QuantityRequest add;
  const CLI::App* add_command = add_add(tool, add);
  UndoRequest undo;
  const CLI::App* undo_command = add_undo(tool, undo);
  return tool.run(argc, argv, [&] {
    catch_interrupts();
    if (*add_command) return run_add(tool, add);
    if (*undo_command) return run_undo(tool, undo);
    options.request.json = tool.common().json;
    settle(options.request);
    return run_noise(tool, options.request, make_noising(tool, options));
  });
}
