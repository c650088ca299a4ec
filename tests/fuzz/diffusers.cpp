// Configurations of diffusers: a scheduler's, and a network's up to the layout of its weights.
#include "lib/models/network.hpp"
#include "lib/schedule/exchange/diffusers_config.hpp"
#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::run(data, size, [](std::string_view text) {
    const Schedule schedule = schedule_from_diffusers(parse_json(text, "input"), "input");
    if (schedule.steps() <= 1000) diffusers_from_schedule(schedule);
  });
  return fuzz::run(data, size, [](std::string_view text) {
    const Json config = parse_json(text, "input");
    network_row(config).images(config);
    make_blank_network(config);
  });
}
