// What is not a plugin, and plugins that fail: one that does so on demand.
#include "lib/xla/plugin.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <functional>

#include "lib/base/module.hpp"
#include "lib/xla/client.hpp"
#include "lib/xla/held_stderr.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;
using namespace diffusion::xla;

namespace {

const std::string fake = FAKE_XLA_PLUGIN_FILE;

std::string refusal(const std::string& mode) {
  setenv("FAKE_XLA_PLUGIN", mode.c_str(), 1);
  try {
    Client::open(fake);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

/// What is written there while `act` runs.
std::string written_by(const std::function<void()>& act, int where = STDERR_FILENO) {
  const test::Scratch scratch;
  const std::string path = scratch / "written";
  const int kept = dup(where);
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  dup2(file, where);
  act();
  dup2(kept, where);
  close(kept);
  close(file);
  return read_file(path);
}

/// The signal that ends a process which does that.
int signal_of(const std::function<void()>& act) {
  const pid_t child = fork();
  if (child == 0) {
    for (const int signal : {SIGABRT, SIGSEGV})
      std::signal(signal, SIG_DFL);  // Catch2's would speak too; the plugin's loading sets ours
    act();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

}  // namespace

TEST_CASE("a plugin that is missing or is something else is refused by name", "[xla]") {
  const test::Scratch scratch;
  const std::string missing = scratch / "none.so";
  CHECK_THROWS_WITH(Plugin::load(missing), missing + ": there is no such XLA plugin");
  const std::string folder = scratch.folder().string();
  CHECK_THROWS_WITH(Plugin::load(folder), folder + ": a folder, not an XLA plugin");
  const std::string text = scratch.write("text.so", std::string(200, 'x'));
  CHECK_THROWS_WITH(Plugin::load(text),
                    StartsWith(text + ": not an XLA plugin (") && Contains("invalid ELF header"));
  const std::string ours = module_path("diffusion-archive-module.so", "reads archives");
  CHECK_THROWS_WITH(Plugin::load(ours), ours + ": not an XLA plugin: it has no GetPjrtApi");
}

TEST_CASE("a plugin that is cut off is refused", "[xla]") {
  const test::Scratch scratch;
  const std::string whole = read_file(fake);
  for (const std::size_t share : {1, 4, 9}) {
    const std::string part = scratch.write("part.so", whole.substr(0, whole.size() * share / 10));
    CHECK_THROWS_WITH(Plugin::load(part), StartsWith(part + ": not an XLA plugin ("));
  }
}

TEST_CASE("a plugin that speaks another interface is refused by its version", "[xla]") {
  CHECK(refusal("version 0.40") == fake + ": speaks PJRT 0.40, 0.54 or newer is needed");
  CHECK(refusal("version 1.2") == fake + ": speaks PJRT 1.2, a version 0 from 0.54 is needed");
  CHECK(refusal("short") == fake + ": speaks PJRT 0.106, 0.54 or newer is needed");
  CHECK(refusal("empty") == fake + ": the XLA plugin gives no table of functions");
}

TEST_CASE("a plugin's failures become errors of one line", "[xla]") {
  CHECK(refusal("the driver\nis old") == "libfake-xla-plugin.so: the driver");
  setenv("FAKE_XLA_PLUGIN", "memory", 1);
  CHECK_THROWS_AS(Client::open(fake), OutOfDeviceMemory);
  CHECK(refusal("memory") == "libfake-xla-plugin.so: 16 GB, all gone");
  // Options that it doesn't know are left out before it is believed.
  CHECK(refusal("options") == "libfake-xla-plugin.so: options");
}

TEST_CASE("a plugin's log appears only where it fails", "[xla]") {
  std::string log = written_by([] {
    setenv("FAKE_XLA_PLUGIN", "", 1);
    Plugin::load(fake);
  });
  CHECK(log == "");
  log = written_by([] { refusal("oh"); });
  CHECK(log == "E0000 00:00:1782 cpu.cc:2] chatter of the client's\n");
}

TEST_CASE("a plugin that aborts the program is named, another's abort is not", "[xla]") {
  std::string log;
  int signal = 0;
  log = written_by([&] { signal = signal_of([] { refusal("abort"); }); });
  CHECK(signal == SIGABRT);
  CHECK(log ==
        "E0000 00:00:1782 cpu.cc:2] chatter of the client's\n"
        "libfake-xla-plugin.so: the XLA plugin ended the program (SIGABRT)\n");
  log = written_by([&] {
    signal = signal_of([] {
      refusal("memory");
      const HeldStderr held;
      (void)!write(STDERR_FILENO, "ours\n", 5);
      std::abort();
    });
  });
  CHECK(signal == SIGABRT);
  CHECK(log == "E0000 00:00:1782 cpu.cc:2] chatter of the client's\nours\n");
}

TEST_CASE("a plugin that crashes while it is loaded is named", "[xla]") {
  int signal = 0;
  const std::string log = written_by([&] { signal = signal_of([] { refusal("crash"); }); });
  CHECK(signal == SIGSEGV);
  CHECK(log == "libfake-xla-plugin.so: the XLA plugin ended the program (SIGSEGV)\n");
}

TEST_CASE("what a plugin says on standard output goes to standard error", "[xla]") {
  std::string out, log;
  std::fflush(stdout);  // what Catch2 has written is not the plugin's
  log = written_by([&] { out = written_by([] { refusal("talk"); }, STDOUT_FILENO); });
  CHECK(out == "");
  CHECK_THAT(log, Contains("talk\n") && Contains("talk in a buffer, "));
}

TEST_CASE("held standard error gives back all but the plugin's log", "[xla]") {
  const std::string log =
      "WARNING: All log messages before absl::InitializeLog() is called\n"
      "E0000 00:00:1782 a.cc:1] b\nW1127 18:49:00.1 12 c.cc:4] d\n";
  CHECK(without_log_lines("one\n" + log + "two\nEnd 1] x\nthree") == "one\ntwo\nEnd 1] x\nthree");
  CHECK(without_log_lines("") == "");
  const auto both = [&](auto act) {
    return written_by([&] {
      HeldStderr held;
      const std::string text = "ours\n" + log;
      (void)!write(STDERR_FILENO, text.data(), text.size());
      const HeldStderr inner;  // does nothing
      act(held);
    });
  };
  CHECK(both([](HeldStderr&) {}) == "ours\n");
  CHECK(both([](HeldStderr& held) { held.show(); }) == "ours\n" + log);
}
