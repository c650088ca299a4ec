#!/bin/sh
# What a busy neighbour costs: training and sampling, on one thread and on all, alone, beside
# a program that keeps one processor busy, and beside one of another session. Linux shares
# processors out between the threads of one session, but with autogroups between sessions: of
# two processors, two threads have two thirds as their fair share beside a neighbour of theirs,
# and half beside another session.
# usage: tests/bench/busy.sh BIN DATA [NEIGHBOURS]
set -eu
here=$(realpath "$(dirname "$0")")
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
colour="--config $here/colour.json --batch 64 --steps 3"
network="--batch 64 --steps 20"
all() {
  for j in 1 "$(nproc)"; do
    # shellcheck disable=SC2086  # lists of options
    echo "$1, $j threads: tiny $(seconds train $tiny -j "$j") s," \
      "colour $(seconds train $colour -j "$j") s," \
      "network $(seconds train $network -j "$j") s," \
      "64 samples $(seconds sample -n 64 --steps 20 -j "$j") s," \
      "one $(seconds sample -n 1 --steps 100 -j "$j") s"
  done
}
# beside NAME COMMAND...
beside() {
  name=$1
  shift
  pids=
  for i in $(seq "$neighbours"); do
    "$@" sh -c 'while :; do :; done' &
    pids="$pids $!"
  done
  all "$name"
  # shellcheck disable=SC2086  # a list
  kill $pids
  pids=
}
all alone
beside beside
beside 'beside another session' setsid
