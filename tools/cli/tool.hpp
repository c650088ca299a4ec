// What the five tools share: the door of CLI11, exit codes, common flags, errors.
#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/progress.hpp"
#include "lib/base/shard.hpp"

namespace diffusion::cli {

enum ExitCode {
  done = 0,
  partial = 1,  // done, but some inputs failed; or a negative verdict
  failed = 2,   // could not do it
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

/// A command line under construction: add options to app(), then run().
class Tool {
 public:
  Tool(std::string name, std::string summary, std::vector<Example> examples);

  CLI::App& app() { return app_; }
  Common& common() { return common_; }
  const Common& common() const { return common_; }

  void add_seed();  // --seed
  void add_json();  // --json

  /// Parses, runs `body`, and turns exceptions into messages and exit codes.
  /// --help, --version and --completion are answered before body.
  int run(int argc, char** argv, const std::function<ExitCode()>& body);

  /// For tools whose subcommands share nothing but the common options with what the tool
  /// does without one: throws Error for an option that would have no effect.
  void refuse_own_options() const;

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

 private:
  static constexpr const char* shared_ = "Common options";

  void add_common();
  std::string version_details();
  void refuse_surplus() const;
  void refuse_empty() const;
  const CLI::App* subcommand() const;  // that was named, or null
  std::string command() const;         // "diff-sample", "diff-sample step"

  std::string name_;
  CLI::App app_;
  Common common_;
  std::string completion_;
};

/// Accepts 0..2^64 - 1 in decimal digits and nothing else.
CLI::Validator whole_number();
/// ... and nothing outside `least`..`most`.
CLI::Validator whole_number(std::uint64_t least, std::uint64_t most);

/// Accepts whole numbers from `least` to `most`; says so in words that no version of
/// CLI11 changes.
CLI::Validator range(std::int64_t least, std::int64_t most);
/// Accepts numbers from 0 up.
CLI::Validator not_negative();

/// --shard I/N.
void add_shard(CLI::App& app, std::optional<Shard>& shard, const std::string& help);

/// The extension says the format: throws Error where `path` has another one than
/// `wanted` (".npz"). Names without one (pipes, devices) pass.
void need_extension(const std::string& path, const std::string& wanted);

/// Refuses to write binary to a terminal; `path` as given to -o ("-": stdout).
void refuse_terminal(const std::string& path, const std::string& what);

/// Whether `path` names a folder: a trailing '/', an existing folder, or no extension.
bool names_folder(const std::string& path);

/// Lower-case extension with its dot, or "".
std::string extension(const std::string& path);

}  // namespace diffusion::cli
