// Configurations of training: a file, and an assignment of the command line.
#include "lib/models/network.hpp"
#include "lib/train/config.hpp"
#include "lib/train/settings.hpp"
#include "tests/fuzz/target.hpp"

using namespace diffusion;

namespace {

void use(const Json& config) {
  parse_config(config);
  const NetworkInfo& row = network_row(config["model"]);
  make_blank_network(
      row.fit(config["model"], {.sides = {32, 32}, .channels = 3, .classes = 10, .variance = {}}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::run(data, size, [](std::string_view text) {
    Json config = default_config();
    set_config(config, std::string(text));
    use(config);
  });
  return fuzz::run(data, size, [](std::string_view text) {
    Json config = default_config();
    merge_config(config, parse_json(text, "input"), "input");
    fixed_difference(default_config(), config);
    use(config);
  });
}
