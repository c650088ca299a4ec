#include "lib/base/conversation.hpp"

#include <poll.h>
#include <sys/ioctl.h>

#include <chrono>

#include "lib/base/interrupt.hpp"
#include "lib/base/pipes.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

/// What is kept of standard error: enough for its last line.
constexpr std::size_t most_kept = 1 << 16;

/// How late it may be seen that the user asks to stop, when the signal comes to another
/// thread or just before the wait.
constexpr int milliseconds_between_looks = 100;

}  // namespace

/// Waits until one of the pipes can go on, and serves those that can: false if none could
/// for as long as there is patience.
bool Conversation::exchange(std::string_view& question, std::string& answer, double patience) {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  for (;;) {
    stop_if_interrupted();
    const int writing = question.empty() ? -1 : child_.input.number();
    // poll passes over closed ends, whose number is -1.
    pollfd ends[] = {{writing, POLLOUT, 0},
                     {child_.output.number(), POLLIN, 0},
                     {child_.error.number(), POLLIN, 0}};
    if (poll(ends, 3, milliseconds_between_looks) > 0) {
      const std::size_t left = question.size();
      const bool taken = ends[0].revents == 0 || feed(child_.input, question);
      written_ += left - question.size();
      if (!taken) question = {};
      if (ends[1].revents != 0) collect(child_.output, answer);
      if (ends[2].revents != 0) collect(child_.error, error_);
      if (error_.size() > most_kept) error_.erase(0, error_.size() - most_kept);
      return true;
    }
    if (std::chrono::duration<double>(Clock::now() - began).count() >= patience) return false;
  }
}

Conversation::Answer Conversation::ask(
    std::string_view question, const std::function<bool(std::string_view bytes)>& complete) {
  const NoSigpipe quiet;
  const std::uint64_t before = written_;
  Answer answer{{}, Until::complete};
  for (;;) {
    const bool done = complete(answer.bytes);  // asked at every step: it may refuse what comes
    const bool open = child_.output.open();
    if (done && (question.empty() || !open)) return answer;
    const bool begins = answer.bytes.empty();
    if (!open || !exchange(question, answer.bytes, patience_)) {
      answer.until = open ? Until::silent : Until::ended;
      return answer;
    }
    if (begins && !answer.bytes.empty()) answer.untimely = read_by_it() <= before;
  }
}

/// Of all that was written to it, what is no longer in the pipe.
std::uint64_t Conversation::read_by_it() const {
  int waiting = 0;
  ioctl(child_.input.number(), FIONREAD, &waiting);
  return written_ - std::uint64_t(waiting);
}

std::string Conversation::unasked() {
  std::string bytes;
  pollfd end{child_.output.number(), POLLIN, 0};
  if (poll(&end, 1, 0) > 0) collect(child_.output, bytes);
  return bytes;
}

Conversation::Until Conversation::rest() {
  child_.input.close();
  std::string_view nothing;
  std::string more;
  while (child_.output.open() && more.empty())
    if (!exchange(nothing, more, patience_)) return Until::silent;
  return more.empty() ? Until::ended : Until::complete;
}

std::optional<int> Conversation::finish(double patience) {
  child_.input.close();
  std::string_view nothing;
  std::string rest;
  while (child_.output.open() || child_.error.open()) {
    if (!exchange(nothing, rest, patience)) return std::nullopt;
    rest.clear();
  }
  return child_.wait(patience);
}

std::string Conversation::complaint() const {
  std::string_view text = error_;
  while (text.ends_with('\n')) text.remove_suffix(1);
  const auto line = text.substr(text.rfind('\n') + 1);  // npos + 1 is 0
  return line.empty() ? "" : ": " + printable(line);
}

}  // namespace diffusion
