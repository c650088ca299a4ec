// Copies the weights of a file into a network.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "lib/nn/parameters.hpp"
#include "lib/tensor/formats/weight_file.hpp"

namespace diffusion {

/// The weights of a file.
struct PublishedWeights {
  std::span<const WeightTensor> tensors;  // all names begin with `prefix`
  std::string prefix;
  std::string culprit;                                           // opens errors
  std::string (*current_name)(std::string_view name) = nullptr;  // NetworkInfo's
};

/// Throws Error unless every weight is there with its shape, and no other. Reads nothing.
void check_parameters(const PublishedWeights& from, const nn::Parameters& names);

/// Checks them, and fills `out` as `names` lays it out.
void fill_parameters(const PublishedWeights& from, const nn::Parameters& names,
                     std::span<float> out);

}  // namespace diffusion
