#include "lib/train/log.hpp"

#include <cmath>
#include <filesystem>
#include <iostream>
#include <optional>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

/// The step of a line of the log; nothing where it is not one of ours.
std::optional<std::uint64_t> step_of(const Json& line) {
  try {
    return JsonAt(line, "")["step"].whole();
  } catch (const Error&) {
    return std::nullopt;
  }
}

Json parsed(const std::string& line) {
  return Json::parse(line, nullptr, /*allow_exceptions=*/false);
}

/// The lines of steps up to `kept`: what a stopped run logged after its last
/// checkpoint is done again.
std::string lines_to_keep(const std::string& path, std::uint64_t kept) {
  std::error_code none;
  if (kept == 0 || !std::filesystem::is_regular_file(path, none)) return "";
  std::string lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);)
    if (const auto step = step_of(parsed(line)); step && *step <= kept) lines += line + "\n";
  return lines;
}

}  // namespace

TrainingLog::TrainingLog(const std::string& path, std::uint64_t kept) : path_(path) {
  if (path_.empty() || path_ == "-") return;
  const std::string lines = lines_to_keep(path_, kept);
  recall(lines);
  write_file(path_, lines);
  file_.open(path_, std::ios::app);
  if (!file_) throw Error(path_ + ": cannot be written (" + system_reason() + ")");
}

void TrainingLog::recall(const std::string& lines) {
  for (const std::string& line : split(lines, '\n')) {
    const Json entry = parsed(line);
    const auto step = step_of(entry);
    if (!step) continue;
    const auto number = [&](const char* at, std::vector<LossPoint>& points) {
      const Json::json_pointer place(at);
      if (entry.contains(place) && entry[place].is_number())
        points.push_back({*step, number_from_json(entry[place], at)});
    };
    number("/loss", training_);
    number("/validation/loss", validation_);
  }
}

void TrainingLog::add(const StepReport& report, double images_per_second) {
  training_.push_back({report.step, report.loss});
  Json line = {{"step", report.step},
               {"loss", number_to_json(report.loss)},
               {"lr", report.learning_rate},
               {"grad_norm", number_to_json(report.gradient_norm)},
               {"images_per_second", std::round(images_per_second * 10) / 10}};
  if (report.skipped) line["skipped"] = true;
  write(line);
}

void TrainingLog::add(std::uint64_t step, const ValidationLoss& loss) {
  validation_.push_back({step, loss.mean});
  Json bands = Json::array();
  for (const double band : loss.bands) bands.push_back(number_to_json(band));
  write({{"step", step}, {"validation", {{"loss", number_to_json(loss.mean)}, {"bands", bands}}}});
}

void TrainingLog::write(const Json& line) {
  if (path_.empty()) return;
  std::ostream& out = path_ == "-" ? std::cout : file_;
  out << one_line(line) << '\n' << std::flush;
  if (!out) throw Error(path_ + ": cannot be written (" + system_reason() + ")");
}

}  // namespace diffusion
