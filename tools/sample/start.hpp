// Which samples of a seed to draw, and what they begin from.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "lib/models/model.hpp"
#include "lib/sample/generate.hpp"
#include "tools/cli/tool.hpp"
#include "tools/sample/init.hpp"

namespace diffusion {

struct StartRequest {
  std::optional<std::size_t> count;
  std::uint64_t first = 0;
  std::optional<Shard> shard;  // draw this part of them alone
  std::size_t batch = 64;
  std::string between;  // "A,B": samples on the way from one to the other, or ""
  std::string draws;    // a file of them, or ""
  InitRequest init;
};

void add_start_options(const cli::Flags& flags, StartRequest& request);

/// Throws Error where a file's draws do not suit the model or the samples, and where there
/// is nothing to go between. `classes`: how many samples take turns in.
GenerateRequest generate_request(const Model& model, const StartRequest& asked, const Init& init,
                                 std::size_t classes);

}  // namespace diffusion
