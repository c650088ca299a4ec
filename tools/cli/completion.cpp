#include "tools/cli/completion.hpp"

#include <algorithm>

#include "lib/base/text.hpp"
#include "tools/cli/tool.hpp"

namespace diffusion::cli {
namespace {

/// A subcommand with its flags; "" is the tool without one.
struct Command {
  std::string name, summary;
  std::vector<const Row*> rows;
};

std::vector<Command> commands_of(const CLI::App& app, const std::vector<Row>& rows) {
  std::vector<Command> commands{{"", "", rows_of(rows, app, "")}};
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    commands.push_back(
        {sub->get_name(), sub->get_description(), rows_of(rows, app, sub->get_name())});
  return commands;
}

std::string names_in(const std::vector<Command>& commands, const std::string& separator) {
  std::vector<std::string> names;
  for (const Command& command : commands)
    if (!command.name.empty()) names.push_back(command.name);
  return join(names, separator);
}

std::vector<std::string> flags_of(const Row& row) {
  std::vector<std::string> flags;
  for (const auto& name : row.option->get_snames()) flags.push_back("-" + name);
  for (const auto& name : row.option->get_lnames()) flags.push_back("--" + name);
  return flags;
}

/// What to offer for a value: KEY= where it goes on.
std::string offered(const Values& values) {
  std::vector<std::string> names;
  for (const Choice& choice : values.choices)
    names.push_back(choice.name + (values.pairs ? "=" : ""));
  return join(names, " ");
}

/// Endings without their dots.
std::string endings_of(const Values& values, const std::string& separator) {
  std::vector<std::string> endings;
  for (const std::string& ending : values.endings) endings.push_back(ending.substr(1));
  return join(endings, separator);
}

bool takes_arguments(const Command& command) {
  return std::ranges::any_of(command.rows, [](const Row* row) { return row->positional(); });
}

/// What may stand for an argument, beside files: names, and subcommands before any.
std::string arguments_of(const Command& command, const std::vector<Command>& all) {
  std::vector<std::string> names;
  if (command.name.empty()) names.push_back(names_in(all, " "));
  for (const Row* row : command.rows)
    if (row->positional() && row->flag.values.any_names())
      names.push_back(offered(row->flag.values));
  return join(names, " ");
}

std::string in_quotes(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

/// `text` with every @NAME@ replaced.
std::string filled(std::string text, const std::vector<std::pair<std::string, std::string>>& with) {
  for (const auto& [name, value] : with)
    for (auto at = text.find(name); at != text.npos; at = text.find(name, at + value.size()))
      text.replace(at, name.size(), value);
  return text;
}

std::string function_of(const CLI::App& app) {
  std::string name = "_" + app.get_name();
  std::ranges::replace(name, '-', '_');
  return name;
}

// Bash takes words apart at '=' and ':', which the tools do not: the words are read from
// the line, and what readline replaces begins after the last of its own breaks.
constexpr const char* bash_script =
    R"sh(# Completions of @TOOL@ for bash, made by @TOOL@ --completion bash.
@FUNCTION@() {
  local line=${COMP_LINE:0:COMP_POINT} current= word= command= flag= flags= kept= i
  local arguments= rest= value= names= several= open= paths= ending
  local -a typed endings=()
  read -ra typed <<<"$line"
  if [[ $line != *[[:space:]] ]]; then
    current=${typed[${#typed[@]} - 1]}
    unset "typed[${#typed[@]} - 1]"
  fi
  for word in "${typed[@]:1}"; do
    case $word in @COMMANDS@) command=$word; break ;; esac
  done
  word=$current
  if [[ $current == --*=* ]]; then
    flag=${current%%=*} word=${current#*=}
  elif ((${#typed[@]} > 1)); then
    flag=${typed[${#typed[@]} - 1]}
  fi
  case "$command $flag" in
@VALUES@  esac
  case $command in
@FLAGS@  esac
  if [[ -z $value && $current == -* ]]; then
    word=$current names=$flags
  elif [[ -z $value ]]; then
    word=$current names=$arguments paths=$rest
  fi
  [[ -z $several ]] || word=${word##*,}
  COMPREPLY=($(compgen -W "$names" -- "$word"))
  [[ -z $open && ${COMPREPLY[0]} != *: ]] || compopt -o nospace 2>/dev/null
  if [[ -n $paths ]]; then
    ((${#COMPREPLY[@]} > 0)) || compopt -o filenames 2>/dev/null
    local IFS=$'\n'
    if [[ $paths == any ]]; then
      COMPREPLY+=($(compgen -f -- "$word"))
    else
      COMPREPLY+=($(compgen -d -- "$word"))
    fi
    for ending in "${endings[@]}"; do
      COMPREPLY+=($(compgen -f -X "!*.$ending" -- "$word"))
    done
  fi
  kept=${current%"$word"}
  for i in "${!COMPREPLY[@]}"; do
    COMPREPLY[i]=$kept${COMPREPLY[i]}
    [[ $COMP_WORDBREAKS != *[=:]* ]] || COMPREPLY[i]=${COMPREPLY[i]#"${current%"${current##*[=:]}"}"}
  done
}
complete -F @FUNCTION@ @TOOL@
)sh";

std::string bash_value(const Values& values) {
  std::string text = "value=1";
  if (values.any_names()) text += " names=" + in_quotes(offered(values));
  if (values.several) text += " several=1";
  if (values.pairs) text += " open=1";
  if (!values.endings.empty())
    return text + " paths=some endings=(" + endings_of(values, " ") + ")";
  return values.paths ? text + " paths=any" : text;
}

std::string bash(const CLI::App& app, const std::vector<Row>& rows) {
  const auto commands = commands_of(app, rows);
  std::string values, flags;
  for (const Command& command : commands) {
    std::vector<std::string> all;
    for (const Row* row : command.rows) {
      std::vector<std::string> patterns;
      for (const std::string& flag : flags_of(*row)) {
        patterns.push_back("'" + command.name + " " + flag + "'");
        all.push_back(flag);
      }
      if (row->takes_value() && !row->positional())
        values += "    " + join(patterns, "|") + ") " + bash_value(row->flag.values) + " ;;\n";
    }
    flags += "    '" + command.name + "') flags=" + in_quotes(join(all, " ")) +
             (takes_arguments(command) ? " rest=any" : "") +
             " arguments=" + in_quotes(arguments_of(command, commands)) + " ;;\n";
  }
  return filled(bash_script, {{"@VALUES@", values},
                              {"@FLAGS@", flags},
                              {"@COMMANDS@", names_in(commands, "|")},
                              {"@FUNCTION@", function_of(app)},
                              {"@TOOL@", app.get_name()}});
}

// Serves both ways by which zsh takes one: sourced after compinit, and as a file of the
// function's name in a folder of $fpath, where the first call runs the file itself.
constexpr const char* zsh_script = R"sh(#compdef @TOOL@
# Made by @TOOL@ --completion zsh.
@FUNCTION@() {
  local command= word
  for word in ${words[2,CURRENT-1]}; do
    case $word in @COMMANDS@) command=$word; break ;; esac
  done
  case $command in
@CASES@  esac
}
if [[ $funcstack[1] == _@TOOL@ ]]; then
  @FUNCTION@ "$@"
else
  compdef @FUNCTION@ @TOOL@
fi
)sh";

std::string zsh_files(const Values& values) {
  if (values.endings.empty()) return "_files";
  // Zsh takes one word in parentheses for qualifiers.
  const bool one = values.endings.size() == 1;
  return "_files -g \"*." + (one ? endings_of(values, "") : "(" + endings_of(values, "|") + ")") +
         "\"";
}

std::string zsh_action(const Values& values) {
  if (!values.any_names()) return values.paths ? zsh_files(values) : " ";
  const std::string open = values.several || values.pairs ? "-S \"\" " : "";
  std::string action = "compadd " + open + "-- " + offered(values);
  if (values.several) action = "compset -P \"*,\"; " + action;
  if (values.paths) action += "; " + zsh_files(values);
  return "{ " + action + " }";
}

/// Brackets and colons end a description.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text)
    out += (c == '[' || c == ']' || c == ':' ? "\\" : "") + std::string(1, c);
  return out;
}

std::string zsh_options(const Row& row) {
  const auto flags = flags_of(row);
  std::string text;
  for (const std::string& flag : flags) {
    std::string spec = "(" + join(flags, " ") + ")" + flag;
    if (row.takes_value()) spec += flag.starts_with("--") ? "=" : "+";
    spec += "[" + zsh_text(row.option->get_description()) + "]";
    if (row.takes_value())
      spec += ":" + zsh_text(row.flag.value) + ":" + zsh_action(row.flag.values);
    text += " \\\n      " + in_quotes(spec);
  }
  return text;
}

std::string zsh(const CLI::App& app, const std::vector<Row>& rows) {
  const auto commands = commands_of(app, rows);
  std::string cases;
  for (const Command& command : commands) {
    cases += "    '" + command.name + "') _arguments";
    for (const Row* row : command.rows)
      if (!row->positional()) cases += zsh_options(*row);
    const std::string names = arguments_of(command, commands);
    const std::string rest = !takes_arguments(command) ? " "
                             : names.empty()           ? "_files"
                                                       : "{ compadd -- " + names + "; _files }";
    cases += " \\\n      " + in_quotes("*:argument:" + rest) + " ;;\n";
  }
  return filled(zsh_script, {{"@CASES@", cases},
                             {"@COMMANDS@", names_in(commands, "|")},
                             {"@FUNCTION@", function_of(app)},
                             {"@TOOL@", app.get_name()}});
}

std::string fish_value(const Values& values) {
  std::string text = values.paths ? " -r -F" : " -x";
  if (!values.any_names()) return text;
  if (!values.several) return text + " -a " + in_quotes(offered(values));
  return text + " -a \"(__fish_complete_list , 'string split \\\" \\\" \\\"" + offered(values) +
         "\\\"')\"";
}

std::string fish(const CLI::App& app, const std::vector<Row>& rows) {
  const auto commands = commands_of(app, rows);
  const std::string names = names_in(commands, " ");
  const std::string none = names.empty() ? "" : "not __fish_seen_subcommand_from " + names;
  std::string text = "# Completions of " + app.get_name() + " for fish, made by " + app.get_name() +
                     " --completion fish.\n";
  for (const Command& command : commands) {
    const std::string here =
        command.name.empty() ? none : "__fish_seen_subcommand_from " + command.name;
    const std::string head =
        "complete -c " + app.get_name() + (here.empty() ? "" : " -n " + in_quotes(here));
    for (const Row* row : command.rows)
      if (row->positional() && row->flag.values.any_names())
        text += head + " -a " + in_quotes(offered(row->flag.values)) + "\n";
    if (!command.name.empty())
      text += "complete -c " + app.get_name() + " -n " + in_quotes(none) + " -a " + command.name +
              " -d " + in_quotes(command.summary) + "\n";
    for (const Row* row : command.rows) {
      if (row->positional()) continue;
      text += head;
      for (const auto& name : row->option->get_snames()) text += " -s " + name;
      for (const auto& name : row->option->get_lnames()) text += " -l " + name;
      if (row->takes_value()) text += fish_value(row->flag.values);
      text += " -d " + in_quotes(row->option->get_description()) + "\n";
    }
  }
  return text;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::vector<Row>& rows,
                              const std::string& shell) {
  if (shell == "fish") return fish(app, rows);
  if (shell == "zsh") return zsh(app, rows);
  return bash(app, rows);
}

}  // namespace diffusion::cli
