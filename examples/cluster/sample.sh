#!/bin/sh
# Draws 50,000 pictures, a part of them in each task of the array.
# usage: sbatch sample.sh MODEL FOLDER [OPTION of diff-sample...]
# The environment may set COUNT, of all pictures.
#SBATCH --job-name=sample
#SBATCH --output=%x-%A-%a.log
#SBATCH --array=1-50
#SBATCH --cpus-per-task=4
#SBATCH --time=4:00:00
set -eu
model=$1 folder=$2
shift 2
exec diff-sample "$model" -n "${COUNT:-50000}" -o "$folder/" --skip-existing "$@" \
  -j "$SLURM_CPUS_PER_TASK" --shard "$SLURM_ARRAY_TASK_ID/${PARTS:-$SLURM_ARRAY_TASK_COUNT}"
