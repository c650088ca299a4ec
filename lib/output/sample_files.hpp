// Samples that come in batches, to where they go.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "lib/output/store.hpp"
#include "lib/output/turn.hpp"
#include "lib/tensor/tensor.hpp"

namespace diffusion {

struct SampleOutput {
  Destination to;
  std::uint64_t first = 0;  // number of the first sample, for names
  std::size_t count = 0;
  std::vector<Turn> turns = {};  // from the first sample on; empty: no classes
  Shape shape;                   // of one sample: H x W x C
  Depth depth = Depth::uint8;    // float32: the model's own values rather than 8 bits
};

/// The name of sample `number` in a folder or a tar: a picture, "000017.png", or for floats
/// an array of its values, "000017.npy".
std::string sample_name(std::uint64_t number, Depth depth);

/// Whether samples H x W x C have the channels of pictures: 1, 3 or 4.
bool has_picture_shape(const Shape& shape);
/// Throws Error, opened by `path`, unless samples of this shape are pictures.
void need_picture_shape(const Shape& shape, const std::string& path);

class SampleFiles {
 public:
  /// Throws Error where the samples' shape or number do not suit the destination, before
  /// anything is sampled.
  explicit SampleFiles(const SampleOutput& output);

  /// A batch, in their order: N x H x W x C from sample first + offset on. Those of a folder
  /// appear, those of a pipe are on their way, before more are drawn.
  void take(std::size_t offset, const Tensor& samples);
  /// What is one file appears.
  void finish() { store_->commit(); }

 private:
  InOrder take_one(std::size_t offset, Image sample) const;

  SampleOutput output_;
  std::unique_ptr<Store> store_;
};

}  // namespace diffusion
