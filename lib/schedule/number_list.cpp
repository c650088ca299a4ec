#include "lib/schedule/number_list.hpp"

#include <algorithm>
#include <optional>

#include "lib/base/error.hpp"
#include "lib/base/file.hpp"
#include "lib/base/file_kind.hpp"
#include "lib/base/json_at.hpp"
#include "lib/base/text.hpp"
#include "lib/schedule/schedule.hpp"

namespace diffusion {
namespace {

constexpr std::string_view in_place_separators = ":, ";
constexpr std::string_view column_separators = ",;\" \t\r";

/// The words between any of `separators`; runs of blanks separate once.
std::vector<std::string> words_of(std::string_view line, std::string_view separators) {
  std::vector<std::string> words;
  for (std::size_t at = 0; (at = line.find_first_not_of(separators, at)) != line.npos;) {
    const std::size_t end = std::min(line.find_first_of(separators, at), line.size());
    words.emplace_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

std::optional<std::vector<double>> all_numbers(const std::vector<std::string>& words) {
  std::vector<double> numbers;
  for (const std::string& word : words) {
    const auto number = parse_number(word);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

std::vector<double> from_json(const Json& json, const std::vector<std::string>& names,
                              const std::string& file) {
  const Json* array = &json;
  if (json.is_object()) {
    const auto present = [&](const std::string& name) { return json.contains(name); };
    const auto name = std::ranges::find_if(names, present);
    if (name == names.end()) throw Error(file + ": has no key " + join(names, " or "));
    array = &json[*name];
  }
  if (array->is_array() && array->empty()) return {};
  return JsonAt(*array, file).numbers();
}

/// Which column of a table with these headings.
std::size_t named_column(const std::vector<std::string>& headings,
                         const std::vector<std::string>& names, const std::string& file) {
  for (const std::string& name : names) {
    const auto found = std::ranges::find(headings, name);
    if (found != headings.end()) return std::size_t(found - headings.begin());
  }
  throw Error(file + ": line 1 has no column " + join(names, " or "));
}

std::vector<double> from_columns(const std::string& text, const std::vector<std::string>& names,
                                 const std::string& file) {
  std::vector<double> numbers;
  std::optional<std::size_t> column;  // none: every number of a line
  std::size_t line_number = 0;
  for (const std::string& line : split(text, '\n')) {
    ++line_number;
    const auto words = words_of(line, column_separators);
    if (words.empty() || words.front().starts_with('#')) continue;
    const auto row = all_numbers(words);
    if (!row && numbers.empty() && !column) {
      column = named_column(words, names, file);
      continue;
    }
    const std::string where = file + ": line " + std::to_string(line_number) + ": ";
    if (!row) throw Error(where + "not all of it are numbers");
    if (column && *column >= row->size())
      throw Error(where + "has only " + std::to_string(row->size()) + " columns");
    if (!column && row->size() > 1 && !numbers.empty())
      throw Error(where + "has several columns, and no first line that says which is " +
                  names.front());
    if (column)
      numbers.push_back((*row)[*column]);
    else
      numbers.insert(numbers.end(), row->begin(), row->end());
  }
  return numbers;
}

}  // namespace

std::vector<double> numbers_in_text(const std::string& text, const std::vector<std::string>& names,
                                    const std::string& file) {
  if (text.find('\0') != text.npos) {
    refuse_known_kind(file_kind(text), file, "JSON or text");
    throw Error(file + ": is binary, not JSON or text");
  }
  if (is_json(file_kind(text))) return from_json(parse_json(text, file), names, file);
  return from_columns(text, names, file);
}

std::vector<std::string> headings_of(const std::string& text) {
  for (const std::string& line : split(text, '\n')) {
    auto words = words_of(line, column_separators);
    if (words.empty() || words.front().starts_with('#')) continue;
    return all_numbers(words) ? std::vector<std::string>{} : words;
  }
  return {};
}

bool is_in_place(const std::string& given) {
  return all_numbers(words_of(given, in_place_separators)).has_value();
}

std::vector<double> list_of_numbers(const std::string& given,
                                    const std::vector<std::string>& names) {
  const auto in_place = all_numbers(words_of(given, in_place_separators));
  const std::string culprit = in_place ? names.front() : given == "-" ? "standard input" : given;
  auto numbers = in_place ? *in_place : numbers_in_text(read_text(given), names, culprit);
  if (numbers.empty()) throw Error(culprit + ": holds no numbers");
  if (numbers.size() > std::size_t(max_steps))
    throw Error(culprit + ": holds " + std::to_string(numbers.size()) +
                " numbers where a schedule has at most " + std::to_string(max_steps));
  return numbers;
}

std::string numbers_in_place(const std::vector<double>& numbers) {
  std::vector<std::string> words;
  words.reserve(numbers.size());
  for (const double number : numbers) words.push_back(shortest(number));
  return join(words, ":");
}

}  // namespace diffusion
