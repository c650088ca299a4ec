// What the value of a flag may be: what a shell offers, and what the parser takes.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "lib/base/registry.hpp"

namespace diffusion::cli {

struct Values;

/// A row of a registry, as lists show it.
struct Choice {
  std::string name, summary = "", reference = "";
  /// What its spec takes; none: it has no spec.
  std::function<std::vector<Parameter>()> parameters = {};
  /// What may follow "NAME:", or "NAME=" of a pair; none: nothing does. Asked when a shell asks.
  std::function<Values()> then = {};
};

struct Values {
  std::vector<Choice> choices = {};
  /// What they are, for lists: "samplers"; "" for words that are not a registry's.
  std::string title = "";
  bool with_parameters = false;           // NAME:key=value
  bool several = false;                   // between commas
  std::string all = "";                   // the word for all of several, which stands alone
  bool pairs = false;                     // names that go on: KEY=VALUE
  bool paths = false;                     // files, and the folders that they lie in
  std::vector<std::string> endings = {};  // of files; none: any file
  /// Refuses what is not one of them: returns why, or "".
  std::function<std::string(const std::string&)> check = {};
  /// The name of this project for a value of another program's.
  std::function<std::string(const std::string&)> canonical = {};

  bool any_names() const { return !choices.empty(); }
  /// "a, b or c".
  std::string in_words() const;
};

/// Files to read or write, with one of these endings (".json"); without any, all files.
Values files(std::vector<std::string> endings = {});

/// Pictures that can be written.
inline Values pictures() { return files({".png", ".jpg", ".tif", ".exr"}); }
/// Files that gnuplot draws.
inline Values drawings() { return files({".png", ".svg", ".pdf"}); }

/// One of these words and no other.
Values one_of(std::vector<std::string> words);

/// Words to offer beside what else may stand there.
Values words(std::vector<std::string> names);

/// Whole numbers from `least` to `most`.
Values whole(std::uint64_t least = 0, std::uint64_t most = ~std::uint64_t(0));
Values whole_signed(std::int64_t least, std::int64_t most);
/// Numbers; from 0 up; from 0 to 1.
Values number();
Values not_negative();
Values share();

/// The same, several between commas.
Values several(Values one);
/// The same, or the word "all".
Values several_or_all(Values one);
/// Names, or files as well.
Values or_files(Values names, std::vector<std::string> endings = {});

/// The parameters of a spec: key=value,...
Values parameters(const std::vector<Parameter>& known);

template <class Row>
std::vector<Choice> choices_of(std::span<const Row> rows) {
  std::vector<Choice> choices;
  for (const Row& row : rows) {
    Choice choice{.name = std::string(row.name)};
    if constexpr (requires { row.summary; }) choice.summary = std::string(row.summary);
    if constexpr (requires { row.formula; }) choice.summary = std::string(row.formula);
    if constexpr (requires { row.meaning; }) choice.summary = std::string(row.meaning);
    if constexpr (requires { row.reference; }) choice.reference = std::string(row.reference);
    choices.push_back(std::move(choice));
  }
  return choices;
}

/// Names of a registry, which `title` calls it. What is not one of them is left to the
/// reader of the registry, which lists the names.
template <class Row>
Values names_of(std::string_view title, std::span<const Row> rows) {
  return {.choices = choices_of(rows),
          .title = std::string(title),
          .canonical = [rows](const std::string& text) { return canonical_spec(rows, text); }};
}

/// The same, with the parameters that `known` tells of a row: NAME[:key=value,...].
template <class Row>
Values specs_of(std::string_view title, std::span<const Row> rows,
                std::vector<Parameter> (*known)(const std::type_identity_t<Row>&)) {
  Values values = names_of(title, rows);
  values.with_parameters = true;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Choice& choice = values.choices[i];
    choice.parameters = [&row = rows[i], known] { return known(row); };
    choice.then = [of = choice.parameters] { return parameters(of()); };
  }
  return values;
}

template <class Row>
Values specs_of(std::string_view title, std::span<const Row> rows) {
  return specs_of(title, rows, [](const Row& row) { return parameters_of(row); });
}

}  // namespace diffusion::cli
