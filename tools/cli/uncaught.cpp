#include "tools/cli/uncaught.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <new>

namespace diffusion::cli {
namespace {

constexpr const char* no_memory = "out of memory; smaller batches or images would need less";
constexpr const char* bug = " (a bug: please report it)";
constexpr int failure = 2;  // ExitCode::failed

/// One line at once, on which nothing is allocated: memory may be what is missing.
[[noreturn]] void end(const char* what, const char* ending) {
  constexpr int most = 1000;
  char line[most + 200];
  const int length = std::snprintf(line, sizeof line, "%.100s: %.*s%s\n",
                                   program_invocation_short_name, most, what, ending);
  std::replace(line, line + length - 1, '\n', ' ');
  (void)!write(STDERR_FILENO, line, std::size_t(length));
  std::_Exit(failure);
}

[[noreturn]] void give_up() {
  const std::exception_ptr fault = std::current_exception();
  if (!fault) end("ended without an exception", bug);
  try {
    std::rethrow_exception(fault);
  } catch (const std::bad_alloc&) {
    end(no_memory, "");
  } catch (const std::exception& e) {
    end(e.what(), bug);
  } catch (...) {
    end("an exception that says nothing", bug);
  }
}

}  // namespace

std::string as_bug(const std::exception& fault) {
  if (dynamic_cast<const std::bad_alloc*>(&fault) != nullptr) return no_memory;
  return std::string(fault.what()) + bug;
}

void explain_termination() { std::set_terminate(give_up); }

}  // namespace diffusion::cli
