#include "tools/cli/arguments.hpp"

#include "lib/base/error.hpp"
#include "tests/support/catch.hpp"

using namespace diffusion;
using namespace diffusion::cli;

namespace {

using Words = std::vector<std::string>;

/// A tool with --seed N, -s,--schedule SPEC, -o FILE, -q, --resume [auto] and, once called
/// --predicts, --predict.
struct Parser {
  CLI::App app;
  std::vector<Row> rows = {};
  Words notes = {};

  Parser() {
    add("--seed", "N");
    add("-s,--schedule", "SPEC");
    add("-o", "FILE");
    add("-q", "");
    add("--predict", "WHAT", "--predicts");
    add("--resume", "");
    rows.back().flag.values = words({"auto"});
  }
  void add(const std::string& names, const std::string& value, const std::string& formerly = "") {
    rows.push_back({.flag = {.names = names, .value = value, .formerly = formerly},
                    .command = &app,
                    .option = app.add_option(names)});
  }
  Words read(Words words) { return tidied(std::move(words), rows, notes); }
};

}  // namespace

TEST_CASE("one hyphen before the whole name of a long flag is refused", "[cli]") {
  Parser tool;
  CHECK_THROWS_WITH(tool.read({"-seed", "4"}), "-seed: long options have two hyphens: --seed");
  CHECK_THROWS_WITH(tool.read({"x", "-schedule=linear"}),
                    "-schedule: long options have two hyphens: --schedule=linear");
  CHECK_THROWS_WITH(tool.read({"-SEED"}), EndsWith("--seed"));
  for (const Words& words : {Words{"-se"}, {"-seeds"}, {"-slinear"}, {"-q", "-1"}, {"-"}})
    CHECK(tool.read(words) == words);
}

TEST_CASE("an equals sign after a short flag is refused", "[cli]") {
  Parser tool;
  CHECK_THROWS_WITH(tool.read({"-o=x"}), "-o=x: '=' goes with long options; write -o x");
  CHECK_THROWS_WITH(tool.read({"-o="}), "-o=: '=' goes with long options; write -o FILE");
  CHECK_THROWS_WITH(tool.read({"-q=1"}), "-q: takes no value");
  for (const Words& words : {Words{"-ox=y"}, {"--seed=4"}, {"-x=y"}})
    CHECK(tool.read(words) == words);
}

TEST_CASE("values and what follows two hyphens are left alone", "[cli]") {
  Parser tool;
  for (const Words& words : {Words{"--seed", "-seed"},
                             {"-o", "-o=x"},
                             {"--", "-seed", "-o=x"},
                             {"--predict", "--predicts"}})
    CHECK(tool.read(words) == words);
  CHECK_THROWS_AS(tool.read({"--seed=3", "-seed"}), Error);
  CHECK_THROWS_AS(tool.read({"-q", "-seed"}), Error);
  CHECK(tool.notes.empty());
}

TEST_CASE("the former name of a flag is read, and the tool says what it is called", "[cli]") {
  Parser tool;
  CHECK(tool.read({"--predicts", "v"}) == Words{"--predict", "v"});
  CHECK(tool.read({"--predicts=v"}) == Words{"--predict=v"});
  CHECK(tool.notes == Words(2, "--predicts: is called --predict here"));
}

TEST_CASE("a flag in the place of a value is refused, and a number is not a flag", "[cli]") {
  Parser tool;
  tool.add("-0", "");
  CHECK_THROWS_WITH(tool.read({"--seed", "-q"}), "--seed: needs a value, N; -q is the next option");
  CHECK_THROWS_WITH(tool.read({"-s", "--seed=4"}),
                    "-s: needs a value, SPEC; --seed is the next option");
  CHECK_THROWS_WITH(tool.read({"--seed="}), "--seed: needs a value, N");
  for (const Words& words : {Words{"--seed", "-0"}, {"--seed", "--unknown"}, {"--seed=-q"}})
    CHECK(tool.read(words) == words);
}

TEST_CASE("a list with an empty item is refused", "[cli]") {
  Parser tool;
  tool.rows[1].flag.values.several = true;
  for (const Words& words : {Words{"-s", "a,,b"}, {"--schedule=a,"}, {"--schedule", ",a"}})
    CHECK_THROWS_WITH(tool.read(words), EndsWith("write names with one comma between them"));
  for (const Words& words : {Words{"-s", "a,b"}, {"--schedule=a:x=1,y=2,b"}})
    CHECK(tool.read(words) == words);
}

TEST_CASE("a switch takes one of its words, and no other, from behind it", "[cli]") {
  Parser tool;
  CHECK(tool.read({"--resume", "auto", "-q"}) == Words{"--resume=auto", "-q"});
  CHECK(tool.read({"--resume", "auto", "auto"}) == Words{"--resume=auto", "auto"});
  CHECK(tool.read({"--resume", "auto"}) == Words{"--resume=auto"});
  for (const Words& words : {Words{"--resume", "photos"},
                             {"-q", "auto"},
                             {"auto", "--resume"},
                             {"--resume", "--", "auto"},
                             {"--resume=auto", "x"}})
    CHECK(tool.read(words) == words);
}
