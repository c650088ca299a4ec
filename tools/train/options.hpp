// The command line of diff-train.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "lib/image/image_set.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion {

/// A key of the configuration, the value that it is to have, and the flag that says so.
struct FlagSetting {
  std::string path, value, flag;
};

/// Whether a run goes on with its model file; `automatic`: where it is there, which settle() finds
/// out.
enum class Resume { no, yes, automatic };

struct TrainRequest {
  std::vector<std::string> data;
  std::string output = "-";
  std::string schedule;  // as given to -s; empty: not given
  std::string config_file, device, log;
  std::vector<std::string> sets;   // --set key.path=value
  std::vector<FlagSetting> flags;  // plain flags
  std::int64_t until = 0;          // stop after this step; 0: no
  std::string from, plot, preview;
  std::uint64_t preview_every = 500, keep = 0;
  double max_seconds = 0;  // 0: no limit
  Resume resume = Resume::no;
  bool force = false, print_config = false;
  ImageSetOptions reading;  // most of it goes into the configuration
};

/// Adds the options of a training run; `request` must outlive the tool.
void add_train_options(cli::Tool& tool, TrainRequest& request);

/// Decides Resume::automatic by whether the model file is there; the model of --from is then that
/// of the start alone. Throws Error where it can't be decided.
void settle(TrainRequest& request);

}  // namespace diffusion
