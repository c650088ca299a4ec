// Runs small programs of float32.
#pragma once
#include <vector>

#include "lib/xla/client.hpp"
#include "lib/xla/program.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/xla_plugin.hpp"

namespace diffusion::xla {

using Arrays = std::vector<std::vector<float>>;

/// What a program of f32 parameters and f32 results makes of arguments.
inline Arrays evaluate(Client& client, const Program& program, const Arrays& arguments) {
  const Executable compiled = client.compile({text(program), signature(program)});
  std::vector<Buffer> buffers;
  Arguments handed;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const Shape& shape = compiled.signature().parameters[i];
    REQUIRE(shape.count() == arguments[i].size());
    buffers.push_back(client.upload(arguments[i].data(), shape));
  }
  for (Buffer& buffer : buffers) handed.push_back(&buffer);
  Arrays results;
  for (const Buffer& result : compiled.run(handed)) results.push_back(result.read<float>());
  return results;
}

}  // namespace diffusion::xla
