// Labels in files beside their images, as WebDataset has them
// (https://github.com/webdataset/webdataset): all files of a sample share a key, which is their
// path up to the first dot of the name.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/image/labels.hpp"

namespace diffusion {

/// KEY.cls holds a whole number; KEY.json an object with one under "cls" or "label". Other JSON
/// says nothing of labels; a .json that is not JSON may have been a label, where others are.
class LabelsBeside {
 public:
  /// Whether a file of this name and of so many bytes may hold a label: annotations of a whole
  /// set are longer.
  static bool may_hold(const std::string& name, std::uint64_t bytes);
  /// "cats/0001" of "cats/0001.left.png".
  static std::string key_of(const std::string& path);

  /// Reads what the file `name` holds; false where that is no label. What is wrong with it shows
  /// when an image asks.
  bool add(const std::string& name, const std::string& contents, const std::string& culprit);

  /// Labels of images by their keys; without names. Throws Error for a .cls that is not a whole
  /// number, a .json that contradicts it, and numbers that no label has.
  std::vector<std::optional<int>> of(std::span<const std::string> paths) const;
  bool any() const { return !labels_.empty(); }
  /// Throws Error where all that an image has is a .json that is not JSON.
  void refuse_broken(std::span<const std::string> paths) const;
  /// A file beside an image that may have been a label, and why it is none; else "".
  std::string why_none(std::span<const std::string> paths) const;

 private:
  struct Label {
    int number = 0;
    std::string fault = "";
  };
  bool add_json(const std::string& key, const std::string& contents, const std::string& culprit);
  void enter(const std::string& key, Label label, const std::string& culprit);

  std::unordered_map<std::string, Label> labels_;
  std::unordered_map<std::string, std::string> broken_;  // why a .json is not JSON
  std::string first_word_key_, why_no_number_;           // of a label that is not a number
};

}  // namespace diffusion
