#!/bin/sh
# Every manual page of these tools that another refers to (.Xr diff-... N) exists.
# usage: references.sh MAN_FOLDER
set -eu
cd "$1"
status=0
for reference in $(cat ./*.[1-8] | awk '$1 == ".Xr" && $2 ~ /^diff/ { print $2 "." $3 }' | sort -u); do
  [ -e "$reference" ] && continue
  echo "$1: no page $reference, which others refer to"
  status=1
done
exit $status
