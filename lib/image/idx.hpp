// IDX files, the format of MNIST and its successors; http://yann.lecun.com/exdb/mnist.
#pragma once
#include <string>

#include "lib/tensor/formats/npy.hpp"
#include "lib/tensor/formats/npy_reader.hpp"

namespace diffusion {

/// The array of an IDX file, gzipped or not. Claims that the data does not
/// bear out throw Error, opened by `culprit`.
NpyArray idx_from_bytes(std::string bytes, const std::string& culprit);

/// An IDX file that is not packed; its numbers stay on disk. Throws Error.
NpyReader read_idx(const std::string& path);

/// "train-labels-idx1-ubyte.gz" for "train-images-idx3-ubyte.gz", if there is
/// such a file beside `path`, compressed or not; else "".
std::string idx_labels_beside(const std::string& path);

}  // namespace diffusion
