#include "lib/base/process.hpp"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace diffusion;

namespace {

Finished run(const std::vector<std::string>& words, std::string_view input = "") {
  return run_program(words, input);
}

}  // namespace

TEST_CASE("a child program's output, error and status come back apart", "[base]") {
  const Finished result = run({"sh", "-c", "cat; echo oh >&2; exit 3"}, "said");
  CHECK(result.output == "said");
  CHECK(result.error == "oh\n");
  CHECK(result.status == 3);
}

TEST_CASE("arguments reach a child program as they are", "[base]") {
  const Finished result = run({"printf", "%s|", "a b", "$(id)", "'\"", "*", ""});
  CHECK(result.output == "a b|$(id)|'\"|*||");
}

TEST_CASE("megabytes pass both ways at once", "[base]") {
  const std::string much(5'000'000, 'x');
  const Finished result = run({"sh", "-c", "tee /dev/stderr"}, much);
  CHECK((result.output == much));
  CHECK((result.error == much));
}

TEST_CASE("a child that reads nothing raises no SIGPIPE and is no failure", "[base]") {
  struct sigaction before {};
  sigaction(SIGPIPE, nullptr, &before);
  REQUIRE(before.sa_handler == SIG_DFL);  // it would end these tests
  const Finished result = run({"sh", "-c", "exec 0<&-; echo done"}, std::string(1'000'000, 'x'));
  CHECK(result.output == "done\n");
  CHECK(result.status == 0);
  sigset_t pending;
  sigpending(&pending);
  CHECK(sigismember(&pending, SIGPIPE) == 0);
}

TEST_CASE("a child that dies by a signal says which", "[base]") {
  CHECK(run({"sh", "-c", "kill -TERM $$"}).status == 128 + SIGTERM);
}

TEST_CASE("settings replace variables of the environment", "[base]") {
  const std::vector<std::string> words{"sh", "-c", "echo $LC_ALL; env | grep -c ^LC_ALL="};
  const std::vector<std::string> settings{"LC_ALL=C.UTF-8"};
  CHECK(run_program(words, "", settings).output == "C.UTF-8\n1\n");
}

TEST_CASE("a program that is missing is named", "[base]") {
  CHECK_THROWS_WITH(run({"no-such-program"}),
                    "no-such-program: cannot be started (No such file or directory)");
  CHECK_FALSE(has_program("no-such-program"));
  CHECK(has_program("sh"));
}

TEST_CASE("a child given up early is ended", "[base]") {
  const std::vector<std::string> words{"sleep", "60"};
  const auto began = std::chrono::steady_clock::now();
  { const Child child(words); }
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(30));
}

TEST_CASE("what a child has started ends with it", "[base]") {
  const test::Scratch scratch;
  const std::string begun = scratch / "begun", outlived = scratch / "outlived";
  const std::vector<std::string> words{
      "sh", "-c", "{ touch " + begun + "; sleep 1; touch " + outlived + "; } & wait"};
  {
    const Child child(words);
    while (!std::filesystem::exists(begun))
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  CHECK_FALSE(std::filesystem::exists(outlived));
}

TEST_CASE("a child is waited for as long as one has patience", "[base]") {
  const std::vector<std::string> words{"sh", "-c", "read x; exit 7"};
  Child child(words);
  CHECK_FALSE(child.wait(0.05));
  child.input.close();
  CHECK(child.wait(60) == 7);
}
