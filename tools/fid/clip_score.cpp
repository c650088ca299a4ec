#include "tools/fid/clip_score.hpp"

#include "lib/base/error.hpp"
#include "lib/fid/metrics/clip_score.hpp"
#include "lib/fid/metrics/metric.hpp"
#include "lib/fid/source.hpp"

namespace diffusion {
namespace {

Tensor embeddings_in(const std::string& path) {
  ReadySource source = open_ready(path);
  if (auto* const rows = std::get_if<ReadyRows>(&source)) return all_rows(std::move(*rows), path);
  throw Error(path + ": holds statistics, not embeddings");
}

}  // namespace

cli::ExitCode show_clip_score(FidRun& run) {
  const auto& paths = run.options.data;
  if (paths.size() != 2)
    throw Error("clip-score: name two .npy arrays, embeddings of images and of texts");
  const Tensor images = embeddings_in(paths[0]), texts = embeddings_in(paths[1]);
  if (images.shape() != texts.shape())
    throw Error(paths[1] + ": " + describe(texts.shape()) + " where " + paths[0] + " has " +
                describe(images.shape()) + "; row i of both is one pair");
  need_directions(rows_of(images), paths[0]);
  need_directions(rows_of(texts), paths[1]);
  const MeanAndDeviation score = mean_and_deviation(clip_scores(rows_of(images), rows_of(texts)));
  Json report = Json::object();
  report["clip_score_mean"] = number_to_json(score.mean);
  report["clip_score_std"] = number_to_json(score.deviation);
  report["n"] = images.shape()[0];
  print_report(run, report);
  return cli::done;
}

}  // namespace diffusion
