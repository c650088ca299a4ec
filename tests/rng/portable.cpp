// Prints a check sum of many normals. Built for the plainest instruction set of the
// machine's kind and for the richest, it must print the same.
#include <cstdio>
#include <string_view>
#include <vector>

#include "lib/base/fnv1a.hpp"
#include "lib/rng/normal.hpp"

int main() {
  std::vector<float> values(1 << 20);
  std::uint64_t sum = 0;
  for (std::uint32_t step = 0; step < 4; ++step) {
    diffusion::fill_normal(values, {0x01234567u * step, 0x89abcdefu}, step, 7, 0, 3 * step);
    const std::string_view bytes(reinterpret_cast<const char*>(values.data()),
                                 values.size() * sizeof(float));
    sum = sum * 31 + diffusion::fnv1a(bytes);
  }
  std::printf("%016llx\n", static_cast<unsigned long long>(sum));
}
