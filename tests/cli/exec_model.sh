#!/bin/sh
# The Python program of examples/exec-model against the same Gaussian in closed form.
# usage: exec_model.sh FOLDER-OF-TOOLS EXAMPLE  (77: Python or NumPy is missing)
set -eu
PATH=$1:$PATH
program=$2/gaussian.py
python3 -c 'import numpy' 2>/dev/null || exit 77
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# Two images of one number, -0.2 and 0.8.
{
  printf '\223NUMPY\001\000\166\000'
  printf '%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 1, 1), }"
  printf '\315\314\114\276\315\314\114\077'
} > images.npy
echo '{"weights": [1], "means": [[0.3]], "stds": [0.5]}' > gaussian.json

for sampler in ddim heun ddim:eta=1; do
  draw() { diff-sample "$@" -q -s flow --sampler $sampler --steps 10 -n 100 --batch 64 --float; }
  draw mixture:gaussian.json -o exact.npy
  draw "exec:python3 '$program' images.npy" --shape 1x1x1 --predict x0 -o asked.npy
  for file in exact asked; do tail -c +129 $file.npy | od -A n -v -t f4 -w4 > $file.txt; done
  paste exact.txt asked.txt | awk -v sampler=$sampler '
    { off = $1 - $2; if (off < 0) off = -off; if (off > most) most = off }
    END { print sampler ": " NR " samples, apart by up to " most; exit !(NR == 100 && most < 1e-5) }'
done
