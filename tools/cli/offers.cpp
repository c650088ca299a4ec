#include "tools/cli/offers.hpp"

#include <algorithm>

#include "lib/base/params.hpp"
#include "lib/base/text.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion::cli {
namespace {

/// What stands between a choice and what follows it, the choice included.
std::string opening_of(const Values& values, const Choice& choice) {
  if (values.pairs) return choice.name + "=";
  return choice.name.ends_with(':') ? choice.name : choice.name + ":";
}

/// The choice that `word` goes on behind; null where it is still being named.
const Choice* opened_by(const Values& values, const std::string& word) {
  for (const Choice& choice : values.choices)
    if (choice.then && word.starts_with(opening_of(values, choice))) return &choice;
  return nullptr;
}

/// The name in "kid:subsets=50", "eta=1" or "fid".
std::string name_in(const Values& values, const std::string& piece) {
  const std::string ours = values.canonical ? values.canonical(piece) : piece;
  return ours.substr(0, ours.find_first_of(":="));
}

/// Collects what a value may be. `before` is what stands in the word before `typed`, which is
/// there of the value so far.
class ValueOffers {
 public:
  explicit ValueOffers(Offers& offers) : offers_(offers) {}

  void add(const Values& values, const std::string& before, const std::string& typed) {
    if (values.several)
      add_next(values, before, typed);
    else
      add_one(values, before, typed, {});
  }

 private:
  using Names = std::vector<std::string>;

  void add_one(const Values& values, const std::string& before, const std::string& typed,
               const Names& taken) {
    if (const Choice* choice = opened_by(values, typed))
      return add_rest(values, *choice, before, typed);
    for (const Choice& choice : values.choices)
      if (std::ranges::find(taken, choice.name) == taken.end())
        offers_.words.push_back({before + choice.name + (values.pairs ? "=" : ""), choice.summary});
    if (values.paths) offers_.files = {before, values.endings};
  }

  void add_rest(const Values& values, const Choice& choice, const std::string& before,
                const std::string& typed) {
    const std::string opening = opening_of(values, choice);
    add(choice.then(), before + opening, typed.substr(opening.size()));
  }

  /// Those that are not taken by the pieces before the last comma.
  void add_next(const Values& values, const std::string& before, const std::string& typed) {
    Names pieces = values.with_parameters ? split_specs(typed) : split(typed, ',');
    const std::string last = pieces.back();
    pieces.pop_back();
    Names taken;
    for (const std::string& piece : pieces) taken.push_back(name_in(values, piece));
    if (!values.all.empty() && std::ranges::find(taken, values.all) != taken.end()) return;
    if (!values.all.empty() && taken.empty()) offers_.words.push_back({before + values.all});
    const std::size_t start = typed.size() - last.size();
    add_one(values, before + typed.substr(0, start), last, taken);
    // A word after "kid:subsets=50," may be a parameter of kid as well as another metric.
    if (pieces.empty() || last.find_first_of(":=") != last.npos) return;
    const std::size_t spec_start = start - 1 - pieces.back().size();
    if (const Choice* choice = opened_by(values, pieces.back()))
      add_rest(values, *choice, before + typed.substr(0, spec_start), typed.substr(spec_start));
  }

  Offers& offers_;
};

/// Reads a line from the left: what its words make of the last.
class Line {
 public:
  Line(const CLI::App& tool, const std::vector<Row>& rows, std::span<const std::string> words)
      : tool_(tool), rows_(rows) {
    for (const std::string& word : words.first(words.size() - 1)) pass(word);
  }

  Offers offers(const std::string& word) const {
    Offers offers;
    ValueOffers values(offers);
    if (pending_ != nullptr) {
      values.add(pending_->flag.values, "", word);
    } else if (flags_ended_ || !word.starts_with('-')) {
      add_arguments(offers, word);
    } else if (const std::size_t length = flag_before_value(word); length > 0) {
      const Row* const row = flag_in(word);
      if (row != nullptr) values.add(row->flag.values, word.substr(0, length), word.substr(length));
    } else {
      add_flags(offers);
    }
    return offers;
  }

