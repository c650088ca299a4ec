// The bits of an image's results depend neither on what else is in its batch nor on
// the threads: what sampling, features and resumed runs promise. oneDNN chooses its
// kernels by the whole batch, so that only trying tells.
#include <algorithm>
#include <cstring>

#include "lib/base/parallel.hpp"
#include "lib/nn/elementwise.hpp"
#include "lib/nn/onednn/convolution.hpp"
#include "tests/nn/gradients.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;
using nn::ConvolutionShape;
using nn::Dims;
using nn::DType;
using nn::onednn::Convolution;

namespace {

struct Place {
  ConvolutionShape shape;
  std::int64_t height, width;
};

constexpr ConvolutionShape three(std::int64_t in, std::int64_t out) {
  return {.in = in, .out = out, .kernel = 3, .pad_before = 1, .pad_after = 1};
}
constexpr ConvolutionShape halving(std::int64_t in, std::int64_t out) {
  return {.in = in, .out = out, .kernel = 3, .stride = 2, .pad_before = 1, .pad_after = 1};
}
constexpr ConvolutionShape pointwise(std::int64_t in, std::int64_t out) {
  return {.in = in, .out = out};
}

/// Of the networks that the examples train, and odd ones.
const Place places[] = {
    {three(16, 16), 28, 28},
    {halving(16, 16), 28, 28},
    {three(48, 16), 28, 28},
    {three(32, 64), 7, 7},
    {pointwise(64, 192), 7, 7},
    {pointwise(16, 64), 28, 28},
    {three(64, 64), 32, 32},
    {three(192, 64), 32, 32},
    {halving(64, 64), 32, 32},
    {three(128, 128), 8, 8},
    {three(256, 128), 16, 16},
    {halving(128, 128), 16, 16},
    {pointwise(128, 384), 8, 8},
    {pointwise(256, 128), 16, 16},
    {three(24, 40), 9, 5},
    {three(5, 7), 11, 3},
    {halving(96, 96), 15, 13},
    {three(64, 64), 1, 1},
    {pointwise(33, 17), 5, 3},
    {{.in = 64, .out = 64, .kernel = 3, .stride = 2, .pad_after = 1}, 16, 16},
};

constexpr std::int64_t whole_batch = 64;

/// The last `count` images.
nn::Tensor last_of(const nn::Tensor& x, std::int64_t count) {
  Dims dims = x.dims();
  dims.n = count;
  const nn::Tensor part(dims, x.dtype());
  const std::size_t bytes = part.count() * nn::bytes_per_element(x.dtype());
  const std::size_t all = x.count() * nn::bytes_per_element(x.dtype());
  std::memcpy(part.data(), static_cast<const char*>(x.data()) + (all - bytes), bytes);
  return part;
}

bool same_bits(const nn::Tensor& a, const nn::Tensor& b) {
  return a.dims() == b.dims() && a.dtype() == b.dtype() &&
         std::memcmp(a.data(), b.data(), a.count() * nn::bytes_per_element(a.dtype())) == 0;
}

/// A convolution's three ways to make images out of images.
class Subject {
 public:
  Subject(const Place& place, DType type)
      : place_(place),
        weight_(nn::random_tensor({place.shape.out, 1, 1, weights_of_one()}, 3)),
        bias_(nn::random_tensor({1, 1, 1, place.shape.out}, 4)),
        x_(nn::converted(nn::random_tensor(input(whole_batch), 1), type)),
        dy_(nn::converted(nn::random_tensor(place.shape.output(input(whole_batch)), 2), type)) {}

  std::vector<nn::Tensor> run(const Convolution& convolution, std::int64_t batch) const {
    const nn::onednn::ConvolutionWeights weights{weight_.floats(), bias_.floats(), 1};
    const nn::Tensor x = last_of(x_, batch), dy = last_of(dy_, batch), sum = last_of(dy_, batch);
    convolution.forward_onto(sum, x, weights);
    return {convolution.forward(x, weights), sum,
            convolution.backward_data(dy, input(batch), weights)};
  }

 private:
  std::int64_t weights_of_one() const {
    return std::int64_t(place_.shape.weights()) / place_.shape.out;
  }
  Dims input(std::int64_t batch) const {
    return {batch, place_.height, place_.width, place_.shape.in};
  }

  Place place_;
  nn::Tensor weight_, bias_, x_, dy_;
};

}  // namespace

TEST_CASE("a convolution gives an image the same bits in any batch and on any threads", "[nn]") {
  const auto type = GENERATE(DType::float32, DType::bfloat16);
  if (!nn::onednn::has_products_of(type)) return;
  const Place place = GENERATE(from_range(std::begin(places), std::end(places)));
  const auto& [shape, height, width] = place;
  CAPTURE(type, shape.in, shape.out, shape.kernel, shape.stride, height, width);
  const Subject subject(place, type);
  const int all = threads();
  const std::vector<nn::Tensor> whole = subject.run(Convolution(shape), whole_batch);
  for (const int team : {1, 2, 3, 8}) {
    set_threads(team);
    const Convolution convolution(shape);  // made for so many threads
    for (const std::int64_t batch : {1, 2, 3, 5, 8, 16, 31}) {
      const std::vector<nn::Tensor> part = subject.run(convolution, batch);
      for (std::size_t i = 0; i < whole.size(); ++i) {
        CAPTURE(team, batch, i);  // i: forward, forward onto a sum, backward
        const bool same = same_bits(part[i], last_of(whole[i], batch));
        CHECK(same);
      }
    }
  }
  set_threads(all);
}
