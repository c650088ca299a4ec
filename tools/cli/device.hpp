// --device: what computes, for every tool that runs networks.
#pragma once
#include <memory>
#include <string>

#include "lib/models/model.hpp"
#include "lib/xla/client.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion::cli {

/// --device; "" where it is not given. --version -v of the tool lists the plugins that it finds.
void add_device(const Flags& flags, std::string& device);

/// The device that was asked for, or else the usual one of the environment; what is compiled for
/// it is said. Refers to the tool.
EngineOptions engine_on(const Tool& tool, const std::string& device);

/// The same, open; null where our own engine is meant. Throws Error.
std::shared_ptr<xla::Client> open_device(const std::string& device);

/// "compiling a step for the device", "compiled a step in 2.1 s". Refers to the tool.
xla::CompileWatch say_compiling(const Tool& tool, const std::string& what);
/// The same of "the network for 64 images".
xla::BatchWatch say_compiling(const Tool& tool);

}  // namespace diffusion::cli
