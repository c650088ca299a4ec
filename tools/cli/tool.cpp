#include "tools/cli/tool.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <iostream>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/instruction_set.hpp"
#include "lib/base/loaded.hpp"
#include "lib/base/module.hpp"
#include "lib/base/parallel.hpp"
#include "lib/base/ranks.hpp"
#include "lib/base/text.hpp"
#include "lib/base/version.hpp"
#include "tools/cli/arguments.hpp"
#include "tools/cli/completion.hpp"
#include "tools/cli/help.hpp"
#include "tools/cli/message.hpp"
#include "tools/cli/uncaught.hpp"

namespace diffusion::cli {
namespace {

ProgressMode parse_progress(const std::string& text) {
  if (text == "always") return ProgressMode::always;
  if (text == "never") return ProgressMode::never;
  return ProgressMode::automatic;
}

/// Without what a terminal would obey. All other bytes stay: they may be of names of files.
std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' ' || c == 127; }, ' ');
  return text;
}

}  // namespace

Tool::Tool(std::string name, std::string summary, std::vector<Example> examples)
    : name_(std::move(name)), app_(summary, name_) {
  explain_termination();
  app_.formatter(help_formatter(std::move(summary), std::move(examples), rows_));
  app_.fallthrough();
  app_.set_help_flag();
}

Flags Tool::add_command(const std::string& name, const std::string& summary) {
  return {*this, *app_.add_subcommand(name, summary)};
}

void Tool::add_list() {
  list_ = app_.add_subcommand("list", "Print the names that options take, and what they mean");
}

void Tool::add_seed(std::vector<std::string> commands) {
  flags().serving(std::move(commands)).add({"--seed", "N", "Seed of all randomness"}, common_.seed);
}

void Tool::add_json(std::vector<std::string> commands) {
  commands.push_back("list");
  flags().serving(std::move(commands)).add({"--json", "", "Print one JSON document"}, common_.json);
}

void Tool::add_common() {
  const Flags common = flags().under(common_heading).serving(all_commands);
  app_.set_help_flag("-h,--help", "Print this help and exit");
  const std::string first = name_ + " " + std::string(version()) +
                            "\ninstruction set: " + std::string(name_of(instruction_set()));
  app_.set_version_flag(
      "--version", [this, first] { return first + version_details(); },
      "Print the version and exit");
  for (const char* flag : {"--help", "--version"}) {
    CLI::Option* const option = app_.get_option(flag)->group(common_heading);
    enter({{.help = option->get_description(), .serves = all_commands}, &app_, option});
  }
  common.add({.names = "-j,--threads",
              .value = "N",
              .help = "Threads to use",
              .values = whole(0, 4096),
              .otherwise = "all that are allowed"},
             common_.threads);
  common.add({"-q,--quiet", "", "Say nothing but errors"}, common_.quiet);
  common.add({.names = "-v,--verbose", .help = "Explain what is done", .excludes = {"--quiet"}},
             common_.verbose);
  common.read({.names = "--progress",
               .value = "WHEN",
               .help = "Show progress: auto, always or never",
               .values = one_of({"auto", "always", "never"}),
               .otherwise = "auto"},
              [this](const std::string& mode) { common_.progress = parse_progress(mode); });
  common.add({.names = "--completion",
              .value = "SHELL",
              .help = "Print a completion script: {}",
              .values = one_of({"bash", "zsh", "fish"})},
             completion_);
}

/// With -v what a result or its speed may depend on. CLI11 asks in the midst of parsing.
std::string Tool::version_details() {
  for (const char* option : {"--threads", "--verbose"})
    if (app_.count(option) > 0) app_.get_option(option)->run_callback();
  if (!common_.verbose) return "";
  const ThreadChoice choice = thread_choice(common_.threads);
  std::string text = "\nthreads: " + std::to_string(choice.count) + " (" + worded(choice.reason) +
                     ")" + "\ncompiler: " + std::string(compiler());
  for (const std::string& library : loaded_libraries()) text += "\nlibrary: " + library;
  text += "\nMPI: " + mpi_library();
  if (version_of_more_)
    for (const std::string& line : version_of_more_()) text += "\n" + line;
  return text;
}

namespace {

/// Closing says what writing did not: a quota or a server may have lost it. Of a copy, since
/// what runs at the end of a program may print still.
bool closes(int descriptor) {
  const int copy = dup(descriptor);
  return copy < 0 || ::close(copy) == 0;
}

void flush_output() {
  errno = 0;
  std::cout.flush();
  if (!std::cout || !closes(STDOUT_FILENO))
    throw OutputError("standard output: cannot be written" +
                      (errno == 0 ? std::string() : " (" + system_reason() + ")"));
}

}  // namespace

