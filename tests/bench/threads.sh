#!/bin/sh
# What threads are worth: a program of N threads beside N programs of one thread each, whose
# images a second are added up; the ratio is 100 % where no thread ever waits for another.
# usage: tests/bench/threads.sh BENCH-NETWORK [THREADS [RECIPE [PRECISION [REPEATS]]]]
set -eu
bench=$1
threads=${2:-$(nproc)}
recipe=${3:-colour}
precision=${4:-float32}
repeats=${5:-9}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

OMP_NUM_THREADS=$threads "$bench" "$repeats" "$recipe" "$precision" >"$work/together"
pids=
for i in $(seq "$threads"); do
  OMP_NUM_THREADS=1 "$bench" "$repeats" "$recipe" "$precision" >"$work/apart.$i" &
  pids="$pids $!"
done
for pid in $pids; do wait "$pid"; done

for what in train forward; do
  rate() { grep -h " $what  .*images/s" "$@" | sed 's/ images.*//' | awk '{ sum += $NF } END { print sum }'; }
  together=$(rate "$work/together")
  apart=$(rate "$work"/apart.*)
  echo "$recipe $precision $what: $threads threads $together images/s, $threads programs $apart:" \
    "$(awk "BEGIN { printf \"%.1f\", 100 * $together / $apart }") %"
done
