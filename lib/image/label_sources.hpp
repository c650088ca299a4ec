// Where the labels of pictures come from: one rule for folders, archives and lists.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lib/image/image_set.hpp"
#include "lib/image/labels.hpp"
#include "lib/image/labels_beside.hpp"

namespace diffusion {

/// The files that came with some pictures and say their labels.
class LabelFiles {
 public:
  /// Whether a file of this name and of so many bytes may be one, where `options` name no other.
  static bool may_be(const std::string& name, std::uint64_t bytes, const ImageSetOptions& options);
  /// Takes a file of such a name; false: it says no labels. What is wrong with it shows when
  /// labels are looked for.
  bool take(const std::string& name, std::string contents, const std::string& culprit);

  std::optional<std::string> dataset = {};  // what a dataset.json holds
  std::string dataset_culprit = "";
  LabelsBeside beside = {};
};

/// Pictures, by their names, of a folder or of one archive among several.
struct NamedPictures {
  std::vector<std::string> names;
  LabelFiles files = {};
};

/// The labels of all pictures of `parts`, one part after the other: as options.labels says; else
/// by dataset.json; else by files beside the pictures; else by the first folders of their paths.
/// The first of these that any part has is that of all. Throws Error.
Labels find_labels(std::span<const NamedPictures> parts, const ImageSetOptions& options);

}  // namespace diffusion
