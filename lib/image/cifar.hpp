// CIFAR-10 and CIFAR-100 in their binary version; https://www.cs.toronto.edu/~kriz/cifar.html.
#pragma once
#include <string>
#include <vector>

#include "lib/image/image_set.hpp"
#include "lib/tensor/formats/npy.hpp"

namespace diffusion {

struct CifarBatch {
  NpyArray images;                       // N x 3 x 32 x 32, uint8
  NpyArray labels;                       // N, uint8; of CIFAR-100 the fine ones
  std::vector<std::string> label_names;  // where they lie beside the file
};

/// Whether a file of this name and size is one: ".bin", and whole records of
/// 1 (CIFAR-100: 2) + 3072 bytes. The format has no first bytes to know it by.
bool is_cifar(const std::string& path, std::size_t size);

/// Takes the contents of such a file apart; names from batches.meta.txt or
/// fine_label_names.txt in the same folder. Throws Error.
CifarBatch cifar_from_bytes(const std::string& bytes, const std::string& path,
                            const Telling& telling = {});

}  // namespace diffusion
