#include "tools/cli/arguments.hpp"

#include <algorithm>

#include "lib/base/error.hpp"
#include "lib/base/registry.hpp"

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

/// Whether `word` may stand behind the switch `row`, without an equals sign.
bool goes_with(const Row& row, const std::string& word) {
  return !row.takes_value() && std::ranges::find(row.flag.values.choices, word, &Choice::name) !=
                                   row.flag.values.choices.end();
}

}  // namespace

std::vector<std::string> tidied(std::vector<std::string> words, const std::vector<Row>& rows,
                                std::vector<std::string>& notes) {
  const Row* before = nullptr;  // the flag that the word before is
  for (auto word = words.begin(); word != words.end() && *word != "--";) {
    if (before != nullptr && before->takes_value()) {
      before = nullptr;
    } else if (before != nullptr && goes_with(*before, *word)) {
      *std::prev(word) += "=" + *word;
      before = nullptr;
      word = words.erase(word);
      continue;
    } else {
      if (is_short(*word)) {
        refuse_single_hyphen(*word, rows);
        refuse_equals(*word, rows);
      }
      *word = of_today(*word, rows, notes);
      before = row_of(*word, rows);
    }
    ++word;
  }
  return words;
}

}  // namespace diffusion::cli
