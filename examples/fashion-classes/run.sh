#!/bin/sh
# Class-conditional Fashion-MNIST: trains on the images and their labels for some
# minutes, then draws every class, guided (Ho & Salimans 2022).
# usage: sh examples/fashion-classes/run.sh [MINUTES [FOLDER]]
#        (default: 20 minutes, out/fashion-classes)
# Needs gnuplot, and the data (Debian package dataset-fashion-mnist).
set -eu
here=$(dirname "$0")
. "$here/../tools.sh"
need_tools
need_program gnuplot gnuplot-nox
minutes=${1:-20} out=${2:-out/fashion-classes}
data=$fashion/train-images-idx3-ubyte.gz
need_file "$data" dataset-fashion-mnist
mkdir -p "$out"
cd "$out"

# The rate is constant, since only the clock says when the end is; the average of the
# weights does what a falling rate would. Exit status 3: stopped before the last step.
diff-train "$data" --labels own -o model.safetensors --force \
  --steps 1000000 --max-time "${minutes}m" --decay constant --lr 0.002 --ema 0.999,0.99 \
  --channels 24,48,64 --validation 0.02 --log loss.jsonl --plot loss.png || [ $? = 3 ]
diff-sample model.safetensors --class all --cfg 2 -n 80 --sheet classes.png
echo "$PWD/classes.png: a row of eight for each of the ten classes"
