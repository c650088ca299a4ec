#!/bin/sh
# Runs examples/cluster on a Slurm of one node that it starts on the loopback: the programs of
# Debian's packages, a configuration of its own, no systemd and no control groups.
# usage: slurm.sh TOOLS_FOLDER, from the top of the source tree
# Exit status: 0 all is well, 1 something is not, 77 no Slurm can be started here.
set -eu
PATH=$(cd "$1" && pwd):/usr/sbin:/sbin:$PATH
scripts=$(pwd)/examples/cluster
data=$(pwd)/tests/data

cannot() {
  echo "*** NOT SHOWN HERE: that examples/cluster works with Slurm. tests/slurm.sh $* ***" >&2
  exit 77
}
[ "$(id -u)" = 0 ] || cannot "needs root"
for program in munged slurmctld slurmd sbatch scontrol squeue; do
  command -v $program >/dev/null ||
    cannot "needs $program (sh tests/run.sh --dependencies-only slurm)"
done

work=$(mktemp -d)
chmod 755 "$work"
munged=
# Those that were started, also by the daemons, whose jobs outlive them.
processes() { grep -lsa "SLURM_CONF=$work/" /proc/[0-9]*/environ | cut -d / -f 3; }
stop() {
  status=$?
  trap - EXIT
  [ $status = 0 ] || tail -n 30 "$work"/*.log "$work"/jobs/*.log 2>/dev/null || true
  for _ in 1 2 3 4 5; do
    for process in $(processes); do kill -KILL "$process" 2>/dev/null || true; done
  done
  [ -z "$munged" ] || kill "$munged" 2>/dev/null || true
  wait
  rm -rf "$work"
  exit $status
}
trap stop EXIT
trap 'exit 130' INT TERM HUP

# until COMMAND says yes, for SECONDS at most.
await() {  # SECONDS WHAT COMMAND...
  left=$(($1 * 5)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    left=$((left - 1))
    [ $left -gt 0 ] || { echo "tests/slurm.sh: waited in vain for $what" >&2; exit 1; }
    sleep 0.2
  done
}

### A cluster of one node

host=$(hostname -s)
port=$((20000 + $$ % 20000))
(umask 077 && head -c 1024 /dev/urandom >"$work/munge.key")
mkdir "$work/state" "$work/spool" "$work/jobs"
cat >"$work/slurm.conf" <<END
ClusterName=loopback
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket,cred_expire=5
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0,sched_interval=1
MailProg=/bin/true
KillWait=5
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 RealMemory=100 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
END
export SLURM_CONF="$work/slurm.conf"
if slurmctld -V | awk '{ exit $2 < 23.11 }'; then
  echo CgroupPlugin=disabled >"$work/cgroup.conf"
fi

munged --foreground --force --socket="$work/munge.socket" --key-file="$work/munge.key" \
  --log-file="$work/munged.log" --pid-file="$work/munged.pid" --seed-file="$work/munged.seed" &
munged=$!
await 10 munged test -S "$work/munge.socket"
slurmctld -D >"$work/slurmctld.out.log" 2>&1 &
await 20 slurmctld scontrol ping
slurmd -D >"$work/slurmd.out.log" 2>&1 &
idle() { [ "$(sinfo --noheader --format=%T)" = idle ]; }
await 30 'a node that is idle' idle
slurmctld -V

### The examples

cd "$work/jobs"
submit() {  # OPTION... SCRIPT ARGUMENT...: to its end, by which it has to have done well
  timeout 120 sbatch --wait --quiet --cpus-per-task=1 --time=5 "$@"
}
check() {  # WHAT COMMAND...
  what=$1
  shift
  "$@" || { echo "tests/slurm.sh: not so: $what" >&2; exit 1; }
  echo "ok: $what"
}
job() { scontrol --oneliner show job "$1"; }
is() { job "$1" | grep -q "$2"; }  # JOB PATTERN

mkdir photos
for i in 1 2 3 4 5 6 7; do
  printf 'P2 2 2 255 %d %d %d %d\n' $((i * 17)) $((i * 31)) $((i * i)) $((255 - i * 9)) >photos/$i.pgm
done
submit --array=1-3 "$scripts/noise.sh" photos noisy -t random
diff-noise -q -t random photos -o whole/
check 'three tasks make the noise of one run' diff -r whole noisy
rm noisy/1.*
PARTS=3 submit --array=1 "$scripts/noise.sh" photos noisy -t random
check 'a task that is repeated alone makes its part' diff -r whole noisy

shapes="$data/train/shapes-idx3-ubyte --channels 4,8 --batch 5 --steps 3000 --save-every 50"
# shellcheck disable=SC2086
diff-train -q -j1 -o whole.safetensors $shapes
# Less time than it takes; signals as Slurm sends them before its limit and as scancel does.
long() {  # MODEL OPTION...: submits such a job
  model=$1
  shift
  # shellcheck disable=SC2086
  sbatch --parsable --cpus-per-task=1 --time=60 "$scripts/train.sh" "$model" $shapes "$@"
}
timed=$(long timed.safetensors --max-time 2s)
warned=$(long warned.safetensors)
cancelled=$(long cancelled.safetensors)
await 30 'the first checkpoints' test -e warned.safetensors -a -e cancelled.safetensors
scancel --batch --signal=USR1 "$warned"
scancel "$cancelled"
await 30 'the end of a job that was cancelled' is "$cancelled" JobState=CANCELLED
check 'a job that is cancelled leaves a model, and is not repeated' test -e cancelled.safetensors
for name in warned timed; do
  eval "id=\$$name"
  await 90 "a job in parts ($name)" is "$id" JobState=COMPLETED
  check "$name: the job was repeated" is "$id" 'Restarts=[1-9]'
  check "$name: the model is that of one run" cmp whole.safetensors $name.safetensors
done
is "$cancelled" Restarts=0

COUNT=7 submit --array=1-3 "$scripts/sample.sh" whole.safetensors samples --steps 2
diff-sample -q whole.safetensors -n 7 --steps 2 -o one/
check 'three tasks draw the samples of one run' diff -r one samples

for file in features.npy statistics.npz; do
  parts=$(sbatch --parsable --cpus-per-task=1 --time=5 --array=1-3 "$scripts/fid.sh" photos $file \
    --features pixels)
  submit --dependency=afterok:"$parts" "$scripts/merge.sh" $file
done
diff-fid features -q --features pixels photos -o whole.npy
check 'features of three parts are those of the whole' cmp features.npy whole.npy
check 'statistics of three parts are those of the whole' \
  test "$(diff-fid -q --features pixels --json statistics.npz photos |
    sed -n 's/.*"frechet_distance": \([^,]*\),.*/\1 < 1e-6/p' | tr -d ' ' |
    awk -F '<' '{ print ($1 < $2) }')" = 1
check 'no parts are left' test -z "$(find . -name '*.part-*')"

# Tasks of one step: those that know nothing of each other would all write one file.
short="$data/train/shapes-idx3-ubyte --channels 4,8 --batch 4 --steps 5"
if diff-train --version -v | grep -q '^MPI: Open MPI' && srun --mpi=list 2>&1 | grep -q pmix; then
  # shellcheck disable=SC2086
  srun -n 2 --mpi=none diff-train -q $short -o none.safetensors >said 2>&1 || true
  check 'tasks without PMIx are refused' \
    test "$(grep -c '^diff-train: srun started 2 processes' said)" = 1 -a ! -e none.safetensors
  # shellcheck disable=SC2086
  diff-train -q -j1 -o one.safetensors $short
  # shellcheck disable=SC2086
  srun -n 2 --mpi=pmix -K diff-train -q -o two.safetensors $short
  check 'two tasks with PMIx write the model of one' cmp one.safetensors two.safetensors
fi
