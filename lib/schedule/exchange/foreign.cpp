#include "lib/schedule/exchange/foreign.hpp"

#include <filesystem>

#include "lib/base/error.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/schedule/exchange/diffusers_config.hpp"
#include "lib/schedule/schedule_json.hpp"

namespace diffusion {

namespace fs = std::filesystem;

std::string schedule_file(const std::string& given) {
  std::error_code none;
  if (given == "-" || !fs::is_directory(given, none)) return given;
  const std::string config = diffusers_config_name;
  for (const fs::path& inside : {fs::path(config), fs::path("scheduler") / config}) {
    const fs::path path = fs::path(given) / inside;
    if (fs::is_regular_file(path, none)) return path.string();
  }
  throw Error(given + ": is a folder, not a schedule, and holds neither " + config +
              " nor scheduler/" + config);
}

Schedule schedule_of_json(const Json& json, const std::string& culprit) {
  return is_diffusers_config(json) ? schedule_from_diffusers(json, culprit)
                                   : schedule_from_json(json, culprit);
}

ForeignSchedule read_foreign(std::string bytes, const std::string& culprit,
                             std::optional<Quantity> wanted, const NpyDecoder& npy) {
  switch (file_kind(bytes)) {
    case FileKind::npy:
      return PlainArray{.quantity = wanted, .values = npy(std::move(bytes), culprit)};
    case FileKind::json_object: {
      const Json json = parse_json(bytes, culprit);
      if (defines_schedule(json)) throw Error(culprit + ": is a schedule file already");
      return schedule_from_diffusers(json, culprit);
    }
    case FileKind::json_array:
    case FileKind::text:
    case FileKind::empty:
      return parse_list(bytes, wanted, culprit);
    default:
      refuse_known_kind(file_kind(bytes), culprit, "a schedule (JSON, .npy or text)");
      return parse_list(bytes, wanted, culprit);
  }
}

}  // namespace diffusion
