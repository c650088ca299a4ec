#pragma once
#include <span>
#include <string>

#include "lib/xla/executable.hpp"

namespace diffusion::xla {

/// The options as a serialised CompileOptionsProto. `device_ids` are the plugin's numbers of the
/// replicas' devices. Determinism is asked of the platforms that are not so by themselves.
std::string compile_options_proto(const CompileOptions& options, std::span<const int> device_ids,
                                  const std::string& platform);

}  // namespace diffusion::xla
