#!/bin/sh
# The library speaks to whoever calls it: none of its strings and comments names a flag, and
# no string a tool's command. What a string has in backquotes the tools print as a flag, so
# it must be the name of a flag of a tool that has the string in it.
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

# The names of each tool's flags: "  -n,--count N      How many", "  -T STEPS".
options_of_help() { awk '/^  +-/ { n = split($1, names, ","); for (i = 1; i <= n; ++i) print names[i] }'; }
tools="schedule noise train sample fid"
for tool in $tools; do
  "$bin/diff-$tool" --help >"$work/help"
  awk '/^Subcommands:/ { listing = 1; next } /^[^ ]/ { listing = 0 } listing && NF { print $1 }' \
    "$work/help" >"$work/subcommands"
  { options_of_help <"$work/help"
    while read -r subcommand; do
      "$bin/diff-$tool" "$subcommand" --help </dev/null | options_of_help
    done <"$work/subcommands"; } | sed 's/^-*//' | sort -u >"$work/names.$tool"
done

# has_flag NAME STRING: whether a tool has both. A string that the compiler took apart is found in
# none of them, and is then taken to be in all.
has_flag() {
  within=
  for tool in $tools; do
    grep -qaF -e "$2" "$bin/diff-$tool" && within="$within $tool"
  done
  for tool in ${within:-$tools}; do
    ! grep -qxF -e "$1" "$work/names.$tool" || return 0
  done
  return 1
}

: >"$work/unknown"
grep '`' "$work/strings" >"$work/naming" || true
while read -r line; do
  string=${line#*\"} string=${string%\"}
  for name in $(printf '%s\n' "$string" | grep -o '`[^`]*`' | tr -d '`'); do
    echo "$name" >>"$work/settings"
    has_flag "$name" "$string" && continue
    printf '%s\n' "$line: \`$name\` is not a flag of a tool that says this" >>"$work/unknown"
  done
done <"$work/naming"
cat "$work/unknown"

if [ ! -s "$work/settings" ] || [ ! -s "$work/names.sample" ]; then
  echo "found no settings in lib, or no flags in $bin: this test reads nothing"
  exit 1
fi
[ ! -s "$work/flags" ] && [ ! -s "$work/tools" ] && [ ! -s "$work/unknown" ] &&
  echo "$(sort -u "$work/settings" | wc -l) settings, all of them flags"
