#include "lib/base/waiting.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

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
  for (;;) {
    const int descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor >= 0) fcntl(descriptor, F_SETFL, O_WRONLY);
    if (descriptor >= 0 || errno != ENXIO || !is_pipe(path)) return descriptor;
    poll(nullptr, 0, milliseconds_between_looks);  // nobody reads it yet
    stop_if_interrupted();
  }
}

void wait_for_input(int descriptor) {
  pollfd end{descriptor, POLLIN, 0};
  while (poll(&end, 1, milliseconds_between_looks) <= 0) stop_if_interrupted();
}

void wait_for_output(int descriptor) {
  const bool stopping = interrupted();
  pollfd end{descriptor, POLLOUT, 0};
  while (poll(&end, 1, milliseconds_between_looks) <= 0)
    if (!stopping) stop_if_interrupted();
}

}  // namespace diffusion
