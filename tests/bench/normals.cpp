// Times the noise generator: normals a second of one array filled by all threads, and
// of a .npy to .npy pass the share that is generator and copying. bench-normals [repeats]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>

#include "lib/base/parallel.hpp"
#include "lib/rng/noise_source.hpp"

namespace {

using namespace diffusion;

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The quickest of `repeats` calls, after one that warms up.
double best(int repeats, const std::function<void()>& work) {
  work();
  double least = seconds(work);
  for (int i = 1; i < repeats; ++i) least = std::min(least, seconds(work));
  return least;
}

}  // namespace

int main(int argc, char** argv) {
  set_threads(0);
  const int repeats = argc > 1 ? std::atoi(argv[1]) : 5;
  constexpr std::size_t rows = 1 << 14, each = 1 << 12, count = rows * each;  // 256 MB
  const NoiseSource noise(0, "bench");
  const auto out = std::make_unique<float[]>(count), other = std::make_unique<float[]>(count);
  const double fill = best(repeats, [&] {
    parallel_ranges(rows, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) noise.fill({&out[row * each], each}, row, 1);
    });
  });
  const double copy = best(repeats, [&] {
    parallel_ranges(rows, 1, [&](std::size_t begin, std::size_t end) {
      std::memcpy(&other[begin * each], &out[begin * each], (end - begin) * each * sizeof(float));
    });
  });
  std::printf("threads %d\n", threads());
  std::printf("fill    %.1f million normals a second\n", count / fill * 1e-6);
  std::printf("copy    %.1f million floats a second\n", count / copy * 1e-6);
}