 private:
  void pass(const std::string& word) {
    if (pending_ != nullptr)
      pending_ = nullptr;
    else if (flags_ended_)
      ++arguments_;
    else if (word == "--")
      flags_ended_ = true;
    else if (word.size() > 1 && word.starts_with('-'))
      pass_flag(word);
    else if (may_name_command() && command_called(word))
      command_ = word;
    else
      ++arguments_;
  }

  void pass_flag(const std::string& word) {
    const Row* const row = flag_in(word);
    if (row == nullptr) return;
    given_.push_back(row);
    if (row->takes_value() && flag_before_value(word) == 0) pending_ = row;
  }

  /// The flag that a word names: "--steps", "--steps=20", "-j", "-j4"; of switches that share
  /// a hyphen, such as -qv, the last.
  const Row* flag_in(const std::string& word) const {
    if (word.starts_with("--")) return flag_called(word.substr(0, word.find('=')));
    const Row* row = nullptr;
    for (std::size_t i = 1; i < word.size() && (row == nullptr || !row->takes_value()); ++i)
      row = flag_called(std::string("-") + word[i]);
    return row;
  }

  /// How much of a word stands before a value in it: "--steps=", "-j"; 0 where none is.
  std::size_t flag_before_value(const std::string& word) const {
    if (word.starts_with("--")) return word.find('=') + 1;
    const auto takes_value = [&](char letter) {
      const Row* const row = flag_called(std::string("-") + letter);
      return row != nullptr && row->takes_value();
    };
    const auto taker = std::find_if(word.begin() + 1, word.end(), takes_value);
    return taker == word.end() || taker + 1 == word.end() ? 0
                                                          : std::size_t(taker + 1 - word.begin());
  }

  /// Of the subcommand at hand, or else of any: one may be named later.
  const Row* flag_called(const std::string& name) const {
    const auto called = [&](const Row& row) {
      return !row.positional() && row.option->check_name(name);
    };
    for (const Row* row : here())
      if (called(*row)) return row;
    const auto row = std::ranges::find_if(rows_, called);
    return row == rows_.end() ? nullptr : &*row;
  }

  std::vector<const Row*> here() const { return rows_of(rows_, tool_, command_); }

  std::vector<const CLI::App*> commands() const {
    return tool_.get_subcommands([](const CLI::App*) { return true; });
  }

  bool command_called(const std::string& name) const {
    const auto all = commands();
    return std::ranges::find(all, name, &CLI::App::get_name) != all.end();
  }

  bool may_name_command() const { return command_.empty() && arguments_ == 0 && !flags_ended_; }

  static bool takes_several(const Row& row) { return row.option->get_items_expected_max() > 1; }

  void add_flags(Offers& offers) const {
    for (const Row* row : here()) {
      const bool again = takes_several(*row) || std::ranges::find(given_, row) == given_.end();
      if (row->positional() || !again) continue;
      for (const std::string& name : row->option->get_snames())
        offers.words.push_back({"-" + name, row->flag.help});
      for (const std::string& name : row->option->get_lnames())
        offers.words.push_back({"--" + name, row->flag.help});
    }
  }

  void add_arguments(Offers& offers, const std::string& word) const {
    if (may_name_command())
      for (const CLI::App* each : commands())
        offers.words.push_back({each->get_name(), each->get_description()});
    std::size_t left = arguments_;
    for (const Row* row : here()) {
      if (!row->positional()) continue;
      if (left == 0 || takes_several(*row))
        return ValueOffers(offers).add(row->flag.values, "", word);
      --left;
    }
  }

  const CLI::App& tool_;
  const std::vector<Row>& rows_;
  std::string command_ = "";            // the subcommand
  const Row* pending_ = nullptr;        // the flag whose value comes next
  std::vector<const Row*> given_ = {};  // flags
  std::size_t arguments_ = 0;
  bool flags_ended_ = false;  // by "--"
};

}  // namespace

Offers offers_for(const CLI::App& tool, const std::vector<Row>& rows,
                  std::span<const std::string> words) {
  return Line(tool, rows, words).offers(words.back());
}

}  // namespace diffusion::cli
