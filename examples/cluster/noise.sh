#!/bin/sh
# Adds noise to pictures, a part of them in each task of the array.
# usage: sbatch noise.sh DATA FOLDER [OPTION of diff-noise...]
#SBATCH --job-name=noise
#SBATCH --output=%x-%A-%a.log
#SBATCH --array=1-8
#SBATCH --cpus-per-task=4
#SBATCH --time=1:00:00
set -eu
data=$1 folder=$2
shift 2
exec diff-noise "$data" -o "$folder/" --skip-existing "$@" -j "$SLURM_CPUS_PER_TASK" \
  --shard "$SLURM_ARRAY_TASK_ID/${PARTS:-$SLURM_ARRAY_TASK_COUNT}"
