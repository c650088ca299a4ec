#include "lib/image/labels.hpp"

#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/text.hpp"
#include "lib/image/folder.hpp"

namespace diffusion {
namespace {

constexpr int highest_label = 1'000'000'000;

/// Numbers the distinct words in natural order.
Labels number_words(const std::vector<std::string>& words) {
  Labels labels;
  labels.names = words;
  std::ranges::sort(labels.names, natural_less);
  labels.names.erase(std::unique(labels.names.begin(), labels.names.end()), labels.names.end());
  for (const auto& word : words) {
    const auto at = std::ranges::lower_bound(labels.names, word, natural_less);
    labels.of.emplace_back(int(at - labels.names.begin()));
  }
  return labels;
}

Labels none(std::size_t count) { return {std::vector<std::optional<int>>(count), {}}; }

}  // namespace

Labels labels_of_folders(std::span<const std::string> paths) {
  std::vector<std::string> folders;
  for (const auto& path : paths) {
    const auto slash = path.find('/');
    if (slash == path.npos) return none(paths.size());
    folders.push_back(path.substr(0, slash));
  }
  Labels labels = number_words(folders);
  return labels.names.size() < 2 ? none(paths.size()) : labels;
}

Labels labels_of_prefixes(std::span<const std::string> paths) {
  std::vector<std::string> prefixes;
  for (const auto& path : paths) {
    const std::string name = std::filesystem::path(path).filename().string();
    const auto end = name.find('_');
    if (end == name.npos || end == 0)
      throw Error(path + ": no label in the name; `labels` prefix needs LABEL_REST");
    prefixes.push_back(name.substr(0, end));
  }
  return number_words(prefixes);
}

Labels labels_of_dataset_json(const Json& json, const std::string& culprit,
                              std::span<const std::string> paths) {
  if (!json.is_object() || !json.contains("labels"))
    throw Error(culprit + ": no key 'labels'; needs {\"labels\": [[\"a.png\", 3], ...]}");
  Labels labels = none(paths.size());
  const auto list = JsonAt(json, culprit).find("labels");
  if (!list) return labels;
  std::unordered_map<std::string, std::size_t> index;
  for (std::size_t i = 0; i < paths.size(); ++i) index.emplace(paths[i], i);
  for (const JsonAt& pair : list->array()) {
    if (!pair.json().is_array() || pair.json().size() != 2) pair.refuse("[\"a.png\", 3]");
    const auto parts = pair.array();
    const auto label = int(parts[1].whole(0, highest_label));
    const auto found = index.find(parts[0].text());
    if (found != index.end()) labels.of[found->second] = label;
  }
  return labels;
}

std::vector<int> labels_of_array(const NpyArray& array, std::size_t count,
                                 const std::string& culprit) {
  if (array.shape.size() != 1 || is_floating(array.type))
    throw Error(culprit + ": labels need one axis of whole numbers");
  if (array.count() != count)
    throw Error(culprit + ": " + std::to_string(array.count()) + " labels for " +
                std::to_string(count) + " images");
  std::vector<double> values(count);
  convert(array, 0, count, values.data());
  for (std::size_t row = 0; row < count; ++row)
    if (values[row] < 0 || values[row] > highest_label)
      throw Error(culprit + ": row " + std::to_string(row) + " has the label " +
                  shortest(values[row]) + "; labels are whole numbers from 0");
  return {values.begin(), values.end()};
}

}  // namespace diffusion
