#!/bin/sh
# Programs as models: diff-sample asks them for each estimate, through pipes, in arrays.
# gaussian.py takes the mean and covariance of images for all that there is to know of them;
# its samples show what a network has to add. point.sh knows a single image.
# usage: sh examples/exec-model/run.sh [IMAGES [FOLDER]]
#        (default: Fashion-MNIST's 10,000 test images, out/exec-model)
# Needs python3 with NumPy.
set -eu
here=$(dirname "$0")
. "$here/../tools.sh"
need_tools
need_program python3 python3-numpy
python3 -c 'import numpy' 2>/dev/null || refuse "needs NumPy (package python3-numpy)"
programs=$examples/exec-model
images=${1:-$fashion/t10k-images-idx3-ubyte.gz}
[ -n "${1-}" ] || need_file "$images" dataset-fashion-mnist
out=${2:-out/exec-model}
mkdir -p "$out"

# Clean images are noisy ones of t = 0.
diff-noise -q -t 0 --format npy "$images" -o "$out/images.npy"
shape=$(head -c 128 "$out/images.npy" | tr -d '\0' |
  LC_ALL=C sed 's/.*([0-9]*, \([0-9]*\), \([0-9]*\), \([0-9]*\)).*/\1x\2x\3/')

diff-sample "exec:python3 '$programs/gaussian.py' '$out/images.npy'" \
  --shape "$shape" --predict x0 -s flow --sampler heun --steps 20 -n 64 --sheet "$out/gaussian.png"

# A Gaussian of one image is that image, and so says the shell; tee keeps what is asked.
diff-sample "empirical:$images" -q -n 1 --float -o "$out/one.npy"
diff-sample "exec:tee '$out/asked' | sh '$programs/point.sh' '$out/one.npy'" \
  --shape "$shape" --predict x0 --steps 10 -n 1 --float -o "$out/point.npy"
cmp "$out/one.npy" "$out/point.npy"
echo "$out/gaussian.png: 64 samples of a Gaussian; $out/asked: the $(grep -c NUMPY "$out/asked")" \
  "arrays that point.sh was handed"
