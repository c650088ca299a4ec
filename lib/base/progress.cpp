#include "lib/base/progress.hpp"

#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "lib/base/text.hpp"

namespace diffusion {
namespace {

using namespace std::chrono_literals;
constexpr auto redraw_every = 100ms;
constexpr auto plain_line_every = 10s;

std::string duration(double seconds) {
  const long whole = std::lround(seconds);
  char text[32];
  if (whole < 3600)
    std::snprintf(text, sizeof text, "%ld:%02ld", whole / 60, whole % 60);
  else
    std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
  return text;
}

}  // namespace

Progress::Progress(ProgressMode mode, std::string title, std::size_t total, std::string unit)
    : mode_(mode),
      terminal_(isatty(STDERR_FILENO) == 1),
      title_(std::move(title)),
      unit_(std::move(unit)),
      total_(total),
      began_(Clock::now()),
      last_(began_) {}

Progress::~Progress() { finish(); }

void Progress::update(std::size_t done, const std::string& note) {
  done_ = done;
  if (mode_ == ProgressMode::never) return;
  const auto now = Clock::now();
  if (!started_) {  // the first result pays for set-up; rates begin after it
    started_ = true;
    start_done_ = done;
    began_ = now;
  }
  const auto pause = terminal_ ? Clock::duration(redraw_every) : Clock::duration(plain_line_every);
  const bool last = total_ > 0 && done_ >= total_;
  const bool always = mode_ == ProgressMode::always && last;
  if (now - last_ < pause && !(last && drawn_) && !always) return;
  last_ = now;
  draw(note);
}

void Progress::draw(const std::string& note) {
  const double seconds = std::chrono::duration<double>(Clock::now() - began_).count();
  const double rate = seconds > 0 ? double(done_ - start_done_) / seconds : 0;
  std::string line = title_ + ": " + std::to_string(done_);
  if (total_ > 0) line += "/" + std::to_string(total_);
  line += " " + unit_;
  if (rate > 0) line += ", " + significant(rate, rate < 100 ? 3 : 4) + "/s";
  if (rate > 0 && total_ > done_) line += ", " + duration(double(total_ - done_) / rate) + " left";
  if (!note.empty()) line += ", " + note;
  if (terminal_)
    std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
  else
    std::fprintf(stderr, "%s\n", line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::finish() {
  if (finished_) return;
  finished_ = true;
  if (drawn_ && terminal_) std::fputc('\n', stderr);
}

}  // namespace diffusion
