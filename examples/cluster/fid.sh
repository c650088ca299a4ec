#!/bin/sh
# Computes features (FILE.npy) or statistics (FILE.npz) of pictures, a part of them in each task
# of the array; merge.sh makes one file of the parts.
# usage: sbatch fid.sh DATA FILE [OPTION of diff-fid...]
#SBATCH --job-name=fid
#SBATCH --output=%x-%A-%a.log
#SBATCH --array=1-8
#SBATCH --cpus-per-task=4
#SBATCH --time=2:00:00
set -eu
data=$1 file=$2
shift 2
case $file in
  *.npy) command=features ;;
  *.npz) command=stats ;;
  *) echo "fid.sh: $file: needs a name that ends in .npy or .npz" >&2; exit 2 ;;
esac
part=$SLURM_ARRAY_TASK_ID parts=${PARTS:-$SLURM_ARRAY_TASK_COUNT}
# Status 1: it did its work, and named the pictures that it left out.
diff-fid $command "$data" "$@" -j "$SLURM_CPUS_PER_TASK" --shard "$part/$parts" \
  -o "${file%.*}.part-$(printf %05d-of-%05d "$part" "$parts").${file##*.}" || [ $? = 1 ]
