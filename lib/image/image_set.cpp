#include "lib/image/image_set.hpp"

#include <algorithm>
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/fnv1a.hpp"
#include "lib/base/path.hpp"
#include "lib/image/alike.hpp"
#include "lib/image/archive_images.hpp"
#include "lib/image/array_file.hpp"
#include "lib/image/cifar.hpp"
#include "lib/image/file_images.hpp"
#include "lib/image/folder.hpp"
#include "lib/image/format.hpp"
#include "lib/image/image_file.hpp"
#include "lib/image/members.hpp"
#include "lib/image/seen_images.hpp"

namespace diffusion {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void refuse(InputFile& file, FileKind kind) {
  const std::string& culprit = file.name();
  if (is_empty_tar(file)) throw Error(without_members(culprit));
  const std::string wanted[] = {"pictures (" + readable_formats() + ")",
                                "an array (.npy, .npz, IDX, CIFAR)", "a tar or zip archive"};
  refuse_known_kind(kind, culprit, wanted[0] + ", " + wanted[1] + " or " + wanted[2]);
  throw Error(culprit + ": neither " + wanted[0] + ", " + wanted[1] + " nor " + wanted[2]);
}

ImageSet one_picture(const std::string& name, std::string bytes, const std::string& culprit,
                     const ImageSetOptions& options) {
  ImageSet set;
  set.count = 1;
  ImageEntry entry{name, fnv1a(name), std::nullopt, [bytes = std::move(bytes), culprit, options] {
                     return decode_member(bytes, culprit, options);
                   }};
  entry.culprit = culprit;
  set.next = [entry = std::optional(std::move(entry))]() mutable {
    return std::exchange(entry, std::nullopt);
  };
  return set;
}

ImageSet open_stream(std::shared_ptr<InputFile> stream, const std::string& data,
                     const ImageSetOptions& options) {
  const std::string culprit = stream->name();
  const FileKind kind = file_kind(stream->front());
  if (kind == FileKind::empty) throw Error(culprit + ": is empty; needs pictures or an array");
  if (is_archive_of_pictures(kind, stream->front()))
    return open_archive_stream(std::move(stream), options);
  if (holds_arrays(kind)) return open_array(*stream, kind, data, options);
  if (!format_of_kind(kind)) refuse(*stream, kind);
  const std::string name = data == "-" ? "stdin" : fs::path(data).filename().string();
  return one_picture(name, stream->rest(picture_limit), culprit, options);
}

ImageSet open_one(const std::string& path, const ImageSetOptions& options) {
  if (is_stream(path)) return open_stream(std::make_shared<InputFile>(path), path, options);
  std::error_code none;
  if (fs::is_directory(path, none)) return open_folder(path, options);
  if (!fs::exists(path, none)) throw Error(path + ": no such file or folder");
  InputFile file(path);
  const FileKind kind = file_kind(file.front());
  if (kind == FileKind::empty && !is_image_name(path)) throw Error(path + ": the file is empty");
  if (is_archive_of_pictures(kind, file.front())) return open_archives({path}, options);
  if (holds_arrays(kind) || is_cifar(path, fs::file_size(path, none)))
    return open_array(file, kind, path, options);
  // What is named as a picture is one input among many, to be refused on its own.
  if (format_of_kind(kind) || is_image_name(path)) return open_picture(path, options);
  refuse(file, kind);
}

/// The labels' names over all sets: sets that name their labels are renumbered
/// to the union of the names.
std::vector<std::string> join_label_names(std::vector<ImageSet>& sets) {
  std::vector<std::string> all;
  for (const auto& set : sets)
    all.insert(all.end(), set.label_names.begin(), set.label_names.end());
  std::ranges::sort(all, natural_less);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  for (auto& set : sets) {
    if (set.label_names == all || set.label_names.empty()) continue;
    std::vector<int> renumbered;
    for (const auto& name : set.label_names)
      renumbered.push_back(int(std::ranges::lower_bound(all, name, natural_less) - all.begin()));
    set.next = [next = std::move(set.next), renumbered = std::move(renumbered)] {
      auto entry = next();
      if (entry && entry->label) entry->label = renumbered[std::size_t(*entry->label)];
      return entry;
    };
  }
  return all;
}

ImageSet joined(std::vector<ImageSet> sets) {
  if (sets.size() == 1) return std::move(sets[0]);
  ImageSet all;
  for (const auto& set : sets)
    if (all.why_unlabelled.empty()) all.why_unlabelled = set.why_unlabelled;
  all.label_names = join_label_names(sets);
  all.count = 0;
  for (const auto& set : sets) {
    all.count = all.count && set.count ? std::optional(*all.count + *set.count) : std::nullopt;
    all.passing |= set.passing;
    if (all.read_once.empty()) all.read_once = set.read_once;
    if (all.damaged.empty()) all.damaged = set.damaged;
  }
  all.next = [sets = std::move(sets), at = std::size_t(0)]() mutable -> std::optional<ImageEntry> {
    for (; at < sets.size(); ++at) {
      if (auto entry = sets[at].next()) return entry;
      sets[at].next = nullptr;  // its memory is no longer needed
    }
    return std::nullopt;
  };
  return all;
}

ImageSet all_alike(ImageSet set, const ImageSetOptions& options) {
  const bool changes =
      options.size || options.crop || options.channels || options.opacity || options.orient;
  if (!changes && !options.seen) return set;
  // Shared by the entries, of which there may be millions.
  set.next = [next = std::move(set.next),
              shared = std::make_shared<const ImageSetOptions>(options)] {
    auto entry = next();
    if (entry)
      entry->load = [load = std::move(entry->load), name = entry->called(), shared] {
        return made_alike(load(), *shared, name);
      };
    return entry;
  };
  return set;
}

/// The options by which one set is opened.
ImageSetOptions watched(const ImageSetOptions& options) {
  ImageSetOptions own = options;
  own.seen = std::make_shared<SeenImages>();
  return own;
}

/// `set` as `options`, which are watched, want it; what they saw will be told of `culprit`.
ImageSet finished(ImageSet set, const std::string& culprit, const ImageSetOptions& options) {
  ImageSet all = all_alike(std::move(set), options);
  all.share_sightings = [seen = options.seen](const Ranks& ranks) { seen->share(ranks); };
  all.conclude = [seen = options.seen, say = options.telling.say, culprit] {
    for (const std::string& remark : seen->remarks()) say(culprit + ": " + remark);
  };
  return all;
}

/// Each path of `data` alone, but archives of pictures that follow one another: they are one set.
std::vector<std::vector<std::string>> archives_together(const std::vector<std::string>& data) {
  std::vector<std::vector<std::string>> sources;
  bool before = false;
  for (const std::string& path : data) {
    const bool archive = data.size() > 1 && is_archive_of_pictures(path);
    if (!archive || !before) sources.emplace_back();
    sources.back().push_back(path);
    before = archive;
  }
  return sources;
}

/// "photos", "photos and others".
std::string name_of_all(const std::vector<std::string>& data, const ImageSetOptions& options) {
  const std::string& first = data.empty() ? options.list->path : data.front();
  const bool more = data.size() + (options.list ? 1 : 0) > 1;
  return (first == "-" ? "standard input" : first) + (more ? " and others" : "");
}

}  // namespace

