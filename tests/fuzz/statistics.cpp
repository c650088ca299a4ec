// Statistics of features.
#include "lib/fid/statistics_file.hpp"
#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run_on_file(data, size, [](const std::string& path) {
    const SetStatistics statistics = read_statistics(path);
    check_same_provenance(statistics.features, statistics.features);
    merge(std::vector{statistics, statistics});
  });
}
