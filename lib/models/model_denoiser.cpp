#include "lib/models/model_denoiser.hpp"

#include <algorithm>
#include <cassert>
#include <vector>

#include "lib/models/pieces.hpp"
#include "lib/noise/combine.hpp"

namespace diffusion {
namespace {

nn::Tensor to_engine(const Tensor& x, double scale, double offset = 0) {
  assert(x.dimension() == 4);
  const auto extent = [&](std::size_t axis) { return std::int64_t(x.shape(axis)); };
  nn::Tensor out(nn::Dims{extent(0), extent(1), extent(2), extent(3)});
  std::transform(
      x.data(), x.data() + x.size(), out.floats().data(),
      [factor = float(scale), plus = float(offset)](float value) { return factor * value + plus; });
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

  /// What goes into the network.
  struct Input {
    nn::Tensor x;
    std::vector<float> timesteps;
    std::vector<int> classes;
  };
  Input input(const Tensor& x_t, const NoiseLevel& at) const {
    const std::size_t images = x_t.shape(0);
    const NetworkInput seen = network_input(face, at);
    return {to_engine(x_t, seen.scale, seen.offset),
            std::vector<float>(images, float(finite_timestep(face, at))),
            labels.size() == 1 ? std::vector<int>(images, labels[0]) : labels};
  }

  Denoised denoised(const nn::Tensor& predicted, const Tensor& x_t, const NoiseLevel& at) const {
    return denoised_from_said(face.prediction, from_engine(predicted), x_t, at);
  }
};

/// v in the first of a prediction's channels, nothing in those of its variance.
nn::Tensor widened(const nn::Tensor& v, const nn::Dims& dims) {
  nn::Tensor wide(dims);
  const auto channels = std::size_t(v.dims().c), all = std::size_t(dims.c);
  for (std::size_t i = 0; i < wide.count(); ++i) {
    const std::size_t c = i % all;
    wide.floats()[i] = c < channels ? v.floats()[i / all * channels + c] : 0;
  }
  return wide;
}

/// What the network says, and v pulled back through it.
struct Said {
  nn::Tensor predicted, pulled;
};
Said pull(const Network& network, Divider& divider, const Asked::Input& in, const nn::Tensor& v) {
  const Division division = division_for(network, divider, in.timesteps.size());
  std::vector<nn::Tensor> predicted(division.pieces.size()), pulled(division.pieces.size());
  divider.run(division, [&](std::size_t i, const Range& piece) {
    const auto own = [&](const auto& all) {
      return all.empty() ? std::span(all) : std::span(all).subspan(piece.first, piece.count);
    };
    nn::Tape tape;
    predicted[i] =
        network.forward(images_of(in.x, piece), own(in.timesteps), own(in.classes), &tape);
    pulled[i] = network.backward(widened(images_of(v, piece), predicted[i].dims()), tape);
  });
  return {joined(predicted), joined(pulled)};
}

}  // namespace

Denoiser model_denoiser(std::shared_ptr<const Network> network, const NetworkFace& face,
                        std::vector<int> labels) {
  return [network = std::move(network), asked = Asked{face, std::move(labels)},
          divider = std::make_shared<Divider>()](const Tensor& x_t, const NoiseLevel& at) {
    const auto [x, timesteps, classes] = asked.input(x_t, at);
    return asked.denoised(forward_in_pieces(*network, *divider, x, timesteps, classes), x_t, at);
  };
}

Pullback model_pullback(std::shared_ptr<const Network> network, const NetworkFace& face,
                        std::vector<int> labels) {
  return [network = std::move(network), asked = Asked{face, std::move(labels)},
          divider = std::make_shared<Divider>()](const Tensor& x_t, const NoiseLevel& at,
                                                 const Tensor& v) {
    const auto [predicted, pulled] =
        pull(*network, *divider, asked.input(x_t, at), to_engine(v, 1));
    Denoised denoised = asked.denoised(predicted, x_t, at);
    const Recovery x0 = x0_recovery(asked.face.prediction, at);
    const double scale = network_input(asked.face, at).scale;
    return Pulled{std::move(denoised.x0),
                  combine(x0.from_x, v, x0.from_prediction * scale, from_engine(pulled))};
  };
}

}  // namespace diffusion
