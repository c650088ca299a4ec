#!/bin/sh
# Everything that a tool lists by name has an entry (.It) in its manual page.
# usage: COMMAND THAT LISTS | names.sh PAGE
set -eu
page=$1
missing=0 count=0
while read -r name; do
  count=$((count + 1))
  awk -v name="$name" '/^\.It / { for (i = 2; i <= NF; ++i) if ($i == name) found = 1 } END { exit !found }' \
    "$page" && continue
  echo "$page: has no entry for $name"
  missing=1
done
[ "$count" -gt 0 ] || { echo "nothing is listed"; exit 1; }
[ "$missing" = 0 ] && echo "$count names"
