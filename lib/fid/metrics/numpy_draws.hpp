// The random choices of programs that draw by numpy.random.RandomState, so that numbers they
// published come out again.
#pragma once
#include <cstdint>
#include <random>
#include <vector>

namespace diffusion {

/// What torch-fidelity draws with.
inline constexpr std::uint32_t torch_fidelity_seed = 2020;

/// numpy.random.RandomState(seed): a Mersenne Twister (Matsumoto and Nishimura 1998), bounded
/// by masks and rejection. NumPy has frozen these streams.
class NumpyDraws {
 public:
  explicit NumpyDraws(std::uint32_t seed) : words_(seed) {}

  /// RandomState.permutation(count); count is below 2^32.
  std::vector<std::size_t> permutation(std::size_t count);
  /// RandomState.choice(count, chosen, replace=False).
  std::vector<std::size_t> choice(std::size_t count, std::size_t chosen);

 private:
  std::uint32_t up_to(std::uint32_t most);

  std::mt19937 words_;
};

}  // namespace diffusion
