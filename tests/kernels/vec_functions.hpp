// The functions of lib/kernels/level/vec.hpp, in the first lane.
#pragma once

namespace diffusion::kernel {

struct VecFunctions {
  float (*exp)(float);
  float (*power_of_2)(float);
  float (*coarse_power_of_2)(float);
  float (*coarse_sigmoid)(float);
};

}  // namespace diffusion::kernel
