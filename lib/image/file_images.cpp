#include "lib/image/file_images.hpp"

#include <algorithm>
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/fnv1a.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/image/array_file.hpp"
#include "lib/image/folder.hpp"
#include "lib/image/format.hpp"
#include "lib/image/labels.hpp"
#include "lib/image/members.hpp"

namespace diffusion {
namespace fs = std::filesystem;
namespace {

constexpr const char* dataset_name = "dataset.json";

/// `names` are addresses and labels, `files` where to read them.
struct Listing {
  std::vector<std::string> names, files;
};

ImageSet set_of_files(Listing listing, Labels labels, const ImageSetOptions& options) {
  ImageSet set;
  set.count = listing.names.size();
  set.label_names = std::move(labels.names);
  set.why_unlabelled = std::move(labels.why_none);
  set.next = [listing = std::move(listing), of = std::move(labels.of),
              shared = std::make_shared<const ImageSetOptions>(options),
              at = std::size_t(0)]() mutable -> std::optional<ImageEntry> {
    if (at == listing.names.size()) return std::nullopt;
    const std::string &name = listing.names[at], &file = listing.files[at];
    return ImageEntry{name, fnv1a(name), of[at++], [file, shared] {
                        return decode_member(read_member_file(file), file, *shared);
                      }};
  };
  return set;
}

Labels labels_of_file(const std::string& labels_path, const std::vector<std::string>& names) {
  std::string bytes = read_text(labels_path);
  if (labels_path.ends_with(".json") || is_json(file_kind(bytes)))
    return labels_of_dataset_json(parse_json(bytes, labels_path), labels_path, names);
  const NpyArray array = label_array_of(std::move(bytes), labels_path);
  Labels labels;
  for (const int label : labels_of_array(array, names.size(), labels_path))
    labels.of.emplace_back(label);
  return labels;
}

Dataset dataset_in(const std::string& folder) {
  const std::string json = (fs::path(folder) / dataset_name).string();
  if (std::error_code none; !fs::exists(json, none)) return {};
  return {json, read_json(json)};
}

/// "/photos/a.png" and "../photos/a.png" as "photos/a.png".
std::string address_of(const std::string& path) {
  std::string below;
  for (const auto& part : fs::path(path).lexically_normal().relative_path())
    if (part != "..") below += (below.empty() ? "" : "/") + part.string();
  return below;
}

/// An array in the folder: batches are not looked for, but named one by one.
std::string an_array_in(const fs::path& folder) {
  std::vector<std::string> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".npy") || name.ends_with(".npz") || name.find("-images-idx") != name.npos)
      found.push_back(entry.path().string());
  }
  return found.empty() ? "" : std::ranges::min(found);
}

/// Whether a file of the folder says the labels of its images.
bool says_labels(const std::string& folder, const std::string& name,
                 const ImageSetOptions& options) {
  if (!options.labels) return name == dataset_name;
  return same_file((fs::path(folder) / name).string(), *options.labels);
}

/// The files below a folder that are its images.
Listing images_below(const std::string& folder, const ImageSetOptions& options, KindOfSet& kind) {
  std::vector<std::pair<std::string, Content>> all;
  for (std::string& name : list_files(folder)) {
    const Content content = content_of_file((fs::path(folder) / name).string(), options);
    kind.see(name, content);
    all.emplace_back(std::move(name), content);
  }
  Listing images;
  PassedOver others;
  for (auto& [name, content] : all) {
    if (kind.settled() && kind.takes(content)) {
      images.files.push_back((fs::path(folder) / name).string());
      images.names.push_back(std::move(name));
    } else if (!says_labels(folder, name, options)) {
      others.add(std::move(name));
    }
  }
  if (!images.names.empty()) others.tell(folder, options.telling);
  return images;
}

}  // namespace

Labels find_labels(const std::vector<std::string>& names, const Dataset& dataset,
                   const ImageSetOptions& options) {
  if (options.labels == "prefix") return labels_of_prefixes(names);
  if (options.labels) return labels_of_file(*options.labels, names);
  return dataset.json ? labels_of_dataset_json(*dataset.json, dataset.culprit, names)
                      : labels_of_folders(names);
}

ImageSet open_picture(const std::string& path, const ImageSetOptions& options) {
  const std::vector<std::string> names{fs::path(path).filename().string()};
  return set_of_files({names, {path}}, find_labels(names, {}, options), options);
}

ImageSet open_folder(const std::string& folder, const ImageSetOptions& options) {
  KindOfSet kind(folder);
  Listing listing = images_below(folder, options, kind);
  if (listing.names.empty()) {
    const std::string array = an_array_in(folder);
    throw Error(folder + ": a folder without pictures (" + readable_formats() + ")" +
                (array.empty() ? "" : "; name its arrays one by one: " + array));
  }
  Labels labels = find_labels(listing.names, dataset_in(folder), options);
  ImageSet set = set_of_files(std::move(listing), std::move(labels), options);
  set.of_arrays = kind.arrays();
  return set;
}

ImageSet open_list(const FileList& list, const ImageSetOptions& options) {
  const std::string culprit = list.path == "-" ? "standard input" : list.path;
  const std::string text = read_text(list.path);
  const FileKind kind = file_kind(text);
  if (kind != FileKind::text && !is_json(kind)) refuse_known_kind(kind, culprit, "a list of files");
  Listing listing;
  for (auto& path : split(text, list.separator)) {
    if (path.empty()) continue;
    listing.names.push_back(address_of(path));
    listing.files.push_back(std::move(path));
  }
  if (listing.files.empty()) throw Error(culprit + ": a list without files");
  Labels labels = find_labels(listing.names, {}, options);
  return set_of_files(std::move(listing), std::move(labels), options);
}

}  // namespace diffusion
