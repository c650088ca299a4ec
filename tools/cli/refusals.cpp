// What Tool says of a command line that it refuses.
#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/text.hpp"
#include "tools/cli/tool.hpp"
#include "tools/cli/unknown_flag.hpp"

namespace diffusion::cli {

namespace {

/// What a person calls it.
std::string called(const Row& row) {
  if (!row.positional()) return row.option->get_name();
  const std::string& word = row.flag.value;
  return word.ends_with("...") ? word.substr(0, word.size() - 3) : word;
}

/// "--clip: means nothing beside --no-clip", of CLI11's "--clip excludes --no-clip".
std::string in_our_words(std::string excludes) {
  constexpr std::string_view theirs = " excludes ";
  if (const auto at = excludes.find(theirs); at != excludes.npos)
    excludes.replace(at, theirs.size(), ": means nothing beside ");
  return excludes;
}

}  // namespace

/// In our words, where CLI11's are about its own workings.
std::string Tool::explained(const CLI::ParseError& error) const {
  std::string what = error.what();
  const std::string title = what.substr(0, what.find(':'));
  const bool extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  if (extra) return of_extra(app_.remaining(true));
  if (dynamic_cast<const CLI::ExcludesError*>(&error) != nullptr) return in_our_words(what);
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr)  // all others are checked
    for (const Row& row : rows_)
      if (!row.takes_value() && what.find(row.option->get_name() + " ") != what.npos)
        return row.option->get_name() + ": takes no value";
  for (const Row& row : rows_) {
    if (row.command != &app_ && row.command != subcommand()) continue;
    if (what == row.option->get_name() + " is required") return called(row) + " is required";
    if (row.option->get_name() != title) continue;
    if (!row.takes_value()) return title + ": takes no value";
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) == nullptr) continue;
    if (row.positional() && row.option->count() > 1)
      return "unexpected argument '" + row.option->results().back() + "'";
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
  if (const auto takers = commands_with(name); !takers.empty()) {
    if (std::ranges::find(takers, subcommand_name()) != takers.end())  // it stands behind "--"
      return "unexpected argument '" + *flag + "'";
    return means_nothing(name, takers);
  }
  std::vector<std::string> known;
  for (const Row* row : rows_of(rows_, app_, subcommand_name())) {
    for (const auto& each : row->option->get_lnames()) known.push_back("--" + each);
    for (const auto& each : row->option->get_snames()) known.push_back("-" + each);
  }
  if (subcommand() == nullptr)
    for (const CLI::App* each : app_.get_subcommands([](const CLI::App*) { return true; }))
      known.push_back(each->get_name());
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
      throw Error(means_nothing(row.option->get_name(), commands_with(row.option->get_name())) +
                  " (see " + command() + " --help)");
}

/// "--sampler: means nothing to compare, only to step; here it is --samplers".
std::string Tool::means_nothing(const std::string& flag,
                                const std::vector<std::string>& takers) const {
  std::string message =
      flag + ": means nothing to " + subcommand_or_tool() + ", only to " + in_words(takers);
  for (const Row* row : rows_of(rows_, app_, subcommand_name()))
    if (const std::string name = row->option->get_name(); name == flag + "s" || name + "s" == flag)
      message += "; here it is " + name;
  return message;
}

/// Flags that say more of one that is not given.
void Tool::refuse_lone() const {
  for (const Row& row : rows_) {
    const auto given = [&](const std::string& flag) { return row.command->count(flag) > 0; };
    const auto& needs = row.flag.needs;
    if (row.option->count() > 0 && !needs.empty() && std::ranges::none_of(needs, given))
      throw Error(row.option->get_name() + ": means nothing without " + join(needs, " or ") +
                  " (see " + command() + " --help)");
  }
}

/// With an empty value, as of a variable that is not set, an option would be as if not given;
/// a switch with a value would be taken for on or off.
void Tool::refuse_empty() const {
  for (const Row& row : rows_)
    for (const std::string& result : row.option->results()) {
      if (result.empty())
        throw Error(row.option->get_name() + ": is empty (see " + command() + " --help)");
      if (!row.takes_value() && row.flag.values.choices.empty() && result != "true")
        throw Error(row.option->get_name() + ": takes no value (see " + command() + " --help)");
    }
}

}  // namespace diffusion::cli
