#!/bin/sh
# Every "Author year" in the sources must be one entry of the bibliography: an .Rs
# block with that year whose first authors are those named ("et al." stands for at
# least three in all).
# usage: citations.sh BIBLIOGRAPHY FOLDER...
set -eu
bibliography=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

name='[A-Z][A-Za-z-]+'
authors="$name( et al\.,?|(, $name)*,? (and|&) $name,?|(, $name)+|,?)"
citation="$authors( \"[^\"]*\",)? \(?(19|20)[0-9][0-9]"

# Comments and texts that go on over lines are joined, and titles dropped.
find "$@" \( -name '*.[ch]pp' -o -name '*.[1-8]' \) | sort | while read -r file; do
  awk '{ sub(/^[ \t]*\/\/\/?[ \t]*/, ""); gsub(/"[ \t]*$/, ""); printf "%s ", $0 } END { print "" }' \
    "$file" | sed 's/\\"//g' | grep -oE "$citation" | sed "s|^|$file\t|" || true
done | sed 's/"[^"]*",\{0,1\} *//; s/[(]//; s/,\{0,1\} \([12][0-9]*\)$/ \1/' |
  grep -vE '	(RFC|ISO|IEEE|May|June|July) |JPEG 2000$' | sort -u >"$work/cited"

awk -F '\t' -v bibliography="$bibliography" '
  function surname(line) { sub(/^\.%A /, "", line); sub(/.* /, "", line); return line }
  BEGIN {
    while ((getline line < bibliography) > 0) {
      gsub(/\\&/, "", line)  # before a name that is also a macro
      if (line ~ /^\.Rs/) { ++entries; people[entries] = 0 }
      if (line ~ /^\.%A /) person[entries, ++people[entries]] = surname(line)
      if (line ~ /^\.%D /) year[entries] = substr(line, length(line) - 3)
      if (line ~ /^\.%T /) titled[entries] = 1
    }
    for (e = 1; e <= entries; ++e)
      if (!titled[e] || !year[e] || !people[e])
        { print bibliography ": entry " e " lacks an author, a title or a year"; bad = 1 }
  }
  {
    many = $2 ~ / et al\./
    text = $2
    gsub(/ et al\.|,| and| &/, "", text)
    n = split(text, words, " ")
    found = 0
    for (e = 1; e <= entries; ++e) {
      fits = year[e] == words[n] && (!many || people[e] >= 3)
      if (n > 2 && people[e] != n - 1) fits = 0
      for (i = 1; i < n; ++i) if (person[e, i] != words[i]) fits = 0
      found += fits
    }
    if (found != 1)
      { print $1 ": \"" $2 "\" is " (found ? "more than one entry" : "not") " in " bibliography; bad = 1 }
  }
  END {
    if (NR == 0) { print "no citations found: the pattern must be wrong"; bad = 1 }
    if (!bad) print NR " citations"
    exit bad
  }' "$work/cited"