ImageSetOptions without_opacity(ImageSetOptions options) {
  if (!options.opacity) options.opacity = {.ground = Colour{1, 1, 1}, .assumed = true};
  return options;
}

ImageSet open_image_stream(std::shared_ptr<InputFile> stream, const std::string& data,
                           const ImageSetOptions& options) {
  const ImageSetOptions own = watched(options);
  const std::string culprit = stream->name();
  return finished(open_stream(std::move(stream), data, own), culprit, own);
}

std::optional<ImageSet> open_samples(const std::string& path) {
  std::error_code none;
  const bool archive =
      fs::is_regular_file(path, none) && is_archive(file_kind(InputFile(path).front()));
  if (!archive && !fs::is_directory(path, none)) return std::nullopt;
  ImageSet set = open_one(path, {.values = ArrayValues::as_they_are});
  return set.of_arrays ? std::optional(std::move(set)) : std::nullopt;
}

ImageSet open_images(const std::vector<std::string>& data, const ImageSetOptions& options) {
  const auto sources = archives_together(data);
  const std::size_t count = sources.size() + (options.list ? 1 : 0);
  if (count == 0) throw Error("no images were named");
  if (options.labels && options.labels != "prefix" && count > 1)
    throw Error(*options.labels + ": a file of labels goes with one DATA, not with " +
                std::to_string(count));
  const ImageSetOptions own = watched(options);
  std::vector<ImageSet> sets;
  for (const auto& paths : sources)
    sets.push_back(paths.size() > 1 ? open_archives(paths, own) : open_one(paths[0], own));
  if (own.list) sets.push_back(open_list(*own.list, own));
  return finished(joined(std::move(sets)), name_of_all(data, own), own);
}

}  // namespace diffusion
