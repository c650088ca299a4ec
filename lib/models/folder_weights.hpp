// The weights in a network's folder of diffusers: one file or several, of one variant or another.
#pragma once
#include <string>
#include <vector>

#include "lib/tensor/formats/weight_file.hpp"

namespace diffusion {

/// The file of weights, or the index of several that hold them together (shards): of the variant
/// "fp16" those called diffusion_pytorch_model.fp16.safetensors and the like; for "" the plain
/// ones, or else the only variant that there is. safetensors goes before .bin. Throws Error that
/// lists what there is.
std::string find_folder_weights(const std::string& folder, const std::string& variant);

/// The tensors of such a file, or of all shards of an index, each of which must have what the
/// index says. Throws Error that names the file.
std::vector<WeightTensor> open_folder_weights(const std::string& path);

}  // namespace diffusion
