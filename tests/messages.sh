#!/bin/sh
# The library speaks to whoever calls it: none of its strings and comments names a flag, and
# no string a tool's command. What a string has in backquotes the tools print as a flag, so
# it must be the name of a flag of some tool.
# usage: messages.sh BIN, from the top of the source tree
set -eu
bin=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Lines FILE:LINE: "string"; without those that are another program's arguments.
find lib -name '*.hpp' -o -name '*.cpp' | xargs awk '
  /^ *(\/\/|#)/ { next }
  { gsub(/\047\\?"\047/, "")
    while (match($0, /"([^"\\]|\\.)*"/)) {
      print FILENAME ":" FNR ": " substr($0, RSTART, RLENGTH)
      $0 = substr($0, RSTART + RLENGTH)
    } }' |
  grep -v -e '^lib/base/gnuplot.cpp:.*"--default-settings"' \
    -e '^lib/tensor/array_program.cpp:.*"-c"' >"$work/strings"

{ grep -E '[^[:alnum:]-]--[a-z]|[" (]-[A-Za-z][",;:.) ]' "$work/strings" || true
  grep -rnE '//.*[^[:alnum:]-]--[a-z]{2}' lib --include='*.[ch]pp' || true; } >"$work/flags"
if [ -s "$work/flags" ]; then
  cat "$work/flags"
  echo "the library knows no flags: name a setting in backquotes, \`size\`"
fi
if grep -E 'diff-(schedule|noise|train|sample|fid) [a-z-]' "$work/strings" >"$work/tools"; then
  cat "$work/tools"
  echo "the library knows no tools: say what is to be done, not by which command"
fi

# The names of all flags: "  -n,--count N      How many", "  -T STEPS".
options_of_help() { awk '/^  +-/ { n = split($1, names, ","); for (i = 1; i <= n; ++i) print names[i] }'; }
for tool in schedule noise train sample fid; do
  "$bin/diff-$tool" --help >"$work/help"
  options_of_help <"$work/help"
  awk '/^Subcommands:/ { listing = 1; next } /^[^ ]/ { listing = 0 } listing && NF { print $1 }' \
    "$work/help" >"$work/subcommands"
  while read -r subcommand; do
    "$bin/diff-$tool" "$subcommand" --help </dev/null | options_of_help
  done <"$work/subcommands"
done | sed 's/^-*//' | sort -u >"$work/names"

sed 's/[^`]*$//' "$work/strings" | grep -o '`[^`]*`' | tr -d '`' | sort -u >"$work/settings"
comm -23 "$work/settings" "$work/names" >"$work/unknown"
while read -r name; do
  grep -F "\`$name\`" "$work/strings"
  echo "\`$name\` is not a flag of any tool"
done <"$work/unknown"

if [ ! -s "$work/settings" ] || [ ! -s "$work/names" ]; then
  echo "found no settings in lib, or no flags in $bin: this test reads nothing"
  exit 1
fi
[ ! -s "$work/flags" ] && [ ! -s "$work/tools" ] && [ ! -s "$work/unknown" ] &&
  echo "$(wc -l <"$work/settings") settings, all of them flags"
