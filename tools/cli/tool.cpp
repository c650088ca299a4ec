#include "tools/cli/tool.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <filesystem>
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
#include "tools/cli/message.hpp"

namespace diffusion::cli {
namespace {

/// Help as people read it: what it is, examples, then the options.
class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter(std::string summary, std::vector<Example> examples)
      : summary_(std::move(summary)), examples_(std::move(examples)) {
    column_width(32);
    label("REQUIRED", "");
  }

  std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode) const override {
    const bool top = app->get_parent() == nullptr;
    std::string text = (top ? app->get_name() + ": " + summary_ : app->get_description()) + "\n";
    text += make_usage(app, name);
    if (top && !examples_.empty()) text += "\nExamples:\n" + examples();
    text += make_positionals(app);
    text += one_blank_between(make_groups(app, CLI::AppFormatMode::Normal));
    text += make_subcommands(app, CLI::AppFormatMode::Normal);
    if (top) text += "\nThe whole manual: man " + app->get_name() + "\n";
    return text;
  }

  /// The option's own word for its value and nothing else.
  std::string make_option_opts(const CLI::Option* option) const override {
    const std::string type = option->get_type_name();
    return option->get_type_size() == 0 || type.empty() ? "" : " " + type;
  }

 private:
  std::string examples() const {
    std::string text;
    for (const auto& example : examples_)
      text += "  " + example.command + "\n      " + example.purpose + "\n";
    return text;
  }

  /// Groups come with a blank line before and another between them.
  static std::string one_blank_between(std::string groups) {
    for (std::size_t at = 0; (at = groups.find("\n\n\n", at)) != std::string::npos;)
      groups.erase(at, 1);
    return groups;
  }

  std::string summary_;
  std::vector<Example> examples_;
};

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
  app_.formatter(std::make_shared<HelpFormatter>(std::move(summary), std::move(examples)));
  app_.fallthrough();
  app_.set_help_flag();
}

void Tool::add_common() {
  app_.set_help_flag("-h,--help", "Print this help and exit");
  const std::string first = name_ + " " + std::string(version()) +
                            "\ninstruction set: " + std::string(name_of(instruction_set()));
  app_.set_version_flag(
      "--version", [this, first] { return first + version_details(); },
      "Print the version and exit");
  const std::string shared = shared_;
  app_.get_option("--help")->group(shared);
  app_.get_option("--version")->group(shared);
  app_.add_option("-j,--threads", common_.threads, "Threads to use (default: all that are allowed)")
      ->check(range(0, 4096))
      ->group(shared)
      ->type_name("N");
  app_.add_flag("-q,--quiet", common_.quiet, "Say nothing but errors")->group(shared);
  app_.add_flag("-v,--verbose", common_.verbose, "Explain what is done")->group(shared);
  app_.add_option_function<std::string>(
          "--progress",
          [this](const std::string& mode) { common_.progress = parse_progress(mode); },
          "Show progress: auto, always or never (default: auto)")
      ->check(CLI::IsMember({"auto", "always", "never"}).description(""))
      ->group(shared)
      ->type_name("WHEN");
  app_.add_option("--completion", completion_, "Print a completion script: bash, zsh or fish")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""))
      ->group(shared)
      ->type_name("SHELL");
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

void Tool::add_seed() {
  app_.add_option("--seed", common_.seed, "Seed of all randomness (default: 0)")
      ->check(whole_number())
      ->type_name("N");
}

void Tool::add_json() { app_.add_flag("--json", common_.json, "Print one JSON document"); }

int Tool::run(int argc, char** argv, const std::function<ExitCode()>& body) {
  try {
    add_common();
  } catch (const Error& e) {  // of the environment
    complain(e.what());
    return failed;
  }
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
    std::cout.flush();
    if (std::cout) return code;
    complain("standard output: cannot be written");
    return failed;
  } catch (const CLI::ParseError& e) {
    complain(e.what() + (" (see " + command() + " --help)"));
    return failed;
  } catch (const Error& e) {  // of an option's own reader
    complain(e.what());
    return failed;
  }
  try {
    refuse_surplus();
    refuse_empty();
    ExitCode code = done;
    if (completion_.empty()) {
      set_threads(common_.threads);
      code = body();
    } else {
      std::cout << completion_script(app_, completion_);
    }
    errno = 0;
    std::cout.flush();
    if (!std::cout)
      throw OutputError("standard output: cannot be written" +
                        (errno == 0 ? std::string() : " (" + system_reason() + ")"));
    return code;
  } catch (const Interrupted&) {
    std::cerr << name_ << ": interrupted\n";
    return stopped;
  } catch (const Error& e) {
    complain(e.what());
  } catch (const ModuleError& e) {
    complain(e.what());
  } catch (const std::bad_alloc&) {
    std::cerr << name_ << ": out of memory; smaller batches or images would need less\n";
  }
  return failed;
}

