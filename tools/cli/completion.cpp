#include "tools/cli/completion.hpp"

namespace diffusion::cli {
namespace {

void add_options(const CLI::App& app, std::vector<std::string>& words) {
  for (const CLI::Option* option : app.get_options()) {
    for (const auto& name : option->get_lnames()) words.push_back("--" + name);
    for (const auto& name : option->get_snames()) words.push_back("-" + name);
  }
}

std::vector<const CLI::App*> subcommands(const CLI::App& app) {
  const auto all = app.get_subcommands([](const CLI::App*) { return true; });
  return {all.begin(), all.end()};
}

std::string words(const CLI::App& app) {
  std::vector<std::string> found;
  add_options(app, found);
  for (const CLI::App* sub : subcommands(app)) {
    found.push_back(sub->get_name());
    add_options(*sub, found);
  }
  std::string text;
  for (const auto& word : found) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string bash(const CLI::App& app) {
  std::string function = "_" + app.get_name();
  for (char& c : function)
    if (c == '-') c = '_';
  return function + "() {\n  COMPREPLY=($(compgen -W '" + words(app) +
         "' -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\ncomplete -o default -o bashdefault -F " +
         function + " " + app.get_name() + "\n";
}

/// Serves both ways by which zsh takes one: sourced after compinit, and as a file of the
/// function's name in a folder of $fpath, where the first call runs the file itself.
std::string zsh(const CLI::App& app) {
  const std::string function = "_" + app.get_name();
  return "#compdef " + app.get_name() + "\n" + function + "() {\n  compadd -- " + words(app) +
         "\n  _files\n}\nif [[ $funcstack[1] == " + function + " ]]; then\n  " + function +
         " \"$@\"\nelse\n  compdef " + function + " " + app.get_name() + "\nfi\n";
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += (c == '\'' || c == '\\' ? "\\" : "") + std::string(1, c);
  return out + "'";
}

std::string fish(const CLI::App& app) {
  const std::string head = "complete -c " + app.get_name();
  std::string text;
  const auto add = [&](const CLI::App& from) {
    for (const CLI::Option* option : from.get_options()) {
      if (option->get_positional()) continue;
      text += head;
      for (const auto& name : option->get_lnames()) text += " -l " + name;
      for (const auto& name : option->get_snames()) text += " -s " + name;
      if (option->get_items_expected_max() > 0) text += " -r";
      text += " -d " + quoted(option->get_description()) + "\n";
    }
  };
  add(app);
  for (const CLI::App* sub : subcommands(app)) {
    text += head + " -n __fish_use_subcommand -a " + sub->get_name() + " -d " +
            quoted(sub->get_description()) + "\n";
    add(*sub);
  }
  return text;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
  if (shell == "fish") return fish(app);
  if (shell == "zsh") return zsh(app);
  return bash(app);
}

}  // namespace diffusion::cli
