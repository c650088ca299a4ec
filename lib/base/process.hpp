// Child programs: started without a shell, spoken to through pipes.
#pragma once
#include <sys/types.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace diffusion {

/// A file descriptor that is closed with its owner; -1 is none.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : number_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;

  int number() const { return number_; }
  bool open() const { return number_ >= 0; }
  void close();
  int release();

 private:
  int number_ = -1;
};

/// A running program with pipes at its standard input, output and error. Whoever
/// gives it up early ends it: the destructor kills it, with all that it started, and reaps.
class Child {
 public:
  /// words[0] is looked for in PATH; nothing is expanded or quoted. `settings`
  /// ("NAME=value") are added to the environment. Throws Error when it cannot be
  /// started.
  explicit Child(std::span<const std::string> words, std::span<const std::string> settings = {});
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  Descriptor input, output, error;  // the ends on this side; non-blocking

  /// Waits for its end: its exit status, or 128 + the signal that ended it.
  int wait();
  /// The same for so many seconds at most: nothing if it is still running then.
  std::optional<int> wait(double seconds);

 private:
  pid_t pid_ = -1;
};

/// What a program said, and how it ended.
struct Finished {
  std::string output, error;
  int status;  // as Child::wait
};

/// Runs a program to its end with `input` as its standard input; one that does not
/// read all of it is no failure. Throws Error when it cannot be started, and
/// Interrupted (ending it) when the user asks to stop.
Finished run_program(std::span<const std::string> words, std::string_view input,
                     std::span<const std::string> settings = {});

/// Whether PATH has a program of that name.
bool has_program(const std::string& name);

}  // namespace diffusion
