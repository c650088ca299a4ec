// What a long command says while it works, on standard error.
#pragma once
#include <chrono>
#include <cstddef>
#include <string>

namespace diffusion {

enum class ProgressMode { automatic, always, never };

/// A line that redraws itself on a terminal; elsewhere a plain line now and then
/// (every 10 s). The rate is the average since the first result.
class Progress {
 public:
  /// `total` 0: not known. `unit` is plural: "images", "steps".
  Progress(ProgressMode mode, std::string title, std::size_t total, std::string unit);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` so far; `note` is shown at the end of the line ("loss 0.031").
  void update(std::size_t done, const std::string& note = {});
  /// Ends the line. Called by the destructor too.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  void draw(const std::string& note);

  ProgressMode mode_;
  bool terminal_;
  std::string title_, unit_;
  std::size_t total_, start_done_ = 0, done_ = 0;
  bool started_ = false, drawn_ = false, finished_ = false;
  Clock::time_point began_, last_;
};

}  // namespace diffusion