/// What follows a subcommand is its own: an argument left over would fall through
/// to the tool's and be ignored.
void Tool::refuse_surplus() const {
  if (app_.get_subcommands().empty()) return;
  for (const CLI::Option* option : app_.get_options())
    if (option->get_positional() && option->count() > 0)
      throw Error("unexpected argument '" + option->results().front() + "' (see " + name_ +
                  " --help)");
}

/// With an empty value, as of a variable that is not set, an option would be as if not given.
void Tool::refuse_empty() const {
  for (const CLI::App* app : {&app_, subcommand()})
    for (const CLI::Option* option : app ? app->get_options() : std::vector<const CLI::Option*>{})
      if (std::ranges::find(option->results(), "") != option->results().end())
        throw Error(option->get_name() + ": is empty (see " + command() + " --help)");
}

const CLI::App* Tool::subcommand() const {
  return app_.get_subcommands().empty() ? nullptr : app_.get_subcommands().front();
}

std::string Tool::command() const {
  return subcommand() ? name_ + " " + subcommand()->get_name() : name_;
}

void Tool::refuse_own_options() const {
  if (app_.get_subcommands().empty()) return;
  for (const CLI::Option* option : app_.get_options())
    if (option->count() > 0 && option->get_group() != shared_)
      throw Error(option->get_name() + ": is no option of " +
                  app_.get_subcommands().front()->get_name() + " (see " + command() + " --help)");
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

CLI::Validator whole_number() { return whole_number(0, ~std::uint64_t(0)); }

CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
  const auto check = [=](const std::string& text) -> std::string {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, value);
    if (failure == std::errc{} && stop == end && value >= least && value <= most) return "";
    const std::string highest = most == ~std::uint64_t(0) ? "2^64 - 1" : std::to_string(most);
    return "'" + text + "' is not a whole number from " + std::to_string(least) + " to " + highest;
  };
  return {check, ""};
}

CLI::Validator range(std::int64_t least, std::int64_t most) {
  const auto check = [=](const std::string& text) -> std::string {
    const auto value = parse_integer(text);
    if (value && *value >= least && *value <= most) return "";
    return "Value " + text + " not in range " + std::to_string(least) + " to " +
           std::to_string(most);
  };
  return {check, ""};
}

CLI::Validator not_negative() {
  const auto check = [](const std::string& text) -> std::string {
    const double value = parse_number(text).value_or(-1);
    return value >= 0 && std::isfinite(value) ? "" : "'" + text + "' is not a number from 0 up";
  };
  return {check, ""};
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

void add_shard(CLI::App& app, std::optional<Shard>& shard, const std::string& help) {
  app.add_option_function<std::string>(
         "--shard", [&](const std::string& text) { shard = parse_shard(text); }, help)
      ->type_name("I/N");
}

void need_extension(const std::string& path, const std::string& wanted) {
  if (const auto given = extension(path); !given.empty() && given != wanted)
    throw Error(path + ": what is written is " + wanted + ", so the name must end in it");
}

void refuse_terminal(const std::string& path, const std::string& what) {
  if (path == "-" && isatty(STDOUT_FILENO) == 1)
    throw Error("standard output is a terminal: " + what +
                " is binary; name a file with -o, or pipe it");
}

bool names_folder(const std::string& path) {
  if (path == "-") return false;
  std::error_code none;
  return path.ends_with('/') || extension(path).empty() ||
         std::filesystem::is_directory(path, none);
}

std::string extension(const std::string& path) {
  std::string text = std::filesystem::path(path).extension().string();
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return text;
}

}  // namespace diffusion::cli
