// The layers of a network, each on its own and as shaped there, so that they can be
// timed by kind. They are found by the names of its weights.
#pragma once
#include <array>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "lib/models/network.hpp"
#include "lib/models/unet_config.hpp"
#include "lib/nn/tape.hpp"

namespace diffusion::bench {

enum class Kind { convolution, pixel_linear, attention, norm, copies, resampling, time };

inline constexpr std::array kinds{
    std::pair{Kind::convolution, "convolutions"},
    std::pair{Kind::pixel_linear, "linear maps of pixels"},
    std::pair{Kind::attention, "attention"},
    std::pair{Kind::norm, "group norm, SiLU"},
    std::pair{Kind::copies, "joins, sums"},
    std::pair{Kind::resampling, "up-sampling"},
    std::pair{Kind::time, "time embedding"},
};
constexpr bool is_product(Kind kind) {
  return kind == Kind::convolution || kind == Kind::pixel_linear;
}

class Layers {
 public:
  /// Of a batch of `images`, in `type`.
  Layers(const Network& network, const nn::Dims& images, nn::DType type);

  /// Of one kind; with a tape, backward of the same kind must follow.
  void forward(Kind kind, nn::Tape* tape);
  void backward(Kind kind, nn::Tape& tape);
  nn::Parameters& parameters() { return parameters_; }

 private:
  struct Layer {
    Kind kind;
    std::function<void(nn::Tape*)> forward;
    std::function<void(nn::Tape&)> backward;
  };
  /// A weight, and the images that its layer sees.
  struct Place {
    const nn::Param& weight;
    nn::Dims x;
  };

  void add(const Place& place);
  void add_convolution(const Place& place);
  void add_norm(const Place& place);
  void add_attention(const Place& place);
  void add_join(const Place& place);
  void add_sum(const Place& place);
  void add_upsampling(const Place& place);
  void add_time(const Place& place);
  /// Layers of one shape share a tensor, as memory would not hold them all.
  nn::Tensor noise(const nn::Dims& dims, nn::DType type);
  nn::Tensor noise(const nn::Dims& dims) { return noise(dims, type_); }

  nn::DType type_;
  UNetConfig config_;
  nn::Parameters parameters_;
  std::vector<nn::Tensor> tensors_;
  std::vector<Layer> layers_;
};

}  // namespace diffusion::bench
