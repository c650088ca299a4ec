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
golden(diff-sample/list-of-names "diff-sample list | sed -n '/^samplers/,/^  midpoint/p; /^grids/,$p'")
golden(diff-sample/list-json "diff-sample list --json | awk '/^  \"/ { print } /\"name\": \"heun\"/ { on = 1 } on && /}/ { on = 0; print } on'")
golden(diff-sample/help-of-subcommand "diff-sample step --help")
sample_golden(diff-sample/arrays [=[
diff-sample mixture:two.json -n 4 --float | floats
diff-sample mixture:two.json -n 4 --float -o four.npy && floats < four.npy
diff-sample mixture:two.json -n 4 | cmp - four.npy && echo values
diff-sample mixture:pictures.json -n 1 | tail -c +129 | od -A n -t u1
diff-sample mixture:two.json -n 4 -o four.npz]=])
# Points far from [-1, 1] come out as they are, whatever they are written to.
sample_golden(diff-sample/points [=[
echo '{"weights": [1, 1], "means": [[30, -2], [-2, 500]], "stds": [0.1, 0.3]}' > far.json
diff-sample mixture:far.json -n 3 -o p.csv && cat p.csv
diff-sample mixture:far.json -n 3 --format csv | cmp - p.csv && echo piped
diff-sample mixture:far.json -n 3 -o p.npy && floats < p.npy
diff-sample mixture:far.json -n 3 --float | cmp - p.npy && echo the same
for i in 1 2; do diff-sample mixture:far.json -n 3 --batch 2 --shard $i/2 --format csv; done | cmp - p.csv && echo parts
echo mine > there.csv; diff-sample mixture:far.json -n 3 --skip-existing -o there.csv; cat there.csv
for to in f/ t.tar z.npz; do diff-sample mixture:far.json -n 2 -o $to; done; ls f; tar tf t.tar
floats < f/000001.npy; tail -c +40 z.npz | head -c 144 | floats
echo '{"weights": [1], "means": [[1.5, 0, 0]], "stds": [0.1]}' > rgb.json
diff-sample mixture:rgb.json -n 2 | floats
run mixture:pictures.json -n 2 -o left.csv
run mixture:far.json -n 2 -o left.npy --format csv
run mixture:far.json -n 2 -o left/ --format csv
run mixture:rgb.json -n 2 --sheet left.png --format csv
run mixture:far.json -n 2 -o left.png --format png
rm -r f *.npy *.npz *.tar]=])
sample_golden(diff-sample/scatter [=[
echo '{"weights": [1, 2], "means": [[3, -2], [-2, 5]], "stds": [0.3, 0.3]}' > far.json
diff-sample mixture:far.json -n 30 --scatter s.svg && ls
for batch in 1 7; do diff-sample mixture:far.json -n 30 --batch $batch --scatter t.svg -o p.csv; cmp s.svg t.svg; done
diff-sample mixture:far.json -n 5 --scatter t.svg --over p.csv --json | sed -n '/outputs/,$p'
grep -q '>data<' t.svg && grep -q '>samples<' t.svg && ! grep -q '>data<' s.svg && echo legend
run mixture:two.json --scatter left.png; run mixture:pictures.json --scatter left.png
run mixture:far.json --scatter left.txt; run mixture:far.json --over p.csv -o left.npy
run mixture:far.json --scatter left.png --over two.json; run mixture:far.json --scatter left.png --over missing.csv
run mixture:far.json --scatter left.png --skip-existing -o left/; run mixture:far.json --scatter left.npy -o left.npy
mkdir none; PATH=none "$(command -v diff-sample)" mixture:far.json --scatter left.png
rm *.svg p.csv]=])
sample_golden(diff-sample/plane [=[
echo '{"weights": [1, 1], "means": [[30, -2], [-2, 30]], "stds": [0.1, 0.3]}' > far.json
for batch in 1 7; do diff-sample mixture:far.json -n 9 --steps 4 --batch $batch --paths $batch.svg; done; cmp 1.svg 7.svg && echo paths
diff-sample mixture:far.json -n 9 --steps 4 --field f.svg --field-level 500 --nfe -o p.csv --json | sed -n '/"nfe"/p; /outputs/,$p'
run mixture:two.json --paths left.svg; run mixture:far.json --paths left.txt; run mixture:far.json --paths -
run mixture:far.json --field left.svg --field-level 0; run mixture:far.json --field left.svg --field-level x; run mixture:far.json --field-level 5
run mixture:far.json --field left.svg --class 0,1; run mixture:far.json --paths left.svg --field left.svg
run mixture:far.json --field left.svg --skip-existing -o left/; run mixture:pictures.json --format csv
rm *.json *.svg p.csv]=])
sample_golden(diff-sample/points-read [=[
printf 'x y\n30 -2\n-2 500\n' > p.txt
diff-sample empirical:p.txt -n 4 --format csv
echo '{"weights": [1, 1], "means": [[30, -2], [-2, 500]], "stds": [0.1, 0.3]}' > far.json
diff-sample mixture:far.json -n 2 -o q.csv && diff-sample mixture:far.json -n 2 -o q.npy
for from in csv npy; do diff-sample mixture:far.json --init q.$from --format csv; done
diff-sample invert mixture:far.json q.csv -o latents.npy --refine 5 --check | cut -f 1
diff-sample mixture:far.json --init latents.npy --format csv | cut -d . -f 1
echo 'nan,1' > bad.csv; run empirical:bad.csv; run mixture:far.json --init bad.csv
echo '1,2,3' > wide.csv; run mixture:far.json --init wide.csv
run empirical:p.txt --size 8; run empirical:p.txt --gray -n 2
rm *.npy *.csv]=])
sample_golden(diff-sample/addressed [=[
diff-sample mixture:two.json -n 7 --sampler ddim:eta=1 --steps 5 > seven.npy
for batch in 1 3; do
  diff-sample mixture:two.json -n 7 --sampler ddim:eta=1 --steps 5 --batch $batch | cmp - seven.npy
done
diff-sample mixture:two.json -n 7 --sampler ddim:eta=1 --steps 5 -j 1 | cmp - seven.npy
diff-sample mixture:two.json -n 3 --first 4 --sampler ddim:eta=1 --steps 5 | tail -c 12 > last
tail -c 12 seven.npy | cmp - last
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
sample_golden(diff-sample/schedule-of-diffusers [=[
mkdir d
cat > d/scheduler_config.json <<'END'
{"_class_name": "DDIMScheduler", "num_train_timesteps": 100, "beta_schedule": "linear",
 "beta_end": 0.1}
END
diff-schedule -q import d -o s.json
diff-sample mixture:two.json -n 2 -s s.json --steps 5 > two.npy
diff-sample mixture:two.json -n 2 -s d/scheduler_config.json --steps 5 | cmp - two.npy
diff-sample -q mixture:two.json -n 2 -s ./d --grid d/scheduler_config.json > all.npy
diff-sample mixture:two.json -n 2 -s s.json --steps 100 --grid trailing | cmp - all.npy]=])
sample_golden(diff-sample/folder [=[
mkdir -p old && echo kept > old/000000.txt
diff-sample mixture:pictures.json -n 2 --first 999999 -o old
diff-sample mixture:pictures.json -n 3 -o new.folder/ --sheet sheet.png --trajectory way.npz
diff-sample mixture:pictures.json -n 4 --sheet alone.jpg | wc -c]=])
sample_golden(diff-sample/archive [=[
diff-sample mixture:pictures.json -n 5 --first 8 -o folder/ && diff-sample mixture:pictures.json -n 5 --first 8 -o s.tar
for batch in 1 2; do
  diff-sample mixture:pictures.json -n 5 --first 8 --batch $batch -j $batch -o again.tar
  cmp again.tar s.tar && rm again.tar
done
tar tf s.tar
mkdir out && tar xf s.tar -C out && diff -r folder out && echo same
for data in folder s.tar; do
  diff-fid features $data -o $data.npy
  diff-noise -t 0 $data --format npy > $data.x.npy
done
cmp folder.npy s.tar.npy && cmp folder.x.npy s.tar.x.npy && echo both read
rm -r folder out s.tar*]=])
sample_golden(diff-sample/archives-of-floats [=[
diff-sample mixture:two.json -n 3 --float -o f.tar && diff-sample mixture:two.json -n 3 --float -o f/
tar tf f.tar
tar xOf f.tar 000001.npy | cmp - f/000001.npy
for n in 0 1 2; do floats < f/00000$n.npy; done
diff-sample mixture:two.json -n 3 --float | floats
diff-sample mixture:pictures.json -n 1 -o one.png && diff-sample mixture:pictures.json -n 1 -o f/
cmp one.png f/000000.png && echo one picture]=])
# What --float writes all tools read: the values, to the last bit.
sample_golden(diff-sample/floats-read-back [=[
echo '{"weights": [1], "means": [[0.5, -0.5, -0.5, 0.5]], "stds": [0.1], "shape": [2, 2, 1]}' > tame.json
for to in f.tar f/ f.npy; do diff-sample mixture:tame.json -n 12 --float -o $to; done
diff-sample mixture:tame.json -n 12 -o p/
diff-noise -t 0 f.tar -o again.tar && cmp f.tar again.tar && diff-noise -t 0 f -o again && diff -r f again && echo same bits
diff-noise -t 0 - -o - <f.tar | cmp - f.tar && diff-noise -t 0 f --format npy | cmp - f.npy && echo and in pipes
for as in f.tar f f.npy; do diff-fid -q --features pixels --no-round p $as | head -n 1; done | uniq | wc -l
for as in f.tar f f.npy -; do diff-fid -q --features pixels p $as <f.tar | head -n 1; done
for way in '' '--strength 0.5'; do
  for as in f.tar f f.npy; do diff-sample mixture:tame.json --init $as $way --steps 4 --float | md5sum; done | uniq | wc -l
done
diff-sample empirical:f.tar -n 2 --float -o e.npy && diff-sample empirical:f.npy -n 2 --float | cmp - e.npy && echo the same model
diff-sample mixture:tame.json -n 1 -o one.tif && diff-sample mixture:tame.json -n 1 --float -o float.tif
for as in one float; do diff-noise -t 0 $as.tif --format npy >$as.npy; done
diff-noise -t 0 p/000000.png --format npy | cmp - one.npy && ! cmp -s one.npy float.npy && echo TIFF of 8 bits, TIFF of floats
head -c 100 f/000003.npy >cut && mv cut f/000003.npy
diff-fid -q --features pixels p f | tail -n 1
cp p/000000.png f
diff-fid -q --features pixels p f; diff-sample mixture:tame.json --init f; tar cf both.tar f; diff-noise -t 0 both.tar -o none/
cd f && tar cf - 000000.npy 000000.png | diff-noise -t 0 - -o none.tar; cd ..
rm -r f p again* [bf]*.tar *.npy *.json *.tif]=])
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
echo '{"weights": [1], "means": [[0, 0]], "stds": [0.1], "shape": [1, 2, 1]}' > flat.json
run mixture:flat.json -n 6 --skip-existing -o whole --sheet left.png]=])
sample_golden(diff-sample/resumed-files [=[
for kind in npy npz tar; do
  echo mine > s.$kind
  diff-sample mixture:pictures.json -n 6 --skip-existing -o s.$kind --json | grep drawn
  cat s.$kind && rm s.$kind
  diff-sample mixture:pictures.json -n 6 --skip-existing -o s.$kind && diff-sample mixture:pictures.json -n 6 -o again.$kind
  cmp s.$kind again.$kind
done
echo mine > one.png && diff-sample mixture:pictures.json -n 1 --skip-existing -o one.png && cat one.png]=])
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
run mixture:two.json --skip-existing -o -
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
{ npy '1, 2, 1, 1, 1'; zeros 8; } > few.npy
run mixture:two.json --init start.npy --sampler ddim:eta=1 --steps 4 --noise-from few.npy -o left.npy
{ npy '4, 2, 1, 1, 1'; zeros 32; } > many.npy
run mixture:two.json --init start.npy --sampler ddim:eta=1 --steps 4 --noise-from many.npy -o left.npy
run mixture:two.json --init start.npy --steps 4 --noise-from draws.npy -o left.npy
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
sample_golden(diff-sample/miswritten [=[
run mixture:two.json -seed 4 -o left.npy
run mixture:two.json -batch_size 4 -o left.npy
run mixture:two.json -o=left.npy
run mixture:two.json -o=
run compare mixture:two.json -s=cosine
run -samplers ddim
run Mixture:two.json -o two.npy -n 1 --steps 1
run mixture:two.json --sampler euler_a,eta=0.5 -o left.npy
run compare mixture:two.json --samplers ddim,euler=1
run mixture:two.json --sampler ddpm:eta=0.5 --steps 2 -o two.npy
diff-sample -q mixture:two.json -n 2 --steps 2 --sampler DDPM --json -o two.npy | grep -e '"sampler"' -e '"model"'
rm two.npy]=])
sample_golden(diff-sample/refused-idle [=[
run mixture:two.json --frames 4 -o left.npy
run mixture:two.json --gif-fps 4 --film left.png
run mixture:two.json -q -v -o left.npy
run mixture:two.json --weights raw -o left.npy
run empirical:. --precision bf16 -o left.npy
run compare mixture:two.json --show 3
run invert exec:true . --weights ema --shape 1x1x1 -o left.npy]=])
sample_golden(diff-sample/refused-devices [=[
unset DIFFUSION_XLA_PLUGIN
run $DATA/diffusers/pipeline --device abacus -o left.npy
run $DATA/diffusers/pipeline --device cpu:devices=0 -o left.npy
run $DATA/diffusers/pipeline --device xla -o left.npy
run $DATA/diffusers/pipeline --device xla:plugin=missing.so -o left.npy
run $DATA/diffusers/pipeline --device xla:plugin=$DATA/image/rgb.png -o left.npy
run $DATA/diffusers/pipeline --device xla:plugin=missing.so,devices=a -o left.npy
run $DATA/diffusers/pipeline --precision tf32 -o left.npy
run mixture:two.json --device cuda -o left.npy
run empirical:. --device cpu -o left.npy
export DIFFUSION_DEVICE=abacus
run $DATA/diffusers/pipeline -o left.npy
run mixture:two.json --steps 1
run compare mixture:two.json --device cpu]=])
sample_golden(diff-sample/refused-outputs [=[
echo '{"weights": [1], "means": [[0, 0]], "stds": [1]}' > pair.json
run mixture:two.json -o samples.jpg
run mixture:two.json -o samples.txt
run mixture:two.json -o missing/samples.npy
run mixture:two.json -o two.json/
run mixture:pair.json -n 1 -o sample.png
run mixture:pair.json --sheet sheet.png
run mixture:two.json --sheet sheet.txt
run mixture:two.json --sheet missing/sheet.png -o left.npy
run mixture:two.json --trajectory one.npz -o ./one.npz
run mixture:two.json --film-of x0 -o left.npy
run mixture:two.json --columns 3 -o left.npy
run mixture:two.json --first 18446744073709551610 -n 12 -o left.npy
run mixture:two.json --weights '' -o left.npy
run mixture:two.json --clip dynamic:max=0.5
diff-sample mixture:two.json -n 1 --steps 1 --json -o "$(printf 'o\377.npy')" | grep outputs -A 1
rm o*]=])
sample_golden(diff-sample/refused-models [=[
run missing.safetensors
run two.json
run mixture:missing.json
run mixture:
run .
echo 'no model at all' > text.safetensors
run text.safetensors
run $DATA/safetensors/reference.safetensors
run $DATA/image/rgb.png
run $DATA/npy/f4-little.npy
run $DATA/diffusers/pipeline/model_index.json
run mixture:$DATA/image/rgb.png
run mixture:two.json -s $DATA/npy/f4-little.npy
run mixture:two.json -s $DATA/diffusers/pipeline/model_index.json
run mixture:two.json --grid $DATA/image/rgb.png
run mixture:two.json --init two.json]=])
# A folder is drawn from as its scheduler has it.
golden(diff-sample/folders [=[
draw() { out=$1; shift; diff-sample -q -j1 -n 2 --steps 4 --float -o $out.npy "$@"; echo exit $?; }
same() { cmp $1.npy $2.npy && echo $1 is $2; }
other() { cmp -s $1.npy $2.npy || echo $1 is not $2; }
config=f/scheduler/scheduler_config.json network=f/unet/diffusion_pytorch_model
change() { sed -e "$1" $DATA/diffusers/pipeline/scheduler/scheduler_config.json >$config; }
cp -r $DATA/diffusers/pipeline f; chmod -R u+w f
diff-sample -j1 f -n 1 --steps 2 --float -o left.npy 2>&1 | grep spacing; rm left.npy
draw usual f; draw none f --no-clip; draw wide f --clip static:range=2; draw limited f --clip dynamic:max=1.5
draw noisy f --sampler ddpm; draw large f --sampler ddpm:variance=large; other usual none; other usual wide; other usual limited; other noisy large
change 's/"clip_sample": true/"clip_sample": false/'; draw a f; same a none; draw a f --clip static; same a usual
change 's/"clip_sample_range": 1.0/"clip_sample_range": 2.0/'; draw a f; same a wide
change 's/"thresholding": false/"thresholding": true/; s/"sample_max_value": 1.0/"sample_max_value": 1.5/'; draw a f; same a limited
change 's/fixed_small/fixed_large/'; draw a f --sampler ddpm; same a large; draw a f --sampler ddpm:variance=small; same a noisy
change 's/fixed_small/learned/'; draw left f
change 's/"clip_sample": true/"clip_sample": 1/'; draw left f
change ''; mv $network.safetensors $network.fp16.safetensors; draw a f; same a usual; draw a f --weights fp16; same a usual; draw left f --weights bf16
cp $network.fp16.safetensors $network.ema_only.safetensors; draw left f
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n' >$network.safetensors; draw left f; draw a f --weights fp16; same a usual
printf '<!doctype html>\n<p>404' >$network.safetensors; draw left f; rm $network.ema_only.* $network.safetensors
cp f/unet/config.json c.json; printf 'version https://git-lfs.github.com/spec/v1\n' >f/unet/config.json; draw left f; mv c.json f/unet/config.json
draw left f/unet; draw a f/unet -s $DATA/diffusers/pipeline; same a usual; draw a f/unet -s linear:T=10 --predict eps; same a usual
draw left f/unet -s linear:T=10; draw left f --predict eps
echo '{"weight_map": {"conv_in.weight": "diffusion_pytorch_model.fp16.safetensors"}}' >$network.safetensors.index.json; draw left f
rm -r *]=])
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
# Networks that differ in what they learnt, at 2 steps each.
sample_golden(diff-sample/trained-guides "${two_folders}" [=[
train() { diff-train -q -j1 photos --channels 8 --batch 4 --steps 2 "$@"; }
train --labels own -o m.safetensors
train --labels own -o worse.safetensors --layers 1 --seed 2 --ema 0.9
train --labels own -o linear.safetensors -s linear
train --labels own -o flow.safetensors -s flow --prediction u
train --labels own -o large.safetensors --size 8
train --labels own -o every.safetensors --label-dropout 0
train -o unlabelled.safetensors
mv photos/dark photos/black
train --labels own -o named.safetensors
draw() { diff-sample -j1 m.safetensors -n 3 --steps 4 --float "$@"; }
draw > plain.npy && draw --guide worse.safetensors:1 | cmp - plain.npy && echo plain
draw --class all --guide worse.safetensors --cfg 2 > both.npy
for batch in 1 2; do draw --class all --guide worse.safetensors --cfg 2 --batch $batch | cmp - both.npy && echo the same; done
draw --guide worse.safetensors --guide-weights raw | cmp -s - both.npy || echo others
draw --guide unlabelled.safetensors --class all | cmp -s - both.npy || echo others
for guide in linear flow large every named; do run m.safetensors --guide $guide.safetensors -o left.npy; done
run unlabelled.safetensors --guide m.safetensors -o left.npy
run mixture:pictures.json --guide m.safetensors -o left.npy
echo '{"weights": [1], "means": [[1,1,1,1,0,0,0,0,1,1,1,1,0,0,0,0]], "stds": [0.5], "shape": [4, 4, 1]}' > broad.json
draw --guide mixture:broad.json --precision float32 | cmp -s - plain.npy || echo others
diff-sample -j1 mixture:broad.json --guide unlabelled.safetensors --precision bf16 -n 1 --steps 2 --json -o x.npy 2>&1 | grep -A5 guide
rm -r photos *.safetensors *.npy]=])

