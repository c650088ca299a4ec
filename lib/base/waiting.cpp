#include "lib/base/waiting.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "lib/base/interrupt.hpp"

namespace diffusion {
namespace {

constexpr int milliseconds_between_looks = 100;

bool is_pipe(const std::string& path) {
  struct stat about = {};
  return stat(path.c_str(), &about) == 0 && S_ISFIFO(about.st_mode);
}

}  // namespace

bool is_regular(int descriptor) {
  struct stat about = {};
  return fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
}

int open_to_read(const std::string& path) {
  if (path == "-") return dup(STDIN_FILENO);
  return open(path.c_str(), O_RDONLY | O_CLOEXEC | (is_pipe(path) ? O_NONBLOCK : 0));
}

int open_to_write(const std::string& path) {
  const bool pipe = is_pipe(path);
  for (;;) {
    const int descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor >= 0 && !pipe) fcntl(descriptor, F_SETFL, O_WRONLY);
    if (descriptor >= 0 || errno != ENXIO || !pipe) return descriptor;
    poll(nullptr, 0, milliseconds_between_looks);  // nobody reads it yet
    stop_if_interrupted();
  }
}

int standard_output() {
  constexpr const char* path = "/proc/self/fd/1";
  const int own = is_pipe(path) ? open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK) : -1;
  return own >= 0 ? own : STDOUT_FILENO;
}

void wait_for_input(int descriptor) {
  pollfd end{descriptor, POLLIN, 0};
  while (poll(&end, 1, milliseconds_between_looks) <= 0) stop_if_interrupted();
}

ssize_t write_to_stream(int descriptor, const char* data, std::size_t bytes) {
  const bool stopping = interrupted();
  pollfd end{descriptor, POLLOUT, 0};
  while (poll(&end, 1, milliseconds_between_looks) <= 0)
    if (!stopping) stop_if_interrupted();
  // Where a write may wait, a stream that takes bytes takes so many without.
  const bool waits = (fcntl(descriptor, F_GETFL) & O_NONBLOCK) == 0;
  return ::write(descriptor, data, waits ? std::min<std::size_t>(bytes, PIPE_BUF) : bytes);
}

}  // namespace diffusion
