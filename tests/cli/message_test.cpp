#include "tools/cli/message.hpp"

#include "tests/support/catch.hpp"
#include "tools/cli/tool.hpp"

using diffusion::cli::with_flags;

namespace {

/// A tool with `size`, `schedule`, `T`, and a subcommand with `factor` and its own `size`.
struct Parsed {
  CLI::App app{"", "tool"};

  explicit Parsed(const std::string& command_line) {
    app.fallthrough();
    app.add_option("--size");
    app.add_option("-s,--schedule");
    app.add_option("-T");
    CLI::App* shift = app.add_subcommand("shift");
    shift->add_option("--factor");
    shift->add_option("-z,--size");
    app.parse(command_line);
  }
};

}  // namespace

TEST_CASE("a setting in backquotes becomes the flag that sets it", "[cli]") {
  const Parsed tool("");
  CHECK(with_flags("a.png: say `size` 3x4, or leave `T` out", tool.app) ==
        "a.png: say --size 3x4, or leave -T out");
  CHECK(with_flags("leave `schedule` out", tool.app) == "leave -s out");
  CHECK(with_flags("`size`: `size``size`", tool.app) == "--size: --size--size");
}

TEST_CASE("a message without settings stays as it is", "[cli]") {
  const Parsed tool("");
  for (const std::string message : {"", "plain", "`", "``", "one ` backquote", "`--size`",
                                    "exec:echo `date`", "`factor` of a subcommand"})
    CHECK(with_flags(message, tool.app) == message);
  CHECK(with_flags("exec:`date` 1 `size`", tool.app) == "exec:`date` 1 --size");
}

TEST_CASE("the subcommand that was named has the first say", "[cli]") {
  CHECK(with_flags("`factor` and `size` and `T`", Parsed("shift").app) == "--factor and -z and -T");
  CHECK(with_flags("`factor` and `size`", Parsed("").app) == "`factor` and --size");
}
