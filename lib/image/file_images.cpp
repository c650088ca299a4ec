#include "lib/image/file_images.hpp"

#include <algorithm>
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/fnv1a.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/image/archive_images.hpp"
#include "lib/image/folder.hpp"
#include "lib/image/format.hpp"
#include "lib/image/label_sources.hpp"
#include "lib/image/members.hpp"
#include "lib/tensor/formats/npz.hpp"

namespace diffusion {
namespace fs = std::filesystem;
namespace {

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
    ImageEntry entry{name, fnv1a(name), of[at++], [file, shared] {
                       return decode_member(read_member_file(file), file, *shared);
                     }};
    entry.culprit = file;
    return entry;
  };
  return set;
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

/// Takes what a file of the folder says of labels; false: nothing.
bool take_labels(const std::string& folder, const std::string& name, LabelFiles& labels,
                 const ImageSetOptions& options) {
  const std::string path = (fs::path(folder) / name).string();
  if (options.labels) return same_file(path, *options.labels);
  std::error_code not_a_file;
  const std::uint64_t bytes = fs::file_size(path, not_a_file);
  return LabelFiles::may_be(name, not_a_file ? 0 : bytes, options) &&
         may_open(path, options.telling) && labels.take(name, read_file(path, text_limit), path);
}

/// The files below a folder that are its images, and what says their labels.
struct FolderListing {
  std::vector<std::string> files = {};  // where to read the pictures
  NamedPictures pictures = {};
  PassedOver others = {};
};

FolderListing list_folder(const std::string& folder, const ImageSetOptions& options,
                          KindOfSet& kind) {
  std::vector<std::pair<std::string, Content>> all;
  for (std::string& name : list_files(folder)) {
    const Content content = content_of_file((fs::path(folder) / name).string(), options);
    kind.see(name, content);
    all.emplace_back(std::move(name), content);
  }
  FolderListing listing;
  for (auto& [name, content] : all) {
    if (kind.settled() && kind.takes(content)) {
      listing.files.push_back((fs::path(folder) / name).string());
      listing.pictures.names.push_back(std::move(name));
    } else if (!kind.settled() || !take_labels(folder, name, listing.pictures.files, options)) {
      listing.others.add(std::move(name));
    }
  }
  return listing;
}

/// Whether a file is one of the archives that make a set: what is called so and is none can't be
/// read. A zip archive of arrays is NumPy's.
bool may_be_archive(const std::string& path) {
  try {
    const bool pictures = is_archive_of_pictures(path), arrays = is_npz_file(path);
    return is_archive_name(path) ? pictures || !arrays : pictures && !arrays;
  } catch (const Error&) {
    return is_archive_name(path);
  }
}

/// A folder without pictures may hold archives of them.
ImageSet open_archives_below(const std::string& folder, const ImageSetOptions& options) {
  std::vector<std::string> archives;
  PassedOver others;
  for (std::string& name : list_files(folder)) {
    std::string path = (fs::path(folder) / name).string();
    if (may_be_archive(path))
      archives.push_back(std::move(path));
    else
      others.add(std::move(name));
  }
  if (archives.empty()) {
    const std::string array = an_array_in(folder);
    throw Error(folder + ": a folder without pictures (" + readable_formats() + ")" +
                (array.empty() ? "" : "; name its arrays one by one: " + array));
  }
  others.tell(folder, options.telling);
  return open_archives(archives, options, WithoutImages::left_out);
}

/// The set of pictures of which each is a file.
ImageSet labelled_files(std::vector<std::string> files, NamedPictures pictures,
                        const ImageSetOptions& options) {
  Labels labels = find_labels({&pictures, 1}, options);
  return set_of_files({std::move(pictures.names), std::move(files)}, std::move(labels), options);
}

}  // namespace

ImageSet open_picture(const std::string& path, const ImageSetOptions& options) {
  return labelled_files({path}, {{fs::path(path).filename().string()}}, options);
}

ImageSet open_folder(const std::string& folder, const ImageSetOptions& options) {
  KindOfSet kind(folder);
  FolderListing listing = list_folder(folder, options, kind);
  if (listing.files.empty()) return open_archives_below(folder, options);
  listing.others.tell(folder, options.telling);
  ImageSet set = labelled_files(std::move(listing.files), std::move(listing.pictures), options);
  set.of_arrays = kind.arrays();
  return set;
}

ImageSet open_list(const FileList& list, const ImageSetOptions& options) {
  const std::string culprit = list.path == "-" ? "standard input" : list.path;
  constexpr FileLimit limit{std::uint64_t(1) << 30, "a list of files"};
  const bool lines = list.separator != '\0';
  const std::string text =
      lines ? read_text(list.path, limit) : plain_text(read_file(list.path, limit), culprit);
  const FileKind kind = file_kind(text);
  if (kind != FileKind::text && !is_json(kind)) refuse_known_kind(kind, culprit, "a list of files");
  if (lines && text.find('\0') != text.npos)
    throw Error(culprit + ": is binary, not a list of files with one a line");
  std::vector<std::string> files;
  NamedPictures pictures;
  for (auto& path : split(text, list.separator)) {
    if (lines && path.ends_with('\r')) path.pop_back();
    if (path.empty()) continue;
    pictures.names.push_back(address_of(path));
    files.push_back(std::move(path));
  }
  if (files.empty()) throw Error(culprit + ": a list without files");
  return labelled_files(std::move(files), std::move(pictures), options);
}

}  // namespace diffusion
