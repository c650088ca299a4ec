// Where the classes of images come from.
#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/base/json.hpp"
#include "lib/tensor/formats/npy.hpp"

namespace diffusion {

inline constexpr int highest_label = 1'000'000'000;

/// Classes of a list of files: one label each, or none at all; and the names of
/// the classes, where the source names them.
struct Labels {
  std::vector<std::optional<int>> of;
  std::vector<std::string> names;
  std::string why_none = {};  // where sub-folders or a file look like classes, and are none

  bool none() const;
};

/// By the first folder of each path, in natural order; no labels unless every
/// file is in a sub-folder and there are at least two of them.
Labels labels_of_folders(std::span<const std::string> paths);

/// What is said where labels are wanted of images, `called` so, that have none; `why` is
/// Labels::why_none.
std::string no_labels_of_their_own(const std::string& called, const std::string& why);

/// By the part of each base name before its first '_'. Throws Error for a name
/// without one.
Labels labels_of_prefixes(std::span<const std::string> paths);

/// {"labels": [["a.png", 3], ...]}, or null for no labels. Files it does not name
/// have none. Throws Error, opened by `culprit`, also for a file that it gives two classes.
Labels labels_of_dataset_json(const Json& json, const std::string& culprit,
                              std::span<const std::string> paths);

/// "2 classes: cat (12 images), dog (7 images)", of many their number and how many images they
/// have; classes without names go by their numbers. `of` are the images' classes.
std::string describe_classes(std::span<const std::string> names,
                             std::span<const std::optional<int>> of);

/// How many images of a set have no label where others have one.
struct Unlabelled {
  std::size_t count = 0, of = 0;
  std::string first = {};  // of those that have none

  void add(const std::optional<int>& label, const std::string& name);
  /// "3 of 10 images have no label; the first of them is a.png"; "" where all have one or none.
  std::string remark() const;
};

/// "train and val", where two or more classes have names of parts of data sets; else "".
std::string parts_among_classes(std::span<const std::string> names);

/// The classes of an array of whole numbers, one for each of `count` images.
/// Throws Error, opened by `culprit`.
std::vector<int> labels_of_array(const NpyArray& array, std::size_t count,
                                 const std::string& culprit);

}  // namespace diffusion
