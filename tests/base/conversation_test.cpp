// A child program that answers questions, and all that may go wrong with one.
#include "lib/base/conversation.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;
using Until = Conversation::Until;

namespace {

constexpr double patience = 0.3;  // seconds, where a child is meant to be silent
constexpr double ample = 60;

/// A shell that runs `script`.
std::vector<std::string> shell(const std::string& script) { return {"sh", "-c", script}; }

/// An answer is complete with its line.
bool whole_line(std::string_view bytes) { return bytes.ends_with('\n'); }

double seconds_of(const auto& act) {
  const auto began = std::chrono::steady_clock::now();
  act();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

}  // namespace

TEST_CASE("one question after another is answered", "[conversation]") {
  Conversation with(shell("while read x; do echo \"<$x>\"; done"), ample);
  for (const std::string word : {"one", "two", "three"}) {
    const auto answer = with.ask(word + "\n", whole_line);
    CHECK(answer.until == Until::complete);
    CHECK(answer.bytes == "<" + word + ">\n");
  }
  CHECK(with.finish() == 0);
  CHECK(with.complaint().empty());
}

TEST_CASE("an answer in pieces is put together", "[conversation]") {
  Conversation with(shell("read x; for p in a b c; do printf $p; sleep 0.05; done; echo; cat"),
                    ample);
  const auto answer = with.ask("?\n", whole_line);
  CHECK(answer.until == Until::complete);
  CHECK(answer.bytes == "abc\n");
}

TEST_CASE("a long question and a long answer pass each other", "[conversation]") {
  Conversation with(shell("exec cat"), ample);
  const std::string much = std::string(3'000'000, 'x') + "\n";
  const auto answer = with.ask(much, whole_line);
  CHECK(answer.until == Until::complete);
  CHECK((answer.bytes == much));
}

TEST_CASE("a child that dies has ended, with what it said", "[conversation]") {
  Conversation with(shell("read x; printf half; echo first >&2; echo 'last words' >&2; exit 3"),
                    ample);
  const auto answer = with.ask("?\n", whole_line);
  CHECK(answer.until == Until::ended);
  CHECK(answer.bytes == "half");
  CHECK(with.finish() == 3);
  CHECK(with.complaint() == ": last words");
}

TEST_CASE("a child that was killed tells by which signal", "[conversation]") {
  Conversation with(shell("read x; kill -KILL $$"), ample);
  CHECK(with.ask("?\n", whole_line).until == Until::ended);
  CHECK(with.finish() == 128 + SIGKILL);
}

TEST_CASE("a child that has died before it is asked raises no SIGPIPE", "[conversation]") {
  Conversation with(shell("exit 0"), ample);
  const auto answer = with.ask(std::string(1'000'000, 'x'), whole_line);
  CHECK(answer.until == Until::ended);
  CHECK(answer.bytes.empty());
}

TEST_CASE("a silent child is not waited for longer than there is patience", "[conversation]") {
  Conversation with(shell("read x; printf half; read y; exec sleep 100"), patience);
  const double waited = seconds_of([&] {
    const auto answer = with.ask("?\n", whole_line);
    CHECK(answer.until == Until::silent);
    CHECK(answer.bytes == "half");
  });
  CHECK(waited > 0.9 * patience);
  CHECK(waited < 20);
}

TEST_CASE("patience begins anew with every sign of life", "[conversation]") {
  const std::string to = GENERATE("&1", "&2");  // standard error is life, too
  Conversation with(shell("read x; for p in a b c d e f g h; do printf $p >" + to +
                          "; sleep 0.25; done; echo; cat"),
                    1.5);
  CHECK(with.ask("?\n", whole_line).until == Until::complete);
}

TEST_CASE("what nobody asked for is told apart", "[conversation]") {
  Conversation with(shell("read x; echo answer; echo more; read y; echo on; cat"), ample);
  const auto answer =
      with.ask("?\n", [](std::string_view bytes) { return bytes.starts_with("answer\n"); });
  CHECK(answer.until == Until::complete);
  std::string rest = answer.bytes.substr(7);
  for (int look = 0; look < 200 && rest.size() < 5; ++look) {
    rest += with.unasked();
    usleep(10'000);
  }
  CHECK(rest == "more\n");
  CHECK(with.unasked().empty());
}

TEST_CASE("an answer that begins before its question is read is untimely", "[conversation]") {
  Conversation with(
      shell("read x; echo one; sleep 0.3; echo two; sleep 0.3; read x; read x; echo; cat"), ample);
  CHECK_FALSE(with.ask("?\n", whole_line).untimely);
  CHECK(with.ask("?\n", whole_line).untimely);
  CHECK_FALSE(with.ask("?\n", whole_line).untimely);
}

TEST_CASE("the rest that a child says tells how its output ends", "[conversation]") {
  CHECK(Conversation(shell("cat; echo bye >&2"), ample).rest() == Until::ended);
  CHECK(Conversation(shell("cat; echo bye; exec sleep 100"), ample).rest() == Until::complete);
  CHECK(Conversation(shell("exec sleep 100"), patience).rest() == Until::silent);
}

TEST_CASE("an answer that is refused on its way ends the conversation", "[conversation]") {
  const auto refuse = [](std::string_view bytes) {
    if (bytes.starts_with("bad")) throw Error("not an answer");
    return false;
  };
  const double waited = seconds_of([&] {
    Conversation with(shell("read x; echo bad; exec sleep 100"), ample);
    CHECK_THROWS_WITH(with.ask("?\n", refuse), "not an answer");
  });
  CHECK(waited < 50);  // the child was not waited for
}

TEST_CASE("a child that does not end is not waited for at its end", "[conversation]") {
  Conversation with(shell("exec sleep 100"), ample);
  CHECK(with.finish(patience) == std::nullopt);
  Conversation deaf(shell("exec 1>&- 2>&-; exec sleep 100"), ample);  // says nothing, and stays
  CHECK(deaf.finish(patience) == std::nullopt);
}

TEST_CASE("the last line of standard error is what a child complains of", "[conversation]") {
  Conversation with(shell("i=0; while [ $i -lt 9000 ]; do echo 'line upon line' >&2; "
                          "i=$((i+1)); done; printf 'the \\001 last\\n\\n' >&2"),
                    ample);
  CHECK(with.finish() == 0);
  CHECK(with.complaint() == ": the   last");
}
