#include "lib/image/labels.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <unordered_map>

#include "lib/base/error.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/text.hpp"
#include "lib/image/folder.hpp"

namespace diffusion {
namespace {

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

Labels none(std::size_t count, std::string why = "") {
  return {std::vector<std::optional<int>>(count), {}, std::move(why)};
}

/// "a, b, c", of more "a, b, c, ...".
std::string first_of(std::span<const std::string> names) {
  constexpr std::size_t most = 3;
  return join(names.first(std::min(most, names.size())), ", ") +
         (names.size() > most ? ", ..." : "");
}

/// What images outside the class folders are told of.
std::string why_stray(const std::vector<std::string>& outside, const Labels& classes) {
  if (classes.names.empty()) return "";
  const std::size_t others = outside.size() - 1;
  return outside.front() + (others > 0 ? " and " + count_of(others, "other") + " lie" : " lies") +
         " beside the folders " + first_of(classes.names) + ", and so in no class";
}

}  // namespace

bool Labels::none() const {
  return std::ranges::none_of(of, [](const auto& label) { return label.has_value(); });
}

Labels labels_of_folders(std::span<const std::string> paths) {
  std::vector<std::string> folders, outside;
  for (const auto& path : paths) {
    const auto slash = path.find('/');
    if (slash == path.npos)
      outside.push_back(path);
    else
      folders.push_back(path.substr(0, slash));
  }
  Labels labels = number_words(folders);
  if (!outside.empty()) return none(paths.size(), why_stray(outside, labels));
  if (labels.names.size() == 1)
    return none(paths.size(), "all lie in one folder, " + labels.names.front());
  return labels.names.empty() ? none(paths.size()) : labels;
}

std::string no_labels_of_their_own(const std::string& called, const std::string& why) {
  return called + " have no labels of their own" +
         (why.empty()
              ? " (dataset.json, .cls or .json beside images, sub-folders, labels beside an array)"
              : ": " + why) +
         "; `labels` prefix takes them from file names, `labels` FILE from a file";
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
  std::string first;
  bool any = false;
  for (const JsonAt& pair : list->array()) {
    if (!pair.json().is_array() || pair.json().size() != 2) pair.refuse("[\"a.png\", 3]");
    const auto parts = pair.array();
    const auto label = int(parts[1].whole(0, highest_label));
    const std::string name = parts[0].text();
    if (first.empty()) first = name;
    const auto found = index.find(name);
    if (found == index.end()) continue;
    any = true;
    auto& known = labels.of[found->second];
    if (known.value_or(label) != label)
      throw Error(culprit + ": gives " + name + " the class " + std::to_string(*known) +
                  " and the class " + std::to_string(label));
    known = label;
  }
  if (!any && !paths.empty())
    labels.why_none =
        "names none of the images" +
        (first.empty() ? "" : " (it names " + first + ", and one of them is " + paths[0] + ")");
  return labels;
}

std::string describe_classes(std::span<const std::string> names,
                             std::span<const std::optional<int>> of) {
  std::vector<std::size_t> counts(names.size());
  for (const auto& label : of) {
    if (!label) continue;
    counts.resize(std::max(counts.size(), std::size_t(*label) + 1));
    ++counts[std::size_t(*label)];
  }
  constexpr std::size_t few = 10;
  const std::size_t classes = counts.size();
  const std::string number = std::to_string(classes) + (classes == 1 ? " class" : " classes");
  const auto name = [&](std::size_t at) {
    return at < names.size() ? names[at] : std::to_string(at);
  };
  if (classes > few) {
    const auto [least, most] = std::ranges::minmax(counts);
    return number + " of " + std::to_string(least) + " to " + count_of(most, "image") + ", " +
           name(0) + " to " + name(classes - 1);
  }
  std::vector<std::string> each;
  for (std::size_t i = 0; i < classes; ++i)
    each.push_back(name(i) + " (" + count_of(counts[i], "image") + ")");
  return number + ": " + join(each, ", ");
}

void Unlabelled::add(const std::optional<int>& label, const std::string& name) {
  ++of;
  if (label) return;
  if (count++ == 0) first = name;
}

std::string Unlabelled::remark() const {
  if (count == 0 || count == of) return "";
  return std::to_string(count) + " of " + count_of(of, "image") +
         (count == 1 ? " has no label: " : " have no label; the first of them is ") + first;
}

std::string parts_among_classes(std::span<const std::string> names) {
  static const std::vector<std::string> parts{"train",      "training", "val",  "valid",
                                              "validation", "test",     "eval", "dev"};
  std::vector<std::string> found;
  for (const std::string& name : names) {
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(),
                           [](unsigned char c) { return char(std::tolower(c)); });
    if (std::ranges::find(parts, lower) != parts.end()) found.push_back(name);
  }
  return found.size() < 2 ? "" : join(found, " and ");
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
