#!/bin/sh
# A file whose close() fails is named, exits 2 and is not there: what was written may be lost.
# usage: close_fails.sh BIN FAILING_CLOSE DATA, where FAILING_CLOSE is the library to preload
set -eu
bin=$1 library=$2 data=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failures=0

complain() {
  echo "$1"
  failures=$((failures + 1))
}

# Runs a command while close() of OUTPUT fails.
fails() {
  output=$1 name=$(basename "$1")
  stem=${name%.*}
  shift
  status=0
  FAILING_CLOSE="/.$stem." FAILING_CLOSE_LOADED="$work/loaded" LD_PRELOAD="$library" \
    "$bin/$@" >/dev/null 2>err || status=$?
  if [ ! -e loaded ]; then
    echo "nothing can be preloaded here"
    exit 77
  fi
  [ "$status" = 2 ] || complain "$*: exit $status, not 2"
  grep -q "^diff-[a-z]*: $output: cannot be written (Disk quota exceeded)" err ||
    complain "$*: $output is not named: $(cat err)"
  [ ! -e "$output" ] || complain "$*: $output is there"
  left=$(find "$(dirname "$output")" -maxdepth 1 -name "*$stem.*")
  [ -z "$left" ] || complain "$*: left $left"
}

mkdir photos
for name in a b c; do cp "$data/image/rgb.png" photos/$name.png; done
fails out/b.png diff-noise -t 5 photos -o out/
fails x.png diff-noise -t 5 photos/a.png -o x.png
fails x.npy diff-noise -t 5 photos -o x.npy
fails x.tar diff-noise -t 5 photos -o x.tar
fails lines.jsonl diff-noise -t 5 photos -o more/ --manifest lines.jsonl
fails m.safetensors diff-train -q "$data/train/shapes-idx3-ubyte" --channels 4 --batch 2 --steps 1 \
  -o m.safetensors
fails s.json diff-schedule cosine -o s.json
fails t.csv diff-schedule show cosine -o t.csv
fails stored.npz diff-fid stats photos -o stored.npz
fails f.npy diff-fid features photos -o f.npy
fails two.npz diff-sample empirical:photos -n 2 --steps 2 -s cosine -o two.npz
fails drawn/000001.png diff-sample empirical:photos -n 2 --steps 2 -s cosine -o drawn/

# Standard output, whether text or an array.
for command in "diff-schedule cosine" "diff-noise -t 5 photos --format npy"; do
  status=0
  FAILING_CLOSE=/printed LD_PRELOAD="$library" "$bin/"$command >printed 2>err || status=$?
  [ "$status" = 2 ] || complain "$command: exit $status, not 2"
  grep -q ": standard output: cannot be written (Disk quota exceeded)" err ||
    complain "$command: standard output is not named: $(cat err)"
done

[ "$failures" = 0 ]
