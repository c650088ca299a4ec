#include "tools/train_log.hpp"

#include <cmath>
#include <filesystem>
#include <iostream>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"

namespace diffusion {
namespace {

/// The lines of steps up to `kept`: what a stopped run logged after its last
/// checkpoint is done again.
std::string lines_to_keep(const std::string& path, std::uint64_t kept) {
  if (kept == 0 || !std::filesystem::is_regular_file(path)) return "";
  std::string lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const Json entry = Json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!entry.is_object() || !entry.contains("step") || !entry["step"].is_number_unsigned())
      continue;
    if (entry["step"].get<std::uint64_t>() <= kept) lines += line + "\n";
  }
  return lines;
}

}  // namespace

TrainingLog::TrainingLog(const std::string& path, std::uint64_t kept) : path_(path) {
  if (path_.empty() || path_ == "-") return;
  write_file(path_, lines_to_keep(path_, kept));
  file_.open(path_, std::ios::app);
  if (!file_) throw Error(path_ + ": cannot be written (" + system_reason() + ")");
}

void TrainingLog::add(const StepReport& report, double images_per_second) {
  if (path_.empty()) return;
  Json line = {{"step", report.step},
               {"loss", number_to_json(report.loss)},
               {"lr", report.learning_rate},
               {"grad_norm", number_to_json(report.gradient_norm)},
               {"images_per_second", std::round(images_per_second * 10) / 10}};
  if (report.skipped) line["skipped"] = true;
  std::ostream& out = path_ == "-" ? std::cout : file_;
  out << line.dump() << '\n' << std::flush;
  if (!out) throw Error(path_ + ": cannot be written (" + system_reason() + ")");
}

}  // namespace diffusion
