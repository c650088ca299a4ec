// A network that is written down as a graph of layers, run by the processor's engine.
#pragma once
#include "lib/models/network.hpp"
#include "lib/nn/processor.hpp"

namespace diffusion {

class GraphNetwork final : public Network {
 public:
  /// All weights are zero.
  GraphNetwork(Json config, nn::Graph graph)
      : config_(std::move(config)), processor_(std::move(graph), parameters_) {}

  nn::Tensor forward(const nn::Tensor& x, std::span<const float> timesteps,
                     std::span<const int> labels, nn::Tape* tape) const override {
    assert(std::int64_t(timesteps.size()) == x.dims().n);
    assert(labels.empty() || labels.size() == timesteps.size());
    return processor_.forward({x, timesteps, labels}, type_, tape);
  }
  nn::Tensor backward(const nn::Tensor& dy, nn::Tape& tape) const override {
    return processor_.backward(dy, type_, tape);
  }
  const Json& config() const override { return config_; }
  const nn::Graph* graph() const override { return &processor_.graph(); }

 private:
  Json config_;
  nn::Processor processor_;
};

}  // namespace diffusion
