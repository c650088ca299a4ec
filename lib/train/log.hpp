// The loss log: a line of JSON for each step, and for each validation.
#pragma once
#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "lib/train/loss_plot.hpp"
#include "lib/train/trainer.hpp"
#include "lib/train/validation.hpp"

namespace diffusion {

class TrainingLog {
 public:
  /// Keeps the lines of an existing file up to step `kept` (a resumed run), and
  /// appends. "": no log; "-": standard output. Throws Error.
  TrainingLog(const std::string& path, std::uint64_t kept);

  /// {"step", "loss", "lr", "grad_norm", "images_per_second"}; "skipped" where so.
  void add(const StepReport& report, double images_per_second);
  /// {"step", "validation": {"loss", "bands"}}.
  void add(std::uint64_t step, const ValidationLoss& loss);

  /// What the lines kept and added say.
  std::span<const LossPoint> training() const { return training_; }
  std::span<const LossPoint> validation() const { return validation_; }

 private:
  void recall(const std::string& lines);
  void write(const Json& line);

  std::string path_;
  std::ofstream file_;
  std::vector<LossPoint> training_, validation_;
};

}  // namespace diffusion
