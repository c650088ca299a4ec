#include "tools/noise/run.hpp"

#include <malloc.h>

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/base/windowed.hpp"
#include "lib/image/data_set.hpp"
#include "lib/image/format.hpp"
#include "lib/output/noised.hpp"
#include "lib/output/store.hpp"
#include "tools/cli/image_options.hpp"
#include "tools/noise/manifest.hpp"
#include "tools/noise/names.hpp"
#include "tools/noise/numbers.hpp"
#include "tools/noise/plan.hpp"
#include "tools/noise/tally.hpp"

namespace diffusion {
namespace {

/// What the threads leave to be done in the order of the inputs.
struct FinishedImage {
  bool skipped = false;
  std::vector<InOrder> rest = {};
  std::optional<ShownImage> shown = {};
};

class NoiseRun {
 public:
  NoiseRun(const cli::Tool& tool, const NoiseRequest& request, const Noising& noising,
           const ImageSet& set)
      : tool_(tool),
        request_(request),
        noising_(noising),
        images_to_(request.images()),
        eps_to_(request.eps()),
        images_(make_store(store_request(images_to_, set))),
        eps_(make_store(store_request(eps_to_, set))),
        only_one_(set.count == 1),
        tally_(tool, set.count.value_or(0)) {
    if (!request.manifest.empty())
      manifest_.emplace(request.manifest, ManifestFacts{images_to_, eps_to_, noising.schedule.path,
                                                        tool.common().seed, set.label_names});
  }

  FinishedImage work(const NoiseJob& job) const;
  void deliver(const NoiseJob& job, Outcome<FinishedImage> outcome);
  cli::ExitCode finish();

 private:
  void tell_of_unlabelled() const;
  /// Noise does not compress, so that PNG gets by with little work.
  StoreRequest store_request(const Destination& to, const ImageSet& set) const {
    StoreRequest request{.to = to, .png = PngEffort::quick};
    if (set.count) request.rows = *set.count * std::max<std::size_t>(1, noising_.levels.size());
    return request;
  }
  void store(const NoiseJob& job, std::size_t index, SharedImage image, std::optional<Tensor> eps,
             FinishedImage& finished) const;

