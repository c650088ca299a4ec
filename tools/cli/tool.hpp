// What the five tools share: exit codes, common flags, errors.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/progress.hpp"
#include "lib/base/shard.hpp"
#include "tools/cli/flags.hpp"
#include "tools/cli/list.hpp"

namespace diffusion::cli {

enum ExitCode {
  done = 0,
  partial = 1,     // done, but some inputs failed; or a negative verdict
  failed = 2,      // could not do it
  unfinished = 3,  // stopped before the end as it was asked to
  stopped = 130,
};

/// Flags that mean the same in every tool.
struct Common {
  int threads = 0;  // 0: as many as may run, see thread_choice
  std::uint64_t seed = 0;
  bool quiet = false;
  bool verbose = false;
  bool json = false;
  ProgressMode progress = ProgressMode::automatic;
};

/// An example of --help: a command, and what it does in a few words.
struct Example {
  std::string command, purpose;
};

/// A command line under construction: add flags, then run().
class Tool {
 public:
  Tool(std::string name, std::string summary, std::vector<Example> examples);

  CLI::App& app() { return app_; }
  const Common& common() const { return common_; }

  /// Of the tool without a subcommand.
  Flags flags() { return {*this, app_}; }
  /// Of a new subcommand.
  Flags add_command(const std::string& name, const std::string& summary);
  /// Adds the subcommand `list`, which prints the registries that flags name things of.
  void add_list();
  bool list_asked() const { return list_ != nullptr && list_->parsed(); }

  /// --seed and --json, which serve these subcommands; --json serves `list` too.
  void add_seed(std::vector<std::string> commands = {""});
  void add_json(std::vector<std::string> commands = {""});

  /// Lines for --version -v, asked for then.
  void tell_version_of(std::function<std::vector<std::string>()> more) {
    version_of_more_ = std::move(more);
  }

  /// Parses, runs `body`, and turns exceptions into messages and exit codes.
  /// --help, --version, --completion and `list` are answered before body.
  int run(int argc, char** argv, const std::function<ExitCode()>& body);

  /// Throws Error where anything but common flags is given beside `flag`, which stands alone.
  void need_alone(const std::string& flag) const;

  /// From now on nothing is said, not even of failures: another process says it.
  void fall_silent();

  /// A message of the library with the names of settings as flags: see with_flags.
  std::string worded(const std::string& message) const;
  /// "diff-noise: photos/a.png: ..." on standard error: a failure that does not
  /// stop the rest.
  void complain(const std::string& message) const;
  /// For a person: to standard error unless -q.
  void say(const std::string& message) const;
  /// For a person who asked with -v.
  void explain(const std::string& message) const;

  ProgressMode progress() const { return common_.quiet ? ProgressMode::never : common_.progress; }

  // For Flags:
  void enter(Row row) { rows_.push_back(std::move(row)); }
  /// To be said when all is parsed, and it is known whether to be quiet.
  void say_later(std::string message) { notes_.push_back(std::move(message)); }

 private:
  void add_common();
  std::string version_details();
  std::optional<int> parse(int argc, char** argv);
  void print_list() const;
  ExitCode answer(const std::function<ExitCode()>& body);
  std::string explained(const CLI::ParseError& error) const;
  std::string of_extra(const std::vector<std::string>& left) const;
  std::optional<std::string> mistyped_subcommand() const;
  void refuse_mistyped_subcommand() const;
  std::vector<std::string> commands_with(const std::string& flag) const;
  std::string means_nothing(const std::string& flag, const std::vector<std::string>& takers) const;
  std::string in_words(const std::vector<std::string>& commands) const;
  std::string subcommand_or_tool() const;
  void refuse_surplus() const;
  void refuse_idle() const;
  void refuse_lone() const;
  void refuse_empty() const;
  const CLI::App* subcommand() const;  // that was named, or null
  std::string subcommand_name() const;
  std::string command() const;  // "diff-sample", "diff-sample step"

  std::string name_;
  CLI::App app_;
  std::vector<Row> rows_;
  std::vector<std::string> notes_;
  Common common_;
  std::string completion_;
  bool silent_ = false;
  const CLI::App* list_ = nullptr;
  std::function<std::vector<std::string>()> version_of_more_;
};

/// The rows that mean something to a subcommand ("": the tool without one), in order.
std::vector<const Row*> rows_of(const std::vector<Row>& rows, const CLI::App& tool,
                                const std::string& command);

/// --shard I/N.
void add_shard(const Flags& flags, std::optional<Shard>& shard, const std::string& help);

}  // namespace diffusion::cli
