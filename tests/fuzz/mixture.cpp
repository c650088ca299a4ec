// Files of Gaussian mixtures, and a sample of them.
#include "lib/models/mixture.hpp"

#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run_on_file(data, size, [](const std::string& path) {
    const Mixture mixture = read_mixture(path);
    Shape shape{1};
    shape.insert(shape.end(), mixture.shape.begin(), mixture.shape.end());
    mixture.denoise(Tensor(shape, 0.5f), NoiseLevel{}, {});
  });
}
