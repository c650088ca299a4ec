#include "lib/sample/sample_batch.hpp"

#include <algorithm>
#include <numeric>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "lib/tensor/stack.hpp"

namespace diffusion {
namespace {

/// A batch's, of this shape, of one of the draws, draws x N x H x W x C.
Tensor replayed(const Tensor& draws, std::size_t draw, std::size_t offset, const Shape& shape) {
  Tensor noise(shape);
  const std::size_t each = noise.size() / shape[0];
  std::ranges::copy(row_of(draws, draw).subspan(offset * each, noise.size()), noise.data());
  return noise;
}

}  // namespace

SampleBatch batch_of(const GenerateRequest& request, const Range& part) {
  const auto [offset, size] = part;
  SampleBatch batch{offset, batch_shape(size, request.shape), std::vector<std::uint64_t>(size)};
  std::iota(batch.ids.begin(), batch.ids.end(), request.first + offset);
  return batch;
}

Tensor start_of(const GenerateRequest& request, const GenerateTools& tools,
                const SampleBatch& batch) {
  const StartOf start = request.start ? request.start : start_from_noise(request.shape);
  return start(batch.ids, {tools.path, tools.grid.front(), tools.noise});
}

Tensor BatchNoise::operator()(const Shape& shape, std::uint32_t draw) {
  if (!request_.draws) return tools_.noise.normal(shape, batch_.ids, draw);
  if (asked_ == available()) refuse("more");
  return replayed(*request_.draws, asked_++, batch_.offset, shape);
}

void BatchNoise::finish() const {
  if (request_.draws && asked_ < available()) refuse(asked_ == 0 ? "none" : std::to_string(asked_));
}

void BatchNoise::refuse(const std::string& asked) const {
  throw Error("the replayed noise has " + count_of(available(), "draw") +
              ", and the sampler asks for " + asked);
}

}  // namespace diffusion
