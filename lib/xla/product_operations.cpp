// Matrix products and convolutions.
#include <algorithm>
#include <cassert>

#include "lib/xla/operations.hpp"

namespace diffusion::xla {
namespace {

bool has(const Extents& dims, std::size_t dim) {
  return std::find(dims.begin(), dims.end(), std::int64_t(dim)) != dims.end();
}

Type result_type(Value lhs, [[maybe_unused]] Value rhs, std::optional<Type> asked) {
  assert(lhs.program == rhs.program && lhs.type() == rhs.type());
  const Type type = asked.value_or(lhs.type());
  assert(type == lhs.type() || (type == Type::f32 && lhs.type() == Type::bf16));
  return type;
}

void complete(Extents& extents, std::size_t rank, std::int64_t value) {
  if (extents.empty()) extents.assign(rank, value);
  assert(extents.size() == rank);
}

void complete(Convolution& how, std::size_t rank) {
  complete(how.strides, rank, 1);
  complete(how.low, rank, 0);
  complete(how.high, rank, 0);
  complete(how.input_dilation, rank, 1);
  complete(how.kernel_dilation, rank, 1);
}

std::int64_t extent(Value x, const std::string& layout, char letter) {
  assert(layout.size() == x.dims().size() && layout.find(letter) != std::string::npos);
  return x.dims()[layout.find(letter)];
}

std::int64_t output_extent(Value x, Value kernel, const Convolution& how, std::size_t i) {
  const char digit = char('0' + i);
  const std::int64_t in = (extent(x, how.input, digit) - 1) * how.input_dilation[i] + 1;
  const std::int64_t window = (extent(kernel, how.kernel, digit) - 1) * how.kernel_dilation[i] + 1;
  const std::int64_t room = how.low[i] + in + how.high[i] - window;
  assert(room >= 0 && how.strides[i] > 0);
  return room / how.strides[i] + 1;
}

}  // namespace

Value dot_general(Value lhs, Value rhs, DotDims dims, std::optional<Type> result) {
  assert(dims.lhs_batch.size() == dims.rhs_batch.size());
  assert(dims.lhs_contracting.size() == dims.rhs_contracting.size());
  Shape shape{result_type(lhs, rhs, result), {}};
  for (std::size_t i = 0; i < dims.lhs_batch.size(); ++i) {
    shape.dims.push_back(lhs.dims()[std::size_t(dims.lhs_batch[i])]);
    assert(shape.dims.back() == rhs.dims()[std::size_t(dims.rhs_batch[i])]);
  }
  for (std::size_t i = 0; i < dims.lhs_contracting.size(); ++i)
    assert(lhs.dims()[std::size_t(dims.lhs_contracting[i])] ==
           rhs.dims()[std::size_t(dims.rhs_contracting[i])]);
  for (std::size_t i = 0; i < lhs.dims().size(); ++i)
    if (!has(dims.lhs_batch, i) && !has(dims.lhs_contracting, i))
      shape.dims.push_back(lhs.dims()[i]);
  for (std::size_t i = 0; i < rhs.dims().size(); ++i)
    if (!has(dims.rhs_batch, i) && !has(dims.rhs_contracting, i))
      shape.dims.push_back(rhs.dims()[i]);
  return lhs.program->append(
      {Op::dot_general, {lhs.id, rhs.id}, std::move(dims), std::move(shape)});
}

Value convolution(Value x, Value kernel, Convolution how, std::optional<Type> result) {
  complete(how, x.dims().size() - 2);
  assert(extent(x, how.input, 'f') == extent(kernel, how.kernel, 'i'));
  Shape shape{result_type(x, kernel, result), {}};
  assert(how.output.size() == x.dims().size());
  for (const char letter : how.output) {
    if (letter == 'b' || letter == 'f')
      shape.dims.push_back(letter == 'b' ? extent(x, how.input, 'b')
                                         : extent(kernel, how.kernel, 'o'));
    else
      shape.dims.push_back(output_extent(x, kernel, how, std::size_t(letter - '0')));
  }
  return x.program->append({Op::convolution, {x.id, kernel.id}, std::move(how), std::move(shape)});
}

}  // namespace diffusion::xla
