#include "lib/base/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <utility>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/interrupt.hpp"
#include "lib/base/pipes.hpp"
#include "lib/base/text.hpp"

extern char** environ;

namespace diffusion {
namespace {

struct Pipe {
  Descriptor read, write;
};

Pipe make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw Error("no pipe can be made (" + system_reason() + ")");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

void do_not_block(const Descriptor& end) {
  fcntl(end.number(), F_SETFL, fcntl(end.number(), F_GETFL) | O_NONBLOCK);
}

int exit_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string name_of(const std::string& setting) { return setting.substr(0, setting.find('=') + 1); }

/// This process's environment with `settings` in place of their namesakes.
std::vector<std::string> environment_with(std::span<const std::string> settings) {
  std::vector<std::string> all(settings.begin(), settings.end());
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string name = name_of(*entry);
    const auto same = [&](const std::string& setting) { return name_of(setting) == name; };
    if (std::ranges::none_of(settings, same)) all.emplace_back(*entry);
  }
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

/// What posix_spawn takes, freed with its owner. The child gets the default
/// signals: neither an ignored SIGPIPE nor a blocked one is its business.
struct SpawnPlan {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;

  SpawnPlan() {
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    sigset_t defaults, none;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, 0);  // its own: a shell's pipeline ends as one
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  void give(const Descriptor& ours, int theirs) {
    posix_spawn_file_actions_adddup2(&files, ours.number(), theirs);
  }
};

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(number_, other.number_);
  return *this;
}

void Descriptor::close() {
  if (number_ >= 0) ::close(release());
}

int Descriptor::release() { return std::exchange(number_, -1); }

Child::Child(std::span<const std::string> words, std::span<const std::string> settings) {
  Pipe in = make_pipe(), out = make_pipe(), err = make_pipe();
  SpawnPlan plan;
  plan.give(in.read, STDIN_FILENO);
  plan.give(out.write, STDOUT_FILENO);
  plan.give(err.write, STDERR_FILENO);
  std::vector<std::string> arguments(words.begin(), words.end());
  std::vector<std::string> environment = environment_with(settings);
  const int failure = posix_spawnp(&pid_, words[0].c_str(), &plan.files, &plan.attributes,
                                   pointers(arguments).data(), pointers(environment).data());
  if (failure != 0) {
    pid_ = -1;
    errno = failure;
    throw Error(words[0] + ": cannot be started (" + system_reason() + ")");
  }
  input = std::move(in.write);
  output = std::move(out.read);
  error = std::move(err.read);
  for (const Descriptor* end : {&input, &output, &error}) do_not_block(*end);
}

Child::~Child() {
  if (pid_ < 0) return;
  kill(-pid_, SIGKILL);
  wait();
}

int Child::wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  pid_ = -1;
  return exit_status(status);
}

std::optional<int> Child::wait(double seconds) {
  constexpr double pause = 0.005;
  const timespec nap{0, long(pause * 1e9)};
  int status = 0;
  for (double waited = 0; waitpid(pid_, &status, WNOHANG) == 0; waited += pause) {
    if (waited >= seconds) return std::nullopt;
    stop_if_interrupted();
    nanosleep(&nap, nullptr);
  }
  pid_ = -1;
  return exit_status(status);
}

Finished run_program(std::span<const std::string> words, std::string_view input,
                     std::span<const std::string> settings) {
  const NoSigpipe quiet;
  Child child(words, settings);
  Finished result{};
  if (input.empty()) child.input.close();
  while (child.output.open() || child.error.open()) {
    stop_if_interrupted();
    // poll passes over closed ends, whose number is -1.
    pollfd ends[] = {{child.input.number(), POLLOUT, 0},
                     {child.output.number(), POLLIN, 0},
                     {child.error.number(), POLLIN, 0}};
    if (poll(ends, 3, -1) < 0) continue;  // a signal: was it to stop?
    if (ends[0].revents != 0 && (!feed(child.input, input) || input.empty())) child.input.close();
    if (ends[1].revents != 0) collect(child.output, result.output);
    if (ends[2].revents != 0) collect(child.error, result.error);
  }
  child.input.close();
  result.status = child.wait();
  return result;
}

bool has_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  const auto folders = split(path == nullptr ? "/usr/bin:/bin" : path, ':');
  return std::ranges::any_of(folders, [&](const std::string& folder) {
    return access(((folder.empty() ? "." : folder) + "/" + name).c_str(), X_OK) == 0;
  });
}

}  // namespace diffusion
