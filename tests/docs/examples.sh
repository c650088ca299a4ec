#!/bin/sh
# Runs every example of one document, in order and in one scratch folder, with the
# tools on PATH, and compares what a terminal would show with what stands there.
# A folder of pictures, photos/, is at hand. APPROVE=1 in the environment rewrites the
# document with what is shown, for review in the diff.
# usage: examples.sh FILE WORK_FOLDER TOOLS_FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
document=$1 work=$2 tools=$3
case $document in *.md) kind=markdown ;; *) kind=man ;; esac
examples() { awk -v task="$1" -v kind=$kind -v folder="$work" -f "$here/examples.awk" "$document"; }

rm -rf "$work"
mkdir -p "$work/scratch/photos"
examples cut
for picture in rgb.png grey.png rgb16.png palette.png; do
  cp "$here/../data/image/$picture" "$work/scratch/photos/"
done

PATH=$tools:$PATH
export PATH
cd "$work/scratch"
count=0 failed=0
for command in "$work"/*.command; do
  [ -e "$command" ] || break
  example=${command%.command}
  count=$((count + 1))
  sh "$command" >"$example.shown" 2>&1 </dev/null || true
  cmp -s "$example.expected" "$example.shown" && continue
  failed=$((failed + 1))
  [ -z "${APPROVE-}" ] || continue
  echo "$document: this example shows something else:"
  sed 's/^/  $ /' "$command"
  diff -u "$example.expected" "$example.shown" | sed '1,2d;s/^/  /' || true
done
if [ -n "${APPROVE-}" ]; then
  examples approve >"$work/approved"
  cat "$work/approved" >"$document"
  echo "$failed of $count examples rewritten"
elif [ "$failed" -gt 0 ]; then
  echo "$failed of $count examples failed"
  exit 1
else
  echo "$count examples"
fi
