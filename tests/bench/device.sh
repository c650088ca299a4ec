#!/bin/sh
# What a device does: training, sampling and features of the colour network and the Inception on
# it, how near its numbers are to the processor's, and PyTorch on the same device where PYTHON
# has it. Its numbers are meant for five minutes on one GPU, and have not been tried on one.
# usage: tests/bench/device.sh BIN DEVICE [PYTHON]
#   BIN     the folder of the built programs
#   DEVICE  what --device takes: cuda, xla:plugin=FILE
#   PYTHON  a python with torch and diffusers; none: ours alone
# From the environment: BATCHES (64 512), PRECISIONS (float32 tf32 bf16), STEPS (60) timed ones,
# IMAGES (10000) for sampling and features, WEIGHTS, the Inception's, CONFIG of the network.
set -eu
bin=$1 device=$2 python=${3-}
here=$(cd "$(dirname "$0")" && pwd)
config=${CONFIG:-$here/colour.json} images=${IMAGES:-10000} steps=${STEPS:-60}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
seconds() { date +%s.%N; }
since() { awk "BEGIN { printf \"%.1f\", $(seconds) - $1 }"; }
# The most memory of a device that programs had while a command ran, in MiB.
watched() {
  if command -v nvidia-smi >/dev/null; then
    (while :; do
      nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits || exit
      sleep 0.5
    done >"$work/memory") &
    watcher=$!
    "$@"
    kill $watcher 2>/dev/null || :
    echo "  memory of the device: $(sort -n "$work/memory" | tail -n 1) MiB at most"
  else
    "$@"
  fi
}

# Pictures of noise will do: CIFAR-10's form, a label below 10 and 32 x 32 in three channels.
data=$work/data_batch_1.bin
head -c $((images * 3073)) /dev/urandom | LC_ALL=C tr '\012-\377' '\000-\011' >"$data"
train() { "$bin/diff-train" "$data" --config "$config" --force "$@"; }

echo "== agreement with the processor"
for on in cpu "$device"; do
  name=device
  [ "$on" != cpu ] || name=cpu
  train -q --device "$on" --batch 8 --steps 1 --log "$work/log" -o "$work/$name.safetensors"
  echo "  first loss on $on: $(sed 's/.*"loss": *\([0-9.e+-]*\).*/\1/' "$work/log")"
  "$bin/diff-sample" -q "$work/cpu.safetensors" --device "$on" --weights raw -n 1 --steps 10 \
    --sampler ddim --seed 1 -o "$work/$name.npy"
  tail -c 3072 "$work/$name.npy" | od -A n -v -t u1 -w1 >"$work/$name.txt"
done
paste "$work/cpu.txt" "$work/device.txt" | awk '
  { off = $1 - $2; if (off < 0) off = -off; if (off > most) most = off }
  END { print "  a sampled picture: " NR " numbers of 0..255, apart by up to " most + 0 }'

echo "== training, images/s: the median of steps after the first 10"
for precision in ${PRECISIONS:-float32 tf32 bf16}; do
  for batch in ${BATCHES:-64 512}; do
    echo "  $precision, batch $batch"
    began=$(seconds)
    watched train --device "$device" --precision "$precision" --batch "$batch" \
      --steps $((steps + 10)) --log "$work/log" -o "$work/m.safetensors"
    tail -n "$steps" "$work/log" | sed 's/.*"images_per_second": *\([0-9.e+-]*\).*/\1/' |
      sort -g | awk -v all="$(since "$began")" '{ rate[NR] = $1 }
        END { printf "  ours %.1f images/s, %s s from start to end\n", rate[int((NR + 1) / 2)], all }'
    [ -z "$python" ] || for mode in eager compiled; do
      watched env DEVICE=cuda BATCH="$batch" OPTIMISER=1 "$python" "$here/network_torch.py" 30 colour \
        "$precision-$mode-last" || :
    done
  done
done

echo "== $images pictures in 50 steps of ddim"
for precision in ${PRECISIONS:-float32 tf32 bf16}; do
  rm -f "$work/samples.npy"
  began=$(seconds)
  watched "$bin/diff-sample" "$work/m.safetensors" --device "$device" --precision "$precision" \
    -n "$images" --batch 512 --steps 50 --sampler ddim -o "$work/samples.npy"
  echo "  $precision: $(since "$began") s from start to end:" \
    "$(awk "BEGIN { print $images * 50 / $(since "$began") }") forward passes of an image a second"
done

echo "== features of $images pictures"
for features in random ${WEIGHTS:+inception:weights=$WEIGHTS}; do
  for on in cpu "$device"; do
    [ "$on" = cpu ] && [ "$features" != random ] && continue
    rm -f "$work/statistics.npz"
    began=$(seconds)
    watched "$bin/diff-fid" stats "$data" --features "$features" --device "$on" \
      -o "$work/statistics.npz"
    echo "  $features on $on: $(since "$began") s"
  done
done
