#include "lib/models/trained_classes.hpp"

#include <algorithm>
#include <limits>

#include "lib/models/model_denoiser.hpp"

namespace diffusion {
namespace {

/// Whether labels were left out now and then, so that it can do without.
bool left_out_labels(const JsonAt& objective) {
  const auto dropout = objective.find("label_dropout");
  return dropout && dropout->number() != 0;
}

}  // namespace

TrainedClasses trained_classes(const JsonAt& data, const JsonAt& objective, std::size_t labels) {
  const auto given = data.find("classes");
  const auto count = given ? std::size_t(given->whole(0, std::numeric_limits<int>::max())) : 0;
  if (count == 0) return {};
  if (labels != count + 1 && labels != count)
    given->refuse("the labels of the network, " + std::to_string(labels) + ", or one fewer");
  TrainedClasses classes{.count = int(count), .unconditional = left_out_labels(objective)};
  if (labels > count) classes.none = int(count);
  if (const auto names = data.find("label_names")) {
    classes.names = names->texts();
    if (classes.names.size() > count) names->refuse("a string for each class");
  }
  return classes;
}

TrainedClasses classes_of_network(const NetworkImages& images) {
  const auto labels = int(images.labels);
  if (labels > 0 && images.last_is_no_label) return {.count = labels - 1, .none = labels - 1};
  return {.count = labels, .unconditional = labels == 0};
}

std::function<Denoiser(std::span<const int>)> denoisers_of(std::shared_ptr<const Network> network,
                                                           const NetworkFace& face,
                                                           std::optional<int> none) {
  return [network = std::move(network), face, none](std::span<const int> labels) -> Denoiser {
    std::vector<int> numbered(labels.begin(), labels.end());
    if (none && numbered.empty()) numbered.push_back(*none);
    if (none) std::ranges::replace(numbered, -1, *none);
    return DifferentiableDenoiser{model_denoiser(network, face, numbered),
                                  model_pullback(network, face, numbered)};
  };
}

}  // namespace diffusion
