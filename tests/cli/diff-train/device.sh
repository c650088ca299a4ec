#!/bin/sh
# Training on an XLA plugin's devices is the processor's to rounding, and either goes on with what
# the other began; diff-fid's features agree, too.
# usage: device.sh FOLDER-OF-TOOLS  (77: DIFFUSION_XLA_PLUGIN names no plugin)
set -eu
. "$(dirname "$0")/../on_device.sh"

mkdir photos
for n in 1 2 3 4; do
  { echo P2 4 4 255; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
    echo $((n * i * 3)); done; } > photos/$n.pgm
done
one=xla:plugin=$DIFFUSION_XLA_PLUGIN,devices=0
train() { diff-train -j1 photos --channels 8 --batch 4 --lr 0.01 "$@"; }

# near A.jsonl B.jsonl: the losses of all steps agree to a thousandth.
losses() { sed 's/.*"loss":\([^,]*\),.*/\1/' "$1"; }
near() {
  losses "$1" > left
  losses "$2" > right
  paste left right | awk -v files="$1 $2" '
    { off = ($1 - $2) / $1; if (off < 0) off = -off; if (off > most) most = off }
    END { print files ": " NR " steps, apart by up to " most + 0; exit !(NR > 0 && most <= 1e-3) }'
}

train -q -o processor.safetensors --steps 8 --log processor.jsonl
train -o device.safetensors --steps 8 --log device.jsonl --device "$one" 2> said
grep -q '^diff-train: compiling a step for the device$' said
grep -q '^diff-train: compiled a step in [0-9.e-]* s$' said
near processor.jsonl device.jsonl

# The same command gives the same bytes, and what was compiled is kept.
cp device.safetensors first.safetensors
train -o device.safetensors --steps 8 --device "$one" --force 2> said
cmp device.safetensors first.safetensors
if grep compil said; then exit 1; fi

# Begun on one, ended on the other.
train -q -o half.safetensors --steps 8 --until 4 --device "$one" || [ $? = 3 ]
train -q -o half.safetensors --steps 8 --resume --log half.jsonl
tail -n 4 processor.jsonl > end.jsonl
near end.jsonl half.jsonl
train -q -o other.safetensors --steps 8 --until 4 || [ $? = 3 ]
train -q -o other.safetensors --steps 8 --resume --log other.jsonl --device "$one"
near end.jsonl other.jsonl

# Signals and the clock stop it after a step, though the next has begun already.
diff-train -q -j1 photos --channels 8 --batch 4 --lr 0.01 -o stopped.safetensors --steps 1000000 \
  --save-every 0 --log stopped.jsonl --device "$one" &
until [ -s stopped.jsonl ]; do sleep 0.1; done
kill -USR1 $!
code=0
wait $! || code=$?
[ $code = 3 ]
code=0
train -q -o timed.safetensors --steps 1000000 --save-every 0 --max-time 2s --device "$one" || code=$?
[ $code = 3 ]
diff-train show stopped.safetensors > shown
diff-train show timed.safetensors > shown

# Validation, a preview and checkpoints on the way; the loss of the held-out image agrees.
watched() { train -q --steps 2 --validation 0.25 --set train.validate_every=1 "$@"; }
watched -o v.safetensors --log v.jsonl
watched -o w.safetensors --log w.jsonl --device "$one" --preview sheet.png
for log in v w; do grep validation $log.jsonl > $log.validation; done
near v.validation w.validation
[ -s sheet.png ]

# How eval judges it.
for on in cpu "$one"; do
  diff-train eval -q processor.safetensors photos --steps 4 --device "$on" | grep ^bound >> bounds
done
awk '{ print } { if (NR == 1) first = $2; else { off = $2 - first; if (off < 0) off = -off } }
  END { exit !(NR == 2 && off <= 1e-3 * first) }' bounds

# Features.
for on in cpu "$one"; do
  diff-fid features -q photos --device "$on" -o "$([ "$on" = cpu ] && echo a || echo b)".npy
done
diff-fid -q a.npy b.npy | awk '$1 == "frechet_distance" { print; found = $2 < 1e-3 } END { exit !found }'

# Refusals.
refuses() {
  said=$("$@" 2>&1 >/dev/null) && exit 1
  echo "$said" | sed "s|$DIFFUSION_XLA_PLUGIN|PLUGIN|g"
}
{
  refuses train -q -o r.safetensors --steps 1 --device "${one}:1:2"
  refuses train -q -o r.safetensors --steps 1 --device "$one" --accumulate 3
  refuses train -q -o r.safetensors --steps 1 --precision tf32
  refuses diff-fid features photos --features pixels --device "$one"
} > refusals
cat refusals
cmp refusals - <<'END'
diff-train: --batch is 4 and must be a multiple of 3: 3 devices
diff-train: --batch is 4 and must be a multiple of 3: 1 device times --accumulate 3
diff-train: --precision tf32 is for devices; on the processor say --precision float32 or bf16
diff-fid: --device: pixels has no network that a device could run
END
