#!/bin/sh
# Makes one file of the parts that fid.sh wrote, and removes them.
# usage: sbatch --dependency=afterok:JOB merge.sh FILE
#SBATCH --job-name=merge
#SBATCH --output=%x-%j.log
#SBATCH --time=0:10:00
set -eu
file=$1
diff-fid merge "${file%.*}".part-*."${file##*.}" -o "$file"
rm "${file%.*}".part-*."${file##*.}"
