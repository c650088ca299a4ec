#include "tools/cli/arguments.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/params.hpp"
#include "lib/base/registry.hpp"
#include "lib/base/text.hpp"

namespace diffusion::cli {
namespace {

/// The row of this flag, as it is written on a command line, or null.
const Row* row_of(const std::string& flag, const std::vector<Row>& rows) {
  const auto row = std::ranges::find_if(
      rows, [&](const Row& each) { return !each.positional() && each.option->check_name(flag); });
  return row == rows.end() ? nullptr : &*row;
}

bool is_short(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && word[1] != '-';
}

/// "-seed=4" where there is a --seed.
void refuse_single_hyphen(const std::string& word, const std::vector<Row>& rows) {
  const auto equals = word.find('=');
  const std::string name = word.substr(0, equals), longer = "-" + comparable_name(name);
  if (name.size() < 3 || row_of(longer, rows) == nullptr) return;
  throw Error(name + ": long options have two hyphens: " + longer +
              (equals == word.npos ? "" : word.substr(equals)));
}

/// "-o=x" where there is an -o.
void refuse_equals(const std::string& word, const std::vector<Row>& rows) {
  if (word.size() < 3 || word[2] != '=') return;
  const std::string name = word.substr(0, 2), value = word.substr(3);
  const Row* const row = row_of(name, rows);
  if (row == nullptr) return;
  if (!row->takes_value()) throw Error(name + ": takes no value");
  throw Error(word + ": '=' goes with long options; write " + name + " " +
              (value.empty() ? row->flag.value : value));
}

std::string needs_a_value(const std::string& name, const Row& row) {
  return name + ": needs a value, " + row.flag.value;
}

/// Whether `word` may stand behind the switch `row`, with or without an equals sign.
bool goes_with(const Row& row, const std::string& word) {
  return !row.takes_value() && std::ranges::find(row.flag.values.choices, word, &Choice::name) !=
                                   row.flag.values.choices.end();
}

/// "--at --columns t": the value of an option is missing, and another option stands in its place.
void refuse_flag_as_value(const Row& row, const std::string& name, const std::string& word,
                          const std::vector<Row>& rows) {
  const std::string next = is_short(word) ? word : word.substr(0, word.find('='));
  if (!next.starts_with('-') || parse_number(next) || row_of(next, rows) == nullptr) return;
  throw Error(needs_a_value(name, row) + "; " + next + " is the next option");
}

/// "t,,beta": nothing is named between two commas.
void refuse_empty_item(const Row& row, const std::string& name, const std::string& value) {
  if (!row.flag.values.several || value.empty()) return;
  const auto items = split_specs(value);
  if (std::ranges::find(items, "") != items.end())
    throw Error(name + " " + value +
                ": has an empty item; write names with one comma between them");
}

/// The word behind an option.
void check_value(const Row& row, const std::string& name, const std::string& word,
                 const std::vector<Row>& rows) {
  refuse_flag_as_value(row, name, word, rows);
  refuse_empty_item(row, name, word);
}

/// "--resume=" of a switch, "--columns=" of an option: CLI11 reads both as if '=' were not there.
void check_equals(const std::string& word, const std::vector<Row>& rows) {
  const auto equals = word.find('=');
  const std::string name = word.substr(0, equals);
  const Row* const row = equals == word.npos ? nullptr : row_of(name, rows);
  if (row == nullptr) return;
  const std::string value = word.substr(equals + 1);
  if (row->takes_value()) {
    if (value.empty()) throw Error(needs_a_value(name, *row));
    refuse_empty_item(*row, name, value);
  } else if (!goes_with(*row, value)) {
    const bool has_words = !row->flag.values.choices.empty();
    throw Error(name + ": takes no value" +
                (has_words ? " but " + row->flag.values.choices.front().name : ""));
  }
}

/// Its name of today, where `word` is the former name of a flag, with or without a value.
std::string of_today(const std::string& word, const std::vector<Row>& rows,
                     std::vector<std::string>& notes) {
  const std::string name = word.substr(0, word.find('='));
  for (const Row& row : rows) {
    if (row.flag.formerly.empty() || row.flag.formerly != name) continue;
    notes.push_back(name + ": is called " + row.option->get_name() + " here");
    return row.option->get_name() + word.substr(name.size());
  }
  return word;
}

/// The same, those of a subcommand that is among the words first: it may have a flag of the tool's
/// own name and another kind.
std::vector<Row> as_meant(std::vector<Row> rows, const std::vector<std::string>& words) {
  std::stable_partition(rows.begin(), rows.end(), [&](const Row& row) {
    return std::ranges::find(words, row.command->get_name()) != words.end();
  });
  return rows;
}

}  // namespace

std::vector<std::string> tidied(std::vector<std::string> words, const std::vector<Row>& all_rows,
                                std::vector<std::string>& notes) {
  const std::vector<Row> rows = as_meant(all_rows, words);
  const Row* before = nullptr;  // the flag that the word before is, under `name`
  std::string name;
  for (auto word = words.begin(); word != words.end() && *word != "--";) {
    if (before != nullptr && goes_with(*before, *word)) {
      *std::prev(word) += "=" + *word;
      before = nullptr;
      word = words.erase(word);
      continue;
    }
    if (before != nullptr && before->takes_value()) {
      check_value(*before, name, *word, rows);
      before = nullptr;
    } else {
      if (is_short(*word)) {
        refuse_single_hyphen(*word, rows);
        refuse_equals(*word, rows);
      }
      *word = of_today(*word, rows, notes);
      if (word->starts_with("--")) check_equals(*word, rows);
      name = word->substr(0, word->find('='));
      before = name == *word ? row_of(name, rows) : nullptr;
    }
    ++word;
  }
  return words;
}

}  // namespace diffusion::cli
