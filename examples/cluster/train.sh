#!/bin/sh
# Trains to the end, in as many runs as it takes: where the time limit is near, the job saves the
# model and goes back into the queue. It does the same after a node failed or was wanted for others.
# usage: sbatch train.sh MODEL.safetensors DATA [OPTION of diff-train...]
#SBATCH --job-name=train
#SBATCH --output=%x-%j.log
#SBATCH --open-mode=append
#SBATCH --cpus-per-task=16
#SBATCH --time=4:00:00
#SBATCH --signal=B:USR1@300
#SBATCH --requeue
set -u
model=$1
shift
diff-train -o "$model" --resume auto "$@" -j "$SLURM_CPUS_PER_TASK" &
training=$!

# Slurm sends USR1 to this script five minutes before the limit, and TERM to all processes of a job
# that is cancelled. Both save the model.
trap 'kill -USR1 $training 2>/dev/null && signalled=yes' USR1
trap 'signalled=yes' TERM
while :; do # until it has ended, rather than been interrupted, waiting
  signalled=
  wait $training
  status=$?
  [ -n "$signalled" ] || break
done

# There is more to do: USR1 or --max-time stopped it; TERM would have made it 130.
[ $status != 3 ] || scontrol requeue "$SLURM_JOB_ID"
exit $status
