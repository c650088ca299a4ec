#include "tools/cli/tool.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <iostream>
#include <new>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/instruction_set.hpp"
#include "lib/base/loaded.hpp"
#include "lib/base/module.hpp"
#include "lib/base/parallel.hpp"
#include "lib/base/text.hpp"
#include "lib/base/version.hpp"
#include "tools/cli/completion.hpp"
#include "tools/cli/help.hpp"
#include "tools/cli/message.hpp"
#include "tools/cli/unknown_flag.hpp"

namespace diffusion::cli {
namespace {

ProgressMode parse_progress(const std::string& text) {
  if (text == "always") return ProgressMode::always;
  if (text == "never") return ProgressMode::never;
  return ProgressMode::automatic;
}

std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  return text;
}

}  // namespace

Tool::Tool(std::string name, std::string summary, std::vector<Example> examples)
    : name_(name), app_(summary, name) {
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
  common.add({"-v,--verbose", "", "Explain what is done"}, common_.verbose);
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
  return text;
}

namespace {

void flush_output() {
  errno = 0;
  std::cout.flush();
  if (!std::cout)
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
  } catch (const std::bad_alloc&) {
    complain("out of memory; smaller batches or images would need less");
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
    app_.parse(argc, argv);
  } catch (const CLI::Success& e) {
    const int code = app_.exit(e);
    flush_output();
    return code;
  } catch (const CLI::ParseError& e) {
    throw Error(explained(e) + " (see " + command() + " --help)");
  }
  refuse_surplus();
  refuse_idle();
  refuse_empty();
  return std::nullopt;
}

ExitCode Tool::answer(const std::function<ExitCode()>& body) {
  if (!completion_.empty()) {
    std::cout << completion_script(name_, completion_);
    return done;
  }
  if (list_asked()) {
    std::cout << list_of_names(rows_);
    return done;
  }
  set_threads(common_.threads);
  return body();
}

/// In our words, where CLI11's are about its own workings.
std::string Tool::explained(const CLI::ParseError& error) const {
  const std::string what = error.what(), title = what.substr(0, what.find(':'));
  const bool extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  if (extra) return of_extra(app_.remaining(true));
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr)  // all others are checked
    for (const Row& row : rows_)
      if (!row.takes_value() && what.find(row.option->get_name() + " ") != what.npos)
        return row.option->get_name() + ": takes no value";
  for (const Row& row : rows_) {
    if (row.option->get_name() != title || row.positional()) continue;
    if (!row.takes_value()) return title + ": takes no value";
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) == nullptr) continue;
    return title +
           (row.option->count() > 1 ? ": is given twice" : ": needs a value, " + row.flag.value);
  }
  return what;
}

/// Of arguments that nobody takes, the first that looks like an option.
std::string Tool::of_extra(const std::vector<std::string>& left) const {
  const auto flag = std::ranges::find_if(left, [](const std::string& word) {
    return word.size() > 1 && word[0] == '-' && !parse_number(word);
  });
  if (flag == left.end()) {
    if (const auto meant = mistyped_subcommand()) return *meant;
    return "unexpected argument '" + (left.empty() ? std::string() : left.front()) + "'";
  }
  const std::string name = flag->substr(0, flag->find('='));
  if (const auto takers = commands_with(name); !takers.empty())
    return name + ": means nothing to " + subcommand_or_tool() + ", only to " + in_words(takers);
  std::vector<std::string> known;
  for (const Row* row : rows_of(rows_, app_, subcommand_name())) {
    for (const auto& each : row->option->get_lnames()) known.push_back("--" + each);
    for (const auto& each : row->option->get_snames()) known.push_back("-" + each);
  }
  return unknown_flag(*flag, known);
}

/// "unknown subcommand 'shwo'; did you mean show?", where the first argument is near one.
std::optional<std::string> Tool::mistyped_subcommand() const {
  if (subcommand() != nullptr) return std::nullopt;
  std::vector<std::string> names;
  for (const CLI::App* each : app_.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(each->get_name());
  for (const Row& row : rows_) {
    if (row.command != &app_ || !row.positional() || row.option->count() == 0) continue;
    const std::string& first = row.option->results().front();
    const auto close = nearest(comparable_name(first), names);
    if (!close) return std::nullopt;
    return "unknown subcommand '" + first + "'; did you mean " + *close + "?";
  }
  return std::nullopt;
}

/// The subcommands that take a flag of this name; "" is the tool without one.
std::vector<std::string> Tool::commands_with(const std::string& flag) const {
  std::vector<std::string> takers;
  const auto add = [&](const std::string& command) {
    if (std::ranges::find(takers, command) == takers.end()) takers.push_back(command);
  };
  for (const Row& row : rows_) {
    if (row.positional() || !row.option->check_name(flag)) continue;
    if (row.command != &app_)
      add(row.command->get_name());
    else
      for (const std::string& command : *row.flag.serves) add(command);
  }
  return takers;
}

std::string Tool::in_words(const std::vector<std::string>& commands) const {
  std::vector<std::string> words;
  for (const std::string& each : commands)
    words.push_back(each.empty() ? name_ + " without a subcommand" : each);
  return join(words, ", ");
}

std::string Tool::subcommand_or_tool() const {
  return subcommand() ? subcommand()->get_name() : name_ + " without a subcommand";
}

/// What follows a subcommand is its own: an argument left over would fall through
/// to the tool's and be ignored.
void Tool::refuse_surplus() const {
  if (subcommand() == nullptr) return;
  for (const Row& row : rows_)
    if (row.command == &app_ && row.positional() && row.option->count() > 0)
      throw Error("unexpected argument '" + row.option->results().front() + "' (see " + name_ +
                  " --help)");
}

/// Flags of the tool's own that would have no effect on the subcommand, or on the tool
/// without one.
void Tool::refuse_idle() const {
  for (const Row& row : rows_)
    if (row.command == &app_ && row.option->count() > 0 && !row.serves(subcommand_name()))
      throw Error(row.option->get_name() + ": means nothing to " + subcommand_or_tool() +
                  ", only to " + in_words(commands_with(row.option->get_name())) + " (see " +
                  command() + " --help)");
}

/// With an empty value, as of a variable that is not set, an option would be as if not given;
/// a switch with a value would be taken for on or off.
void Tool::refuse_empty() const {
  for (const Row& row : rows_)
    for (const std::string& result : row.option->results()) {
      if (result.empty())
        throw Error(row.option->get_name() + ": is empty (see " + command() + " --help)");
      if (!row.takes_value() && result != "true")
        throw Error(row.option->get_name() + ": takes no value (see " + command() + " --help)");
    }
}

const CLI::App* Tool::subcommand() const {
  return app_.get_subcommands().empty() ? nullptr : app_.get_subcommands().front();
}

std::string Tool::subcommand_name() const { return subcommand() ? subcommand()->get_name() : ""; }

std::string Tool::command() const {
  return subcommand() ? name_ + " " + subcommand()->get_name() : name_;
}

std::string Tool::worded(const std::string& message) const { return with_flags(message, app_); }

void Tool::complain(const std::string& message) const {
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
