// The forward process: clean images in, images at any noise level out.
#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "tools/cli/image_options.hpp"
#include "tools/noise/levels.hpp"
#include "tools/noise/run.hpp"
#include "tools/noise/undo.hpp"

using namespace diffusion;

namespace {

struct Options {
  NoiseRequest request;
  std::string schedule = "cosine";
  int length = 0;  // T of a family
  LevelOptions levels;
  AlphaChannel alpha = AlphaChannel::kept;
};

void take_alpha(const std::string& text, Options& options) {
  constexpr std::string_view flatten = "flatten=";
  if (text.starts_with(flatten)) options.request.ground = parse_colour(text.substr(flatten.size()));
  if (text == "noise") options.alpha = AlphaChannel::noised;
  if (text != "noise" && text != "keep" && !options.request.ground)
    throw Error("--alpha " + text + ": needs keep, noise or flatten=COLOUR (white, black, gray, " +
                "or #rrggbb)");
}

void add_output_options(CLI::App& app, NoiseRequest& request) {
  app.add_option("-o,--output", request.output,
                 "A folder, FILE.tar, FILE.npy, one picture, or - (default: -, a tar)")
      ->type_name("PATH");
  app.add_option("--format", request.format,
                 "png, jpg, tif, exr (default: as the input); npy for one array")
      ->check(CLI::IsMember({"png", "jpg", "tif", "exr", "npy"}).description(""))
      ->type_name("NAME");
  app.add_option("--eps-out", request.eps_out, "Write eps too: a folder, FILE.tar or FILE.npy")
      ->type_name("PATH");
  app.add_option("--manifest", request.manifest,
                 "A line of JSON for every output: t, alpha, sigma, label, ...")
      ->type_name("FILE");
  app.add_flag("--skip-existing", request.skip_existing, "Leave alone what is there already");
  app.add_flag("--dry-run", request.dry_run, "List the files that would be written, no more");
}

void add_show_options(CLI::App& app, NoiseRequest& request) {
  app.add_option("--strip", request.strip,
                 "Contact sheet: a row an image, clean first, a column a level")
      ->type_name("FILE");
  app.add_option("--strip-rows", request.strip_rows, "Images on the contact sheet (default: 8)")
      ->check(cli::whole_number(1, 10'000))
      ->type_name("N");
  app.add_option("--gif", request.gif, "Animation: clean, then a frame a level")->type_name("FILE");
  app.add_option("--gif-images", request.look.images, "Images side by side in it (default: 1)")
      ->check(cli::whole_number(1, 100))
      ->type_name("N");
  app.add_option("--gif-fps", request.look.frames_a_second, "Frames a second (default: 10)")
      ->check(cli::whole_number(1, 50))
      ->type_name("N");
}

void add_noise_options(cli::Tool& tool, Options& options) {
  CLI::App& app = tool.app();
  app.add_option("data", options.request.data,
                 "Images: folders, files, .npy, .npz, IDX, CIFAR, tar; - reads standard input")
      ->type_name("DATA");
  add_level_options(app, options.levels);
  app.add_option("-s,--schedule", options.schedule,
                 "Noise schedule: spec or file (default: cosine)")
      ->type_name("SCHEDULE");
  app.add_option("-T", options.length, "Number of steps of a schedule named by spec")
      ->check(cli::whole_number(1, max_steps))
      ->type_name("STEPS");
  app.add_option_function<std::string>(
         "--alpha", [&](const std::string& text) { take_alpha(text, options); },
         "Opacity: keep, noise like colours, or flatten=COLOUR (default: keep)")
      ->type_name("WHAT");
  add_output_options(app, options.request);
  add_show_options(app, options.request);
  tool.add_json();
  tool.add_seed();
  cli::add_image_options(app, options.request.reading);
  cli::add_file_list(app, options.request.reading);
}

Noising make_noising(const Options& options, std::uint64_t seed) {
  Schedule schedule = load_schedule(options.schedule, options.length);
  auto levels = levels_asked(options.levels, schedule);
  return {.schedule = std::move(schedule),
          .levels = std::move(levels),
          .noise = NoiseSource(seed, "diff-noise"),
          .process = options.levels.chain ? ForwardProcess::chain : ForwardProcess::closed_form,
          .alpha = options.alpha,
          .eps = options.request.eps_out.empty() ? EpsOfVersions::dropped : EpsOfVersions::kept};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  cli::Tool tool(
      "diff-noise", "add the noise of the forward process to images",
      {{"diff-noise -s cosine -t 100,500,900 photos/ -o noisy/", "each photo at three levels"},
       {"diff-noise -s s.json -t 0:1000:100 photos/ --strip strip.png", "a look at a schedule"},
       {"diff-noise -t 500 train-images-idx3-ubyte.gz -o x500.npy", "a data set as one array"},
       {"diff-noise -t random photos/ -o x.npy --eps-out eps.npy --manifest t.jsonl",
        "x_t, eps and t to train other software on"},
       {"tar cf - photos | diff-noise -t 300 - | tar xf - -C noisy", "from pipe to pipe"},
       {"diff-noise --chain -t 1000 --every 20 photo.jpg --gif chain.gif", "step by step"},
       {"diff-noise undo x.npy eps.npy -t 300 -o x0.npy", "back from x_t and a prediction"}});
  add_noise_options(tool, options);
  UndoRequest undo;
  const CLI::App* undo_command = add_undo(tool.app(), undo);
  return tool.run(argc, argv, [&] {
    if (*undo_command) return run_undo(tool, undo);
    catch_interrupts();
    options.request.json = tool.common().json;
    settle(options.request);
    return run_noise(tool, options.request, make_noising(options, tool.common().seed));
  });
}
