#!/bin/sh
# What a busy neighbour costs: training and sampling, on one thread and on all, alone and
# beside a program that keeps one processor busy.
# usage: tests/bench/busy.sh BIN DATA [NEIGHBOURS]
set -eu
bin=$(realpath "$1")
data=$(realpath "$2")
neighbours=${3:-1}
work=$(mktemp -d)
pids=
trap 'kill $pids 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

seconds() {  # COMMAND...: how long it takes
  began=$(date +%s.%N)
  "$@" >/dev/null
  echo "$began $(date +%s.%N)" | awk '{ printf "%.2f", $2 - $1 }'
}
train() { "$bin/diff-train" -q "$data" -o m.safetensors --force --save-every 0 "$@"; }
sample() { rm -f s.npy && "$bin/diff-sample" -q m.safetensors -o s.npy "$@"; }
tiny="--size 16x16 --channels 8,8 --batch 8 --steps 400"
network="--batch 64 --steps 20"
all() {
  for j in 1 "$(nproc)"; do
    # shellcheck disable=SC2086  # lists of options
    echo "$1, $j threads: tiny $(seconds train $tiny -j "$j") s," \
      "network $(seconds train $network -j "$j") s," \
      "64 samples $(seconds sample -n 64 --steps 20 -j "$j") s," \
      "one $(seconds sample -n 1 --steps 100 -j "$j") s"
  done
}
all alone
for i in $(seq "$neighbours"); do
  setsid sh -c 'while :; do :; done' &  # as another user's would be: of a session of its own
  pids="$pids $!"
done
all beside