# Programs as models: one that always answers `point`, x0 of two samples of one number.
set(program [=[
npy() { printf '\223NUMPY\001\000\166\000'; printf '%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': ($1), }"; }
{ npy '2, 1, 1, 1'; printf '\000\000\000\277\000\000\200\076'; } > point.npy
{ npy '2, 1, 1, 1'; printf '\000\000\200\077\000\000\300\177'; } > nan.npy
{ npy '2, 1, 1'; printf '\000\000\200\077\000\000\200\077'; } > other.npy
exec='--shape 1x1x1 --predict x0 -n 2 --steps 4 --exec-timeout 20'
model='exec:while head -c 408 | grep -q NUMPY; do cat point.npy; done'
]=])
sample_golden(diff-sample/exec "${program}" [=[
diff-sample "$model" $exec --float | floats
diff-sample "$model" --shape 1,1,1 --predict x0 -n 2 --steps 4 --sampler heun --float | floats
diff-sample "exec:head -c 136 | od -A n -t f4 -j 128 >&2; exit 1" $exec -o left.npy
diff-sample "$model" $exec --class 1
diff-sample "$model" $exec --classes 2 --class 2
diff-sample "exec:tee asked | { ${model#exec:}; }" $exec --classes 2 --class 1,0 --cfg 2 -o x.npy
tail -c +273 asked | head -c 136 | tail -c 8 | od -A n -t d4
tail -c +681 asked | head -c 136 | tail -c 8 | od -A n -t d4
diff-sample "$model; echo not so well >&2; exit 4" $exec --float | floats]=])
sample_golden(diff-sample/refused-exec "${program}" [=[
fails() { echo "\$ exec:$1"; diff-sample "exec:$1" $exec -o left.npy 2>&1; echo "exit $?"; }
fails 'echo no such model >&2; exit 3'
fails 'head -c 408 >q; cat point.npy; echo tired >&2'
fails 'head -c 408 >q; cat point.npy; kill -9 $$'
fails 'echo hello and good bye'
fails 'head -c 408 >q; head -c 130 point.npy'
fails 'while head -c 408 | grep -q NUMPY; do cat other.npy; done'
fails 'while head -c 408 | grep -q NUMPY; do cat $DATA/npy/u1-little.npy; done'
fails 'head -c 408 >q; cat point.npy; head -c 408 >q; cat nan.npy; cat >q'
fails 'cat point.npy point.npy >q; cat q; cat >q'
fails 'for i in 1 2 3 4; do head -c 408 >q; cat point.npy; done; cat >q; cat point.npy'
fails 'head -c 408 >q; cat point.npy; sleep 0.3; cat point.npy; sleep 0.3; cat >q'
fails ''
exec=$(echo "$exec" | sed 's/--exec-timeout 20/--exec-timeout 0.2/')
fails 'echo thinking >&2; sleep 100'
fails 'cat >q'
for arguments in '' '--shape 1x1' '--shape 1x0x1' '--shape x' '--shape 65536x65536x4' '--predict noise --shape 1x1x1' '--exec-timeout soon' '--classes -1'; do
  run exec:cat $arguments -o left.npy
done
diff-schedule zero-snr cosine -o zero.json
run "$model" --shape 1x1x1 -n 2 -s ./zero.json -o left.npy
run "$model" --shape 1x1x1 -n 2 -s ./zero.json --predict score -o left.npy
run "$model" --shape 1x1x1 -n 2 -s ./zero.json --predict edm -o left.npy
run "$model" --shape 1x1x1 -n 2 -s ./zero.json --predict v -o done.npy
for arguments in '--shape 1x1x1' '--predict x0' '--classes 2' '--exec-timeout 1'; do
  run mixture:two.json $arguments -o left.npy
done
rm -f q done.npy]=])
sample_golden(diff-sample/interrupted-exec [=[
diff-sample 'exec:touch started; cat >/dev/null; touch ended; sleep 100' --shape 1x1x1 --exec-timeout 0 -o left.npy & tool=$!
for i in $(seq 200); do test -e started || sleep 0.05; done
kill -TERM $tool
wait $tool
echo "exit $?"
sleep 0.3
test -e ended || echo "and nothing goes on"
rm started]=])
golden(diff-sample/exec-in-shell [=[
echo '{"weights": [1], "means": [[0.25, -0.5, 0.75, 1, 0, -1]], "stds": [0], "shape": [2, 3, 1]}' > one.json
diff-sample mixture:one.json -n 1 --float -o one.npy
diff-sample mixture:one.json -n 5 --batch 2 --float -o five.npy
diff-sample -q "exec:sh $DATA/../../examples/exec-model/point.sh one.npy" --shape 2x3x1 --predict x0 -n 5 --batch 2 --float -o there.npy
cmp five.npy there.npy
rm *.npy]=])
add_test(NAME examples/exec-model
  COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/../exec_model.sh ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}
    ${PROJECT_SOURCE_DIR}/examples/exec-model)
