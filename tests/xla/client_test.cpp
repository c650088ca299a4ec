// The devices of a plugin, and arrays on them.
#include "lib/xla/client.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "tests/support/catch.hpp"
#include "tests/support/xla_plugin.hpp"
#include "tests/xla/programs.hpp"

namespace diffusion::xla {  // whose Shape is not the tensors'
namespace {

/// What comes back of what goes there, with no program between.
template <class T>
std::vector<T> round_trip(Client& client, Type type, const std::vector<T>& values) {
  const Shape shape{type, {std::int64_t(values.size())}};
  const Buffer there = client.upload(values.data(), shape);
  return there.read<T>();
}

}  // namespace

TEST_CASE("a plugin tells its platform and devices", "[xla]") {
  const auto client = test::xla_client("devices");
  if (!client) return;
  CHECK_FALSE(client->platform().empty());
  REQUIRE_FALSE(client->devices().empty());
  CHECK_FALSE(client->devices()[0].kind.empty());
  CHECK_THROWS_WITH(Client::open(client->plugin().path(), {.devices = {99}}),
                    Contains("device"));  // GPUs' plugins say it themselves
  if (const auto memory = client->memory(0)) CHECK(memory->in_use >= 0);
}

TEST_CASE("arrays of all types come back as they were sent", "[xla]") {
  const auto client = test::xla_client("arrays");
  if (!client) return;
  CHECK(round_trip<float>(*client, Type::f32, {1.5F, -0.0F, 1e-40F, INFINITY}) ==
        std::vector<float>{1.5F, -0.0F, 1e-40F, INFINITY});
  CHECK(round_trip<std::int32_t>(*client, Type::s32, {-1, 2, INT32_MIN}) ==
        std::vector<std::int32_t>{-1, 2, INT32_MIN});
  CHECK(round_trip<std::uint32_t>(*client, Type::u32, {1, UINT32_MAX}) ==
        std::vector<std::uint32_t>{1, UINT32_MAX});
  CHECK(round_trip<std::uint16_t>(*client, Type::bf16, {0x3f80, 0xc000, 1}) ==
        std::vector<std::uint16_t>{0x3f80, 0xc000, 1});
  CHECK(round_trip<std::uint8_t>(*client, Type::pred, {1, 0, 1}) ==
        std::vector<std::uint8_t>{1, 0, 1});
  const float scalar = 7;
  CHECK(client->upload(&scalar, Shape{}).read<float>() == std::vector<float>{7});
}

TEST_CASE("what was uploaded may change at once", "[xla]") {
  const auto client = test::xla_client("uploads");
  if (!client) return;
  std::vector<float> values(1 << 20, 3);
  const Buffer buffer = client->upload(values.data(), {Type::f32, {1 << 20}});
  std::fill(values.begin(), values.end(), 4.0F);
  CHECK(buffer.read<float>() == std::vector<float>(1 << 20, 3));
}

TEST_CASE("a client of chosen devices has these, in their order", "[xla]") {
  const auto all = test::xla_client("choice");
  if (!all) return;
  if (all->devices().size() < 3) return;
  const auto client = Client::open(all->plugin().path(), {.devices = {2, 0}});
  REQUIRE(client->devices().size() == 2);
  CHECK(client->devices()[0].hardware == 2);
  CHECK(client->devices()[1].hardware == 0);
  const Executable executable = client->compile(update);
  const auto g = ramp(1);
  Buffer w = client->upload(g.data(), eight), gradient = client->upload(g.data(), eight);
  CHECK(executable.run({&w, &gradient})[0].read<float>()[1] == 6);
  Buffer others = all->upload(g.data(), eight);
  w = client->upload(g.data(), eight);
  CHECK_THROWS_WITH(executable.run({&w, &others}),
                    "argument 1 of the program is not on device 0, where it runs");
}

}  // namespace diffusion::xla
