#!/bin/sh
# Emoji in colour: lays 1,794 pictures of 64 x 64 pixels on white, halves them, trains for
# some minutes, and draws new ones.
# usage: sh examples/emoji/run.sh [MINUTES [FOLDER]]      (default: 30 minutes, out/emoji)
# Needs gnuplot, and the pictures (Debian package ruby-gemojione).
set -eu
here=$(dirname "$0")
. "$here/../tools.sh"
need_tools
need_program gnuplot gnuplot-nox
minutes=${1:-30} out=${2:-out/emoji}
pictures=$(dpkg -L ruby-gemojione 2>/dev/null | grep '/assets/png$') ||
  refuse "needs pictures of emoji, which are not installed (package ruby-gemojione)"
mkdir -p "$out"
cd "$out"

# Level 0 of the noise is the clean picture.
diff-noise -q -t 0 "$pictures" --alpha flatten=white --size 32 --skip-existing -o pictures/
# Exit status 3: the time is over before the last step.
diff-train pictures/ --rgb -o model.safetensors --force \
  --steps 1000000 --max-time "${minutes}m" --decay constant --lr 0.001 --ema 0.999,0.99 \
  --channels 48,96,96 --batch 32 --precision bf16 --flip --preview preview.png --log loss.jsonl --plot loss.png || [ $? = 3 ]
diff-sample model.safetensors -n 64 --sampler ddim:eta=1 --steps 100 --sheet emoji.png
echo "$PWD/emoji.png: 64 new emoji"
