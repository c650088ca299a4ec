#include "lib/nn/dropout.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "lib/base/fnv1a.hpp"
#include "lib/base/parallel.hpp"
#include "lib/kernels/kernels.hpp"

namespace diffusion::nn {
namespace {

constexpr std::uint32_t all = 1 << 16;
using kernel::drop_group;

}  // namespace

Dropout::Dropout(double rate, std::string_view layer)
    : dropped_(std::uint32_t(std::lround(rate * all))),
      address_(std::uint32_t(fnv1a(layer)) | 1u << 31) {
  assert(rate >= 0 && rate < 1);
  dropped_ = std::min(dropped_, all - 1);
}

float Dropout::scale() const { return float(all) / float(all - dropped_); }

void Dropout::forward(const Tensor& x, const Tape* tape) const {
  if (!drops(tape)) return;
  const auto& draws = *tape->draws;
  const kernel::DropRule rule{dropped_, scale()};
  const auto each = x.dims().h * x.dims().w * x.dims().c;
  const auto groups = (each + drop_group - 1) / drop_group;
  with_type(x.dtype(), [&]<class T>(T) {
    const auto drop = kernels().of<T>().drop;
    parallel_ranges(std::size_t(x.dims().n * groups), 64, [&](std::size_t begin, std::size_t end) {
      for (auto i = std::int64_t(begin); i < std::int64_t(end); ++i) {
        const std::int64_t n = i / groups, at = i % groups;
        const std::uint64_t id = draws.first + std::uint64_t(n);
        drop({{draws.key[0], draws.key[1]}, address_, std::uint32_t(id), std::uint32_t(id >> 32)},
             std::uint32_t(at * kernel::drop_lanes * 2), rule,
             std::min(each - at * drop_group, drop_group), x.as<T>() + n * each + at * drop_group);
      }
    });
  });
}

}  // namespace diffusion::nn
