// How far apart two sets of images are: features, their statistics, and metrics.
#include "lib/base/error.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/path.hpp"
#include "tools/fid/clip_score.hpp"
#include "tools/fid/compare.hpp"
#include "tools/fid/files.hpp"
#include "tools/fid/neighbours.hpp"

using namespace diffusion;

int main(int argc, char** argv) {
  FidOptions options;
  cli::Tool tool(
      "diff-fid", "how far apart two sets of images are",
      {{"diff-fid photos/ samples/", "the Frechet distance of two folders"},
       {"diff-fid --metrics all photos/ samples/", "everything there is, in one pass"},
       {"diff-fid --floor photos/", "of two halves of one set: as near as a model can get"},
       {"diff-fid stats photos/ -o photos.npz", "do the slow half once"},
       {"diff-sample m.safetensors -n 5000 -o - | diff-fid photos.npz -", "and use it in a pipe"},
       {"diff-fid features photos/ -o photos.npy", "a row of features an image"},
       {"diff-fid neighbours photos/ samples/ --sheet pairs.png", "are samples copies?"}});
  const FidCommands commands = add_fid_options(tool, options);

  return tool.run(argc, argv, [&] {
    catch_interrupts();
    FidRun run(tool, options);
    if (tool.app().count("--exec-timeout") > 0 && !options.features.starts_with("exec"))
      throw Error("--exec-timeout: means nothing without --features exec:COMMAND");
    if (tool.app().count("--features") > 0) run.reader.extractor();  // a typo is told at once
    if (*commands.features) return write_feature_rows(run);
    if (*commands.stats) return write_stats(run);
    if (*commands.merge) return merge_parts(run);
    refuse_binary_name(options.output, "a report");
    if (*commands.neighbours) return show_neighbours(run);
    if (*commands.clip_score) return show_clip_score(run);
    return show_comparison(run);
  });
}
