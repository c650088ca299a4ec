#include "lib/base/pipes.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>

namespace diffusion {

NoSigpipe::NoSigpipe() {
  sigemptyset(&pipe_);
  sigaddset(&pipe_, SIGPIPE);
  sigset_t pending;
  sigpending(&pending);
  was_pending_ = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
}

NoSigpipe::~NoSigpipe() {
  const timespec at_once{};
  if (!was_pending_)
    while (sigtimedwait(&pipe_, nullptr, &at_once) == -1 && errno == EINTR) continue;
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool feed(const Descriptor& end, std::string_view& left) {
  const ssize_t put = write(end.number(), left.data(), left.size());
  if (put > 0) left.remove_prefix(std::size_t(put));
  return put >= 0 || errno == EAGAIN || errno == EINTR;
}

void collect(Descriptor& end, std::string& text) {
  std::array<char, 1 << 16> buffer;
  const ssize_t got = read(end.number(), buffer.data(), buffer.size());
  if (got > 0) text.append(buffer.data(), std::size_t(got));
  const bool again = got < 0 && (errno == EAGAIN || errno == EINTR);
  if (got <= 0 && !again) end.close();
}

}  // namespace diffusion
