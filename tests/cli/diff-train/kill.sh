# Kills a run that does little but save, fifty times at moments that differ: the file on
# disk always loads, going on from it is always possible, and leaves no temporary file.
run() { exec diff-train -q -j1 "$DATA/train/shapes-idx3-ubyte" --channels 4,8 --batch 1 "$@"; }
(run -o m.safetensors --steps 1)
broken=0 killed=0 moment=0 left_over=0
while [ $moment -lt 50 ]; do
  moment=$((moment + 1))
  rm -f log
  run -o m.safetensors --resume --steps 1000000 --save-every 1 --log log >/dev/null 2>&1 &
  # Until it has saved once and begun another step, however busy the machine.
  while kill -0 $! && [ "$(cat log 2>/dev/null | wc -l)" -lt 2 ]; do sleep 0.01; done
  sleep "0.0$((moment * 7 % 90 + 10))"
  kill -9 $!
  wait $! 2>/dev/null
  [ $? -eq 137 ] && killed=$((killed + 1))
  left_over=$((left_over + $(find . -name '.m.*' | wc -l)))
  diff-train show m.safetensors >/dev/null 2>&1 || broken=$((broken + 1))
done
steps=$(diff-train show m.safetensors | sed -n 's/^training.steps\t//p')
echo "$killed killed, $broken broken, $([ "$steps" -gt 50 ] && echo many steps)"
(run -o m.safetensors --resume --steps $((steps + 1))) && echo goes on
[ "$left_over" -gt 0 ] && echo killed while saving
find . -name '.m.*'
rm m.safetensors log
