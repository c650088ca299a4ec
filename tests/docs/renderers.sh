#!/bin/sh
# A manual page reads whole on a terminal of 80 columns whichever program shows it. mandoc
# and groff print the same letters in the same order; every heading, option and title of a
# paper is among them; groff has nothing to warn of; no line is wider than the terminal, and
# none hangs at its right edge, as a column does that is too narrow for its words.
# Exits with 77 where groff is not installed.
# usage: renderers.sh PAGE
set -eu
page=$1
if ! command -v groff >/dev/null; then
  echo "skipped: groff is not installed (package groff-base)"
  exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
fail() { printf '%s\n' "$page: $*"; failed=1; }

# Letters are made bold by being printed over themselves. The first and the last line are
# each program's own.
twice=$(printf '[^\200-\277][\200-\277]*\b')
plain() { LC_ALL=C sed "s/$twice//g; s/‐/-/g; s/−/-/g" | sed '1d;$d'; }
# What is left when line breaks, hyphens, quotation marks and accents do not count.
letters() { LC_ALL=C tr -d '\000-\040\042\047\055\140\177-\377'; }

# man asks for two columns less than the terminal has. AD=l is a ragged margin: newer groffs
# warn of each line of one long word, which has no blank to make wider.
mandoc -T utf8 -O width=78 "$page" | plain >"$work/mandoc"
groff -ww -mandoc -Tutf8 -dAD=l -rLL=78n -P-cbou "$page" 2>"$work/warnings" | plain >"$work/groff"
[ ! -s "$work/warnings" ] || fail "groff warns: $(cat "$work/warnings")"

# The words after Fl in the tags of lists; the rest of headings and of titles, without
# escapes.
awk '/^\.It/ { for (i = 1; i < NF; ++i) if ($i == "Fl") print "-" $(i + 1) }' "$page" |
  sort -u >"$work/options"
sed -n 's/\\[(].\{2\}//g; s/\\&//g; s/^\.\(Sh\|Ss\|%T\) //p' "$page" >"$work/titles"

for program in mandoc groff; do
  text=$work/$program
  letters <"$text" >"$text.letters"
  grep -oE -- '--?[[:alnum:]][[:alnum:]-]*' "$text" | sort -u >"$text.options"
  for option in $(comm -23 "$work/options" "$text.options"); do fail "$program loses $option"; done
  while read -r title; do
    grep -qF "$(printf %s "$title" | letters)" "$text.letters" || fail "$program loses \"$title\""
  done <"$work/titles"
  LC_ALL=C tr -d '\200-\277' <"$text" >"$text.columns"
  wide=$(grep -E '^.{81}' "$text.columns" || true)
  [ -z "$wide" ] || fail "$program: wider than 80 columns:
$wide"
  hanging=$(grep -E '^ {50}' "$text.columns" || true)
  [ -z "$hanging" ] || fail "$program: a column too narrow:
$hanging"
done

cmp -s "$work/mandoc.letters" "$work/groff.letters" || {
  at=$(cmp "$work/mandoc.letters" "$work/groff.letters" 2>&1 | sed 's/.*\(byte\|char\) \([0-9]*\).*/\2/')
  fail "mandoc and groff part here:"
  for program in mandoc groff; do
    printf '%s\n' "  $program: $(tail -c +"$at" "$work/$program.letters" | head -c 60)"
  done
}
[ "$failed" = 0 ] || exit 1
echo "$(wc -l <"$work/options") options, $(wc -l <"$work/titles") headings and titles"
