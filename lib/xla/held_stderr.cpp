#include "lib/xla/held_stderr.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cstdio>

namespace diffusion::xla {
namespace {

// The state of the process's standard error, which a signal's handler has to see.
std::atomic<bool> taken = false;
std::atomic<int> terminal = -1, memory = -1;

void write_all(const char* from, std::size_t bytes) noexcept {
  while (bytes > 0) {
    const auto written = write(STDERR_FILENO, from, bytes);
    if (written <= 0) return;
    from += written;
    bytes -= std::size_t(written);
  }
}

bool is_log_line(std::string_view line) {
  if (line.starts_with("WARNING: All log messages before absl::InitializeLog()")) return true;
  const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  return line.size() > 6 && std::string_view("IWEF").find(line[0]) != std::string_view::npos &&
         std::all_of(line.begin() + 1, line.begin() + 5, digit) && line[5] == ' ' &&
         line.find("] ") != std::string_view::npos;
}

}  // namespace

std::string without_log_lines(const std::string& text) {
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string_view line = std::string_view(text).substr(at, end - at);
    if (!is_log_line(line)) kept += line;
    at = end;
  }
  return kept;
}

HeldStderr::HeldStderr() {
  if (taken.exchange(true)) return;
  const int file = memfd_create("stderr", MFD_CLOEXEC);
  const int kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  if (file < 0 || kept < 0 || dup2(file, STDERR_FILENO) < 0) {
    if (file >= 0) close(file);
    if (kept >= 0) close(kept);
    taken = false;
    return;
  }
  memory = file;
  terminal = kept;
  holds_ = true;
}

HeldStderr::~HeldStderr() {
  const std::string kept = without_log_lines(release());
  write_all(kept.data(), kept.size());
}

std::string HeldStderr::release() {
  if (!holds_) return "";
  holds_ = false;
  const int kept = terminal.exchange(-1), file = memory.exchange(-1);
  dup2(kept, STDERR_FILENO);
  close(kept);
  std::string text;
  char piece[4096];
  for (;;) {
    const auto bytes = pread(file, piece, sizeof piece, off_t(text.size()));
    if (bytes <= 0) break;
    text.append(piece, std::size_t(bytes));
  }
  close(file);
  taken = false;
  return text;
}

void HeldStderr::show() {
  const std::string text = release();
  write_all(text.data(), text.size());
}

// What waits in the C library's buffer goes where it was meant to go.
StdoutAside::StdoutAside() {
  std::fflush(stdout);
  kept_ = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  if (kept_ >= 0) dup2(STDERR_FILENO, STDOUT_FILENO);
}

StdoutAside::~StdoutAside() {
  std::fflush(stdout);
  if (kept_ < 0) return;
  dup2(kept_, STDOUT_FILENO);
  close(kept_);
}

void show_held_stderr_at_end() noexcept {
  const int kept = terminal.load(), file = memory.load();
  if (kept < 0 || file < 0) return;
  dup2(kept, STDERR_FILENO);
  char piece[4096];
  off_t at = 0;
  for (;;) {
    const auto bytes = pread(file, piece, sizeof piece, at);
    if (bytes <= 0) return;
    write_all(piece, std::size_t(bytes));
    at += bytes;
  }
}

}  // namespace diffusion::xla
