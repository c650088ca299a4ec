#!/bin/sh
# Everything that a tool lists by name has an entry (.It) in its manual page, or with
# `named` is named in one (.Cm).
# usage: COMMAND THAT LISTS | names.sh PAGE [named]
set -eu
page=$1
lines='^\.It '
[ "${2-}" != named ] || lines='^\.(It|Cm) '
missing=0 count=0
while read -r name; do
  count=$((count + 1))
  awk -v name="${name%:}" -v lines="$lines" '$0 ~ lines {
      for (i = 2; i <= NF; ++i) { split($i, spec, ":"); if (spec[1] == name) found = 1 } }
    END { exit !found }' "$page" && continue
  echo "$page: has no entry for $name"
  missing=1
done
[ "$count" -gt 0 ] || { echo "nothing is listed"; exit 1; }
[ "$missing" = 0 ] && echo "$count names"
