// The table of functions through which MPI is called. Behind it is Open MPI or another
// implementation, which a process that no launcher started never loads.
#pragma once
#include <string>

#include "lib/base/ranks.hpp"

namespace diffusion {

struct MpiModule {
  std::string (*library)();  // name and version
  Ranks (*join)();
  void (*leave)();
  void (*abort)(int code);
};

/// What the module exports, under this name.
inline constexpr const char* mpi_module_symbol = "diffusion_mpi_module";
extern "C" const MpiModule* diffusion_mpi_module();

}  // namespace diffusion
