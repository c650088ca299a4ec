#!/bin/sh
# Training on several ranks: the same checkpoint for any number of ranks and threads; deaths,
# signals and refusals.
# usage: ranks.sh BIN, in a folder that it may fill
# The environment may set KILLS, how often a rank is killed (3), and STEPS of that training (400).
set -eu
bin=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
PATH=$bin:$PATH
# Machines have fewer processors than a test has ranks, and containers run tests as root.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
unset OMPI_COMM_WORLD_SIZE PMI_SIZE PMIX_RANK SLURM_STEP_NUM_TASKS

failed=0
fail() {
  echo "ranks.sh: $1"
  [ ! -e said ] || sed 's/^/    /' said
  failed=1
}
# refused TEXT: the last command said so, on one line of ours.
refused() {
  [ "$(grep -c '^diff-train: ' said)" = 1 ] && grep -q "^diff-train: .*$1" said || fail "no '$1'"
}

mkdir photos
for i in $(seq 24); do
  awk -v i="$i" 'BEGIN { print "P2 16 16 255"; for (p = 0; p < 256; ++p) print (p * i * 7 + i * i) % 256 }' \
    >photos/"$i".pgm
done
diff-schedule cosine -T 4 -o s.json
net="photos --channels 8,16 --warmup 0"
small="$net --batch 16 --steps 20"
endless="$net --batch 16 --steps 100000"

mkdir alone # where no module is
cp "$bin/diff-train" alone/
! OMPI_COMM_WORLD_SIZE=2 alone/diff-train -q $small -o none.safetensors 2>said ||
  fail 'trains without a module'
refused 'this build of diffusion-tools has no MPI'

[ $failed = 0 ] || exit 1
if diff-train --version -v | grep -q '^MPI: none' || ! mpirun --version 2>/dev/null | grep -q 'Open MPI'; then
  echo '*** NOT SHOWN HERE: training on several ranks. Before the build, Open MPI has to be there:' \
    'sh tests/run.sh --dependencies-only ranks ***'
  exit 77
fi

# same NAME FLAGS...: 1, 2, 4 and 8 ranks, of one thread and two, write the same bytes.
same() {
  name=$1
  shift
  diff-train -q -j 1 $net --steps 20 "$@" -o "$name.safetensors"
  for ranks in 1 2 4 8; do
    threads=$((ranks % 4 / 2 + 1)) # two where there are two ranks
    mpirun -np $ranks diff-train -q -j $threads $net --steps 20 "$@" -o "$name.$ranks.safetensors" >said 2>&1 ||
      fail "$name: $ranks ranks do not train"
    cmp "$name.safetensors" "$name.$ranks.safetensors" || fail "$name: $ranks ranks differ"
  done
}
same float32 --batch 16
same bf16 --precision bf16 --dropout 0.3 --ema 0.99,0.9 --batch 18
same importance --batch 16 -s s.json --levels importance --loss hybrid

# What is validated, drawn and logged is the same too.
reports="--validation 0.3 --validate-every 5 --preview-every 10"
logged() { sed 's/,"images_per_second":[0-9.e+]*//' "$1"; }
diff-train -q $small $reports -o v1.safetensors --log v1.jsonl --preview v1.png
mpirun -np 4 diff-train -q $small $reports -o v4.safetensors --log v4.jsonl --preview v4.png >said 2>&1
logged v1.jsonl >v1.log
logged v4.jsonl | cmp - v1.log || fail 'four ranks log something else'
cmp v1.png v4.png || fail 'four ranks draw something else'
cmp v1.safetensors v4.safetensors || fail 'validation changes what four ranks train'

# An archive is read where it lies, by whoever draws an image.
tar -cf photos.tar photos
of_archive() { # RANKS
  mpirun -np "$1" diff-train -q photos.tar --channels 8,16 --warmup 0 --batch 16 --steps 20 \
    -o "archive.$1.safetensors" >said 2>&1 || fail "$1 ranks do not train on an archive"
}
of_archive 1
of_archive 4
cmp archive.1.safetensors archive.4.safetensors || fail 'four ranks differ on an archive'

# Each time another number of ranks goes on. What stops a run draws a preview as well.
on="$small -o on.safetensors --resume auto"
stopped() { # COMMAND...
  code=0
  "$@" >said 2>&1 || code=$?
  [ $code = 3 ] || fail "stopping at --until ends with $code: $*"
}
stopped mpirun -np 4 diff-train -q $on --until 6 --preview on.png
[ -s on.png ] || fail 'four ranks that stop draw no preview'
stopped diff-train -q $on --until 11
mkdir elsewhere # where there is no such file
ln -s ../photos elsewhere/photos
! mpirun -np 1 diff-train -q $on : -np 1 --wdir elsewhere diff-train -q $on >said 2>&1 ||
  fail 'ranks train of which one sees no model file'
refused 'rank 1 and rank 0 differ in whether on.safetensors is there'
mpirun -np 2 diff-train -q $on >said 2>&1
cmp float32.safetensors on.safetensors || fail 'going on with other ranks differs'

