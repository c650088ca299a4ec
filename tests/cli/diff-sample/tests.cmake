# A mixture of two numbers, one of 2 x 2 pictures, and how float32 arrays are printed.
set(models [=[
echo '{"weights": [3, 1], "means": [[-0.5], [0.5]], "stds": [0.1, 0.2]}' > two.json
echo '{"weights": [1], "means": [[0.9, -0.9, -0.9, 0.9]], "stds": [0.1], "shape": [2, 2, 1]}' > pictures.json
floats() { tail -c +129 | od -A n -v -t f4 | awk '{ for (i = 1; i <= NF; ++i) printf "%.3f ", $i } END { print "" }'; }
run() { echo "\$ diff-sample $*"; diff-sample "$@" 2>&1 >/dev/null; echo "exit $?"; }
]=])

# After the name the command lines, or what prepares them and then these.
function(sample_golden name command_line)
  if(ARGC EQUAL 3)
    string(APPEND command_line "${ARGV2}")
  endif()
  golden(${name} "${models}${command_line}")
endfunction()

golden(diff-sample/help "diff-sample --help")
golden(diff-sample/list "diff-sample --list")
sample_golden(diff-sample/arrays [=[
diff-sample mixture:two.json -n 4 --float | floats
diff-sample mixture:two.json -n 4 --float -o four.npy && floats < four.npy
diff-sample mixture:two.json -n 4 | tail -c +129 | od -A n -t u1
diff-sample mixture:two.json -n 4 -o four.npz]=])
sample_golden(diff-sample/addressed [=[
diff-sample mixture:two.json -n 7 --sampler ddim:eta=1 --steps 5 > seven.npy
for batch in 1 3; do
  diff-sample mixture:two.json -n 7 --sampler ddim:eta=1 --steps 5 --batch $batch | cmp - seven.npy
done
diff-sample mixture:two.json -n 7 --sampler ddim:eta=1 --steps 5 -j 1 | cmp - seven.npy
diff-sample mixture:two.json -n 3 --first 4 --sampler ddim:eta=1 --steps 5 | tail -c 3 > last
tail -c 3 seven.npy | cmp - last
diff-sample mixture:two.json -n 7 --seed 1 | cmp -s - seven.npy || echo "another seed, other samples"]=])
sample_golden(diff-sample/paths-and-samplers [=[
for schedule in cosine linear ve karras flow; do
  for sampler in ddim ddim:eta=0.5 ddim:eta=1 ddim:eta=1,variance=large; do
    printf '%s %s: ' $schedule $sampler
    diff-sample mixture:two.json -n 4 -s $schedule --sampler $sampler --steps 20 --float | floats
  done
done]=])
sample_golden(diff-sample/grids [=[
echo '[1000, 500, 100]' > grid.json
for grid in trailing leading karras:rho=5 ./grid.json; do
  printf '%s: ' $grid
  diff-sample mixture:two.json -n 4 -s linear --grid $grid --float | floats
done]=])
sample_golden(diff-sample/folder [=[
mkdir -p old && echo kept > old/000000.txt
diff-sample mixture:pictures.json -n 2 --first 999999 -o old
diff-sample mixture:pictures.json -n 3 -o new.folder/ --sheet sheet.png --trajectory way.npz
diff-sample mixture:pictures.json -n 4 --sheet alone.jpg | wc -c]=])
# What a sheet and a film look like is seen to in the tests of their parts.
sample_golden(diff-sample/pictures [=[
run mixture:pictures.json -n 5 --steps 4 --film film.png --gif way.gif
run mixture:pictures.json -n 5 --steps 4 --film both.png --film-of both --film-rows 2 --frames 3
run mixture:pictures.json -n 5 --steps 1 --film one.png --gif one.gif --gif-images 2 --gif-fps 5
run mixture:pictures.json -n 5 --batch 2 --sampler ode --steps 4 --film ode.png
run mixture:pictures.json -n 5 --columns 5 --sheet-numbers --sheet sheet.png
for batch in 1 2; do
  diff-sample mixture:pictures.json -n 5 --steps 4 --batch $batch --film again.png --gif again.gif
  cmp again.png film.png && cmp again.gif way.gif
done
head -c 6 way.gif]=])
# A picture that is known from the first: estimates of it are black and white at all
# levels; states are neither, and on no path too strong to be seen.
sample_golden(diff-sample/film-values [=[
echo '{"weights": [1], "means": [[1, -1, -1, 1]], "stds": [0], "shape": [2, 2, 1]}' > known.json
greys() { diff-noise -t 0 film.png --format npy -o - | tail -c +129 | od -A n -v -t f4 -w4 |
  awk '{ n += $1 > -0.95 && $1 < 0.95 } END { print (n > 0 ? "grey" : "black and white") }'; }
for schedule in cosine ve flow; do
  for what in x0 x both; do
    diff-sample mixture:known.json -s $schedule -n 1 --steps 4 --film film.png --film-of $what
    printf '%s %s: ' $schedule $what && greys
  done
done
diff-sample mixture:known.json -s ve -n 1 --steps 4 --film film.png --frames 2 && greys]=])
sample_golden(diff-sample/shards [=[
diff-sample mixture:pictures.json -n 7 --first 3 --sampler ddim:eta=1 --steps 5 -o whole/
for i in 1 2 3; do
  diff-sample mixture:pictures.json -n 7 --first 3 --shard $i/3 --sampler ddim:eta=1 --steps 5 -o parts/
  ls parts | wc -l
done
diff -r whole parts && ls parts
diff-sample mixture:two.json -n 5 --float > start.npy
diff-sample mixture:two.json --init start.npy --float | tail -c +129 > all
for i in 1 2; do
  diff-sample mixture:two.json --init start.npy --shard $i/2 --float | tail -c +129
done | cmp - all
run mixture:two.json -n 2 --shard 1/3 -o left.npy
run mixture:two.json -n 2 --shard 0/3 -o left.npy]=])
sample_golden(diff-sample/resumed [=[
diff-sample mixture:pictures.json -n 6 --sheet whole.png -o whole/
mkdir some && cp whole/00000[034].png some && echo kept > some/000003.png
diff-sample mixture:pictures.json -n 6 --skip-existing -o some -v 2>&1 | sed 's/ in .*)/ in ... s/'
cat some/000003.png && rm some/000003.png
diff-sample mixture:pictures.json -n 6 --skip-existing -o some --sheet again.png
diff -r whole some && cmp whole.png again.png
diff-sample mixture:pictures.json -n 6 --skip-existing -o some -v 2>&1 | sed 's/ in .*)/ in ... s/'
echo 'no picture' > some/000001.png
run mixture:pictures.json -n 6 --skip-existing -o some --sheet left.png
run mixture:two.json -n 6 --skip-existing -o whole --sheet left.png]=])
sample_golden(diff-sample/json [=[
diff-sample mixture:pictures.json -s linear:T=10 -n 3 --steps 2 --sampler heun --json -o x.npz --sheet s.png | sed 's/"seconds": .*/"seconds": .../'
run mixture:pictures.json --json
run mixture:pictures.json --json -o -]=])
sample_golden(diff-sample/refused-pictures [=[
run mixture:two.json --film film.txt
run mixture:two.json --gif way.png
run mixture:two.json --sheet sheet.gif
run mixture:two.json --film film.png --film-of eps
run mixture:two.json --film film.png --frames 1
run mixture:two.json --film film.png --film-rows 0
run mixture:two.json --gif way.gif --gif-fps 0
run mixture:two.json --columns 0 --sheet sheet.png
run mixture:two.json --skip-existing -o samples.npy
run mixture:two.json --skip-existing --sheet sheet.png
run mixture:two.json --skip-existing -o samples --film film.png
echo '{"weights": [1], "means": [[0, 0]], "stds": [1]}' > pair.json
run mixture:pair.json --film film.png
run mixture:pair.json --gif way.gif]=])
sample_golden(diff-sample/replay [=[
npy() { printf '\223NUMPY\001\000\140\000'; printf '%-95s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': ($1), }"; }
zeros() { head -c $1 /dev/zero; }
{ npy '2, 1, 1, 1'; printf '\000\000\200\077\000\000\000\300'; } > start.npy
{ npy '3, 2, 1, 1, 1'; zeros 24; } > draws.npy
diff-sample mixture:two.json --init start.npy --sampler ddim:eta=1 --steps 4 --noise-from draws.npy --float | floats
{ npy '2, 2, 1, 1, 1'; zeros 16; } > few.npy
run mixture:two.json --init start.npy --sampler ddim:eta=1 --steps 4 --noise-from few.npy -o left.npy
run mixture:two.json -n 3 --noise-from draws.npy
run mixture:two.json --noise-from start.npy
run mixture:two.json -n 3 --init start.npy
run mixture:pictures.json --init start.npy -o left/
run mixture:two.json --init draws.npy
run mixture:two.json --init two.json
run mixture:two.json --init $DATA/npy/objects.npy]=])

