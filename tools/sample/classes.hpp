// Which class each sample is drawn from: diff-sample --class and --cfg.
#pragma once
#include <string>
#include <vector>

#include "lib/sample/generate.hpp"
#include "tools/sample/guidance.hpp"
#include "tools/sample/source.hpp"

namespace diffusion::cli {

struct ClassRequest {
  std::string classes;  // "3", "Bag", "3,Bag,5", "all", or "" for none
  GuidanceRequest guidance;
};

/// The classes that samples take turns in; empty: without a class. Throws Error for
/// a class that the model does not have, and where guidance has nothing to go by.
std::vector<int> chosen_classes(const SampleSource& source, const ClassRequest& request,
                                const std::string& culprit);

/// The class of sample `number` of a seed.
inline int class_of(const std::vector<int>& classes, std::uint64_t number) {
  return classes[number % classes.size()];
}

/// What a class is called: its name, or its number.
std::string class_name(const Model& model, int label);

/// The model's denoisers of samples `first`, `first` + 1, ... of a seed, which take turns
/// in `classes` (chosen_classes) and are guided. Refers to the source and the classes.
DenoiserOf class_denoisers(const SampleSource& source, const std::vector<int>& classes,
                           const GuidanceRequest& request, std::uint64_t first);

}  // namespace diffusion::cli
