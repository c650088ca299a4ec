#include "lib/xla/dropout.hpp"

#include <array>

#include "lib/kernels/random.hpp"
#include "lib/nn/dropout.hpp"

namespace diffusion::xla {
namespace {

using kernel::drop_group, kernel::drop_lanes;
constexpr std::int64_t halves = 8;  // of 16 bits, in a block
constexpr std::int64_t units = drop_group / (halves * drop_lanes);

Value word(Value pair, std::int64_t i) { return reshape(slice(pair, {{i}, {i + 1}}), {}); }

/// Ten rounds on counters that are arrays (Salmon et al. 2011, Sec. 3.3).
std::array<Value, 4> philox(std::array<Value, 4> c, Value k0, Value k1) {
  const Shape shape = c[0].shape();
  for (int round = 0; round < philox_rounds; ++round) {
    const Value a = filled_like(c[0], philox_multiplier[0]);
    const Value b = filled_like(c[0], philox_multiplier[1]);
    c = {multiply_high(b, c[2]) ^ c[1] ^ k0, b * c[2], multiply_high(a, c[0]) ^ c[3] ^ k1,
         a * c[0]};
    k0 = k0 + philox_weyl[0];
    k1 = k1 + philox_weyl[1];
  }
  return c;
}

/// The 16 bits of each element, images x elements: those of a group come from the blocks of its
/// units, in the order (unit, half, lane).
Value bits(Program& program, std::int64_t images, std::int64_t elements, std::uint32_t address,
           const DropoutDraws& draws) {
  const std::int64_t groups = (elements + drop_group - 1) / drop_group;
  const std::int64_t blocks = groups * units * drop_lanes;
  const Extents dims{images, blocks};
  const Value low = word(draws.first, 0) + program.iota({Type::u32, dims}, 0);
  const Value carry = convert(compare(low, Comparison::lt, word(draws.first, 0)), Type::u32);
  const auto words = philox({program.iota({Type::u32, dims}, 1), filled_like(low, address), low,
                             word(draws.first, 1) + carry},
                            word(draws.key, 0), word(draws.key, 1));
  std::vector<Value> parts;
  for (const Value& four : words)
    for (const Value& half : {four & 0xffffu, four >> 16})
      parts.push_back(reshape(half, {images, groups * units, 1, drop_lanes}));
  const Value all = reshape(concatenate(parts, 2), {images, groups * drop_group});
  return slice(all, {{0, 0}, {images, elements}});
}

}  // namespace

Value dropped_out(Value x, const nn::layers::Dropout& layer, const DropoutDraws& draws) {
  const nn::Dropout rule(layer.rate, layer.name);
  const Extents& dims = x.dims();
  const std::int64_t elements = dims[1] * dims[2] * dims[3];
  const Value drawn = bits(*x.program, dims[0], elements, rule.address(), draws);
  const Value kept = reshape(compare(drawn, Comparison::ge, rule.dropped()), dims);
  const Value scaled = convert(convert(x, Type::f32) * rule.scale(), x.type());
  return select(kept, scaled, filled_like(x, 0));
}

}  // namespace diffusion::xla
