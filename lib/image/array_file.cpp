#include "lib/image/array_file.hpp"

#include <algorithm>
#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/path.hpp"
#include "lib/base/text.hpp"
#include "lib/image/array_images.hpp"
#include "lib/image/cifar.hpp"
#include "lib/image/idx.hpp"
#include "lib/image/labels.hpp"
#include "lib/image/members.hpp"
#include "lib/tensor/formats/npz.hpp"

namespace diffusion {
namespace fs = std::filesystem;
namespace {

struct LabelledArray {
  NpyReader images;
  std::optional<NpyArray> labels;
  std::string labels_from;
  std::vector<std::string> label_names = {};
};

/// The archive's pictures: "arr_0" as published batches have it, or what else
/// such arrays are called, or the only array there is.
std::string images_name(const NpzFile& file, const std::string& culprit) {
  for (const char* name : {"arr_0", "images", "samples", "x"})
    if (file.has(name)) return name;
  const auto names = file.names();
  if (names.size() == 1) return names[0];
  throw Error(culprit + ": no array of images: needs arr_0, images, samples or x (has: " +
              printable(join(names, ", ")) + ")");
}

LabelledArray from_npz(std::string bytes, const std::string& culprit) {
  const NpzFile file(std::move(bytes), culprit);
  const std::string images = images_name(file, culprit);
  LabelledArray found{NpyReader(file.read(images)), {}, ""};
  for (const std::string name : {"labels", "y", "arr_1"})
    if (file.has(name) && name != images) {
      found.labels = file.read(name);
      found.labels_from = culprit + ": array '" + name + "'";
      break;
    }
  return found;
}

LabelledArray from_idx(NpyReader images, const std::string& path, const Telling& telling) {
  LabelledArray found{std::move(images), {}, idx_labels_beside(path)};
  if (!found.labels_from.empty() && may_open(found.labels_from, telling))
    found.labels = read_label_array(found.labels_from);
  return found;
}

LabelledArray from_cifar(const std::string& bytes, const std::string& path,
                         const Telling& telling) {
  CifarBatch batch = cifar_from_bytes(bytes, path, telling);
  return {NpyReader(std::move(batch.images)), std::move(batch.labels), path,
          std::move(batch.label_names)};
}

/// A .npy file, and an IDX file that is not packed, are read where they lie.
LabelledArray read_arrays(InputFile& file, FileKind kind, const std::string& path,
                          const std::string& culprit, const Telling& telling) {
  if (kind == FileKind::npy)
    return {is_stream(path) ? NpyReader(npy_from_bytes(file.rest(), culprit)) : NpyReader(path),
            {},
            ""};
  if (kind == FileKind::zip) return from_npz(file.rest(), culprit);
  std::error_code none;
  const bool on_disk = fs::is_regular_file(path, none);
  if (kind == FileKind::idx && on_disk && !is_cifar(path, fs::file_size(path, none)))
    return from_idx(read_idx(path), path, telling);
  std::string bytes = file.rest();
  if (is_cifar(path, bytes.size())) return from_cifar(bytes, path, telling);
  return from_idx(NpyReader(idx_from_bytes(std::move(bytes), culprit)), path, telling);
}

}  // namespace

bool holds_arrays(FileKind kind) {
  return kind == FileKind::npy || kind == FileKind::zip || kind == FileKind::gzip ||
         kind == FileKind::idx;
}

NpyArray read_label_array(const std::string& path) {
  return label_array_of(read_binary(path), path);
}

NpyArray label_array_of(std::string bytes, const std::string& path) {
  const FileKind kind = file_kind(bytes);
  if (kind == FileKind::npy) return npy_from_bytes(std::move(bytes), path);
  if (kind == FileKind::gzip || kind == FileKind::idx)
    return idx_from_bytes(std::move(bytes), path);
  throw Error(path + ": no labels that can be read; needs IDX, .npy, or a dataset.json");
}

ImageSet open_array(InputFile& file, FileKind kind, const std::string& path,
                    const ImageSetOptions& options) {
  const std::string culprit = path == "-" ? "standard input" : path;
  LabelledArray found = read_arrays(file, kind, path, culprit, options.telling);
  if (options.labels == "prefix")
    throw Error(culprit + ": `labels` prefix needs files; an array's rows have no names");
  if (options.labels) {
    found.labels = read_label_array(*options.labels);
    found.labels_from = *options.labels;
    found.label_names.clear();
  }
  const std::string name = path == "-" ? "-" : fs::path(path).filename().string();
  std::vector<int> labels;
  if (found.labels) {
    const auto axes = picture_axes(found.images.shape(), options, culprit);
    labels = labels_of_array(*found.labels, axes.count, found.labels_from);
  }
  ImageSet set =
      images_of_array(std::move(found.images), std::move(labels), {name, culprit}, options);
  set.label_names = std::move(found.label_names);
  return set;
}

}  // namespace diffusion
