#!/bin/sh
# From nothing to generated pictures and a quality figure: takes Fashion-MNIST through
# schedule, noise, train, sample and fid. Leaves pictures, the model, a loss log and a
# table of distances. In a source tree it first installs what is missing, and builds.
# usage: sh examples/quickstart.sh [FOLDER]      (default: out/quickstart)
# The environment may set STEPS (of training) and SAMPLES (to measure).
set -eu
here=$(dirname "$0")
. "$here/tools.sh"
case "${1-}" in
  '') out=${tree:-$(pwd)}/out/quickstart ;;
  /*) out=$1 ;;
  *) out=$(pwd)/$1 ;;
esac
steps=${STEPS:-2400}
samples=${SAMPLES:-2000}

started=$(date +%s)
part() {
  now=$(date +%s)
  [ -z "${name-}" ] || printf '    (%s: %d s)\n' "$name" $((now - began))
  name=$1
  began=$now
  [ -z "$1" ] || printf '\n=== %s\n' "$1"
}

if [ -n "$tree" ]; then
  cd "$tree"
  part 'install'
  sh tests/run.sh --dependencies-only

  part 'build'
  cmake --preset release
  cmake --build --preset release --target tools
fi
train=$fashion/train-images-idx3-ubyte.gz
test=$fashion/t10k-images-idx3-ubyte.gz
need_tools
need_file "$train" dataset-fashion-mnist
need_file "$test" dataset-fashion-mnist
mkdir -p "$out"
cd "$out"
running=$(date +%s)

part 'schedule: how fast data turns into noise'
diff-schedule cosine -T 1000 -o schedule.json
diff-schedule show schedule.json --at 1,250,500,750,1000

part 'noise: the forward process on eight test images'
diff-noise -s schedule.json -t 100:901:200 "$test" --strip noise.png

part 'train: a network that undoes it'
diff-train -s schedule.json "$train" -o model.safetensors --force \
  --steps "$steps" --log loss.jsonl --progress always

part 'sample: from noise to new pictures'
diff-sample model.safetensors -n 64 --sampler ddim:eta=1 --steps 100 --sheet samples.png
diff-sample model.safetensors -n "$samples" --sampler ddim:eta=1 --steps 100 \
  -o samples.npy --progress always

part 'fid: how near are they to real ones'
diff-fid stats "$train" -o real.npz
diff-noise -s schedule.json -t 1000 "$test" -o noise/ -q
distance() {  # how far a set is from the training images
  value=$(diff-fid real.npz "$2" --limit "$samples" -q)
  printf '%s\t%s\n' "$1" "$(printf '%s\n' "$value" | sed -n 's/^frechet_distance\t//p')"
}
{
  printf 'set of %s images\tfrechet_distance (random-v1) to the training images\n' "$samples"
  distance 'pure noise' noise/
  distance 'samples' samples.npy
  distance 'real test images, the floor' "$test"
} > distances.tsv
cat distances.tsv

part ''
cat <<EOF

Done: $(($(date +%s) - running)) s${tree:+ after the build, $(($(date +%s) - started)) s in all}. In $(pwd):
  noise.png          what the forward process does (rows: images; columns: t)
  samples.png        64 new pictures
  loss.jsonl         the loss at every step
  distances.tsv      pure noise, samples, and real against real
  model.safetensors  the network; diff-train show tells what it holds
EOF
