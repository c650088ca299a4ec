#include "tools/noise/options.hpp"

#include "lib/base/error.hpp"
#include "tools/cli/image_options.hpp"
#include "tools/cli/schedule_options.hpp"

namespace diffusion {
namespace {

void take_alpha(const std::string& text, NoiseOptions& options) {
  if (const auto opacity = parse_opacity(text)) options.request.ground = opacity->ground;
  if (text == "noise") options.alpha = AlphaChannel::noised;
  if (text != "noise" && text != "keep" && !options.request.ground)
    throw Error("--alpha " + text + ": needs keep, noise or flatten=COLOUR (white, black, gray, " +
                "or #rrggbb)");
  options.request.reading.values = ArrayValues::pictures;  // of 2 or 4 channels, for one
}

/// Where many pictures may go.
cli::Values stores() { return cli::files({".tar", ".npy", ".npz", ".csv"}); }

void add_output_options(const cli::Flags& flags, NoiseRequest& request) {
  flags.add({.names = "-o,--output",
             .value = "PATH",
             .help = "A folder, FILE.tar, FILE.npy, .npz or .csv, one picture, or -",
             .values = cli::files(),
             .otherwise = "-, a tar"},
            request.output);
  flags.add({.names = "--format",
             .value = "NAME",
             .help = "png, jpg, tif, exr (default: as the input); npy or csv for one table",
             .values = cli::one_of({"png", "jpg", "tif", "exr", "npy", "csv"})},
            request.format);
  flags.add(
      {"--eps-out", "PATH", "Write eps too: a folder, FILE.tar, FILE.npy, .npz or .csv", stores()},
      request.eps_out);
  flags.add({"--manifest", "FILE", "A line of JSON for every output: t, alpha, sigma, label, ...",
             cli::files({".jsonl"})},
            request.manifest);
  cli::add_shard(flags, request.shard, "Take part I of N of the images, such as 2/8");
  flags.add({"--skip-existing", "", "Leave alone what is there already"}, request.skip_existing);
  flags.add({"--dry-run", "", "List the files that would be written, no more"}, request.dry_run);
}

void add_show_options(const cli::Flags& flags, NoiseRequest& request) {
  flags.add({"--strip", "FILE", "Contact sheet: a row an image, clean first, a column a level",
             cli::pictures()},
            request.strip);
  flags.add({.names = "--strip-rows",
             .value = "N",
             .help = "Images on the contact sheet",
             .values = cli::whole(1, 10'000),
             .needs = {"--strip"}},
            request.strip_rows);
  flags.add({"--gif", "FILE", "Animation: clean, then a frame a level", cli::files({".gif"})},
            request.gif);
  flags.add({.names = "--gif-images",
             .value = "N",
             .help = "Images side by side in it",
             .values = cli::whole(1, 100),
             .needs = {"--gif"}},
            request.look.images);
  flags.add({.names = "--gif-fps",
             .value = "N",
             .help = "Frames a second",
             .values = cli::whole(1, 50),
             .needs = {"--gif"}},
            request.look.frames_a_second);
}

}  // namespace

void add_noise_options(cli::Tool& tool, NoiseOptions& options) {
  const cli::Flags flags = tool.flags();
  flags.add({"data", "DATA",
             "Images: folders, files, .npy, .npz, IDX, CIFAR, tar, zip, or points: .csv; - reads "
             "standard input",
             cli::files()},
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
  tool.add_json({"", "add", "undo"});
  tool.add_seed();
  cli::add_image_options(flags, options.request.reading);
  cli::add_file_list(flags, options.request.reading);
  tool.add_list();
}

}  // namespace diffusion
