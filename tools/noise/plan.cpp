#include "tools/noise/plan.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <limits>
#include <memory>

#include "lib/base/error.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/image/part.hpp"
#include "tools/noise/names.hpp"

namespace diffusion {
namespace fs = std::filesystem;
namespace {

/// Refuses to write where DATA lies, or below: originals would be replaced, or noisy files
/// be inputs of the next run.
void refuse_overwriting(const std::string& data, const Destination& to, const Noising& noising) {
  if (to.kind != StoreKind::folder || data == "-") return;
  std::error_code none;
  const fs::path source(data), target = fs::weakly_canonical(to.path, none);
  if (!fs::is_directory(source, none)) {
    if (noising.levels.size() == 1 &&
        fs::equivalent(fs::absolute(source).parent_path(), target, none))
      throw Error(to.path + ": holds the inputs; noisy files go to a folder of their own");
    return;
  }
  const fs::path top = fs::canonical(source, none);
  const auto [left, rest] = std::mismatch(top.begin(), top.end(), target.begin(), target.end());
  if (left == top.end())
    throw Error(to.path + ": " +
                (rest == target.end() ? "holds the inputs" : "is among the inputs") +
                "; noisy files go to a folder of their own");
}

/// Noisy arrays and their eps have the same names.
void refuse_one_file(const Destination& images, const Destination& eps, const NoiseJob& job) {
  if (images.kind != StoreKind::folder || eps.kind != StoreKind::folder) return;
  if (job.names != job.eps_names) return;
  const std::string file = images.file(job.names.front());
  if (same_file(file, eps.file(job.eps_names.front())))
    throw Error(file + ": would hold both x_t and eps; --eps-out needs a folder of its own");
}

/// Names under one destination, or none.
class Naming {
 public:
  Naming(const Destination& to, const std::string& extension, LevelInName level)
      : to_(to), book_(to.file(""), extension, level) {}

  const Destination& to() const { return to_; }
  std::vector<std::string> names(const ImageEntry& entry, const std::vector<LevelAsked>& levels) {
    if (!to_.has_names()) return {};
    if (to_.kind != StoreKind::picture) return book_.names(entry, levels);
    count_ += levels.size();
    need_room(to_, count_);
    return {to_.path};
  }

 private:
  Destination to_;
  NameBook book_;
  std::size_t count_ = 0;
};

struct Planner {
  ImageSet set;
  Noising noising;
  Naming images, eps;
  Range taken;
  std::size_t most;      // of those
  std::size_t seen = 0;  // of all

  /// The others are named too: no two parts may write one file.
  std::optional<NoiseJob> next() {
    while (seen < taken.first + most) {
      auto entry = set.next();
      if (!entry) break;
      const std::size_t number = seen++;
      NoiseJob job{.entry = *std::move(entry), .index = number - taken.first};
      job.levels = levels_of(noising, job.entry.id);
      job.names = images.names(job.entry, job.levels);
      job.eps_names = eps.names(job.entry, job.levels);
      refuse_one_file(images.to(), eps.to(), job);
      if (number >= taken.first && job.index < taken.count) return job;
    }
    return std::nullopt;
  }
};

constexpr std::size_t everything = std::numeric_limits<std::size_t>::max();

NextJob all_at_once(Planner planner) {
  auto jobs = std::make_shared<std::vector<NoiseJob>>();
  while (auto job = planner.next()) jobs->push_back(*std::move(job));
  return [jobs, at = std::size_t(0)]() mutable -> std::optional<NoiseJob> {
    return at < jobs->size() ? std::optional(std::move((*jobs)[at++])) : std::nullopt;
  };
}

}  // namespace

Range images_taken(const ImageSet& set, const NoiseRequest& request) {
  if (!request.shard) return {0, set.count.value_or(everything)};
  const std::string& data =
      request.data.empty() ? request.reading.list->path : request.data.front();
  const std::size_t count = count_to_divide(set, data, "shard");
  const Range part = request.shard->part_of(count);
  if (part.count > 0) return part;
  throw Error("--shard " + std::to_string(request.shard->number) + "/" +
              std::to_string(request.shard->of) + ": " + count_of(count, "image") +
              (count == 1 ? " leaves" : " leave") + " none for it; needs N of at most that");
}

NextJob plan_jobs(ImageSet set, const Range& taken, const NoiseRequest& request,
                  const Noising& noising) {
  const Destination images = request.images(), eps = request.eps();
  for (const auto& path : request.data) {
    refuse_overwriting(path, images, noising);
    refuse_overwriting(path, eps, noising);
  }
  const bool several = noising.random_step() || noising.levels.size() > 1;
  const LevelInName level = several ? LevelInName::added : LevelInName::left_out;
  const bool at_once = set.count && !set.passing;  // names that clash are found before the work
  Planner planner{.set = std::move(set),
                  .noising = noising,
                  .images = {images, request.format.empty() ? "" : "." + request.format, level},
                  .eps = {eps, ".npy", level},
                  .taken = taken,
                  .most = request.shows_alone() ? request.shown() : everything - taken.first};
  if (at_once && (images.has_names() || eps.has_names())) return all_at_once(std::move(planner));
  return [planner = std::move(planner)]() mutable { return planner.next(); };
}

bool is_there(const NoiseJob& job, const NoiseRequest& request) {
  const auto all = [](const Destination& to, const std::vector<std::string>& names) {
    return to.kind == StoreKind::none ||
           (!names.empty() &&
            std::ranges::all_of(names, [&](const auto& name) { return to.has(name); }));
  };
  return all(request.images(), job.names) && all(request.eps(), job.eps_names);
}

void list_outputs(const NextJob& next, const NoiseRequest& request) {
  const auto list = [](const Destination& to, const std::vector<std::string>& names) {
    const std::string place = to.path == "-" ? "" : to.path + ": ";
    for (const auto& name : names)
      std::cout << (to.kind == StoreKind::tar ? place + name : to.file(name)) << '\n';
  };
  const Destination images = request.images(), eps = request.eps();
  while (auto job = next()) {
    if (request.skip_existing && is_there(*job, request)) continue;
    list(images, job->names);
    list(eps, job->eps_names);
  }
  for (const Destination& to : {images, eps})
    if (to.in_rows()) std::cout << to.path << '\n';
  for (const auto& file : {request.manifest, request.strip, request.gif})
    if (!file.empty()) std::cout << file << '\n';
}

}  // namespace diffusion
