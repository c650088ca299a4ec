// Functions of vectors at one level, for their tests.
#include "lib/kernels/level/vec.hpp"
#include "tests/kernels/vec_functions.hpp"

namespace diffusion::kernel::DIFFUSION_LEVEL {
namespace {

float exp_of(float x) { return exp(broadcast(x))[0]; }
float power_of_2_of(float x) { return power_of_2(broadcast(x))[0]; }
float coarse_power_of_2_of(float x) { return coarse_power_of_2(broadcast(x))[0]; }
float coarse_sigmoid_of(float x) { return coarse_sigmoid(broadcast(x))[0]; }

}  // namespace

extern const VecFunctions vec_functions;
constinit const VecFunctions vec_functions{exp_of, power_of_2_of, coarse_power_of_2_of,
                                           coarse_sigmoid_of};

}  // namespace diffusion::kernel::DIFFUSION_LEVEL
