#!/bin/sh
# Points instead of pictures: a swiss roll in the plane, a network that learns it in about a
# minute, and samples by an SDE and an ODE, as pictures and as distances to fresh points.
# usage: sh examples/points/run.sh [STEPS [FOLDER]]      (default: 2000 steps, out/points)
# Needs gnuplot.
set -eu
here=$(dirname "$0")
. "$here/../tools.sh"
need_tools
need_program gnuplot gnuplot-nox
steps=${1:-2000} out=${2:-out/points}
mkdir -p "$out"
cd "$out"

# roll SEED: 5000 points on a spiral of one and a half turns, with some noise.
roll() {
  awk -v seed="$1" 'BEGIN {
    srand(seed); pi = atan2(0, -1)
    for (i = 0; i < 5000; ++i) {
      turn = 1.5 * pi * (1 + 2 * rand())
      wide = 0.3 * (rand() + rand() + rand() - 1.5); high = 0.3 * (rand() + rand() + rand() - 1.5)
      printf "%.5f,%.5f\n", turn * cos(turn) + wide, turn * sin(turn) + high
    }
  }'
}
roll 1 > roll.csv
roll 2 > fresh.csv

diff-train roll.csv -o model.safetensors --force --steps "$steps"
diff-sample model.safetensors -n 5000 --sampler ddim:eta=1 --steps 100 -o sde.csv \
  --scatter scatter.png --over roll.csv
diff-sample model.safetensors -n 5000 --sampler heun --steps 30 -o ode.csv \
  --paths paths.png --field field.png
for samples in sde ode roll; do
  printf '%s\t' "$samples"
  diff-fid fresh.csv "$samples.csv" | sed -n 's/^frechet_distance	//p'
done
echo "$PWD/scatter.png: the samples over the data; paths.png and field.png: how they came about"