# A rank is killed at any moment: all ends, the launcher names it, and the last checkpoint is
# whole: what goes on from it, on another number of ranks, comes to the same end. Where all
# steps were done before the kill, training starts again.
steps=${STEPS:-400}
kills=${KILLS:-3}
long="$net --batch 16 --steps $steps --save-every 2"
diff-train -q $long -o whole.safetensors
killed=0
tries=0
while [ $killed -lt "$kills" ] && [ $tries -lt $((4 * kills)) ]; do
  tries=$((tries + 1))
  ranks=$((2 << (killed % 2)))
  victim=$(($(od -An -N2 -tu2 /dev/urandom) % ranks))
  resume=
  [ ! -e killed.safetensors ] || resume=--resume
  rm -f pid.*
  # shellcheck disable=SC2016  # the ranks' shells expand them
  timeout 60 mpirun -np $ranks sh -c 'echo $$ >pid.$OMPI_COMM_WORLD_RANK; exec diff-train "$@"' - \
    -q $long -o killed.safetensors $resume >said 2>&1 &
  launcher=$!
  while [ ! -s pid.$victim ] && kill -0 $launcher 2>/dev/null; do sleep 0.1; done
  sleep "$(awk -v r="$(od -An -N2 -tu2 /dev/urandom)" 'BEGIN { print r / 65536 * 1.5 }')"
  kill -9 "$(cat pid.$victim)" 2>/dev/null || true
  code=0
  wait $launcher || code=$?
  if [ $code = 0 ]; then
    rm killed.safetensors
    continue
  fi
  killed=$((killed + 1))
  [ $code != 124 ] || fail 'a death leaves others waiting'
  grep -q "process rank $victim .*signal 9" said || fail "the death of rank $victim is not told"
  ! grep -q '^diff-train: ' said || fail 'ranks speak of another one that died'
  [ ! -e killed.safetensors ] || diff-train show killed.safetensors >shown || fail 'a broken checkpoint'
done
echo "killed $killed ranks"
[ $killed -gt 0 ] || fail 'no rank was killed in time'
resume=
[ ! -e killed.safetensors ] || resume=--resume
mpirun -np 2 diff-train -q $long -o killed.safetensors $resume >said 2>&1
cmp whole.safetensors killed.safetensors || fail 'what goes on after deaths differs'

# signalled SIGNAL [STATUS]: all ranks stop after one step, and the first saves.
signalled() {
  rm -f signal.safetensors
  mpirun -np 4 diff-train $endless -o signal.safetensors >said 2>&1 &
  launcher=$!
  until grep -q 'a network of' said; do sleep 0.1; done
  sleep 1
  kill -"$1" $launcher
  code=0
  wait $launcher || code=$?
  [ $code != 0 ] && [ $code = "${2-$code}" ] || fail "$1 ends ranks with $code"
  [ "$(grep -c 'resume goes on' said)" = 1 ] || fail "$1: saved not once"
  diff-train show signal.safetensors >shown || fail "$1: no checkpoint"
}
signalled USR1 3
# A busy machine may not save within the second that mpirun gives between SIGTERM and SIGKILL.
export OMPI_MCA_odls_base_sigkill_timeout=10 PRTE_MCA_odls_base_sigkill_timeout=10
signalled TERM
unset OMPI_MCA_odls_base_sigkill_timeout PRTE_MCA_odls_base_sigkill_timeout

! mpirun -np 3 diff-train -q $small -o none.safetensors >said 2>&1 || fail '3 ranks train'
refused 'must be a power of two'
! mpirun -np 32 diff-train -q $small -o none.safetensors >said 2>&1 || fail '32 ranks train'
refused 'cannot share the 16 lanes'
! SLURM_STEP_NUM_TASKS=2 SLURM_JOB_ID=1 SLURM_JOBID=1 SLURM_STEP_ID=0 SLURM_STEPID=0 SLURM_PROCID=0 \
  SLURM_NODELIST=here diff-train -q $small -o none.safetensors >said 2>&1 || fail 'singletons train'
refused 'srun started 2 processes, and MPI knows of one alone: say srun --mpi=pmix'
SLURM_NTASKS=2 diff-train -q $small -o batch.safetensors >said 2>&1 || fail 'batch scripts cannot train'
! mpirun -np 4 diff-train -q missing -o none.safetensors >said 2>&1 || fail 'trains on nothing'
refused 'missing: no such file or folder'
! mpirun -np 2 diff-train -q - -o none.safetensors <photos/1.pgm >said 2>&1 || fail 'trains on a pipe'
refused 'standard input reaches one rank alone'
! mpirun -np 1 diff-train -q $small -o none.safetensors : -np 1 diff-train -q $small --seed 3 -o none.safetensors \
  >said 2>&1 || fail 'ranks with other commands train'
refused 'rank 1 and rank 0 differ in data, settings or weights'
mkdir fewer
ln -s ../photos/1.pgm fewer/
# differ WHAT: ranks of $first and of $second.
differ() {
  # shellcheck disable=SC2086  # commands
  ! mpirun -np 1 $first -o none.safetensors : -np 1 $second -o none.safetensors >said 2>&1 ||
    fail "ranks train that differ in $1"
  refused "rank 1 and rank 0 differ in $1"
}
first="diff-train -q $small"
second="$first --until 2"
differ '--until or --preview'
second="$first --preview none.png --preview-every 2"
differ '--until or --preview'
second="diff-train -q fewer --channels 8,16 --warmup 0 --batch 16 --steps 20"
differ 'the images that they find'
second="env DIFFUSION_ISA=baseline $first"
[ "$(uname -m)" != x86_64 ] || differ 'their instruction set'
[ ! -e none.safetensors ] || fail 'what is refused writes a file'
exit $failed
