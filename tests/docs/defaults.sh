#!/bin/sh
# Defaults are told one way: where --help, subcommands included, says "(default: X)" of an
# option, its entry in the manual page ends with the sentence "Default: X.".
# usage: defaults.sh PAGE TOOL
set -eu
page=$1 tool=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# "  -n,--count N      How many (default: 16)": the first word, cut at its first comma.
defaults_of_help() { awk '/^  +-.*\(default: .*\)$/ { sub(/,.*/, "", $1); print $1 }'; }

sh "$(dirname "$0")/help_of.sh" "$tool" >"$work/help"
defaults_of_help <"$work/help" | sort -u >"$work/helped"

# The entries of the outermost lists. One that has more than one sentence from "Default" on
# is printed as a complaint, the options of any that has one as they are.
awk -v page="$page" '
  function leave() {
    if (names != "" && sentences > 1) {
      print page ": the entry of" names " goes on after its default" > "/dev/stderr"
      bad = 1
    }
    if (sentences > 0) print names
    names = ""; sentences = 0; told = 0
  }
  /^\.Bl/ { ++depth }
  /^\.El/ { if (depth == 1) leave(); --depth }
  depth == 1 && /^\.It/ {
    leave()
    for (i = 2; i < NF; ++i) if ($i == "Fl") names = names " -" $(i + 1)
    next
  }
  /^Default/ { told = 1 }
  told && /(\.| \.)$/ { ++sentences }
  END { exit bad }' "$page" >"$work/told" || exit 1

if [ ! -s "$work/helped" ]; then
  echo "$tool --help: tells no defaults"
  exit 1
fi
tr ' ' '\n' <"$work/told" | sort -u >"$work/entries"
missing=$(comm -23 "$work/helped" "$work/entries")
for option in $missing; do echo "$page: the entry of $option tells no default, as --help does"; done
[ -z "$missing" ] && echo "$(wc -l <"$work/helped") defaults"
