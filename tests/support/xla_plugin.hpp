// The devices of the plugin that DIFFUSION_XLA_PLUGIN names, for tests that need one.
#pragma once
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "lib/xla/client.hpp"

namespace diffusion::test {

/// None where the variable is unset: after that line the test returns, and CTest tells it skipped.
inline std::shared_ptr<xla::Client> xla_client(const std::string& test) {
  const char* const plugin = std::getenv("DIFFUSION_XLA_PLUGIN");
  if (plugin && *plugin) return xla::Client::open(plugin);
  std::cout << "skipped: " << test << " needs an XLA plugin (DIFFUSION_XLA_PLUGIN)" << std::endl;
  return nullptr;
}

}  // namespace diffusion::test
