#include "lib/base/conversation.hpp"

#include <poll.h>

#include "lib/base/interrupt.hpp"
#include "lib/base/pipes.hpp"
#include "lib/base/text.hpp"

namespace diffusion {
namespace {

/// What is kept of standard error: enough for its last line.
constexpr std::size_t most_kept = 1 << 16;

}  // namespace

/// Waits until one of the pipes can go on, and serves those that can.
void Conversation::exchange(std::string_view& question, std::string& answer) {
  stop_if_interrupted();
  const int writing = question.empty() ? -1 : child_.input.number();
  // poll passes over closed ends, whose number is -1.
  pollfd ends[] = {{writing, POLLOUT, 0},
                   {child_.output.number(), POLLIN, 0},
                   {child_.error.number(), POLLIN, 0}};
  if (poll(ends, 3, -1) < 0) return;  // a signal: was it to stop?
  if (ends[0].revents != 0 && !feed(child_.input, question)) question = {};
  if (ends[1].revents != 0) collect(child_.output, answer);
  if (ends[2].revents != 0) collect(child_.error, error_);
  if (error_.size() > most_kept) error_.erase(0, error_.size() - most_kept);
}

std::string Conversation::ask(std::string_view question,
                              const std::function<bool(std::string_view)>& complete) {
  const NoSigpipe quiet;
  std::string answer;
  for (;;) {
    const bool done = complete(answer);  // asked at every step: it may refuse what comes
    if (!child_.output.open() || (question.empty() && done)) break;
    exchange(question, answer);
  }
  return answer;
}

int Conversation::finish() {
  child_.input.close();
  std::string_view nothing;
  std::string rest;
  while (child_.output.open() || child_.error.open()) exchange(nothing, rest);
  return child_.wait();
}

std::string Conversation::complaint() const {
  std::string_view text = error_;
  while (text.ends_with('\n')) text.remove_suffix(1);
  const auto line = text.substr(text.rfind('\n') + 1);  // npos + 1 is 0
  return line.empty() ? "" : ": " + printable(line);
}

}  // namespace diffusion