set_tests_properties(examples/exec-model PROPERTIES SKIP_RETURN_CODE 77)

# The best denoiser of a set draws its images; without a class any of them, else those of one.
sample_golden(diff-sample/empirical "${two_folders}" [=[
rows() { tail -c +129 | od -A n -v -t u1 -w16 | sort | uniq -c | awk '{ print $1 ": " $2, $3, $4, "...", $17 }'; }
diff-sample empirical:photos -n 40 | rows
diff-sample empirical:photos -n 40 --class light --sampler heun --steps 20 -s karras | rows
diff-sample empirical:photos -n 7 --class all --sampler ddim:eta=1 -o seven.npy
diff-sample empirical:photos -n 7 --class all --sampler ddim:eta=1 --batch 2 -j1 | cmp - seven.npy
printf 'P2 3 4 255 0 1 2 3 0 0 0 0 0 0 0 0' > photos/light/4.pgm
run empirical:photos --class grey -o left.npy
run empirical:photos -o left.npy
run empirical:nowhere -o left.npy
run empirical: -o left.npy
rm -r photos]=])

# What a network and a table can't mean by each other, and grids that are none.
sample_golden(diff-sample/refused-schedules "${two_folders}" [=[
diff-train -q -j1 photos -s linear -o m.safetensors --channels 8 --batch 2 --steps 1
run m.safetensors -s cosine -o left.npy
run m.safetensors -s linear:T=1001 -o left.npy
run m.safetensors -s linear:beta_end=0.021 -o left.npy
run m.safetensors -s ve -o left.npy
diff-schedule zero-snr linear -o zero.json
run m.safetensors -s ./zero.json --steps 2 -o left.npy
run m.safetensors --grid ./zero.json --steps 999 -o left.npy
run m.safetensors --steps 1001 -o left.npy
for grid in '[100, 100]' '[100, 200]' '[1001]' '[0]' '[]' '[1.5]' '{"ve_sigma": [1, 2]}' '{"ve_sigma": [0]}'; do
  run m.safetensors --grid "$grid" -o left.npy
done
diff-schedule respace linear --steps 5 -o five.json
run m.safetensors -s ./five.json -n 1 --steps 5 -o five.npy
run m.safetensors --grid ./five.json -n 1 -o same.npy
cmp five.npy same.npy
run m.safetensors -s linear -n 1 --steps 5 -o whole.npy
cmp five.npy whole.npy
rm -r photos *.safetensors *.npy]=])
# One step at a time. The program's prediction is the state itself, as eps.
set(walking [=[
npy() { printf '\223NUMPY\001\000\166\000'; printf '%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': ($1), }"; }
{ npy '2, 1, 1, 1'; printf '\000\000\200\077\000\000\000\300'; } > start.npy
cat > echo.sh <<'END'
while head -c 136 > asked && [ -s asked ]; do head -c 272 > /dev/null; cat asked; done
END
]=])
sample_golden(diff-sample/step "${walking}" [=[
for sampler in ddim ddim:eta=1 euler-ancestral sde; do
  for grid in trailing karras; do
    cp start.npy x.npy
    for index in 1 2 3; do
      diff-sample step x.npy x.npy -s linear --grid $grid --steps 3 --index $index --sampler $sampler --seed 4 --first 8 -o x.npy
    done
    diff-sample 'exec:sh echo.sh' --shape 1x1x1 -s linear --grid $grid --steps 3 --sampler $sampler --seed 4 --first 8 --init start.npy --float -o whole.npy
    cmp x.npy whole.npy && printf "$sampler $grid: " && floats < x.npy
  done
done
echo "every step of a short schedule, by its number"
cp start.npy x.npy
for t in 4 3 2 1; do diff-sample step -q x.npy - -s linear:T=4 --from $t --to $((t - 1)) --sampler ddim:eta=1 -o x.npy < x.npy; done
diff-sample 'exec:sh echo.sh' --shape 1x1x1 -s linear:T=4 --steps 4 --sampler ddim:eta=1 --init start.npy --float | cmp - x.npy
echo "limited, and its estimate"
diff-sample step start.npy start.npy -s linear --from 500 --to 0 --clip static --x0 x0.npy | floats
floats < x0.npy
for what in eps x0 v u score edm; do
  printf "$what: "
  diff-sample step start.npy start.npy -s flow --from ve-sigma=2 --to lambda=1 --predict $what | floats
done
run step start.npy start.npy -v -s linear --steps 5 --index 2 -o x.npy
rm *.npy asked]=])
sample_golden(diff-sample/step-replayed "${walking}" [=[
arguments='start.npy start.npy -s linear --from 500 --to 400 --sampler ddim:eta=1'
diff-sample step $arguments --noise-from start.npy | floats
diff-sample step $arguments | floats | wc -l
run step $arguments --noise-from two.json
run step start.npy start.npy -s linear --from 500 --to 400 --noise-from start.npy -o left.npy]=])
sample_golden(diff-sample/refused-steps "${walking}" [=[
{ npy '1, 1, 1, 1'; printf '\000\000\300\177'; } > nan.npy
{ npy '1, 1, 1, 1'; printf '\000\000\200\077'; } > one.npy
while read -r arguments; do run step $arguments; done <<'END'
start.npy start.npy
start.npy -s linear --from 2 --to 1
start.npy start.npy -s linear
start.npy start.npy -s linear --from 500
start.npy start.npy -s linear --to 500
start.npy start.npy -s linear --from 500 --to 500
start.npy start.npy -s linear --from 0 --to 0
start.npy start.npy -s linear --from 1001 --to 0
start.npy start.npy -s linear --from x --to 0
start.npy start.npy -s linear --from snr=x --to 0
start.npy start.npy -s linear --from 500 --to 400 --steps 5
start.npy start.npy -s linear --steps 5
start.npy start.npy -s linear --steps 5 --index 6
start.npy start.npy -s linear --steps 5 --index 0
start.npy start.npy -s linear --from 2 --to 1 --predict w
start.npy start.npy -s linear --from 2 --to 1 --sampler heun
start.npy start.npy -s linear --from 2 --to 1 --sampler dpmpp-2m
start.npy start.npy -s linear --from 2 --to 1 --sampler euler:churn=1
start.npy start.npy -s linear --from 2 --to 1 --sampler ddim:eta=1,variance=learned
start.npy start.npy -s linear --from snr=0.5 --to 1 --sampler sde
start.npy start.npy -s jsd --from 1000 --to 1
start.npy one.npy -s linear --from 2 --to 1
nan.npy one.npy -s linear --from 2 --to 1
one.npy nan.npy -s linear --from 2 --to 1
two.json one.npy -s linear --from 2 --to 1
missing.npy one.npy -s linear --from 2 --to 1
- - -s linear --from 2 --to 1
one.npy one.npy -s linear --from 2 --to 1 -o x.png
one.npy one.npy -s linear --from 2 --to 1 -o x.npy --x0 x.npy
one.npy one.npy -s linear --from 2 --to 1 --float
one.npy one.npy one.npy -s linear --from 2 --to 1
END
rm *.npy]=])

