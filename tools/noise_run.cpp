#include "tools/noise_run.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/image/contact_sheet.hpp"
#include "lib/image/image_file.hpp"
#include "lib/tensor/npy.hpp"
#include "tools/noise_files.hpp"
#include "tools/windowed.hpp"

namespace diffusion {
namespace {

/// An image and its noisy versions.
struct Versions {
  Image clean;
  std::vector<Tensor> noisy;
};

Versions make_versions(const ImageEntry& entry, const Noising& noising) {
  Versions versions{entry.load(), {}};
  versions.noisy = noisy_versions(noising, versions.clean.pixels, entry.id);
  return versions;
}

/// The first images and their versions, a row each.
class Strip {
 public:
  Strip(std::string path, std::size_t rows, std::size_t columns)
      : path_(std::move(path)), rows_(path_.empty() ? 0 : rows), columns_(columns) {}

  bool wants(std::size_t index) const { return index < rows_; }
  void add(Versions versions) {
    pictures_.push_back(std::move(versions.clean));
    for (Tensor& pixels : versions.noisy) pictures_.push_back({std::move(pixels)});
  }
  void write() const {
    if (pictures_.empty()) return;
    write_image(path_, contact_sheet(pictures_, {.columns = columns_, .scale = 0}));
  }

 private:
  std::string path_;
  std::size_t rows_, columns_;
  std::vector<Image> pictures_ = {};
};

/// What went well and what did not.
class Tally {
 public:
  Tally(const cli::Tool& tool, std::size_t total)
      : tool_(tool), progress_(tool.progress(), "noising", total, "images") {}

  void count(const std::string& failure) {
    ++done_;
    if (!failure.empty()) {
      ++failed_;
      progress_.finish();
      tool_.complain(failure);
    }
    progress_.update(done_);
  }
  cli::ExitCode finish() {
    progress_.finish();
    if (failed_ == 0) return cli::done;
    tool_.say(std::to_string(failed_) + " of " + std::to_string(done_) + " images failed");
    return failed_ == done_ ? cli::failed : cli::partial;
  }

 private:
  const cli::Tool& tool_;
  Progress progress_;
  std::size_t done_ = 0, failed_ = 0;
};

bool all_exist(const std::vector<std::string>& paths) {
  return std::ranges::all_of(paths, [](const auto& path) { return std::filesystem::exists(path); });
}

void write_pictures(const Versions& versions, const std::vector<std::string>& paths) {
  constexpr ImageWriteOptions quick{.png_compression = 1};  // noise does not compress
  for (std::size_t i = 0; i < paths.size(); ++i)
    write_image(paths[i], {versions.noisy[i], depth_written(paths[i], versions.clean.depth)},
                quick);
}

constexpr std::size_t files_at_a_time = 256;

cli::ExitCode to_files(const cli::Tool& tool, const NoiseRequest& request, const Noising& noising,
                       std::vector<PlannedFiles> files) {
  Tally tally(tool, files.size());
  Strip strip(request.strip, request.strip_rows, noising.steps.size() + 1);
  const auto work = [&](const PlannedFiles& file, std::size_t index) -> std::optional<Versions> {
    const bool skip = request.skip_existing && all_exist(file.paths);
    if (skip && !strip.wants(index)) return std::nullopt;
    Versions versions = make_versions(file.entry, noising);
    if (!skip) write_pictures(versions, file.paths);
    return strip.wants(index) ? std::optional(std::move(versions)) : std::nullopt;
  };
  std::size_t at = 0;
  const std::function next = [&]() -> std::optional<PlannedFiles> {
    return at < files.size() ? std::optional(std::move(files[at++])) : std::nullopt;
  };
  in_windows(next, files_at_a_time, work,
             [&](std::size_t, Outcome<std::optional<Versions>> outcome) {
               if (outcome.result && *outcome.result) strip.add(**std::move(outcome.result));
               tally.count(outcome.failure);
             });
  strip.write();
  return tally.finish();
}

/// One file or standard input's worth of rows, all of one shape.
class ArrayOutput {
 public:
  ArrayOutput(std::string path, std::size_t rows) : path_(std::move(path)), rows_(rows) {}

  void append(const std::string& name, const Versions& versions) {
    const Shape& shape = versions.clean.pixels.shape();
    if (!writer_) {
      shape_ = shape;
      writer_.emplace(path_, NpyType::float32,
                      std::vector<std::size_t>{rows_, shape[0], shape[1], shape[2]});
    }
    if (shape != shape_)
      throw Error(name + ": " + describe(shape) + " where the first image is " + describe(shape_) +
                  "; an array needs all alike: --size, --crop, --gray or --rgb");
    for (const Tensor& pixels : versions.noisy)
      writer_->append(pixels.data(), pixels.size() * sizeof(float));
  }
  void commit() { writer_->commit(); }

