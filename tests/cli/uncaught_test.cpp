#include "tools/cli/uncaught.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <iostream>
#include <new>
#include <sstream>
#include <thread>

#include "lib/base/json.hpp"
#include "lib/base/parallel.hpp"
#include "tests/support/catch.hpp"
#include "tools/cli/tool.hpp"

using namespace diffusion;

namespace {

/// The exit code of a tool whose body is `body`, and what it says.
std::pair<int, std::string> ending_of(const std::function<void()>& body) {
  cli::Tool tool("diff-x", "A tool that fails", {});
  char name[] = "diff-x";
  char* arguments[] = {name, nullptr};
  std::ostringstream said;
  std::streambuf* const before = std::cerr.rdbuf(said.rdbuf());
  const int code = tool.run(1, arguments, [&] {
    body();
    return cli::done;
  });
  std::cerr.rdbuf(before);
  return {code, said.str()};
}

/// The same of a process that never comes back from `body`.
std::pair<int, std::string> last_words_of(const std::function<void()>& body) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDERR_FILENO);
    cli::explain_termination();
    body();
    _exit(0);
  }
  close(ends[1]);
  std::string said;
  char piece[200];
  for (ssize_t got; (got = read(ends[0], piece, sizeof piece)) > 0;)
    said.append(piece, std::size_t(got));
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, said};
}

void throw_of_json() { Json("x").get<int>(); }
void throw_of_files() { (void)std::filesystem::file_size("/not/there"); }
void throw_of_memory() { throw std::bad_alloc(); }

}  // namespace

TEST_CASE("whatever a tool's work throws ends in one line and exit code 2", "[cli]") {
  const auto [code, said] = ending_of(throw_of_json);
  CHECK(code == 2);
  CHECK(said.starts_with("diff-x: [json.exception.type_error.302]"));
  CHECK(said.ends_with(" (a bug: please report it)\n"));
  CHECK(ending_of(throw_of_files).second.ends_with(" (a bug: please report it)\n"));
  const auto on_all = ending_of([] { parallel_for(4, [](std::size_t) { throw_of_json(); }); });
  CHECK(on_all.first == 2);
  CHECK(on_all.second == said);
}

TEST_CASE("a want of memory is not called a bug", "[cli]") {
  const auto [code, said] = ending_of(throw_of_memory);
  CHECK(code == 2);
  CHECK(said == "diff-x: out of memory; smaller batches or images would need less\n");
}

TEST_CASE("what leaves a thread or a destructor ends the program in one line, too", "[cli]") {
  const auto [code, said] = last_words_of([] { std::thread(throw_of_json).join(); });
  CHECK(code == 2);
  CHECK(said.find(": [json.exception.type_error.302]") != said.npos);
  CHECK(said.ends_with(" (a bug: please report it)\n"));
  const auto no_memory = last_words_of([]() noexcept { throw_of_memory(); });
  CHECK(no_memory.first == 2);
  CHECK(no_memory.second.ends_with(": out of memory; smaller batches or images would need less\n"));
  CHECK(last_words_of([] { std::terminate(); }).first == 2);
}
