#include "tools/cli/help.hpp"

#include <algorithm>

namespace diffusion::cli {
namespace {

class HelpFormatter : public CLI::Formatter {
 public:
  HelpFormatter(std::string summary, std::vector<Example> examples, const std::vector<Row>& rows)
      : summary_(std::move(summary)), examples_(std::move(examples)), rows_(rows) {
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
    if (!top) text += shared_with(*app);
    text += make_subcommands(app, CLI::AppFormatMode::Normal);
    if (top) text += "\nThe whole manual: man " + app->get_name() + "\n";
    return text;
  }

  /// All commands have options: those that all tools have.
  std::string make_usage(const CLI::App* app, std::string name) const override {
    std::string text = "Usage: " + name + " [OPTIONS]";
    for (const Row& row : rows_)
      if (row.command == app && row.positional()) text += " " + usage_of(row);
    const auto all = [](const CLI::App*) { return true; };
    return text + (app->get_subcommands(all).empty() ? "\n" : " [SUBCOMMAND]\n");
  }

  /// Arguments are called by the word for their value.
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    return is_positional ? option->get_type_name()
                         : CLI::Formatter::make_option_name(option, is_positional);
  }

  /// The option's own word for its value and nothing else.
  std::string make_option_opts(const CLI::Option* option) const override {
    if (option->get_positional()) return "";
    const std::string type = option->get_type_name();
    return option->get_type_size() == 0 || type.empty() ? "" : " " + type;
  }

 private:
  /// "MODEL", "[SCHEDULE]", "DATA...".
  static std::string usage_of(const Row& row) {
    const std::string& word = row.flag.value;
    const bool dots = row.option->get_items_expected_max() > 1 && word.find(' ') == word.npos &&
                      !word.ends_with("...");
    const std::string text = word + (dots ? "..." : "");
    return row.flag.required ? text : "[" + text + "]";
  }

  std::string examples() const {
    std::string text;
    for (const auto& example : examples_)
      text += "  " + example.command + "\n      " + example.purpose + "\n";
    return text;
  }

  /// The tool's own flags that serve the subcommand.
  std::string shared_with(const CLI::App& command) const {
    std::vector<std::string> headings;
    std::vector<std::pair<std::string, const CLI::Option*>> options;
    for (const Row* row : rows_of(rows_, *command.get_parent(), command.get_name())) {
      const std::string own = row->option->get_group();
      if (row->command == &command || row->positional()) continue;
      const std::string heading = own == "Options" ? "Shared options" : own;
      options.emplace_back(heading, row->option);
      if (std::ranges::find(headings, heading) == headings.end()) headings.push_back(heading);
    }
    std::string text;
    for (const std::string& heading : headings) {
      text += "\n" + heading + ":\n";
      for (const auto& [its, option] : options)
        if (its == heading) text += make_option(option, false);
    }
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
  const std::vector<Row>& rows_;
};

}  // namespace

std::shared_ptr<CLI::FormatterBase> help_formatter(std::string summary,
                                                   std::vector<Example> examples,
                                                   const std::vector<Row>& rows) {
  return std::make_shared<HelpFormatter>(std::move(summary), std::move(examples), rows);
}

}  // namespace diffusion::cli
