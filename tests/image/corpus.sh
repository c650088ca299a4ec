#!/bin/sh
# The tools over a picture of every kind at once (tests/data/pictures): each exits 1, names the
# same pictures as unreadable, those that expected.txt says and those of formats that the
# installed OpenImageIO has not, and uses all others.
# usage: corpus.sh BIN PICTURES
set -eu
bin=$1 pictures=$2
export LC_ALL=C  # headers of arrays begin with a byte that is no character elsewhere
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failures=0

complain() {
  echo "$1"
  failures=$((failures + 1))
}

# A line a picture: "path number margin", or "path refused reason"; other lines are of other options.
sed "1,$(($(head -n 1 "$pictures/expected.txt") + 1))d; / pillow /d" "$pictures/expected.txt" >all
not_installed='OpenImageIO that is installed does not read'
grep ' refused ' all | grep -v "$not_installed" | cut -d ' ' -f 1 | sort >refused

# Runs a tool, and keeps which pictures it names, each once, and what it prints.
run() {
  name=$1 status=0
  shift
  "$bin/$@" >"$name.out" 2>"$name.err" || status=$?
  [ "$status" = 1 ] || complain "$name: exit $status, not 1: $(tail -n 1 "$name.err")"
  sed -n "s|^diff-[a-z]*: $pictures/\([^:]*\): not an image that can be read|\1|p" "$name.err" |
    sort -u >"$name.named"
}

# NAME COUNT: that so many pictures were used.
uses() {
  [ "$2" = "$good" ] || complain "$1: uses $2 pictures, not $good"
  cut -d ' ' -f 1 "$1.named" | diff named - || complain "$1: names other pictures"
}
rows() { head -c 128 "$1" | sed -n "s/.*'shape': (\([0-9]*\),.*/\1/p"; }

run noise diff-noise -t 100 "$pictures" -o noisy/
cut -d ' ' -f 1 noise.named >named
grep -v "$not_installed" noise.named | cut -d ' ' -f 1 | diff refused - ||
  complain "noise: names other pictures than expected.txt"
good=$(($(wc -l <all) - $(wc -l <named)))
uses noise "$(find noisy -type f | wc -l)"

run train diff-train "$pictures" --size 8 --rgb --steps 2 --batch 4 --channels 8 -o m.safetensors
uses train "$(sed -n 's/^diff-train: \([0-9]*\) images of .*/\1/p' train.err)"
run eval diff-train eval m.safetensors "$pictures" --size 8 --steps 1 -n 1000 -v
uses eval "$(sed -n 's/.*, \([0-9]*\) images, .*/\1/p' eval.err)"
run fid diff-fid --features pixels --size 8 --rgb "$pictures" "$pictures"
uses fid "$(sed -n 's/^n_real	//p' fid.out)"
run invert diff-sample invert m.safetensors "$pictures" --size 8 --steps 2 -o latents.npy
uses invert "$(rows latents.npy)"
run init diff-sample m.safetensors --init "$pictures" --size 8 --steps 2 --strength 0.5 -o x.npy
uses init "$(rows x.npy)"

[ "$failures" = 0 ]
