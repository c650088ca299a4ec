// The smallest network: output = scale x + offset + 0.001 timestep, everywhere.
#pragma once
#include <memory>
#include <vector>

#include "lib/models/network.hpp"

namespace diffusion::test {

class LinearNetwork : public Network {
 public:
  LinearNetwork() {
    parameters_.add("scale", {1});
    parameters_.add("offset", {1, 1});
    parameters_.values()[0] = 0.5f;
  }

  nn::Tensor forward(const nn::Tensor& x, std::span<const float> timesteps, std::span<const int>,
                     nn::Tape* tape) const override {
    const auto weights = parameters_.values();
    nn::Tensor y(x.dims());
    const std::size_t each = x.count() / timesteps.size();
    for (std::size_t i = 0; i < x.count(); ++i)
      y.floats()[i] = weights[0] * x.floats()[i] + weights[1] + 0.001f * timesteps[i / each];
    if (tape) tape->push(x);
    return y;
  }

  nn::Tensor backward(const nn::Tensor& dy, nn::Tape& tape) const override {
    const nn::Tensor x = tape.pop();
    if (!tape.wants_weights()) {
      nn::Tensor dx(x.dims());
      for (std::size_t i = 0; i < x.count(); ++i)
        dx.floats()[i] = parameters_.values()[0] * dy.floats()[i];
      return dx;
    }
    float& dscale = tape.gradient(parameters_.all()[0])[0];
    float& doffset = tape.gradient(parameters_.all()[1])[0];
    for (std::size_t i = 0; i < x.count(); ++i) {
      dscale += dy.floats()[i] * x.floats()[i];
      doffset += dy.floats()[i];
    }
    return {};
  }

  const Json& config() const override { return config_; }

 private:
  Json config_ = {{"_class_name", "Linear"}};
};

}  // namespace diffusion::test