sample_golden(diff-sample/refused-samplers [=[
for sampler in dim ddim:etaa=1 ddim:eta=2 ddim:eta=x ddim:variance=large ddim:variance=big,eta=1 ddim:; do
  run mixture:two.json --sampler $sampler -o left.npy
done]=])
sample_golden(diff-sample/refused-usage [=[
run
run mixture:two.json two.json
run mixture:two.json --bogus
run mixture:two.json -n 0
run mixture:two.json --steps 0
run mixture:two.json --steps 1001
run mixture:two.json --batch 0
run mixture:two.json --seed x
run mixture:two.json --grid trailin
run mixture:two.json -s flow --grid karras
run mixture:two.json --grid missing.json
run mixture:two.json -s cosin
run mixture:two.json -s missing.json]=])
sample_golden(diff-sample/refused-outputs [=[
echo '{"weights": [1], "means": [[0, 0]], "stds": [1]}' > pair.json
run mixture:two.json -o samples.jpg
run mixture:two.json -o missing/samples.npy
run mixture:two.json -o two.json/
run mixture:pair.json -o samples/
run mixture:pair.json --sheet sheet.png
run mixture:two.json --sheet sheet.txt]=])
sample_golden(diff-sample/refused-models [=[
run missing.safetensors
run two.json
run mixture:missing.json
run mixture:
run .
echo 'no model at all' > text.safetensors
run text.safetensors
run $DATA/safetensors/reference.safetensors]=])
sample_golden(diff-sample/refused-mixtures [=[
while read -r json; do
  echo "$json" | tee mixture.json
  diff-sample mixture:mixture.json -n 1 -o left.npy 2>&1
done <<'END'
{
[1]
{}
{"weights": [1], "means": [[0]]}
{"weights": [1], "means": [[0]], "stds": [1], "std": [1]}
{"weights": [1, 2], "means": [[0]], "stds": [1]}
{"weights": [-1], "means": [[0]], "stds": [1]}
{"weights": ["a"], "means": [[0]], "stds": [1]}
{"weights": "a", "means": [[0]], "stds": [1]}
{"weights": [1], "means": [[0]], "stds": [-1]}
{"weights": [1], "means": [0], "stds": [1]}
{"weights": [1], "means": 0, "stds": [1]}
{"weights": [1], "means": [[]], "stds": [1]}
{"weights": [1, 1], "means": [[0], [1, 2]], "stds": [1, 1]}
{"weights": [1], "means": [[0, 1]], "stds": [1], "shape": [1, 1, 3]}
{"weights": [1], "means": [[0]], "stds": [1], "shape": 1}
{"weights": [1], "means": [[0]], "stds": [1], "shape": [1, 1]}
{"weights": [1], "means": [[0]], "stds": [1], "shape": [1, 1, 0.5]}
{"weights": [1, 1], "means": [[0], [1]], "stds": [1, 1], "labels": [0]}
{"weights": [1], "means": [[0]], "stds": [1], "labels": [-1]}
{"weights": [1, 1], "means": [[0], [1]], "stds": [1, 1], "labels": [0, 2]}
END]=])
golden(diff-sample/refused-not-finite "echo '{\"weights\": [1], \"means\": [[NaN, 0]], \"stds\": [1]}' >m.json; diff-sample mixture:m.json -o x.npy; rm m.json")
golden(diff-sample/refused-numbers "echo '{\"weights\": [1], \"means\": [[0]], \"stds\": [1]}' >m.json; diff-sample mixture:m.json --first -1 -o x.npy; diff-sample mixture:m.json --seed -1 -o x.npy; diff-sample mixture:m.json -n 1 --trajectory t.npy; rm m.json")
golden(diff-sample/grid-from-standard-input "echo '{\"weights\": [1], \"means\": [[0]], \"stds\": [1]}' >m.json; echo '[900, 500, 1]' | diff-sample mixture:m.json -n 1 --float --grid - -o x.npy; rm m.json")

# Classes at -1, 0 and 1: samples say themselves which they are of.
set(classes [=[
echo '{"weights": [1, 1, 1], "means": [[-1], [0], [1]], "stds": [0.01, 0.01, 0.01], "labels": [0, 1, 2]}' > three.json
rounded() { tail -c +129 | od -A n -v -t f4 | awk '{ for (i = 1; i <= NF; ++i) printf "%d ", ($i > 0.5) - ($i < -0.5) } END { print "" }'; }
]=])
sample_golden(diff-sample/classes "${classes}" [=[
for class in 2 0 all 2,0,0; do
  printf '%s: ' $class
  diff-sample mixture:three.json -n 7 --class $class --steps 10 --float | rounded
done
printf 'from the fourth on: '
diff-sample mixture:three.json -n 3 --first 4 --class all --steps 10 --float | rounded
diff-sample mixture:three.json --class all --steps 2 --sheet rows.png
diff-sample mixture:three.json --class all --steps 2 --columns 6 --sheet-numbers --sheet columns.png --film film.png
diff-sample mixture:three.json -n 4 --first 1 --class all --steps 2 -o labelled.npz && grep -a -o arr_[01].npy labelled.npz
diff-sample mixture:three.json --class 1,2 --cfg 1 --steps 2 --float > one.npy
diff-sample mixture:three.json --class 1,2 --steps 2 --float | cmp - one.npy
diff-sample mixture:three.json --class 1 --cfg 0 --steps 2 --float > null.npy
diff-sample mixture:three.json --steps 2 --float | cmp - null.npy]=])
sample_golden(diff-sample/refused-classes "${classes}" [=[
for arguments in '--class 3' '--class -1' '--class 1,x' '--class ,' '--cfg 2' '--class 1 --cfg -1' '--class 1 --cfg nan'; do
  run mixture:three.json $arguments -o left.npy
done
run mixture:two.json --class 0 -o left.npy]=])
# Six pictures in two folders, black and white ones.
set(two_folders [=[
mkdir -p photos/dark photos/light
for n in 1 2 3; do
  printf 'P2 4 4 255 0 1 2 3 0 0 0 0 0 0 0 0 0 0 0 %d' $n > photos/dark/$n.pgm
  printf 'P2 4 4 255 255 255 255 255 250 255 255 255 255 255 255 255 255 255 255 %d' $((250 + n)) > photos/light/$n.pgm
done
]=])
sample_golden(diff-sample/trained-classes "${two_folders}" [=[
diff-train -q -j1 photos --labels own -o m.safetensors --channels 8 --batch 12 --steps 150 --lr 0.01
diff-train show m.safetensors | grep -E 'classes|label|num_class'
brightness() { tail -c +129 | od -A n -v -t u1 -w16 | awk '{ s = 0; for (i = 1; i <= 16; ++i) s += $i; printf "%s ", (s > 2040 ? "light" : "dark") } END { print "" }'; }
for arguments in '--class dark' '--class light,dark' '--class all --cfg 2'; do
  diff-sample -j1 m.safetensors -n 4 $arguments --steps 10 | brightness
done
diff-sample -j1 m.safetensors -n 2 --class all --steps 4 > two.npy
diff-sample -j1 m.safetensors -n 2 --class all --steps 4 --batch 1 | cmp - two.npy
run m.safetensors --class grey -o left.npy
diff-train -q -j1 photos --labels own --label-dropout 0 -o n.safetensors --channels 8 --batch 2 --steps 1
run n.safetensors -o left.npy
run n.safetensors --class 1 --cfg 2 -o left.npy
run n.safetensors --class 1 --cfg 1 --steps 1 -o done.npy
rm -r photos *.safetensors]=])
