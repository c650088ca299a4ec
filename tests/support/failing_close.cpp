// To be preloaded: close() of a file opened to write whose name holds the text of
// FAILING_CLOSE closes it and fails, as it does where a quota or a server has lost what was
// written. That it is at work it says in the file of FAILING_CLOSE_LOADED.
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

bool is_to_fail(int descriptor) {
  const char* const part = std::getenv("FAILING_CLOSE");
  const int flags = fcntl(descriptor, F_GETFL);
  if (part == nullptr || flags < 0 || (flags & O_ACCMODE) == O_RDONLY) return false;
  char link[64], path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size <= 0) return false;
  path[size] = '\0';
  return std::strstr(path, part) != nullptr;
}

__attribute__((constructor)) void say_loaded() {
  const char* const path = std::getenv("FAILING_CLOSE_LOADED");
  if (path == nullptr) return;
  if (std::FILE* const file = std::fopen(path, "a")) std::fclose(file);
}

}  // namespace

extern "C" int close(int descriptor) {
  using Close = int (*)(int);
  static const auto real = reinterpret_cast<Close>(dlsym(RTLD_NEXT, "close"));
  const bool failing = is_to_fail(descriptor);
  const int result = real(descriptor);
  if (!failing || result != 0) return result;
  errno = EDQUOT;
  return -1;
}
