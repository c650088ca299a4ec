// The network for points.
#include "lib/models/mlp.hpp"

#include <cmath>

#include "lib/base/error.hpp"
#include "tests/nn/gradients.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

namespace {

std::unique_ptr<Network> plane_network(const char* activation) {
  Json config = mlp_network().fit(default_network(mlp_network()), {.sides = {1, 1}, .channels = 2});
  config["activation"] = activation;
  auto network = make_network(config, 1);
  for (const nn::Param& param : network->parameters().all())  // what begins at zero says nothing
    if (param.name == "out_proj.weight")
      for (std::size_t i = 0; i < param.size; ++i)
        network->parameters().value(param)[i] = float(i % 3);
  network->parameters().touch();
  return network;
}

float said_of(const Network& network, float x, float y) {
  nn::Tensor point({1, 1, 1, 2});
  point.floats()[0] = x;
  point.floats()[1] = y;
  const std::vector<float> time{100};
  return network.forward(point, time, {}, nullptr).floats()[0];
}

}  // namespace

TEST_CASE("the MLP tells how far out a point lies, in spite of its norms", "[models]") {
  const auto network = plane_network("silu");
  CHECK(std::abs(said_of(*network, 1, 0.5f) - said_of(*network, 2, 1)) > 1e-2f);
  CHECK(std::abs(said_of(*network, 1, 0.5f) + said_of(*network, -1, -0.5f)) > 1e-3f);
}

TEST_CASE("the activation of an MLP is chosen", "[models]") {
  CHECK(said_of(*plane_network("silu"), 1, 1) != said_of(*plane_network("gelu"), 1, 1));
  Json config = default_network(mlp_network());
  config["activation"] = "tanh";
  CHECK_THROWS_WITH(mlp_network().check(config), StartsWith("model config: activation: must be"));
}

TEST_CASE("the MLP takes points alone, and is what they are trained with", "[models]") {
  CHECK_THROWS_WITH(
      mlp_network().fit(default_network(mlp_network()), {.sides = {1, 2}, .channels = 2}),
      "the images are 1 x 2 pixels, and MLP takes points, 1 x 1 x D; `network` unet takes images");
  CHECK(usual_network(NetworkData::points).name == "MLP");
  CHECK(usual_network(NetworkData::pictures).name == "UNet2DModel");
}
