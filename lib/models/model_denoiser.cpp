#include "lib/models/model_denoiser.hpp"

#include <algorithm>
#include <cassert>
#include <vector>

#include "lib/noise/combine.hpp"

namespace diffusion {
namespace {

nn::Tensor to_engine(const Tensor& x, double scale) {
  assert(x.dimension() == 4);
  const auto extent = [&](std::size_t axis) { return std::int64_t(x.shape(axis)); };
  nn::Tensor out(nn::Dims{extent(0), extent(1), extent(2), extent(3)});
  std::transform(x.data(), x.data() + x.size(), out.floats().data(),
                 [factor = float(scale)](float value) { return factor * value; });
  return out;
}

Tensor from_engine(const nn::Tensor& x) {
  const auto [n, h, w, c] = x.dims();
  Tensor out(Shape{std::size_t(n), std::size_t(h), std::size_t(w), std::size_t(c)});
  std::ranges::copy(x.floats(), out.data());
  return out;
}

/// A network, what it talks in, and the classes of a batch.
struct Asked {
  NetworkFace face;
  std::vector<int> labels;

  nn::Tensor predict(const Network& network, const Tensor& x_t, const NoiseLevel& at,
                     nn::Tape* tape) const {
    const std::vector<float> timesteps(x_t.shape(0), float(finite_timestep(face, at)));
    std::vector<int> classes = labels;
    if (classes.size() == 1) classes.resize(x_t.shape(0), labels[0]);
    return network.forward(to_engine(x_t, network_input(face, at).scale), timesteps, classes, tape);
  }

  Denoised denoised(const nn::Tensor& predicted, const Tensor& x_t, const NoiseLevel& at) const {
    return denoised_from_said(face.prediction, from_engine(predicted), x_t, at);
  }
};

/// v in the first of a prediction's channels, nothing in those of its variance.
nn::Tensor widened(const Tensor& v, const nn::Dims& dims) {
  nn::Tensor wide(dims);
  const auto channels = v.shape(3), all = std::size_t(dims.c);
  for (std::size_t i = 0; i < wide.count(); ++i) {
    const std::size_t c = i % all;
    wide.floats()[i] = c < channels ? v.data()[i / all * channels + c] : 0;
  }
  return wide;
}

}  // namespace

Denoiser model_denoiser(std::shared_ptr<const Network> network, const NetworkFace& face,
                        std::vector<int> labels) {
  return [network = std::move(network), asked = Asked{face, std::move(labels)}](
             const Tensor& x_t, const NoiseLevel& at) {
    return asked.denoised(asked.predict(*network, x_t, at, nullptr), x_t, at);
  };
}

Pullback model_pullback(std::shared_ptr<Network> network, const NetworkFace& face,
                        std::vector<int> labels) {
  return [network = std::move(network), asked = Asked{face, std::move(labels)}](
             const Tensor& x_t, const NoiseLevel& at, const Tensor& v) {
    nn::Tape tape(nn::Tape::Derivatives::of_input);
    const nn::Tensor predicted = asked.predict(*network, x_t, at, &tape);
    Denoised denoised = asked.denoised(predicted, x_t, at);
    const Tensor pulled = from_engine(network->backward(widened(v, predicted.dims()), tape));
    const Recovery x0 = x0_recovery(asked.face.prediction, at);
    const double scale = network_input(asked.face, at).scale;
    return Pulled{std::move(denoised.x0),
                  combine(x0.from_x, v, x0.from_prediction * scale, pulled)};
  };
}

}  // namespace diffusion
