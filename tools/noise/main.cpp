// The forward process: clean images in, images at any noise level out.
#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "tools/cli/image_options.hpp"
#include "tools/cli/schedule_options.hpp"
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

/// Where many pictures may go.
cli::Values stores() { return cli::files({".tar", ".npy", ".npz"}); }

void add_output_options(const cli::Flags& flags, NoiseRequest& request) {
  flags.add({.names = "-o,--output",
             .value = "PATH",
             .help = "A folder, FILE.tar, FILE.npy or .npz, one picture, or -",
             .values = cli::files(),
             .otherwise = "-, a tar"},
            request.output);
  flags.add({.names = "--format",
             .value = "NAME",
             .help = "png, jpg, tif, exr (default: as the input); npy for one array",
             .values = cli::one_of({"png", "jpg", "tif", "exr", "npy"})},
            request.format);
  flags.add({"--eps-out", "PATH", "Write eps too: a folder, FILE.tar or FILE.npy", stores()},
            request.eps_out);
  flags.add({"--manifest", "FILE", "A line of JSON for every output: t, alpha, sigma, label, ...",
             cli::files({".jsonl"})},
            request.manifest);
  flags.add({"--skip-existing", "", "Leave alone what is there already"}, request.skip_existing);
  flags.add({"--dry-run", "", "List the files that would be written, no more"}, request.dry_run);
}

void add_show_options(const cli::Flags& flags, NoiseRequest& request) {
  flags.add({"--strip", "FILE", "Contact sheet: a row an image, clean first, a column a level",
             cli::pictures()},
            request.strip);
  flags.add({"--strip-rows", "N", "Images on the contact sheet", cli::whole(1, 10'000)},
            request.strip_rows);
  flags.add({"--gif", "FILE", "Animation: clean, then a frame a level", cli::files({".gif"})},
            request.gif);
  flags.add({"--gif-images", "N", "Images side by side in it", cli::whole(1, 100)},
            request.look.images);
  flags.add({"--gif-fps", "N", "Frames a second", cli::whole(1, 50)}, request.look.frames_a_second);
}

void add_noise_options(cli::Tool& tool, Options& options) {
  const cli::Flags flags = tool.flags();
  flags.add(
      {"data", "DATA",
       "Images: folders, files, .npy, .npz, IDX, CIFAR, tar; - reads standard input", cli::files()},
      options.request.data);
  add_level_options(flags, options.levels);
  cli::add_schedule(flags, options.schedule);
  cli::add_length(flags, options.length);
  flags.read(
      {.names = "--alpha",
       .value = "WHAT",
       .help = "Opacity: keep, noise like colours, or flatten=COLOUR",
       .values = cli::words({"keep", "noise", "flatten=white", "flatten=black", "flatten=gray"}),
       .otherwise = "keep"},
      [&](const std::string& text) { take_alpha(text, options); });
  add_output_options(flags, options.request);
  add_show_options(flags, options.request);
  tool.add_json({"", "undo"});
  tool.add_seed();
  cli::add_image_options(flags, options.request.reading);
  cli::add_file_list(flags, options.request.reading);
  tool.add_list();
}

Noising make_noising(const cli::Tool& tool, const Options& options) {
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
  const CLI::App* undo_command = add_undo(tool, undo);
  return tool.run(argc, argv, [&] {
    if (*undo_command) return run_undo(tool, undo);
    catch_interrupts();
    options.request.json = tool.common().json;
    settle(options.request);
    return run_noise(tool, options.request, make_noising(tool, options));
  });
}
