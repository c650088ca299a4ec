#include "tools/cli/completion.hpp"

#include <algorithm>

#include "lib/base/text.hpp"
#include "tools/cli/offers.hpp"

namespace diffusion::cli {
namespace {

// Bash takes words apart at '=' and ':', which the tools do not: the words are read from
// the line, and what readline replaces begins after the last of its own breaks, or after the
// quote that is still open.
constexpr const char* bash_script = R"sh(# Made by @TOOL@ --completion bash.
@FUNCTION@() {
  local line=${COMP_LINE:0:COMP_POINT} current= files= offer= kept= path= ending= i
  local c quote= unquoted= began=
  local -a typed
  for ((i = 0; i < ${#line}; ++i)); do
    c=${line:i:1}
    if [[ -n $quote && $c == "$quote" ]]; then
      quote=
    elif [[ -z $quote && ($c == \" || $c == \') ]]; then
      quote=$c began=1 unquoted=$current
    elif [[ -z $quote && $c == [[:space:]] ]]; then
      [[ -z $began ]] || typed+=("$current")
      began= current=
    else
      [[ $c != \\ || $quote == \' ]] || c=${line:$((++i)):1}
      began=1 current+=$c
    fi
  done
  COMPREPLY=()
  {
    IFS= read -r files
    while IFS= read -r offer; do
      offer=${offer%%$'\t'*}
      [[ $offer != "$current"* ]] || COMPREPLY+=("$offer")
    done
  } < <("${1/#\~/$HOME}" @QUESTION@ "${typed[@]:1}" "$current" 2>/dev/null)
  if [[ -n $files ]]; then
    ((${#COMPREPLY[@]} > 0)) || compopt -o filenames 2>/dev/null
    kept=${files#*$'\t'} files=${files%%$'\t'*}
    path=${current#"$kept"}
    while IFS= read -r offer; do
      COMPREPLY+=("$kept$offer")
    done < <(
      if [[ $files == '*' ]]; then
        compgen -f -- "$path"
      else
        compgen -d -- "$path"
        for ending in $files; do compgen -f -X "!*.$ending" -- "$path"; done
      fi
    )
  fi
  [[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *[=:] ]] || compopt -o nospace 2>/dev/null
  kept=${current%"${current##*[=:]}"}
  [[ -z $quote ]] || kept=$unquoted
  for i in "${!COMPREPLY[@]}"; do
    [[ -z $quote && $COMP_WORDBREAKS != *[=:]* ]] || COMPREPLY[i]=${COMPREPLY[i]#"$kept"}
  done
}
complete -F @FUNCTION@ @TOOL@
)sh";

// Serves both ways by which zsh takes one: sourced after compinit, and as a file of the
// function's name in a folder of $fpath, where the first call runs the file itself.
constexpr const char* zsh_script = R"sh(#compdef @TOOL@
# Made by @TOOL@ --completion zsh.
@FUNCTION@() {
  local offer word files failed=1
  local -a offers whole open
  offers=("${(@f)$(${~words[1]} @QUESTION@ "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
  for offer in "${(@)offers[2,-1]}"; do
    word=${offer%%$'\t'*}
    offer=${word//:/\\:}:${offer#*$'\t'}
    if [[ $word == *[=:] ]]; then open+=("$offer"); else whole+=("$offer"); fi
  done
  _describe value whole -- open -S '' && failed=0
  files=${offers[1]%%$'\t'*}
  if [[ -n $files ]]; then
    compset -p ${#offers[1]#*$'\t'}
    if [[ $files == '*' ]]; then _files; else _files -g "*.${files// / *.}"; fi && failed=0
  fi
  return failed
}
if [[ $funcstack[1] == _@TOOL@ ]]; then
  @FUNCTION@ "$@"
else
  compdef @FUNCTION@ @TOOL@
fi
)sh";

constexpr const char* fish_script = R"sh(# Made by @TOOL@ --completion fish.
function @FUNCTION@
  set -l typed (commandline -opc)
  set -l current (commandline -ct)
  set -l tool (string replace -r '^~/' "$HOME/" -- $typed[1])
  set -l offers (command $tool @QUESTION@ $typed[2..] "$current" 2>/dev/null)
  test (count $offers) -lt 2; or printf '%s\n' $offers[2..]
  set -l files (string split \t -- $offers[1])
  test -n "$files[1]"; or return
  set -l path (string sub -s (math (string length -- "$files[2]") + 1) -- "$current")
  set -l wanted '/$|\.(?:'(string replace -a ' ' '|' -- $files[1])')$'
  test $files[1] = '*'; and set wanted ''
  for file in (complete -C "'' $path" | string replace -r '\t.*' '' | string match -er -- $wanted)
    echo $files[2]$file
  end
end
complete -c @TOOL@ -f -a '(@FUNCTION@)'
)sh";

/// `text` with every @NAME@ replaced.
std::string filled(std::string text, const std::vector<std::pair<std::string, std::string>>& with) {
  for (const auto& [name, value] : with)
    for (auto at = text.find(name); at != text.npos; at = text.find(name, at + value.size()))
      text.replace(at, name.size(), value);
  return text;
}

}  // namespace

std::string completion_script(const std::string& tool, const std::string& shell) {
  std::string function = "_" + tool;
  std::ranges::replace(function, '-', '_');
  const char* const script = shell == "fish"  ? fish_script
                             : shell == "zsh" ? zsh_script
                                              : bash_script;
  return filled(
      script,
      {{"@FUNCTION@", function}, {"@TOOL@", tool}, {"@QUESTION@", std::string(shells_question)}});
}

std::string answer_to_shell(const CLI::App& app, const std::vector<Row>& rows,
                            std::vector<std::string> words) {
  if (words.empty()) words.emplace_back();
  const Offers offers = offers_for(app, rows, words);
  std::string text;
  if (offers.files) {
    std::vector<std::string> endings;
    for (const std::string& ending : offers.files->endings) endings.push_back(ending.substr(1));
    text = (endings.empty() ? "*" : join(endings, " ")) + "\t" + offers.files->before;
  }
  for (const Offer& offer : offers.words) text += "\n" + offer.word + "\t" + offer.summary;
  return text + "\n";
}

}  // namespace diffusion::cli
