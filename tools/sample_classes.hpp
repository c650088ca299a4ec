// Which class each sample is drawn from: diff-sample --class and --cfg.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "lib/models/model.hpp"
#include "lib/sample/generate.hpp"

namespace diffusion::cli {

struct ClassRequest {
  std::string classes;          // "3", "Bag", "3,Bag,5", "all", or "" for none
  std::optional<double> scale;  // of the guidance; none: not guided
};

/// The classes that samples take turns in; empty: without a class. Throws Error for
/// a class that the model does not have, and where guidance has nothing to go by.
std::vector<int> chosen_classes(const Model& model, const ClassRequest& request,
                                const std::string& culprit);

/// The class of sample `number` of a seed.
inline int class_of(const std::vector<int>& classes, std::uint64_t number) {
  return classes[number % classes.size()];
}

/// What a class is called: its name, or its number.
std::string class_name(const Model& model, int label);

/// The model's denoiser for samples `first` .. `first` + `size` - 1, guided by
/// `scale` (1: by nothing).
Denoiser class_denoiser(const Model& model, const std::vector<int>& classes, double scale,
                        std::uint64_t first, std::size_t size);

}  // namespace diffusion::cli
