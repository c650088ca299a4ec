#!/bin/sh
# Which sampler, in how many steps? Distances of a model's samples to the solution that all
# of the deterministic ones converge to, as a table, curves, and pictures to look at.
# usage: sh examples/sampler-comparison/run.sh MODEL [FOLDER]
#        (default: out/sampler-comparison)
# MODEL is a checkpoint such as out/quickstart/model.safetensors. The environment may set
# SAMPLERS, STEPS ("5,10,20,50") and SAMPLES (8).
# Needs gnuplot.
set -eu
here=$(dirname "$0")
. "$here/../tools.sh"
[ $# -ge 1 ] || { sed -n 's/^# //p' "$0" >&2; exit 2; }
need_tools
need_program gnuplot gnuplot-nox
out=${2:-out/sampler-comparison}
mkdir -p "$out"
diff-sample compare "$1" --samplers "${SAMPLERS:-ddim,heun,dpmpp-2m,dpmpp-3m,unipc,deis,sde}" \
  --steps "${STEPS:-5,10,20,50}" -n "${SAMPLES:-8}" --show 2 \
  --sheet "$out/samples.png" --plot "$out/curves.png" > "$out/distances.tsv"
cat "$out/distances.tsv"
