// Schedule files.
#include "lib/schedule/check.hpp"
#include "lib/schedule/schedule_json.hpp"
#include "tests/fuzz/target.hpp"

using namespace diffusion;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return fuzz::run(data, size, [](std::string_view text) {
    const Schedule schedule = schedule_from_json(parse_json(text, "input"), "input");
    check_schedule(schedule);
    schedule_to_json(schedule);
  });
}
