#include "lib/train/fixed_weights.hpp"

#include <algorithm>

#include "lib/models/network.hpp"
#include "lib/train/adam.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;

TEST_CASE("weights that no training changes do not decay, whoever has them", "[train]") {
  Json config = default_network(networks().front());
  config.update({{"time_embedding_type", "fourier"}, {"in_channels", 1}, {"out_channels", 1}});
  config = networks().front().fit(config, {.sides = {8, 8}, .channels = 1});
  const auto network = make_network(config, 1);
  const auto fixed = fixed_weights(*network->graph());
  REQUIRE(fixed.size() == 1);
  CHECK(fixed[0].count == 16);
  const auto& params = network->parameters().all();
  const auto found = std::ranges::find(params, "time_proj.weight", &nn::Param::name);
  REQUIRE(found != params.end());
  CHECK(fixed[0].first == found->offset);

  const auto all = network->parameters().values();
  const std::vector<float> before(all.begin(), all.end());
  const std::size_t cut = found->offset + 5;  // a share ends in the middle
  for (const Range own : {Range{0, cut}, Range{cut, all.size() - cut}}) {
    const auto share = all.subspan(own.first, own.count);
    const KeptWeights kept(fixed, share, own.first);
    AdamState state(share.size());
    adam_update(share, std::vector<float>(share.size()), state, {.weight_decay = 0.5},
                {.learning_rate = 0.1});
    kept.restore();
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool stays = i >= found->offset && i < found->offset + found->size;
    if (all[i] != (stays ? before[i] : 0.95f * before[i])) FAIL("weight " << i);
  }
}
