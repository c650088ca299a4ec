// Programs that answer well, slowly, badly, and not at all.
#include "lib/tensor/array_program.hpp"

#include <chrono>
#include <filesystem>
#include <thread>

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/tensors.hpp"

using namespace diffusion;
using Life = ArrayProgram::Life;

namespace {

// Two float32 with their header.
constexpr std::size_t question_bytes = 136;
const std::string echo = "while head -c 136 > q && test -s q; do cat q; done";

std::string question(float first, float second) {
  const float values[] = {first, second};
  return npy_bytes(NpyType::float32, {2}, {reinterpret_cast<const char*>(values), sizeof values});
}

/// A program whose files are in a scratch folder.
struct Asked {
  test::Scratch scratch;
  ArrayProgram program;

  explicit Asked(const std::string& command, Life life = Life::one, double patience = 20)
      : program("cd " + scratch.folder().string() + "; " + command, life, patience) {}

  std::vector<float> operator()(float first, float second) {
    const NpyArray answer = program.ask(question(first, second), [](const NpyHeader&) {});
    const Tensor values = answer.to_tensor();
    return {values.begin(), values.end()};
  }
  std::string failure() {
    try {
      (*this)(1, 2);
    } catch (const Error& e) {
      const std::string what = e.what();
      CHECK(what.starts_with(program.name() + ": "));
      return what.substr(program.name().size() + 2);
    }
    return "none";
  }
};

}  // namespace

TEST_CASE("a program is asked again and again, and ends when its input does", "[tensor]") {
  REQUIRE(question(0, 0).size() == question_bytes);
  Asked ask(echo + "; echo over > end");
  CHECK(ask(1, 2) == std::vector<float>{1, 2});
  CHECK(ask(3, 4) == std::vector<float>{3, 4});
  CHECK_FALSE(ask.program.finish());
  CHECK(std::filesystem::exists(ask.scratch / "end"));
}

TEST_CASE("a program that is given up may still end by itself", "[tensor]") {
  test::Scratch scratch;
  {
    ArrayProgram program(
        "cd " + scratch.folder().string() + "; " + echo + "; sleep 0.1; echo > end", Life::one);
    program.ask(question(1, 2), [](const NpyHeader&) {});
  }
  CHECK(std::filesystem::exists(scratch / "end"));
}

TEST_CASE("a program that answers once is started again only where that is meant", "[tensor]") {
  Asked many("cat q 2>/dev/null; head -c 136 > p; cat p", Life::many);
  CHECK(many(1, 2) == std::vector<float>{1, 2});
  CHECK(many(3, 4) == std::vector<float>{3, 4});
  Asked one("head -c 136; echo tired >&2; exit 3");
  one(1, 2);
  CHECK(one.failure() ==
        "ended after 1 answer, and must go on until its standard input closes (exit status 3): "
        "tired");
}

TEST_CASE("a program that falls silent is ended with all that it started", "[tensor]") {
  const auto began = std::chrono::steady_clock::now();
  {
    Asked ask("echo loading >&2; { sleep 1000; cat; } | sleep 1001", Life::one, 0.3);
    CHECK(ask.failure() ==
          "silent for 0.3 s (`exec-timeout` waits longer, 0 for ever; it must not wait for the "
          "end of its input before it answers): loading");
  }
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds(15));
}

TEST_CASE("a slow program is waited for as long as it moves", "[tensor]") {
  Asked ask("head -c 136 > q; for i in 1 2 3 4 5 6; do sleep 0.2; echo $i >&2; done; cat q",
            Life::one, 0.7);
  CHECK(ask(5, 6) == std::vector<float>{5, 6});
}

TEST_CASE("what a program does wrong is said of it", "[tensor]") {
  CHECK(Asked("echo no model >&2; exit 3").failure() ==
        "ended without an answer (exit status 3): no model");
  CHECK(Asked("kill -9 $$").failure() == "ended without an answer (exit status 137)");
  CHECK(Asked("echo hello and good bye").failure() ==
        "answers something that is not an .npy array");
  CHECK(Asked("echo no").failure() == "answers something that is not an .npy array");
  CHECK(Asked("head -c 130").failure() == "ended within an answer (exit status 0)");
  CHECK(Asked("head -c 20").failure() == "ended within an answer (exit status 0)");
  CHECK(Asked("head -c 136 > q; echo more >> q; cat q").failure() ==
        "answers more than the one array it is asked for");
  CHECK(Asked("head -c 136 > q; printf '\\223NUMPY\\002\\000\\377\\377\\377\\377junk'; cat q")
            .failure() == "answers an .npy array whose header has 4294967307 bytes");
}

TEST_CASE("an answer that nobody asked for is noticed", "[tensor]") {
  Asked ask("head -c 136 | tee q; touch half; sleep 0.2; cat q; touch there; cat");
  ask(1, 2);
  while (!std::filesystem::exists(ask.scratch / "there"))
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  CHECK(ask.failure() == "answers before it is asked");
}

TEST_CASE("an answer too many is noticed whenever it comes", "[tensor]") {
  // After the next question was sent, and before that is read: also of a program that ends.
  const std::string twice = "head -c 136 > q; cat q; sleep 0.3; cat q";
  for (const auto& [command, life] :
       {std::pair(twice, Life::many), std::pair(twice + "; sleep 0.3; cat", Life::one)}) {
    Asked ask(command, life);
    ask(1, 2);
    CHECK(ask.failure() == "answers before it is asked");
  }
  // When all is asked.
  Asked late(echo + "; echo late");
  late(1, 2);
  CHECK_THROWS_WITH(late.program.finish(), EndsWith(": answers more than it is asked"));
  CHECK_FALSE(late.program.finish());  // it has ended
  Asked open("head -c 136; exec sleep 100", Life::one, 0.3);
  open(1, 2);
  CHECK_THROWS_WITH(open.program.finish(), Contains(": leaves its standard output open"));
}

TEST_CASE("a program's bad end is told, and no more", "[tensor]") {
  Asked ask(echo + "; echo leak >&2; exit 5");
  ask(1, 2);
  CHECK_THAT(ask.program.finish().value_or(""),
             EndsWith(": ended badly after its last answer (exit status 5): leak"));
}

TEST_CASE("what an answer is going to be can be refused before it has come", "[tensor]") {
  ArrayProgram program("head -c 136; sleep 1000", Life::one, 20);
  const auto refuse = [&](const NpyHeader& header) {
    CHECK(header.shape == std::vector<std::size_t>{2});
    program.fail("no");
  };
  CHECK_THROWS_WITH(program.ask(question(1, 2), refuse), EndsWith(": no"));
}
