#!/bin/sh
# Samples of a trained network on an XLA plugin's devices are the processor's, within 1/255.
# usage: device.sh FOLDER-OF-TOOLS  (77: DIFFUSION_XLA_PLUGIN names no plugin)
set -eu
. "$(dirname "$0")/../on_device.sh"

for class in dark light; do
  mkdir -p photos/$class
  for n in 1 2 3; do
    { echo P2 4 4 255; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
      [ $class = dark ] && echo $((n * i)) || echo $((255 - n * i)); done; } > photos/$class/$n.pgm
  done
done
diff-train -q -j1 photos --labels own -o m.safetensors --channels 8 --batch 6 --steps 20 --lr 0.01

device=xla:plugin=$DIFFUSION_XLA_PLUGIN
draw() { diff-sample m.safetensors --steps 5 "$@"; }

# compare A.npy B.npy ALLOWED: bytes, by how much they differ at most.
compare() {
  for file in "$1" "$2"; do tail -c +129 "$file" | od -A n -v -t u1 -w1 > "$file.txt"; done
  paste "$1.txt" "$2.txt" | awk -v allowed="$3" -v files="$1 $2" '
    { off = $1 - $2; if (off < 0) off = -off; if (off > most) most = off }
    END { print files ": " NR " bytes, apart by up to " most + 0; exit !(NR > 0 && most <= allowed) }'
}

draw -q -n 8 --class all -o processor.npy
draw -n 8 --class all -o device.npy --device "$device" 2> said
compare processor.npy device.npy 1
grep -q '^diff-sample: compiled the network for 8 images in [0-9.e-]* s$' said

# Kept, so nothing is compiled again; and from the environment.
DIFFUSION_DEVICE=$device draw -n 8 --class all -o again.npy 2> said
cmp device.npy again.npy
if grep compiled said; then exit 1; fi

# Chunks side by side, the last of which is filled up; guidance in one run of both halves.
draw -q -n 8 --class all -o chunks.npy --batch 3 --device "$device"
compare processor.npy chunks.npy 1
draw -q -n 8 --class all --cfg 2 -o guided.npy
draw -n 8 --class all --cfg 2 --nfe -o guided-device.npy --device "$device" 2> said
compare guided.npy guided-device.npy 1
grep -q '^diff-sample: compiled the network for 16 images in' said
grep -q '^diff-sample: nfe 10:' said

# The way back to noise.
invert() { diff-sample -q invert m.safetensors photos/dark/1.pgm --class 0 --steps 5 "$@"; }
invert -o inverted.npy
invert -o inverted-device.npy --device "$device"
for file in inverted inverted-device; do tail -c +129 $file.npy | od -A n -v -t f4 -w4 > $file.txt; done
paste inverted.txt inverted-device.txt | awk '
  { off = $1 - $2; if (off < 0) off = -off; if (off > most) most = off }
  END { print "inverted: apart by up to " most; exit !(NR == 16 && most < 1e-3) }'

# In less precision, more or less the same pictures.
for precision in tf32 bf16; do
  draw -q -n 8 --class all --precision $precision -o $precision.npy --device "$device"
  compare processor.npy $precision.npy 24
done

diff-sample --version -v | grep -q "^XLA plugin: xla, $DIFFUSION_XLA_PLUGIN: PJRT "
