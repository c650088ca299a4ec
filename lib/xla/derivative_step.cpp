#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

#include "lib/xla/derivative_step.hpp"
#include "lib/xla/spelling.hpp"

namespace diffusion::xla {
namespace {

std::int64_t extent(Value x, const std::string& layout, std::size_t i) {
  return x.dims()[layout.find(char('0' + i))];
}

std::string renamed(std::string layout, const std::string& from, const std::string& to) {
  for (char& letter : layout)
    if (const auto i = from.find(letter); i != std::string::npos) letter = to[i];
  return layout;
}

}  // namespace

void refuse(const Step& step) {
  throw std::logic_error("xla: no derivative of " + std::string(name_of(step.of.op)) +
                         " with respect to operand " + std::to_string(step.k));
}

Extents others(const Extents& some, std::size_t rank) {
  Extents rest;
  for (std::int64_t dim = 0; dim < std::int64_t(rank); ++dim)
    if (std::find(some.begin(), some.end(), dim) == some.end()) rest.push_back(dim);
  return rest;
}

Extents inverse(const Extents& permutation) {
  Extents back(permutation.size());
  for (std::size_t i = 0; i < back.size(); ++i) back[std::size_t(permutation[i])] = std::int64_t(i);
  return back;
}

/// g times the other operand over what is left of that one. The result's dimensions are then
/// the batch's, those left of operand k, and those summed over, in the other's order.
Value dot_derivative(const Step& step) {
  const auto& d = std::get<DotDims>(step.of.attributes);
  const bool left = step.k == 0;
  const Extents &batch = left ? d.lhs_batch : d.rhs_batch,
                &summed = left ? d.lhs_contracting : d.rhs_contracting,
                &other_batch = left ? d.rhs_batch : d.lhs_batch,
                &other_summed = left ? d.rhs_contracting : d.lhs_contracting;
  const Value other = step.x(1 - step.k);
  const auto left_over = [](Extents some, const Extents& more, std::size_t rank) {
    some.insert(some.end(), more.begin(), more.end());
    return others(some, rank);
  };
  const Extents free = left_over(batch, summed, step.x(step.k).dims().size());
  const Extents other_free = left_over(other_batch, other_summed, other.dims().size());
  DotDims back{.rhs_batch = other_batch, .rhs_contracting = other_free};
  for (std::size_t i = 0; i < batch.size(); ++i) back.lhs_batch.push_back(std::int64_t(i));
  const std::size_t first = batch.size() + (left ? free.size() : 0);
  for (std::size_t i = 0; i < other_free.size(); ++i)
    back.lhs_contracting.push_back(std::int64_t(first + i));

  Extents order(summed.size());  // of the sums, as the other has them
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return other_summed[std::size_t(a)] < other_summed[std::size_t(b)];
  });
  Extents now = batch;  // which dimension of operand k each of the product's is
  now.insert(now.end(), free.begin(), free.end());
  for (const std::int64_t i : order) now.push_back(summed[std::size_t(i)]);
  return transpose(dot_general(convert(step.g, other.type()), other, back), inverse(now));
}

/// x[i] meets w[k] in y[o] where i input_dilation = o stride + k kernel_dilation - low: a
/// convolution of g, its elements a stride apart, with the kernel turned round.
Value input_derivative(const Step& step) {
  const auto& how = std::get<Convolution>(step.of.attributes);
  Convolution back{.input = how.output,
                   .kernel = renamed(how.kernel, "io", "oi"),
                   .output = how.input,
                   .strides = how.input_dilation,
                   .input_dilation = how.strides,
                   .kernel_dilation = how.kernel_dilation};
  Extents spatial;
  for (std::size_t i = 0; i < how.strides.size(); ++i) {
    const auto spread = [&](std::int64_t n, std::int64_t by) { return (n - 1) * by + 1; };
    const std::int64_t kernel = spread(extent(step.x(1), how.kernel, i), how.kernel_dilation[i]);
    const std::int64_t in = spread(extent(step.x(0), how.input, i), how.input_dilation[i]);
    const std::int64_t out = spread(extent(step.g, how.output, i), how.strides[i]);
    back.low.push_back(kernel - 1 - how.low[i]);
    back.high.push_back(in + kernel - 1 - out - back.low.back());
    spatial.push_back(std::int64_t(how.kernel.find(char('0' + i))));
  }
  std::sort(spatial.begin(), spatial.end());
  const Value kernel = step.x(1);
  return convolution(convert(step.g, kernel.type()), reverse(kernel, spatial), back);
}

/// The same as a convolution of x with g, whose elements are a stride apart; the batch is what it
/// sums over, and x's features are its batch.
Value kernel_derivative(const Step& step) {
  const auto& how = std::get<Convolution>(step.of.attributes);
  Convolution back{.input = renamed(how.input, "bf", "fb"),
                   .kernel = renamed(how.output, "bf", "io"),
                   .output = renamed(how.kernel, "io", "bf"),
                   .strides = how.kernel_dilation,
                   .low = how.low,
                   .input_dilation = how.input_dilation,
                   .kernel_dilation = how.strides};
  for (std::size_t i = 0; i < how.strides.size(); ++i) {
    const auto spread = [&](std::int64_t n, std::int64_t by) { return (n - 1) * by + 1; };
    const std::int64_t kernel = spread(extent(step.x(1), how.kernel, i), how.kernel_dilation[i]);
    const std::int64_t in = spread(extent(step.x(0), how.input, i), how.input_dilation[i]);
    const std::int64_t out = spread(extent(step.g, how.output, i), how.strides[i]);
    back.high.push_back(kernel - 1 + out - in - how.low[i]);
  }
  const Value x = step.x(0);
  return convolution(x, convert(step.g, x.type()), back);
}

}  // namespace diffusion::xla
