// The settings that flags gave, and messages that name them as they were given.
#pragma once
#include <string>
#include <vector>

#include "lib/base/error.hpp"
#include "tools/train/options.hpp"

namespace diffusion {

/// The flags that stand for keys of the configuration, in the order in which they win.
std::vector<FlagSetting> settings_of(cli::Tool& tool, const TrainRequest& request);

/// "train.lr: must be a number above 0" as "--lr: must be ..." where that flag was given; what
/// --set or a file says keeps its name.
std::string with_flags_for_keys(std::string message, const std::vector<FlagSetting>& given);

/// Does `make`; its errors name keys that flags gave as those flags.
template <class Make>
auto naming_flags(const std::vector<FlagSetting>& given, const Make& make) {
  try {
    return make();
  } catch (const Error& e) {
    throw Error(with_flags_for_keys(e.what(), given));
  }
}

}  // namespace diffusion
