#include "tools/sample_classes.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/noise/wrappers.hpp"

namespace diffusion::cli {
namespace {

std::optional<int> find_class(const Model& model, const std::string& text) {
  const auto name = std::ranges::find(model.label_names, text);
  if (name != model.label_names.end()) return int(name - model.label_names.begin());
  const auto number = parse_integer(text);
  if (number && *number >= 0 && *number < model.labels) return int(*number);
  return std::nullopt;
}

[[noreturn]] void refuse_class(const Model& model, const std::string& text) {
  constexpr std::size_t most_names = 20;
  std::string names;
  if (!model.label_names.empty() && model.label_names.size() <= most_names)
    names = ": " + join(model.label_names, ", ");
  throw Error("--class " + text + ": the model has no such class (has 0 to " +
              std::to_string(model.labels - 1) + names + ")");
}

/// A name may hold commas: the whole text is tried before its parts.
std::vector<int> parse_classes(const Model& model, const std::string& text) {
  if (const auto whole = find_class(model, text)) return {*whole};
  std::vector<int> classes;
  if (text == "all") {
    classes.resize(std::size_t(model.labels));
    std::iota(classes.begin(), classes.end(), 0);
    return classes;
  }
  for (const std::string& part : split(text, ',')) {
    const auto label = find_class(model, part);
    if (!label) refuse_class(model, part);
    classes.push_back(*label);
  }
  return classes;
}

void check_guidance(const Model& model, const ClassRequest& request, const std::string& culprit) {
  if (!request.scale) return;
  if (!std::isfinite(*request.scale) || *request.scale < 0)
    throw Error("--cfg: must be a scale from 0 (1: no guidance), got " + shortest(*request.scale));
  if (request.classes.empty()) throw Error("--cfg: guides towards a class; name it with --class");
  if (*request.scale != 1 && !model.unconditional)
    throw Error(culprit +
                ": was trained with every label (objective.label_dropout 0) and cannot be guided "
                "by --cfg");
}

}  // namespace

std::vector<int> chosen_classes(const Model& model, const ClassRequest& request,
                                const std::string& culprit) {
  if (!request.classes.empty() && model.labels == 0)
    throw Error(culprit + (culprit.starts_with("exec:")
                               ? ": of no classes, unless --classes says how many it knows"
                               : ": has no classes; --class needs a model that was trained on "
                                 "labels"));
  check_guidance(model, request, culprit);
  if (!request.classes.empty()) return parse_classes(model, request.classes);
  if (!model.unconditional)
    throw Error(culprit +
                ": was trained with every label (objective.label_dropout 0); name a class with "
                "--class");
  return {};
}

std::string class_name(const Model& model, int label) {
  const auto at = std::size_t(label);
  return at < model.label_names.size() ? model.label_names[at] : std::to_string(label);
}

Denoiser class_denoiser(const Model& model, const std::vector<int>& classes, double scale,
                        std::uint64_t first, std::size_t size) {
  if (classes.empty()) return model.denoiser({});
  std::vector<int> labels(size);
  for (std::size_t n = 0; n < size; ++n) labels[n] = class_of(classes, first + n);
  return guided(model.denoiser(labels), model.denoiser({}), scale);
}

}  // namespace diffusion::cli
