#!/bin/sh
# Compares the options of a tool's --help, subcommands included, with those that its
# manual page lists (.It Fl) and shows (SYNOPSIS): neither may have one the other lacks.
# The page has the groups of --help as sections (.Ss), under the same titles in the same order.
# usage: options.sh PAGE TOOL
set -eu
page=$1 tool=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# "  -n,--count N      How many": the first word, cut at its commas.
options_of_help() { awk '/^  +-/ { n = split($1, names, ","); for (i = 1; i <= n; ++i) print names[i] }'; }

sh "$(dirname "$0")/help_of.sh" "$tool" >"$work/helps"
options_of_help <"$work/helps" >"$work/helped"
"$tool" --help >"$work/help"

# The words after each Fl macro of the lines that the pattern chooses.
flags() {
  awk -v section="$1" '
    /^\.Sh / { here = $2 }
    !/^\./ || (section != "" && here != section) || (section == "" && !/^\.It/) { next }
    { gsub(/\\-/, "-")
      for (i = 1; i < NF; ++i) if ($i == "Fl" || $i == ".Fl") print "-" $(i + 1) }' "$page"
}
flags "" | sort -u >"$work/listed"
{ flags SYNOPSIS; cat "$work/listed"; } | sort -u >"$work/written"
sort -u -o "$work/helped" "$work/helped"

sed -n '/^\(Examples\|Positionals\|Options\|Subcommands\):$/d; s/^\([A-Z].*\):$/\1/p' "$work/help" \
  >"$work/groups"
sed -n 's/^\.Ss //p' "$page" | grep -xF -f "$work/groups" >"$work/sections" || true
diff "$work/groups" "$work/sections" >"$work/parted" || {
  echo "$page: its sections are not the groups of $tool --help:"
  cat "$work/parted"
  exit 1
}

if [ ! -s "$work/helped" ]; then
  echo "$tool --help: lists no options"
  exit 1
fi
missing=$(comm -23 "$work/helped" "$work/listed")
invented=$(comm -13 "$work/helped" "$work/written")
for option in $missing; do echo "$page: has no entry for $option, which $tool --help lists"; done
for option in $invented; do echo "$page: $option is no option of $tool"; done
[ -z "$missing$invented" ] && echo "$(wc -l <"$work/helped") options"
