#!/bin/sh
# Quality against the number of steps and against seconds, for DDIM (eta = 0) and its
# ancestral form (eta = 1): the curve by which samplers are compared (Song, Meng, Ermon 2020).
# usage: sh examples/pareto/run.sh MODEL [REFERENCE [FOLDER]]
#        (default: Fashion-MNIST's training images, out/pareto)
# MODEL is a checkpoint such as out/quickstart/model.safetensors. The environment may set
# STEPS ("2 5 10 20 50 100"), SAMPLES (2000), SAMPLERS and FEATURES (random).
# Needs gnuplot.
set -eu
here=$(dirname "$0")
. "$here/../tools.sh"
absolute() { case $1 in /*) echo "$1" ;; *) echo "$(pwd)/$1" ;; esac; }
[ $# -ge 1 ] || { sed -n 's/^# //p' "$0" >&2; exit 2; }
need_tools
need_program gnuplot gnuplot-nox
model=$(absolute "$1")
reference=$(absolute "${2:-$fashion/train-images-idx3-ubyte.gz}")
[ -n "${2-}" ] || need_file "$reference" dataset-fashion-mnist
out=${3:-out/pareto}
steps=${STEPS:-2 5 10 20 50 100}
samples=${SAMPLES:-2000}
samplers=${SAMPLERS:-ddim:eta=0 ddim:eta=1}
features=${FEATURES:-random}
mkdir -p "$out"
cd "$out"

diff-fid stats -q --features "$features" "$reference" -o reference.npz
printf 'sampler\tsteps\tseconds\tfrechet_distance\tkid\n' > pareto.tsv
diff-fid features -q --features "$features" --limit 5000 "$reference" -o reference.npy
for sampler in $samplers; do
  for n in $steps; do
    begun=$(date +%s.%N)
    diff-sample "$model" -q -n "$samples" --sampler "$sampler" --steps "$n" -o samples.npy
    ended=$(date +%s.%N)
    diff-fid features -q --features "$features" samples.npy -o features.npy
    distance=$(diff-fid -q reference.npz features.npy | sed -n 's/^frechet_distance\t//p')
    kid=$(diff-fid -q --metrics kid_full reference.npy features.npy | sed -n 's/^kid\t//p')
    seconds=$(echo "$ended $begun" | awk '{ printf "%.2f", $1 - $2 }')
    printf '%s\t%s\t%s\t%s\t%s\n' "$sampler" "$n" "$seconds" "$distance" "$kid" | tee -a pareto.tsv
  done
done
rm samples.npy features.npy

# One curve a sampler, in both halves of the picture.
curves() {
  for sampler in $samplers; do
    printf '%s"< grep \047^%s\t\047 pareto.tsv" using %s:4 with linespoints title "%s"' \
      "${separator-}" "$sampler" "$1" "$sampler"
    separator=', '
  done
  separator=
}
gnuplot <<EOF
set terminal pngcairo size 1200,480
set output 'pareto.png'
set datafile separator '\t'
set logscale xy
set autoscale fix
set offsets graph 0.05, graph 0.05, graph 0.05, graph 0.05
set xtics (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
set ytics (0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 200, 500)
set grid
set multiplot layout 1,2
set ylabel 'Frechet distance ($features), $samples samples'
set xlabel 'steps'
plot $(curves 2)
set xlabel 'seconds'
plot $(curves 3)
EOF
echo "$PWD/pareto.tsv and pareto.png: quality against steps and seconds"
