// What a long command says on standard error, to a terminal and to a file.
#include "lib/base/progress.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>

#include "lib/base/file.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

/// While it lives, standard error is another file.
class StandardError {
 public:
  explicit StandardError(int other) : before_(dup(STDERR_FILENO)) { dup2(other, STDERR_FILENO); }
  ~StandardError() {
    std::fflush(stderr);
    dup2(before_, STDERR_FILENO);
    close(before_);
  }
  StandardError(const StandardError&) = delete;
  StandardError& operator=(const StandardError&) = delete;

 private:
  int before_;
};

using Work = std::function<void(Progress&)>;

std::string to_file(ProgressMode mode, std::size_t total, const Work& work) {
  const test::Scratch scratch;
  const std::string path = scratch.write("said", "");
  const int file = open(path.c_str(), O_WRONLY);
  {
    const StandardError redirected(file);
    Progress progress(mode, "training", total, "images");
    work(progress);
  }
  close(file);
  return read_file(path);
}

std::string to_terminal(ProgressMode mode, std::size_t total, const Work& work) {
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  REQUIRE(master >= 0);
  REQUIRE((grantpt(master) == 0 && unlockpt(master) == 0));
  const int terminal = open(ptsname(master), O_WRONLY | O_NOCTTY);
  REQUIRE(terminal >= 0);
  {
    const StandardError redirected(terminal);
    Progress progress(mode, "training", total, "images");
    work(progress);
  }
  close(terminal);
  std::string said;
  char bytes[256];
  for (ssize_t count; (count = read(master, bytes, sizeof bytes)) > 0;)
    said.append(bytes, std::size_t(count));  // up to EIO: nobody writes any more
  close(master);
  return said;
}

void all_of_ten(Progress& progress) {
  for (std::size_t done = 1; done <= 10; ++done) progress.update(done);
}

void wait_for_redraw() { std::this_thread::sleep_for(std::chrono::milliseconds(120)); }

}  // namespace

TEST_CASE("short work says nothing to a file unless it is asked to", "[progress]") {
  CHECK(to_file(ProgressMode::automatic, 10, all_of_ten).empty());
  CHECK(to_file(ProgressMode::never, 10, all_of_ten).empty());
  const std::string said = to_file(ProgressMode::always, 10, all_of_ten);
  CHECK_THAT(said, StartsWith("training: 10/10 images"));
  CHECK(said.find('\n') == said.size() - 1);  // one line
  CHECK(said.find('\r') == said.npos);
  CHECK(said.find('\x1b') == said.npos);
  CHECK(said.find("left") == said.npos);  // nothing is left
}

TEST_CASE("work that does not come to its end says no last line", "[progress]") {
  const auto half = [](Progress& progress) { progress.update(5); };
  CHECK(to_file(ProgressMode::always, 10, half).empty());
  CHECK(to_file(ProgressMode::always, 0, half).empty());  // nobody knows the end
}

TEST_CASE("a note ends the line", "[progress]") {
  const auto noted = [](Progress& progress) { progress.update(10, "loss 0.031"); };
  CHECK_THAT(to_file(ProgressMode::always, 10, noted), EndsWith("images, loss 0.031\n"));
}

TEST_CASE("on a terminal one line redraws itself, and ends once", "[progress]") {
  const auto work = [](Progress& progress) {
    progress.update(1);
    wait_for_redraw();
    progress.update(5, "loss 1");
    progress.update(6, "too soon");
    wait_for_redraw();
    progress.update(10);
    progress.finish();
    progress.finish();
  };
  const std::string said = to_terminal(ProgressMode::automatic, 10, work);
  CHECK_THAT(said, StartsWith("\rtraining: 5/10 images, "));
  CHECK_THAT(said, Contains("/s, 0:00 left, loss 1\x1b[K"));
  CHECK_THAT(said, Contains("\rtraining: 10/10 images, "));
  CHECK(said.find("too soon") == said.npos);
  CHECK(said.find('\n') == said.size() - 1);
  CHECK(to_terminal(ProgressMode::never, 10, work).empty());
}

TEST_CASE("a rate is that since the first result, which pays for setting up", "[progress]") {
  const auto work = [](Progress& progress) {
    progress.update(1000);
    wait_for_redraw();
    progress.update(1001);
  };
  const std::string said = to_terminal(ProgressMode::automatic, 0, work);
  CHECK_THAT(said, StartsWith("\rtraining: 1001 images, "));
  const auto comma = said.find(", ");
  CHECK(std::stod(said.substr(comma + 2)) < 10);  // one in 0.12 s, not 1001
}