int Tool::run(int argc, char** argv, const std::function<ExitCode()>& body) {
  try {
    add_common();
    if (argc > 1 && argv[1] == shells_question) {
      std::cout << answer_to_shell(app_, rows_, {argv + 2, argv + argc});
      flush_output();
      return done;
    }
    if (const auto answered = parse(argc, argv)) return *answered;
    for (const std::string& note : notes_) say(note);
    const ExitCode code = answer(body);
    flush_output();
    return code;
  } catch (const Interrupted&) {
    complain("interrupted");
    return stopped;
  } catch (const Error& e) {
    complain(e.what());
  } catch (const ModuleError& e) {
    complain(e.what());
  } catch (const std::exception& e) {
    complain(as_bug(e));
  }
  return failed;
}

/// The exit code, where nothing is left to do.
std::optional<int> Tool::parse(int argc, char** argv) {
  // Asked for before parsing, so that required arguments may be missing.
  for (int i = 1; i < argc; ++i)
    if (std::string_view(argv[i]).starts_with("--completion")) {
      app_.require_subcommand(0);
      for (CLI::Option* option : app_.get_options()) option->required(false);
    }
  try {
    auto words = tidied({argv + 1, argv + argc}, rows_, notes_);
    std::ranges::reverse(words);  // as CLI11 wants them
    app_.parse(std::move(words));
  } catch (const CLI::Success& e) {
    const int code = app_.exit(e);
    flush_output();
    return code;
  } catch (const CLI::ParseError& e) {
    throw Error(explained(e) + " (see " + command() + " --help)");
  }
  refuse_mistyped_subcommand();
  refuse_surplus();
  refuse_idle();
  refuse_lone();
  refuse_empty();
  return std::nullopt;
}

ExitCode Tool::answer(const std::function<ExitCode()>& body) {
  if (!completion_.empty()) {
    std::cout << completion_script(name_, completion_);
    return done;
  }
  if (list_asked()) {
    print_list();
    return done;
  }
  set_threads(common_.threads);
  return body();
}

void Tool::print_list() const {
  const std::vector<Registry> registries = registries_of(rows_);
  std::cout << (common_.json ? to_text(list_as_json(registries)) : list_as_text(registries));
}

const CLI::App* Tool::subcommand() const {
  return app_.get_subcommands().empty() ? nullptr : app_.get_subcommands().front();
}

std::string Tool::subcommand_name() const { return subcommand() ? subcommand()->get_name() : ""; }

std::string Tool::command() const {
  return subcommand() ? name_ + " " + subcommand()->get_name() : name_;
}

std::string Tool::worded(const std::string& message) const { return with_flags(message, app_); }

void Tool::fall_silent() {
  silent_ = true;
  common_.quiet = true;
  common_.verbose = false;
}

void Tool::complain(const std::string& message) const {
  if (silent_) return;
  std::cerr << name_ << ": " << one_line(worded(message)) << '\n';
}

void Tool::say(const std::string& message) const {
  if (!common_.quiet) complain(message);
}

void Tool::explain(const std::string& message) const {
  if (common_.verbose) complain(message);
}

std::vector<const Row*> rows_of(const std::vector<Row>& rows, const CLI::App& tool,
                                const std::string& command) {
  std::vector<const Row*> found;
  for (const Row& row : rows) {
    const bool own = row.command != &tool && row.command->get_name() == command;
    if (own || (row.command == &tool && row.serves(command))) found.push_back(&row);
  }
  return found;
}

namespace {

Shard parse_shard(const std::string& text) {
  const auto parts = split(text, '/');
  const auto number = parse_integer(parts[0]);
  const auto of = parts.size() == 2 ? parse_integer(parts[1]) : std::nullopt;
  if (!number || !of || *number < 1 || *number > *of)
    throw CLI::ValidationError("--shard " + text + ": needs I/N with 1 <= I <= N, such as 2/8");
  return {std::size_t(*number), std::size_t(*of)};
}

}  // namespace

void add_shard(const Flags& flags, std::optional<Shard>& shard, const std::string& help) {
  flags.read({"--shard", "I/N", help}, [&](const std::string& text) { shard = parse_shard(text); });
}

}  // namespace diffusion::cli
