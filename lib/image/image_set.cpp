#include "lib/image/image_set.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/fnv1a.hpp"
#include "lib/image/alike.hpp"
#include "lib/image/array_file.hpp"
#include "lib/image/file_images.hpp"
#include "lib/image/folder.hpp"
#include "lib/image/format.hpp"
#include "lib/image/image_file.hpp"

namespace diffusion {
namespace fs = std::filesystem;
namespace {

std::string first_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(16, '\0');
  file.read(bytes.data(), std::streamsize(bytes.size()));
  bytes.resize(std::size_t(file.gcount()));
  return bytes;
}

[[noreturn]] void refuse(const std::string& culprit) {
  throw Error(culprit + ": neither pictures (" + readable_formats() +
              ") nor an array (.npy, .npz, IDX)");
}

ImageSet open_bytes(std::string bytes, const ImageSetOptions& options) {
  if (bytes.empty()) throw Error("standard input: is empty; needs an array or a picture");
  if (is_array_file(bytes)) return open_array(std::move(bytes), "-", options);
  if (!format_of_bytes(bytes)) refuse("standard input");
  ImageSet set;
  set.count = 1;
  ImageEntry entry{"stdin", fnv1a("stdin"), std::nullopt,
                   [bytes = std::move(bytes)] { return decode_image(bytes, "standard input"); }};
  set.next = [entry = std::optional(std::move(entry))]() mutable {
    return std::exchange(entry, std::nullopt);
  };
  return set;
}

ImageSet open_one(const std::string& path, const ImageSetOptions& options) {
  if (path == "-") return open_bytes(read_file("-"), options);
  std::error_code none;
  if (fs::is_directory(path, none)) return open_folder(path, options);
  if (!fs::exists(path, none)) throw Error(path + ": no such file or folder");
  const std::string front = first_bytes(path);
  if (front.empty() && !is_image_name(path)) throw Error(path + ": the file is empty");
  if (is_array_file(front)) return open_array(read_file(path), path, options);
  // What is named as a picture is one input among many, to be refused on its own.
  if (format_of_bytes(front) || is_image_name(path)) return open_picture(path, options);
  refuse(path);
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
  all.label_names = join_label_names(sets);
  all.count = 0;
  for (const auto& set : sets) all.count = *all.count + *set.count;
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
  if (!options.size && !options.crop && !options.channels) return set;
  set.next = [next = std::move(set.next), options] {
    auto entry = next();
    if (entry)
      entry->load = [load = std::move(entry->load), name = entry->name, options] {
        return made_alike(load(), options, name);
      };
    return entry;
  };
  return set;
}

}  // namespace

ImageSet open_standard_input(std::string bytes, const ImageSetOptions& options) {
  return all_alike(open_bytes(std::move(bytes), options), options);
}

ImageSet open_images(const std::vector<std::string>& data, const ImageSetOptions& options) {
  if (data.empty()) throw Error("no images were named");
  if (options.labels && options.labels != "prefix" && data.size() > 1)
    throw Error(*options.labels + ": a file of labels goes with one DATA, not with " +
                std::to_string(data.size()));
  std::vector<ImageSet> sets;
  for (const auto& path : data) sets.push_back(open_one(path, options));
  return all_alike(joined(std::move(sets)), options);
}

}  // namespace diffusion