 private:
  std::string path_;
  std::size_t rows_;
  Shape shape_;
  std::optional<NpyWriter> writer_;
};

/// So many images that a window of them takes 64 MB or so.
std::size_t images_at_a_time(const Image& example, std::size_t versions) {
  constexpr std::size_t memory = 64 << 20;
  const std::size_t each = example.pixels.size() * sizeof(float) * (versions + 1);
  return std::clamp<std::size_t>(memory / each, 2 * std::size_t(threads()), 4096);
}

cli::ExitCode to_array(const cli::Tool& tool, const NoiseRequest& request, const Noising& noising,
                       const ImageSet& set) {
  std::optional<ImageEntry> first = set.next();
  const std::size_t window = images_at_a_time(first->load(), noising.steps.size());
  ArrayOutput output(request.output, *set.count * noising.steps.size());
  Tally tally(tool, *set.count);
  Strip strip(request.strip, request.strip_rows, noising.steps.size() + 1);
  const std::function next = [&] { return first ? std::exchange(first, {}) : set.next(); };
  const auto work = [&](const ImageEntry& entry, std::size_t) {
    return std::pair(entry.name, make_versions(entry, noising));
  };
  in_windows(next, window, work,
             [&](std::size_t index, Outcome<std::pair<std::string, Versions>> outcome) {
               if (!outcome.result)
                 throw Error(outcome.failure + "; an array has no place for what is missing");
               auto& [name, versions] = *outcome.result;
               output.append(name, versions);
               if (strip.wants(index)) strip.add(std::move(versions));
               tally.count("");
             });
  output.commit();
  strip.write();
  return tally.finish();
}

/// The first rows alone: a look at a schedule.
cli::ExitCode to_strip(const cli::Tool& tool, const NoiseRequest& request, const Noising& noising,
                       const ImageSet& set) {
  const std::size_t rows = std::min(request.strip_rows, *set.count);
  Tally tally(tool, rows);
  Strip strip(request.strip, rows, noising.steps.size() + 1);
  std::size_t taken = 0;
  const std::function next = [&] { return taken++ < rows ? set.next() : std::nullopt; };
  const auto work = [&](const ImageEntry& entry, std::size_t) {
    return make_versions(entry, noising);
  };
  in_windows(next, 2 * std::size_t(threads()), work, [&](std::size_t, Outcome<Versions> outcome) {
    if (outcome.result) strip.add(*std::move(outcome.result));
    tally.count(outcome.failure);
  });
  strip.write();
  return tally.finish();
}

void explain(const cli::Tool& tool, const Noising& noising, bool clips) {
  for (const std::int64_t t : noising.steps) {
    const NoiseLevel at = noising.schedule.at(t);
    tool.explain("t = " + std::to_string(t) + ": alpha " + significant(at.alpha, 6) + ", sigma " +
                 significant(at.sigma, 6));
  }
  if (clips)
    tool.explain(
        "8 and 16-bit pictures hold -1 to 1: what noise takes beyond is clipped "
        "(.npy, OpenEXR and TIFF keep it)");
}

/// One file under the name given: for one image at one step.
std::vector<PlannedFiles> plan_one_file(const NoiseRequest& request, const Noising& noising,
                                        const ImageSet& set) {
  const std::size_t pictures = *set.count * noising.steps.size();
  if (pictures != 1)
    throw Error(request.output + ": one file for " + std::to_string(pictures) +
                " pictures; name a folder (with '/' at its end) or an array (.npy)");
  return {{*set.next(), {request.output}}};
}

void refuse_output_over_input(const NoiseRequest& request) {
  std::error_code none;
  for (const auto& data : request.data)
    for (const auto& written : {request.output, request.strip})
      if (!std::filesystem::is_directory(data, none) &&
          std::filesystem::equivalent(data, written, none))
        throw Error(written + ": is an input; write to another file");
}

}  // namespace

cli::ExitCode run_noise(const cli::Tool& tool, const NoiseRequest& request,
                        const Noising& noising) {
  refuse_output_over_input(request);
  const bool array = request.output == "-" || cli::extension(request.output) == ".npy";
  const ImageSet set = open_images(request.data, request.reading);
  explain(tool, noising, !array);
  if (request.output.empty()) return to_strip(tool, request, noising, set);
  if (array) {
    if (request.skip_existing && std::filesystem::exists(request.output)) return cli::done;
    return to_array(tool, request, noising, set);
  }
  if (!cli::names_folder(request.output))
    return to_files(tool, request, noising, plan_one_file(request, noising, set));
  FilePlan plan{request.output, request.format.empty() ? "" : "." + request.format, noising.steps};
  if (!plan.folder.ends_with('/')) plan.folder += '/';
  return to_files(tool, request, noising, plan_files(set, plan, request.data));
}

}  // namespace diffusion