  const cli::Tool& tool_;
  const NoiseRequest& request_;
  const Noising& noising_;
  Destination images_to_, eps_to_;
  std::unique_ptr<Store> images_, eps_;
  std::optional<Manifest> manifest_ = {};
  bool only_one_;
  NoiseTally tally_;
  Unlabelled unlabelled_ = {};
  std::vector<ShownImage> shown_ = {};
};

void NoiseRun::store(const NoiseJob& job, std::size_t index, SharedImage image,
                     std::optional<Tensor> eps, FinishedImage& finished) const {
  static const std::string none;
  const auto name = [&](const std::vector<std::string>& names) -> const std::string& {
    return names.empty() ? none : names[index];
  };
  if (images_)
    finished.rest[2 * index] =
        images_->take({job.entry.name, name(job.names), std::move(image), job.entry.label});
  if (eps_)
    finished.rest[2 * index + 1] = eps_->take(
        {job.entry.name, name(job.eps_names),
         std::make_shared<Image>(Image{*std::move(eps), Depth::float32}), job.entry.label});
}

/// A format without opacity would show what was hidden under it.
void refuse_lost_opacity(const NoiseJob& job, const Image& clean) {
  if (clean.pixels.shape(2) % 2 != 0) return;
  for (const auto& name : job.names)
    if (const PictureFormat* format = format_of_name(name); format && format->channels < 4)
      throw Error(job.entry.name + ": has opacity, which " + format->label +
                  " has not: say --alpha flatten=white, or another colour");
}

FinishedImage NoiseRun::work(const NoiseJob& job) const {
  FinishedImage finished;
  const bool shown = job.index < request_.shown();
  finished.skipped = (request_.skip_existing && is_there(job, request_)) || (!images_ && !eps_);
  if (finished.skipped && !shown) return finished;

  Image clean = job.entry.load();
  if (request_.ground) clean.pixels = flattened(clean.pixels, *request_.ground);
  refuse_lost_opacity(job, clean);
  finished.rest.resize(2 * job.levels.size());
  std::vector<SharedImage> versions(shown ? job.levels.size() : 0);
  make_versions(noising_, job.levels, clean.pixels, job.entry.id,
                [&](std::size_t i, NoisyVersion version) {
                  const Depth depth =
                      job.names.empty() ? Depth::float32 : depth_written(job.names[i], clean.depth);
                  auto image = std::make_shared<Image>(Image{std::move(version.x), depth});
                  if (shown) versions[i] = image;
                  if (!finished.skipped)
                    store(job, i, std::move(image), std::move(version.eps), finished);
                });
  if (shown) finished.shown = {std::move(clean), job.levels, std::move(versions)};
  return finished;
}

void NoiseRun::deliver(const NoiseJob& job, Outcome<FinishedImage> outcome) {
  if (!outcome.result) {
    if (images_to_.in_rows() || eps_to_.in_rows())
      throw Error(outcome.failure +
                  (only_one_ ? "" : "; an array has no place for what is missing"));
    return tally_.failed(outcome.failure);
  }
  FinishedImage& finished = *outcome.result;
  for (const InOrder& step : finished.rest)
    if (step) step();
  if (manifest_) manifest_->add(job);
  unlabelled_.add(job.entry.label, job.entry.called());
  if (finished.shown) shown_.push_back(*std::move(finished.shown));
  if (finished.skipped && request_.skip_existing)
    tally_.skipped();
  else
    tally_.done(images_ ? job.levels.size() : 0);
}

/// To those who asked for what has labels.
void NoiseRun::tell_of_unlabelled() const {
  const auto holds_labels = [](const Destination& to) { return extension_of(to.path) == ".npz"; };
  if (!manifest_ && !holds_labels(images_to_) && !holds_labels(eps_to_)) return;
  std::vector<std::string> data = request_.data;
  if (request_.reading.list) data.push_back(request_.reading.list->path);
  cli::tell_of_unlabelled(tool_, unlabelled_, join(data, ", "));
}

cli::ExitCode NoiseRun::finish() {
  if (tally_.nothing_done()) return tally_.finish();
  if (images_) images_->commit();
  if (eps_) eps_->commit();
  if (!request_.strip.empty())
    write_noised_strip(request_.strip,
                       {shown_.begin(), shown_.begin() + std::ptrdiff_t(std::min(
                                                             shown_.size(), request_.strip_rows))});
  if (!request_.gif.empty()) write_noised_gif(request_.gif, shown_, request_.look);
  if (manifest_) manifest_->commit();
  tell_of_unlabelled();
  return tally_.finish();
}

void explain(const cli::Tool& tool, const Noising& noising, bool clips) {
  for (const LevelAsked& asked : noising.levels) {
    const std::string name =
        asked.t ? "t = " + std::to_string(*asked.t)
                : asked.name + " (timestep " + significant(asked.level.timestep, 6) + ")";
    tool.explain(name + ": alpha " + significant(asked.level.alpha, 6) + ", sigma " +
                 significant(asked.level.sigma, 6));
  }
  if (noising.random_step())
    tool.explain("t: drawn for each image from 1.." + std::to_string(noising.schedule.steps()));
  if (clips)
    tool.explain(
        "8 and 16-bit pictures hold -1 to 1: what noise takes beyond is clipped "
        "(.npy, OpenEXR and TIFF keep it)");
}

/// --skip-existing for results that are one file each.
bool all_there(const NoiseRequest& request) {
  if (!request.skip_existing || !request.manifest.empty() || request.shown() > 0) return false;
  const Destination images = request.images(), eps = request.eps();
  return images.whole() && (eps.kind == StoreKind::none || eps.whole());
}

/// Images come and go by the thousand: giving each one's memory back to the system, which
/// clears it before it hands it out again, takes longer than noising it.
void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
}

constexpr std::size_t files_at_a_time = 256;

/// How many images are in memory at a time: files are written at once, so that many
/// may be on their way; what waits for its turn, or came from a stream, takes memory.
std::size_t images_at_a_time(const NoiseRequest& request, const ImageSet& set) {
  const bool waits = request.images().one_file() || request.eps().one_file();
  return !set.passing && !waits ? files_at_a_time : 8 * std::size_t(threads());
}

cli::ExitCode noise_set(const cli::Tool& tool, const NoiseRequest& request, const Noising& noising,
                        ImageSet set) {
  explain(tool, noising, !request.images().in_rows());
  const std::size_t window = images_at_a_time(request, set);
  const Range taken = images_taken(set, request);
  if (request.dry_run) {
    list_outputs(plan_jobs(std::move(set), taken, request, noising), request);
    return cli::done;
  }
  const ImageSet facts{.next = nullptr,
                       .count = set.count ? std::optional(taken.count) : std::nullopt,
                       .label_names = set.label_names,
                       .conclude = set.conclude};
  const NextJob next = plan_jobs(std::move(set), taken, request, noising);
  NoiseRun run(tool, request, noising, facts);
  in_windows(
      next, window, [&](const NoiseJob& job) { return run.work(job); },
      [&](const NoiseJob& job, Outcome<FinishedImage> outcome) {
        run.deliver(job, std::move(outcome));
      });
  facts.conclude();
  return run.finish();
}

}  // namespace

cli::ExitCode run_noise(const cli::Tool& tool, const NoiseRequest& request,
                        const Noising& noising) {
  if (all_there(request)) return cli::done;
  keep_freed_memory();
  DataSet data = open_data(look_at(request.data), request.reading);
  if (data.kind == DataKind::pictures)
    return noise_set(tool, request, noising, std::move(data.set));
  const NoiseRequest of_numbers = request_for_numbers(request, data);
  return noise_set(tool, of_numbers, noising_of_numbers(noising), std::move(data.set));
}

}  // namespace diffusion
