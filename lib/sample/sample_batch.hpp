// One batch of samples: which they are, what they begin from, their noise.
#pragma once
#include <cstdint>
#include <vector>

#include "lib/base/shard.hpp"
#include "lib/sample/generate.hpp"

namespace diffusion {

struct SampleBatch {
  std::size_t offset;
  Shape shape;                     // of the batch
  std::vector<std::uint64_t> ids;  // of its samples
};

SampleBatch batch_of(const GenerateRequest& request, const Range& part);

Tensor start_of(const GenerateRequest& request, const GenerateTools& tools,
                const SampleBatch& batch);

/// Fresh noise of a batch: addressed by draw, or replayed in the order of asking.
class BatchNoise {
 public:
  BatchNoise(const GenerateRequest& request, const GenerateTools& tools, const SampleBatch& batch)
      : request_(request), tools_(tools), batch_(batch) {}

  /// Throws Error where no draws are left.
  Tensor operator()(const Shape& shape, std::uint32_t draw);
  /// To be called at the end: throws Error where draws are left.
  void finish() const;

 private:
  std::size_t available() const { return request_.draws->shape()[0]; }
  [[noreturn]] void refuse(const std::string& asked) const;

  const GenerateRequest& request_;
  const GenerateTools& tools_;
  const SampleBatch& batch_;
  std::size_t asked_ = 0;
};

}  // namespace diffusion
