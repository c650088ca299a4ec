#include "lib/rng/noise_source.hpp"

#include <algorithm>
#include <cassert>

#include "lib/base/parallel.hpp"
#include "lib/rng/normal.hpp"

namespace diffusion {
namespace {

std::uint32_t low(std::uint64_t x) { return std::uint32_t(x); }
std::uint32_t high(std::uint64_t x) { return std::uint32_t(x >> 32); }

}  // namespace

NoiseSource::NoiseSource(std::uint64_t seed, std::string_view tool)
    : key_{low(seed ^ fnv1a(tool)), high(seed ^ fnv1a(tool))} {}

void NoiseSource::fill(std::span<float> out, std::uint64_t id, std::uint32_t step,
                       std::uint64_t first) const {
  fill_normal(out, key_, step, low(id), high(id), first);
}

Tensor NoiseSource::normal(const Shape& shape, std::span<const std::uint64_t> ids,
                           std::uint32_t step) const {
  assert(!shape.empty() && shape[0] == ids.size());
  Tensor out(shape);
  const std::size_t each = ids.empty() ? 0 : out.size() / ids.size();
  constexpr std::size_t grain = 1 << 14;  // normals: below that a thread costs more than it saves
  parallel_ranges(ids.size(), grain / std::max<std::size_t>(1, each),
                  [&](std::size_t begin, std::size_t end) {
                    for (std::size_t n = begin; n < end; ++n)
                      fill({out.data() + n * each, each}, ids[n], step);
                  });
  return out;
}

PhiloxCounter NoiseSource::bits(std::uint64_t id, std::uint32_t step, std::uint32_t block) const {
  return philox4x32({block, step, low(id), high(id)}, key_);
}

double NoiseSource::uniform(std::uint64_t id, std::uint32_t step, std::uint32_t index) const {
  const PhiloxCounter words = bits(id, step, index / 2);
  const std::size_t at = 2 * (index % 2);
  const std::uint64_t joined = std::uint64_t(words[at]) << 32 | words[at + 1];
  return double(joined >> 11) * 0x1p-53;
}

}  // namespace diffusion
