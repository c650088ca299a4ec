#include "tools/sample/classes.hpp"

#include <algorithm>
#include <numeric>

#include "lib/base/error.hpp"
#include "lib/base/registry.hpp"
#include "lib/base/text.hpp"

namespace diffusion::cli {
namespace {

std::optional<int> find_class(const Model& model, const std::string& text) {
  const auto name = std::ranges::find(model.label_names, text);
  if (name != model.label_names.end()) return int(name - model.label_names.begin());
  const auto number = parse_integer(text);
  if (number && *number >= 0 && *number < model.labels) return int(*number);
  return std::nullopt;
}

[[noreturn]] void refuse_class(const Model& model, const std::string& flag,
                               const std::string& text) {
  constexpr std::size_t most_names = 20;
  std::string names;
  if (!model.label_names.empty() && model.label_names.size() <= most_names)
    names = ": " + join(model.label_names, ", ");
  throw Error(flag + " " + text + ": the model has no such class (has 0 to " +
              std::to_string(model.labels - 1) + names + ")");
}

/// A name may hold commas: the whole text is tried before its parts.
std::vector<int> parse_classes(const Model& model, const std::string& text) {
  if (const auto whole = find_class(model, text)) return {*whole};
  std::vector<int> classes;
  if (comparable_name(text) == "all") {
    classes.resize(std::size_t(model.labels));
    std::iota(classes.begin(), classes.end(), 0);
    return classes;
  }
  for (const std::string& part : split(text, ',')) {
    const auto label = find_class(model, part);
    if (!label) refuse_class(model, "--class", part);
    classes.push_back(*label);
  }
  return classes;
}

void check_guidance(const Model& model, const ClassRequest& request, const std::string& culprit) {
  const GuidanceRequest& guidance = request.guidance;
  const double scale = guidance_of(model, guidance).scale;
  if (guidance.scale && request.classes.empty() && guidance.negative.empty())
    throw Error("--cfg: guides towards a class; name it with --class");
  if (scale != 1 && guidance.negative.empty() && !model.unconditional)
    throw Error(culprit +
                ": was trained with every label (objective.label_dropout 0) and cannot be guided "
                "by --cfg without --negative");
}

/// A guide is asked with the class that the model is asked with.
void check_guide_classes(const Guide& guide, const ClassRequest& request) {
  if (request.classes.empty() && !guide.model.unconditional)
    throw Error("--guide " + guide.name +
                ": was trained with every label (objective.label_dropout 0); name a class with "
                "--class");
  const double by_class = request.guidance.scale.value_or(1);
  if (by_class != 1 && guide.scale != 1 && (by_class < 1 || guide.scale < 1))
    throw Error("--guide " + guide.name + ": beside --cfg both scales must be 1 or more, got " +
                shortest(guide.scale) + " and " + shortest(by_class));
}

/// The class to guide away from: --negative, or -1 for none.
int negative_class(const Model& model, const GuidanceRequest& request) {
  if (request.negative.empty()) return -1;
  const auto label = find_class(model, request.negative);
  if (!label) refuse_class(model, "--negative", request.negative);
  return *label;
}

/// Of a batch whose images have these classes; -1 is none.
Denoiser denoiser_of(const Model& model, const std::vector<int>& labels) {
  const bool none = std::ranges::all_of(labels, [](int label) { return label < 0; });
  return none ? model.denoiser({}) : model.denoiser(labels);
}

/// The classes of a batch, and what it is guided away from.
struct BatchClasses {
  std::vector<int> towards, away;
};

/// For a device one run of twice as many images is faster than two.
BothDenoisers both_of(const Model& model, const BatchClasses& batch) {
  if (!model.on_device) return {};
  std::vector<int> labels = batch.towards;
  labels.insert(labels.end(), batch.away.begin(), batch.away.end());
  return diffusion::both_of(denoiser_of(model, labels));
}

Denoiser guided_by_class(const Model& model, const BatchClasses& batch, const Guidance& guidance) {
  const Denoiser towards = denoiser_of(model, batch.towards);
  if (guidance.scale == 1) return towards;
  return guided(towards, denoiser_of(model, batch.away), guidance, both_of(model, batch));
}

/// Away from the guide, and from no class too where `guidance` says so: by the sum of both changes
/// (Karras et al. 2024, App. B.2).
Denoiser guided_by_model(const SampleSource& source, const BatchClasses& batch, Guidance guidance) {
  const Guide& guide = *source.guide;
  const double by_class = guidance.scale - 1, by_model = guide.scale - 1;
  if (by_model == 0) return guided_by_class(source.model, batch, guidance);
  const std::vector<int> none(batch.towards.size(), -1);
  Denoiser away = denoiser_of(guide.model, guide.model.labels == 0 ? none : batch.towards);
  if (by_class != 0)
    away = mixed(denoiser_of(source.model, batch.away), away, by_model / (by_class + by_model));
  guidance.scale = 1 + by_class + by_model;
  return guided(denoiser_of(source.model, batch.towards), away, guidance);
}

}  // namespace

std::vector<int> chosen_classes(const SampleSource& source, const ClassRequest& request,
                                const std::string& culprit) {
  const Model& model = source.model;
  const std::string asking = request.guidance.negative.empty() ? "--class" : "--negative";
  if ((!request.classes.empty() || !request.guidance.negative.empty()) && model.labels == 0)
    throw Error(culprit + (culprit.starts_with("exec:")
                               ? ": of no classes, unless --classes says how many it knows"
                               : ": has no classes; " + asking +
                                     " needs a model that was trained on labels"));
  check_guidance(model, request, culprit);
  if (source.guide) check_guide_classes(*source.guide, request);
  negative_class(model, request.guidance);
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

DenoiserOf class_denoisers(const SampleSource& source, const std::vector<int>& classes,
                           const GuidanceRequest& request, std::uint64_t first) {
  return [&source, &classes, first, guidance = guidance_of(source.model, request),
          negative = negative_class(source.model, request)](std::size_t offset, std::size_t size) {
    BatchClasses batch{std::vector<int>(size, -1), std::vector<int>(size, negative)};
    for (std::size_t n = 0; n < size && !classes.empty(); ++n)
      batch.towards[n] = class_of(classes, first + offset + n);
    return source.guide ? guided_by_model(source, batch, guidance)
                        : guided_by_class(source.model, batch, guidance);
  };
}

}  // namespace diffusion::cli
