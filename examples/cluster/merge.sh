#!/bin/sh
# Makes one file of the parts that fid.sh wrote, and removes them.
# usage: sbatch --dependency=afterok:JOB merge.sh FILE
#SBATCH --job-name=merge
#SBATCH --output=%x-%j.log
#SBATCH --time=0:10:00
set -eu
file=$1
set -- "${file%.*}".part-*-of-*."${file##*.}"
[ "$(printf '%s\n' "$@" | sed 's/.*-of-0*//; s/\..*//' | sort -u)" = $# ] || {
  echo "merge.sh: these are not all parts of one array: $*" >&2
  exit 2
}
diff-fid merge "$@" -o "$file"
rm "$@"
