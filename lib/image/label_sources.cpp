#include "lib/image/label_sources.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/json.hpp"
#include "lib/image/array_file.hpp"

namespace diffusion {
namespace {

constexpr const char* dataset_name = "dataset.json";

Labels labels_of_file(const std::string& path, const std::vector<std::string>& names) {
  std::string bytes = read_text(path);
  if (path.ends_with(".json") || is_json(file_kind(bytes))) {
    const Json json = parse_json(bytes, path);
    Labels labels = labels_of_dataset_json(json, path, names);
    if (!labels.why_none.empty()) throw Error(path + ": " + labels.why_none);
    if (json["labels"].is_null()) labels.why_none = path + " says that 'labels' is null";
    return labels;
  }
  const NpyArray array = label_array_of(std::move(bytes), path);
  Labels labels;
  for (const int label : labels_of_array(array, names.size(), path)) labels.of.emplace_back(label);
  return labels;
}

/// What `number` says of each part, one after the other.
template <class Number>
Labels numbered(std::span<const NamedPictures> parts, const Number& number) {
  Labels labels;
  for (const NamedPictures& part : parts) {
    const Labels some = number(part);
    labels.of.insert(labels.of.end(), some.of.begin(), some.of.end());
    if (labels.why_none.empty()) labels.why_none = some.why_none;
  }
  return labels;
}

Labels by_dataset(const NamedPictures& part) {
  if (!part.files.dataset) return {std::vector<std::optional<int>>(part.names.size()), {}};
  const std::string& culprit = part.files.dataset_culprit;
  const Json json = parse_json(plain_text(*part.files.dataset, culprit), culprit);
  Labels labels = labels_of_dataset_json(json, culprit, part.names);
  if (!labels.why_none.empty()) labels.why_none.insert(0, culprit + " ");
  return labels;
}

Labels by_files_beside(const NamedPictures& part) { return {part.files.beside.of(part.names), {}}; }

Labels by_names(const std::vector<std::string>& names, const ImageSetOptions& options) {
  if (!options.labels) return labels_of_folders(names);
  return options.labels == "prefix" ? labels_of_prefixes(names)
                                    : labels_of_file(*options.labels, names);
}

Labels by_names(std::span<const NamedPictures> parts, const ImageSetOptions& options) {
  if (parts.size() == 1) return by_names(parts[0].names, options);
  std::vector<std::string> all;
  for (const NamedPictures& part : parts)
    all.insert(all.end(), part.names.begin(), part.names.end());
  return by_names(all, options);
}

}  // namespace

bool LabelFiles::may_be(const std::string& name, std::uint64_t bytes,
                        const ImageSetOptions& options) {
  return !options.labels && (name == dataset_name || LabelsBeside::may_hold(name, bytes));
}

bool LabelFiles::take(const std::string& name, std::string contents, const std::string& culprit) {
  if (name != dataset_name) return beside.add(name, contents, culprit);
  dataset = std::move(contents);
  dataset_culprit = culprit;
  return true;
}

Labels find_labels(std::span<const NamedPictures> parts, const ImageSetOptions& options) {
  if (options.labels) return by_names(parts, options);
  const auto has_dataset = [](const NamedPictures& part) { return part.files.dataset.has_value(); };
  if (std::ranges::any_of(parts, has_dataset)) return numbered(parts, by_dataset);
  const auto has_some = [](const NamedPictures& part) { return part.files.beside.any(); };
  if (std::ranges::any_of(parts, has_some))
    if (Labels labels = numbered(parts, by_files_beside); !labels.none()) {
      for (const NamedPictures& part : parts) part.files.beside.refuse_broken(part.names);
      return labels;
    }
  Labels labels = by_names(parts, options);
  if (!labels.none()) return labels;
  for (const NamedPictures& part : parts)
    if (std::string why = part.files.beside.why_none(part.names); !why.empty()) {
      labels.why_none = std::move(why);
      break;
    }
  return labels;
}

}  // namespace diffusion
