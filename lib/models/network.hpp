// A trainable network, as everything outside lib/nn sees it.
#pragma once
#include <memory>
#include <span>
#include <string_view>

#include "lib/base/json.hpp"
#include "lib/nn/parameters.hpp"
#include "lib/nn/tape.hpp"
#include "lib/nn/tensor.hpp"

namespace diffusion {

/// A network that sees a batch of noisy images and the time of each.
class Network {
 public:
  virtual ~Network() = default;

  /// x: N x H x W x in_channels, float32, any scale; timesteps: N; labels: N, or
  /// none for an unconditional network (-1 is "no label"). Returns
  /// N x H x W x out_channels, float32. A null tape means inference.
  /// The output of an image has the same bits whatever else is in its batch.
  virtual nn::Tensor forward(const nn::Tensor& x, std::span<const float> timesteps,
                             std::span<const int> labels, nn::Tape* tape) const = 0;

  /// dy: the loss's derivative with respect to forward's result. Adds the weights'
  /// derivatives to parameters().gradients() and returns nothing; or, where the tape was
  /// made for the derivative of the input, leaves the weights alone and returns that.
  virtual nn::Tensor backward(const nn::Tensor& dy, nn::Tape& tape) = 0;

  /// In what type activations and products are from now on; float32 until then.
  /// Weights, their derivatives, sums and what goes in and out stay float32. Throws
  /// Error when the processor lacks the type.
  void compute_in(nn::DType type);

  /// The architecture, as it stands in a model file: diffusers' keys.
  virtual const Json& config() const = 0;

  nn::Parameters& parameters() { return parameters_; }
  const nn::Parameters& parameters() const { return parameters_; }

 protected:
  nn::Parameters parameters_;
  nn::DType type_ = nn::DType::float32;
};

/// One row an architecture.
struct NetworkInfo {
  std::string_view name;  // diffusers' "_class_name"
  std::string_view summary, reference;
  /// Builds it with weights initialised from `seed`. Unknown or unsupported keys
  /// are an Error that names them.
  std::unique_ptr<Network> (*make)(const Json& config, std::uint64_t seed);
};

std::span<const NetworkInfo> networks();

/// Picks the row by config["_class_name"] ("UNet2DModel" where it is missing).
std::unique_ptr<Network> make_network(const Json& config, std::uint64_t seed);

}  // namespace diffusion
