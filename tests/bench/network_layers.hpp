// The layers of a network, each on its own and as shaped there, so that they can be
// timed by kind.
#pragma once
#include <array>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "lib/models/network.hpp"
#include "lib/nn/plan.hpp"
#include "lib/nn/tape.hpp"

namespace diffusion::bench {

enum class Kind { convolution, pixel_linear, attention, norm, copies, resampling, time };

inline constexpr std::array kinds{
    std::pair{Kind::convolution, "convolutions"},
    std::pair{Kind::pixel_linear, "linear maps of pixels"},
    std::pair{Kind::attention, "attention"},
    std::pair{Kind::norm, "norms, activations"},
    std::pair{Kind::copies, "joins, sums, gates"},
    std::pair{Kind::resampling, "up-sampling"},
    std::pair{Kind::time, "of the time and the class"},
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

  void add(const nn::layers::Convolution& layer);
  void add(const nn::layers::PixelLinear& layer);
  void add(const nn::layers::GroupNorm& layer);
  void add(const nn::layers::LayerNorm& layer);
  void add(const nn::layers::Gelu& layer);
  void add(const nn::layers::Attention& layer);
  void add(const nn::layers::Concatenation& layer);
  void add(const nn::layers::Sum& layer);
  void add(const nn::layers::GatedSum& layer);
  void add(const nn::layers::NearestUpsampling& layer);
  void add(const nn::layers::MeanDownsampling& layer);
  void add(const nn::layers::Linear& layer);
  void add(const auto&) {}  // what takes no time to speak of
  /// Of the step that is added.
  nn::Tensor input(std::size_t i);
  nn::Tensor result();
  nn::Tensor vector(std::size_t i);  // an input that is one for each image
  /// Layers of one shape share a tensor, as memory would not hold them all.
  nn::Tensor noise(const nn::Dims& dims, nn::DType type);
  nn::Tensor noise(const nn::Dims& dims) { return noise(dims, type_); }

  nn::DType type_;
  std::vector<nn::Dims> sizes_;     // of what each makes
  std::vector<bool> learned_;       // whether there are weights before it
  const nn::Step* step_ = nullptr;  // that is added
  nn::Parameters parameters_;
  std::vector<nn::Tensor> tensors_;
  std::vector<Layer> layers_;
};

}  // namespace diffusion::bench
