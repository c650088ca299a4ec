// Where samples go: a folder of pictures, an array, an archive, a contact sheet.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "lib/image/image.hpp"

namespace diffusion::cli {

struct SampleOutput {
  std::string path;         // folder, .npy, .npz, "-" (one .npy), or "" for none
  std::string sheet;        // a picture of all samples, or "" for none
  std::uint64_t first = 0;  // number of the first sample, for file names
  std::size_t count = 0;
  // The sheet's rows, in which samples take turns; empty: as square as can be.
  std::vector<std::string> sheet_rows = {};
  Shape shape;            // of one sample: H x W x C
  bool as_float = false;  // float32 in the model's own values rather than 8 bits
};

/// Takes batches in order and writes them; finish() completes what is written whole.
class SampleWriter {
 public:
  virtual ~SampleWriter() = default;
  virtual void take(std::size_t offset, const Tensor& samples) = 0;
  virtual void finish() = 0;
};

/// The writers that an output asks for. Throws Error where the samples' shape or
/// the file's extension does not fit, before anything is sampled.
std::vector<std::unique_ptr<SampleWriter>> sample_writers(const SampleOutput& output);

}  // namespace diffusion::cli
