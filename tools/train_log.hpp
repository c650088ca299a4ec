// The loss log: one line of JSON a step.
#pragma once
#include <cstdint>
#include <fstream>
#include <string>

#include "lib/train/trainer.hpp"

namespace diffusion {

class TrainingLog {
 public:
  /// Keeps the lines of an existing file up to step `kept` (a resumed run), and
  /// appends. "": no log; "-": standard output. Throws Error.
  TrainingLog(const std::string& path, std::uint64_t kept);

  /// {"step", "loss", "lr", "grad_norm", "images_per_second"}; "skipped" where so.
  void add(const StepReport& report, double images_per_second);

 private:
  std::string path_;
  std::ofstream file_;
};

}  // namespace diffusion
