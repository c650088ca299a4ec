#!/bin/sh
# What a step of several ranks costs: on one machine, and on two that a link of 10 or 1 Gbit/s
# joins. The machines are network namespaces of this one, which root alone can make.
# usage: tests/bench/ranks.sh BIN [OPTION of diff-train...]
# Each rank has one thread. Says how long the fastest step takes, since what else runs here only
# adds to that, and what the first machine sends in a step. The environment may set BATCH and STEPS.
set -eu
bin=$(realpath "$1")
shift
batch=${BATCH:-16} steps=${STEPS:-40}
work=$(mktemp -d)
machine=diffusion-$$
clean() {
  for i in 1 2; do ip netns del $machine-$i 2>/dev/null || true; done
  rm -rf "$work"
}
trap clean EXIT
trap 'exit 130' INT TERM
cd "$work"
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

mkdir photos
for i in $(seq 64); do
  { printf 'P6 32 32 255\n' && head -c 3072 /dev/urandom; } >photos/"$i".ppm
done
for i in 1 2; do ip netns add $machine-$i; done
ip link add link1 netns $machine-1 type veth peer name link2 netns $machine-2
for i in 1 2; do
  ip -n $machine-$i address add 10.77.0.$i/24 dev link$i
  ip -n $machine-$i link set link$i up
  ip -n $machine-$i link set lo up
done
cat >on <<END # ADDRESS WORDS OF A COMMAND: what ssh does
#!/bin/sh
address=\$1
shift
exec ip netns exec "$machine-\${address##*.}" unshare --uts \\
  sh -c 'hostname "\$0" && eval "\$1"' "\$address" "\$*"
END
chmod +x on

sent() { ip netns exec $machine-1 cat /sys/class/net/link1/statistics/tx_bytes; }
train() { # TITLE RANKS OPTION of mpirun...
  title=$1 ranks=$2
  shift 2
  before=$(sent)
  ./on 10.77.0.1 mpirun -np "$ranks" --oversubscribe --bind-to none "$@" \
    "$bin/diff-train" -q -j 1 photos --batch $batch --steps $steps --save-every 0 --warmup 0 \
    --force -o m.safetensors --log log.jsonl "$options"
  bytes=$(($(sent) - before))
  sed -n 's/.*"images_per_second":\([0-9.e+-]*\).*/\1/p' log.jsonl | sort -g | tail -n 1 |
    awk -v title="$title" -v batch=$batch -v kilobytes=$((bytes / steps / 1000)) \
      '{ printf "%s: %.4g ms, %.3g MB\n", title, 1000 * batch / $1, kilobytes / 1000 }'
}
options=$*
train '1 rank' 1
for ranks in 2 4; do
  each=$((ranks / 2))
  train "$ranks ranks, one machine" $ranks
  for gbit in 10 1; do
    for i in 1 2; do
      ip netns exec $machine-$i tc qdisc replace dev link$i root tbf rate ${gbit}gbit burst 256kb latency 50ms
    done
    train "$ranks ranks, two machines, $gbit Gbit/s" $ranks --mca plm_rsh_agent "$work/on" \
      --host 10.77.0.1:$each,10.77.0.2:$each
  done
done
