// The forward process: clean images in, images at any noise level out.
#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/image/format.hpp"
#include "lib/image/image_file.hpp"
#include "tools/image_options.hpp"
#include "tools/noise_run.hpp"
#include "tools/steps.hpp"

using namespace diffusion;

namespace {

struct Options {
  NoiseRequest request;
  std::string schedule = "cosine", steps = "";
  int length = 0;  // T of a family
  bool chain = false;
  std::string alpha = "keep";
};

void add_noise_options(cli::Tool& tool, Options& options) {
  CLI::App& app = tool.app();
  NoiseRequest& request = options.request;
  app.add_option("data", request.data,
                 "Images: folders, files, .npy, .npz, IDX; - reads standard input")
      ->type_name("DATA")
      ->required();
  app.add_option("-t", options.steps, "Steps: numbers, and ranges FROM:TO:STRIDE; 0 is clean")
      ->type_name("T,...")
      ->required();
  app.add_option("-s,--schedule", options.schedule,
                 "Noise schedule: spec or file (default: cosine)")
      ->type_name("SCHEDULE");
  app.add_option("-T", options.length, "Number of steps of a schedule named by spec")
      ->check(CLI::Range(1, max_steps).description(""))
      ->type_name("STEPS");
  app.add_flag("--chain", options.chain, "Go step by step instead of in closed form");
  app.add_option("--alpha", options.alpha, "Opacity: keep, or noise like colours (default: keep)")
      ->check(CLI::IsMember({"keep", "noise"}).description(""))
      ->type_name("WHAT");
  app.add_option("-o,--output", request.output,
                 "A folder, FILE.npy, one picture, or - with --format npy")
      ->type_name("PATH");
  app.add_option("--format", request.format,
                 "png, jpg, tif, exr (default: as the input); npy for one array")
      ->check(CLI::IsMember({"png", "jpg", "tif", "exr", "npy"}).description(""))
      ->type_name("NAME");
  app.add_flag("--skip-existing", request.skip_existing, "Leave alone what is there already");
  app.add_option("--strip", request.strip,
                 "Contact sheet: a row an image, clean first, a column a t")
      ->type_name("FILE");
  app.add_option("--strip-rows", request.strip_rows, "Images on the contact sheet (default: 8)")
      ->check(CLI::PositiveNumber.description(""))
      ->type_name("N");
  tool.add_seed();
  cli::add_image_options(app, request.reading);
}

/// Refuses a --format that contradicts the name of one file.
void check_name(const NoiseRequest& request) {
  const std::string extension = cli::extension(request.output);
  if (extension != ".npy" && !is_writable_image_name(request.output))
    throw Error(request.output + ": needs the name of a folder (with '/' at its end), an array " +
                "(.npy) or a picture (" + writable_formats() + ")");
  if (!request.format.empty() && extension != "." + request.format)
    throw Error(request.output + ": its name contradicts --format " + request.format);
}

/// Settles what -o and --format leave open, before any work.
void settle_output(NoiseRequest& request) {
  if (!request.strip.empty() && !is_writable_image_name(request.strip))
    throw Error(request.strip + ": --strip needs the name of a picture, such as strip.png");
  if (request.output.empty() && request.strip.empty()) request.output = "-";
  if (request.output == "-") {
    if (request.format != "npy")
      throw Error("standard output takes one array: say --format npy, or name a folder with -o");
    cli::refuse_terminal("-", "a .npy array");
  } else if (cli::names_folder(request.output)) {
    if (request.format == "npy")
      throw Error(request.output + ": an array goes to a file named .npy, or to standard output");
  } else if (!request.output.empty()) {
    check_name(request);
  }
}

Noising make_noising(const Options& options, std::uint64_t seed) {
  Schedule schedule = load_schedule(options.schedule, options.length);
  auto steps = cli::parse_steps("-t", options.steps, schedule.steps());
  return {std::move(schedule), std::move(steps), NoiseSource(seed, "diff-noise"),
          options.chain ? ForwardProcess::chain : ForwardProcess::closed_form,
          options.alpha == "noise" ? AlphaChannel::noised : AlphaChannel::kept};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  cli::Tool tool(
      "diff-noise", "add the noise of the forward process to images",
      {{"diff-noise -s cosine -t 100,500,900 photos/ -o noisy/", "each photo at three levels"},
       {"diff-noise -s s.json -t 0:1000:100 photos/ --strip strip.png", "a look at a schedule"},
       {"diff-noise -t 500 train-images-idx3-ubyte.gz -o x500.npy", "a data set as one array"},
       {"diff-noise -t 500 --chain photos/ -o noisy/", "step by step from x_0 to x_500"}});
  add_noise_options(tool, options);
  return tool.run(argc, argv, [&] {
    catch_interrupts();
    settle_output(options.request);
    return run_noise(tool, options.request, make_noising(options, tool.common().seed));
  });
}