# Two pictures, one of another size and one that is none.
set(two_pictures [=[
mkdir pictures bad
echo 'P2 2 2 255 250 20 30 230' > pictures/a.pgm
echo 'P2 2 2 255 240 10 0 255' > pictures/b.pgm
echo 'P2 2 1 255 0 255' > bad/c.pgm
echo 'P2 2 2' > bad/d.pgm
rounded() { awk -F '\t' 'NR > 1 { printf("%s %.2f %s %.2f\n", $1, $2, ($3 > 100 ? "exact" : int($3 + 0.5)), $4) }'; }
]=])
sample_golden(diff-sample/invert "${two_pictures}" [=[
for arguments in '--steps 20' '--steps 200' '--steps 20 --refine 2' '--steps 20 --refine 30' '--steps 20 --sampler heun' '--steps 20 -s flow' '--steps 20 -s karras'; do
  echo "$arguments"
  diff-sample invert mixture:pictures.json pictures $arguments --check -o latents.npy | rounded
done
diff-sample invert mixture:pictures.json pictures --steps 20 --refine 30 > latents.npy
floats < latents.npy
diff-sample mixture:pictures.json --init latents.npy --steps 20 | tail -c +129 | od -A n -t u1
diff-sample invert mixture:pictures.json pictures --steps 20 --refine 30 --batch 1 -j 1 | cmp - latents.npy
echo "without those that cannot be used"
diff-sample invert mixture:pictures.json pictures bad --steps 20 --refine 30 -o some.npy 2>&1; echo "exit $?"
cmp some.npy latents.npy
diff-sample invert mixture:pictures.json pictures -n 1 --steps 2 --check --json | sed 's/\(0\.[0-9][0-9]\)[0-9]*/\1/; s/\([0-9]\{2\}\.\)[0-9]*/\1/'
rm -r pictures bad *.npy]=])
sample_golden(diff-sample/invert-values [=[
echo '{"weights": [1], "means": [[5]], "stds": [0.5]}' > far.json
{ printf '\223NUMPY\001\000\140\000'; printf '%-95s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 1, 1), }"; } > far.npy
printf '\000\000\240\100\000\000\300\100' >> far.npy
diff-sample invert mixture:far.json far.npy --steps 50 --refine 40 -o latents.npy
diff-sample mixture:far.json --init latents.npy --steps 50 --float | floats
diff-sample invert mixture:far.json far.npy -n 1 --steps 2 --check | cut -f 1]=])
sample_golden(diff-sample/recorded-alone [=[
for way in one two; do
  diff-sample mixture:two.json -n 3 --sampler ode --trajectory $way.npz
done
cmp one.npz two.npz && echo the same]=])
sample_golden(diff-sample/refused-inversions "${two_pictures}" [=[
while read -r arguments; do run invert $arguments; done <<'END'
mixture:pictures.json
mixture:pictures.json bad
mixture:two.json pictures
mixture:pictures.json missing
mixture:pictures.json pictures --check -o -
mixture:pictures.json pictures --json -o x.npy
mixture:pictures.json pictures -o x.png
mixture:pictures.json pictures -o x.npy --refine 2 --sampler heun
mixture:pictures.json pictures -o x.npy --refine -1
mixture:pictures.json pictures -o x.npy --sampler dpmpp-2m
mixture:pictures.json pictures -o x.npy --class 1
mixture:pictures.json pictures -o x.npy --float
mixture:pictures.json pictures -o x.npy --steps 1001
END
rm -r pictures bad]=])

sample_golden(diff-sample/compare [=[
# Seconds differ from run to run.
table() { cut -f 1-4 | awk -F '\t' -v OFS='\t' 'NR > 1 && $4 != "-" { $4 = sprintf("%.2f", $4) } { print }'; }
diff-sample compare mixture:two.json -n 100 --steps 4,16,64 --samplers ddim,heun,dpmpp-2m:solver=heun,ending=lower --samplers ddim:eta=1 | table
diff-sample compare mixture:two.json -s flow --steps 16 --samplers euler,ode --reference dpm | table
diff-sample compare mixture:two.json -n 1 --steps 2 --samplers sde --json | grep -v seconds
diff-sample compare mixture:pictures.json --steps 2,1 --samplers ddim,sde --sheet sheet.png --show 2 --plot curves.svg -o runs.npz | wc -l
head -c 4 curves.svg
cp curves.svg first.svg
diff-sample compare mixture:pictures.json --steps 2,1 --samplers ddim,sde --plot curves.svg -q -j 1 --batch 1 | wc -l
cmp curves.svg first.svg && rm *.svg]=])
# OpenMP may give fewer threads than asked for; nothing is left out then.
golden(diff-sample/fewer_threads_than_asked_for [=[
echo '{"weights": [1, 2], "means": [[0.5], [-1]], "stds": [0.1, 0.2]}' >two.json
draw() { diff-sample -q mixture:two.json -n 20000 --batch 20000 --steps 3 "$@"; }
draw -j 1 -o one.npy
OMP_THREAD_LIMIT=1 draw -j 2 | cmp - one.npy && echo same
rm two.json one.npy]=])
# Before anything is drawn: there is no such model.
golden(diff-sample/compare_without_gnuplot "mkdir none; PATH=none \"$(command -v diff-sample)\" compare missing.safetensors --plot curves.svg")
sample_golden(diff-sample/refused-comparisons [=[
while read -r arguments; do run compare $arguments; done <<'END'

missing.safetensors
mixture:two.json --samplers dim
mixture:two.json --samplers ddim,heun,ddim
mixture:two.json --samplers ddim:etaa=1,heun
mixture:two.json --steps 5,x
mixture:two.json --steps 5,5
mixture:two.json --steps 0
mixture:two.json --steps 5,1001
mixture:two.json --grid ddim50
mixture:two.json --grid leading
mixture:two.json --reference sde
mixture:two.json --sheet sheet.txt
mixture:two.json --plot curves.txt
mixture:two.json --samplers sde --steps 2 --plot curves.svg
mixture:two.json -o runs.npy
mixture:two.json -o -
mixture:two.json -n 0
mixture:two.json --trajectory x.npz
END
echo '{"weights": [1], "means": [[0, 0]], "stds": [1]}' > pair.json
run compare mixture:pair.json --sheet sheet.png]=])
# Steering, and what samples begin from. `zero` is how float32 0 is spelled, `one` 1.
set(arrays [=[
npy() { printf '\223NUMPY\001\000\140\000'; printf '%-95s\n' "{'descr': '$1', 'fortran_order': False, 'shape': ($2), }"; }
]=])
sample_golden(diff-sample/guidance "${classes}" [=[
for arguments in '--class 1 --cfg 2' '--class 1 --cfg 2 --negative 2' '--cfg 3 --negative 0' '--class all --cfg 2 --cfg-interval 0.5,inf' '--class 2 --cfg 3 --cfg-interval 0.2,1.5 --cfg-rescale 1'; do
  printf '%s: ' "$arguments"
  diff-sample mixture:three.json -n 4 $arguments --steps 10 --nfe --float 2>&1 >samples.npy | tr '\n' ' '
  floats < samples.npy
done
diff-sample mixture:three.json --class 1 --cfg 2 --steps 4 --float > whole.npy
diff-sample mixture:three.json --class 1 --cfg 2 --cfg-interval 0,inf --cfg-rescale 0 --steps 4 --float | cmp - whole.npy
diff-sample mixture:three.json --class 1 --cfg 2 --cfg-interval 1e9,inf --steps 4 --float > none.npy
diff-sample mixture:three.json --class 1 --steps 4 --float | cmp - none.npy]=])
sample_golden(diff-sample/refused-guidance "${classes}" [=[
for arguments in '--class 1 --cfg 2 --negative 3' '--negative 1' '--class 1 --cfg-rescale 0.5' '--class 1 --cfg-interval 1,2' \
    '--class 1 --cfg 2 --cfg-rescale 2' '--class 1 --cfg 2 --cfg-rescale nan' '--class 1 --cfg 2 --cfg-interval 5,0.3' \
    '--class 1 --cfg 2 --cfg-interval 5' '--class 1 --cfg 2 --cfg-interval -1,5' '--class 1 --cfg 2 --cfg-interval a,b'; do
  run mixture:three.json $arguments -o left.npy
done
run mixture:two.json --cfg 2 --negative 0 -o left.npy]=])
# A worse model of the same three classes, and others that are not of the same.
set(worse [=[
echo '{"weights": [1, 1, 1], "means": [[-1], [0], [1]], "stds": [0.3, 0.3, 0.3], "labels": [0, 1, 2]}' > worse.json
cp worse.json worse.json:3
]=])
sample_golden(diff-sample/guide "${classes}${worse}" [=[
for arguments in '' '--guide mixture:worse.json' '--guide mixture:worse.json:3.5' '--guide mixture:worse.json:0' '--guide mixture:two.json:2' \
    '--class 2,0 --guide mixture:worse.json:2 --cfg 1.5' '--class 2,0 --guide mixture:worse.json:2 --cfg 1.5 --cfg-norm 0.01 --cfg-momentum -0.5' \
    '--guide mixture:worse.json --cfg-interval 0.2,1.5 --cfg-rescale 1' '-s flow --class 2 --cfg 3 --cfg-zero 0' '-s flow --class 2 --cfg 3 --cfg-zero 2'; do
  printf '%s: ' "$arguments"
  diff-sample mixture:three.json -n 4 $arguments --steps 10 --nfe --float 2>&1 >samples.npy | tr '\n' ' '
  floats < samples.npy
done
same() { diff-sample mixture:three.json -n 4 --steps 4 --float "$@" | cmp - plain.npy && echo the same; }
diff-sample mixture:three.json -n 4 --steps 4 --float > plain.npy
same --guide mixture:worse.json:1
diff-sample mixture:worse.json -n 4 --steps 4 --float > plain.npy
same --guide mixture:worse.json:0
diff-sample mixture:three.json -n 4 --steps 4 --float --class all --cfg 2 > plain.npy
same --class all --cfg 2 --guide mixture:worse.json:1
diff-sample mixture:three.json -n 4 --steps 4 --float --guide mixture:worse.json:2 > plain.npy
same --guide mixture:worse.json:3
same --guide mixture:worse.json:3:2
same --guide mixture:worse.json --cfg-momentum 0
diff-sample mixture:three.json -n 4 --steps 4 --float --guide mixture:worse.json --cfg-momentum -0.5 --cfg-parallel 0.5 > plain.npy
for batch in 1 3; do same --guide mixture:worse.json --cfg-momentum -0.5 --cfg-parallel 0.5 --batch $batch -j $batch; done
diff-sample mixture:three.json -n 4 --guide mixture:worse.json:3.5 -o x.npy --json | sed -n '/guide/,/}/p'
rm *.json:3]=])
sample_golden(diff-sample/refused-guide "${classes}${worse}" [=[
for arguments in 'missing.safetensors' 'mixture:worse.json:-1' 'mixture:worse.json:inf' 'mixture:worse.json:two' 'mixture:pictures.json' \
    'mixture:worse.json:0.5 --class 1 --cfg 2' 'mixture:worse.json --cfg-momentum 1' 'mixture:worse.json --cfg-momentum 0.5 --sampler ode' \
    'mixture:worse.json --cfg-zero 1' 'mixture:worse.json -s flow --cfg-zero 1 --cfg-norm 2' 'mixture:worse.json -s flow --cfg-zero 50' \
    'mixture:worse.json --negative 1' 'mixture:worse.json --guide-weights raw' 'mixture:worse.json --shape 1x1x1' 'exec:true' 'mixture:worse.json --precision bf16'; do
  run mixture:three.json --guide $arguments -o left.npy
done
run mixture:three.json --cfg-momentum 0.5 -o left.npy
run mixture:three.json --cfg-zero 1 -o left.npy
run mixture:three.json --guide-weights raw -o left.npy
run mixture:two.json --guide mixture:three.json -o left.npy
run compare mixture:three.json --guide mixture:worse.json --cfg-zero 1
echo '{"weights": [1, 1], "means": [[-1], [0]], "stds": [0.3, 0.3], "labels": [0, 1]}' > fewer.json
run mixture:three.json --guide mixture:fewer.json -o left.npy
rm *.json:3]=])
sample_golden(diff-sample/clip [=[
echo '{"weights": [1, 1], "means": [[-3, 0.5, 1.5], [3, -0.5, 0]], "stds": [0.1, 0.1]}' > far.json
for clip in none static dynamic dynamic:percentile=0.5 dynamic:percentile=0.5,max=1; do
  printf '%s: ' $clip
  diff-sample mixture:far.json -n 2 --clip $clip --steps 10 --float | floats
done
diff-sample mixture:far.json -n 2 --steps 10 --float > usual.npy
diff-sample mixture:far.json -n 2 --no-clip --steps 10 --float | cmp - usual.npy
for clip in dynamik static:max=2 dynamic:percentile=0 dynamic:max=0.5 dynamic:most=3; do
  run mixture:far.json --clip $clip -o left.npy
done
run mixture:far.json --clip static --no-clip -o left.npy]=])
set(checks [=[
echo '{"weights": [1, 1], "means": [[0.9, -0.9, -0.9, 0.9], [-0.9, 0.9, 0.9, -0.9]], "stds": [0.05, 0.05], "shape": [2, 2, 1]}' > checks.json
printf 'P2 2 2 255 242 13 13 242' > a.pgm
printf 'P2 2 2 255 13 242 242 13' > b.pgm
printf 'P2 2 2 255 0 255 0 255' > right.pgm
mkdir both; cp a.pgm b.pgm both
bytes() { tail -c +129 | od -A n -v -t u1 -w4 | tr '\n' ';'; echo; }
]=])
sample_golden(diff-sample/init "${checks}${arrays}" [=[
for strength in 0.2 0.5 1; do
  printf '%s of the steps: ' $strength
  diff-sample mixture:checks.json --init both -n 3 --steps 10 --strength $strength --nfe 2>&1 >samples.npy | tr '\n' ' '
  bytes < samples.npy
done
diff-sample mixture:checks.json --init both -n 5 --sampler ddim:eta=1 > five.npy
diff-sample mixture:checks.json --init both -n 5 --sampler ddim:eta=1 --batch 2 | cmp - five.npy
diff-sample mixture:checks.json --init both -n 2 --first 3 --sampler ddim:eta=1 | tail -c 8 > last
tail -c 8 five.npy | cmp - last
diff-sample mixture:checks.json --init both --strength 0.8 > usual.npy
diff-sample mixture:checks.json --init both | cmp - usual.npy
printf 'P3 4 2 255 242 242 242 242 242 242 13 13 13 13 13 13 13 13 13 13 13 13 242 242 242 242 242 242' > wide.ppm
diff-sample mixture:checks.json --init wide.ppm --size 2 --strength 0.2 | bytes
{ npy '<f4' '2, 1, 1, 1'; printf '\000\000\200\077\000\000\000\300'; } > numbers.npy
diff-sample mixture:two.json --init numbers.npy --strength 0.1 --float | floats]=])
# Masks go with images by their numbers, so none may be missing then.
sample_golden(diff-sample/init-left-out "${checks}" [=[
mkdir d; cp a.pgm d/1.pgm; : > d/2.png; cp b.pgm d/3.pgm
mkdir masks; cp right.pgm masks/1.pgm; cp right.pgm masks/2.pgm
run mixture:checks.json --init d --steps 4 -o some.npy
diff-sample mixture:checks.json --init both --steps 4 -o all.npy; cmp some.npy all.npy && echo the others are used
run mixture:checks.json --init d --mask right.pgm --steps 4 -o some.npy
run mixture:checks.json --init d --mask masks --steps 4 -o none.npy
run mixture:checks.json --init d/2.png -o none.npy
run mixture:checks.json --orient -o none.npy
rm -r d masks some.npy all.npy]=])
sample_golden(diff-sample/init-of-0-to-255 "${arrays}" [=[
printf 'P2 2 1 255 0 255' > a.pgm
{ npy '<f4' '1, 1, 2, 1'; printf '\000\000\000\000\000\000\177\103'; } > states.npy
run empirical:a.pgm --init states.npy --steps 2 -o x.npy
run empirical:a.pgm --init states.npy --steps 2 -o x.npy --strength 0.5 --range 0,255 --layout nhwc
rm x.npy]=])
sample_golden(diff-sample/mask "${checks}${arrays}" [=[
printf 'P2 2 2 255 242 0 13 0' > half.pgm
diff-sample mixture:checks.json --init half.pgm --mask right.pgm -n 4 --steps 20 --nfe --sampler ddim:eta=1 | bytes
diff-sample mixture:checks.json --init half.pgm --mask right.pgm -n 4 --steps 20 --nfe --resample 3 --jump 2 | bytes
diff-sample mixture:checks.json --init both --mask right.pgm -n 4 --steps 20 --resample 2 --sampler heun > four.npy
diff-sample mixture:checks.json --init both --mask right.pgm -n 4 --steps 20 --resample 2 --sampler heun --batch 3 | cmp - four.npy
{ npy '|u1' '2, 2'; printf '\000\001\000\001'; } > right.npy
diff-sample mixture:checks.json --init both --mask right.npy -n 4 --steps 20 --resample 2 --sampler heun | cmp - four.npy
{ npy '|b1' '2, 2, 2'; printf '\000\001\000\001\000\001\000\001'; } > each.npy
diff-sample mixture:checks.json --init both --mask each.npy -n 4 --steps 20 --resample 2 --sampler heun | cmp - four.npy
diff-sample mixture:checks.json --init a.pgm --mask right.pgm --strength 0.1 -n 1 --trajectory way.npz]=])
sample_golden(diff-sample/between "${checks}${arrays}" [=[
diff-sample mixture:checks.json -n 8 --float > plain.npy
diff-sample mixture:checks.json --between 3,7 -n 5 --float > way.npy
tail -c +129 plain.npy | tail -c +49 | head -c 16 > three; tail -c 16 plain.npy > seven
tail -c +129 way.npy | head -c 16 | cmp - three; tail -c 16 way.npy | cmp - seven
diff-sample mixture:checks.json --between 3,7 -n 5 --batch 2 --float | cmp - way.npy
diff-sample mixture:checks.json --between 3,7 -n 5 --first 20 --float | cmp - way.npy
{ npy '<f4' '2, 1, 1, 1'; printf '\000\000\200\077\000\000\000\300'; } > states.npy
diff-sample mixture:two.json --init states.npy --float | floats
diff-sample mixture:two.json --init states.npy --between 0,1 -n 3 --float | floats]=])
sample_golden(diff-sample/refused-init "${checks}${arrays}" [=[
printf 'P2 3 2 255 0 0 0 0 0 0' > wide.pgm
{ npy '<f4' '1, 2, 2, 1'; printf '\000\000\300\177\000\000\300\177\000\000\300\177\000\000\300\177'; } > nan.npy
{ npy '|u1' '3, 2, 2'; printf '\377\377\377\377\377\377\377\377\377\377\377\377'; } > three.npy
{ npy '|u1' '3, 2'; printf '000000'; } > tall.npy
{ npy '|i1' '2, 2'; printf '\377\001\001\001'; } > minus.npy
mkdir none
while read -r arguments; do
  run mixture:checks.json $arguments -o left.npy
done <<'END'
--init missing.png
--init none
--init checks.json
--init nan.npy
--init nan.npy --strength 0.5
--init wide.pgm
--init both --strength 0
--init both --strength 1.1
--init both --strength nan
--strength 0.5
--mask right.pgm
--size 2
--init both --resample 3
--init both --jump 3
--init both --mask wide.pgm
--init both --mask three.npy
--init both --mask tall.npy
--init both --mask minus.npy
--init both --mask missing.png
--init both --mask right.pgm --sampler dpmpp-2m
--init both --mask right.pgm --sampler dmp
--init both --mask right.pgm --steps 5 --jump 5
--init both --mask right.pgm --resample 0
--between 3
--between 3,x
--between 3,7,9
--between 3,-7
--between 3,7 -n 1
--init both --between 0,2
END]=])
sample_golden(diff-sample/opacity "${checks}${arrays}" [=[
for alpha in '' flatten=white flatten=black drop; do
  diff-sample mixture:checks.json --init $DATA/image/rgba.png --size 2 --strength 0.1 -n 1 ${alpha:+--alpha $alpha} | bytes
done
for arguments in '--alpha drop' '--init both --alpha red' '--init both --mask a.pgm --range 0,1' '--init both --mask black.pgm'; do
  printf 'P2 2 2 255 0 0 0 0' > black.pgm
  run mixture:checks.json $arguments -n 1 -o left.npy
done
rm black.pgm]=])
golden(diff-sample/refused-floats [=[
echo '{"weights": [1], "means": [[0, 0, 0, 0]], "stds": [1], "shape": [2, 2, 1]}' > two.json
diff-sample mixture:two.json -n 1 -o k.png --float; echo "exit $?"
diff-sample mixture:two.json --sheet k.png --float; echo "exit $?"
diff-sample invert mixture:two.json x.npy --clip none -o z.npy; echo "exit $?"
diff-sample invert mixture:two.json x.npy --no-clip -o z.npy; echo "exit $?"
diff-sample --list --json; diff-sample mixture:x --list; diff-sample --list -q | wc -l
diff-sample --class= -n 2; diff-sample compare x --samplers ddim,,heun; diff-sample invrt a b
rm two.json]=])
# Rows that are not finite are left out by name, of states, of clean data and of a model's own.
golden(diff-sample/rows-left-out [=[
echo '{"weights": [1], "means": [[0, 0, 0, 0]], "stds": [1], "shape": [2, 2, 1]}' > m.json
npy() { printf '\223NUMPY\1\0\166\0%-117s\n' "{'descr': '<f8', 'fortran_order': False, 'shape': ($1, 2, 2, 1), }"; }
half='\0\0\0\0\0\0\340\77' minus='\0\0\0\0\0\0\340\277' nan='\0\0\0\0\0\0\370\177' vast='\132\142\327\327\30\347\164\151'
{ npy 4; for x in $half $nan $vast $minus; do printf "$half$x$x$x"; done; } > x.npy
rows() { echo exit $?; tail -c +129 y.npy | od -A n -v -t f4 -w16 | awk '{ printf "%.3f %.3f\n", $1, $4 }'; rm y.npy; }
diff-sample mixture:m.json --init x.npy --float -o y.npy; rows
diff-sample mixture:m.json --init x.npy --strength 0.5 --float -o y.npy; rows
diff-sample invert mixture:m.json x.npy -o y.npy; rows
diff-sample invert mixture:m.json x.npy --check -n 1 | cut -f 1
diff-sample empirical:x.npy -n 4 --float -o y.npy; rows
diff-sample -q compare empirical:x.npy -n 2 --steps 3 --samplers ddim >table; echo exit $?
{ npy 1; printf "$half$half$half$nan"; } > one.npy
diff-sample mixture:m.json --init one.npy -o y.npy; echo exit $?
diff-sample empirical:one.npy -o y.npy; echo exit $?
rm m.json x.npy one.npy table]=])
golden(diff-sample/json-of-mixtures [=[
echo '{"weights": [1], "means": [[0, 0, 0, 0]], "stds": [1], "shape": [2, 2, 1]}' > two.json
diff-sample mixture:two.json -n 1 --steps 1 -o x.npy --json | grep -E 'model|weights|precision'
rm two.json x.npy]=])
# The images of a data set as a model are read as the options say, and remarked upon.
golden(diff-sample/empirical-read [=[
zeros='\0\0\0\0\0\0\0\0' half='\0\0\0\0\0\0\340\77' one='\0\0\0\0\0\0\360\77'
{ printf '\223NUMPY\1\0\166\0%-117s\n' "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2, 2, 1), }"; printf "$zeros$half$one$one"; } > x.npy
floats() { tail -c +129 | od -A n -v -t f4; }
diff-sample empirical:x.npy -n 1 --float | floats
diff-sample empirical:x.npy -n 1 --float --range 0,1 | floats
diff-sample empirical:x.npy -n 1 --float --range 0,1 --rgb --crop 1x1 | floats
diff-sample invert empirical:x.npy x.npy --range 0,1 --steps 2 -o y.npy; diff-sample invert empirical:x.npy x.npy --steps 2 -o y.npy
diff-sample compare empirical:x.npy -n 1 --steps 1 --samplers ddim > table
mkdir p; cp $DATA/image/rgba.png p
diff-sample empirical:p -n 1 -o a.npy; diff-sample empirical:p --alpha flatten=white -n 1 -o b.npy; cmp a.npy b.npy
diff-sample empirical:p --alpha drop -n 1 -o b.npy; cmp -s a.npy b.npy || echo other colours
diff-sample compare empirical:p -n 1 --steps 1 --samplers ddim > table
echo '{"weights": [1], "means": [[0, 0, 0, 0]], "stds": [1], "shape": [2, 2, 1]}' > m.json
for o in '--size 2' '--gray' '--rgb' '--range 0,1' '--orient' '--alpha drop'; do diff-sample mixture:m.json $o -o z.npy; done
rm -r p x.npy y.npy a.npy b.npy m.json table]=])
golden(diff-sample/refused-axes [=[
zeros=$(printf '0%.0s,' $(seq 35))0
echo "{\"weights\": [1], \"means\": [[$zeros]], \"stds\": [9], \"shape\": [3, 4, 3]}" > m.json
diff-sample mixture:m.json -n 3 --float -o x.npy
diff-sample empirical:x.npy -n 1 -o y.npy
diff-sample mixture:m.json -n 3 --float -o p/; diff-sample empirical:p -n 1 -o y.npy
rm -r m.json x.npy p]=])

# The same pictures on an XLA plugin's devices (77: none is named).
add_test(NAME cli/diff-sample/device
  COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/device.sh ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
set_tests_properties(cli/diff-sample/device PROPERTIES LABELS xla SKIP_RETURN_CODE 77)
