golden(diff-schedule/help "diff-schedule --help")
golden(diff-schedule/list "diff-schedule list")
golden(diff-schedule/linear "diff-schedule linear -T 3")
golden(diff-schedule/to-file "diff-schedule flow:shift=3 -T 4 -o flow.json && cat flow.json")
golden(diff-schedule/show "diff-schedule show linear --at 1,500,1000")
golden(diff-schedule/show-all-columns [=[
for column in $(diff-schedule list | awk '/^[^ ]/ { on = /^columns/ } on && /^  [^ ]/ { print $1 }'); do
  diff-schedule show cosine -T 10 --columns $column --at 1,5,10 | tr '\n' ' '; echo
done]=])
golden(diff-schedule/show-weights [=[
diff-schedule show linear --columns t,weight:v:min-snr,weight:eps:p2:k=2,snr --at 1,500,1000 --format csv
diff-schedule show flow -T 4 --columns weight:u --at 1,2
diff-schedule show cosine -T 3 --columns weights --format csv | head -n 1 | tr , '\n' | wc -l
for column in weight:w weight:v:none weight:v:mean-snr; do
  diff-schedule show cosine -T 3 --columns $column 2>&1; echo "exit $?"
done]=])
golden(diff-schedule/show-formats [=[
for format in table csv tsv markdown json; do diff-schedule show karras -T 3 --format $format; done
diff-schedule show karras -T 3 --format json > json
diff-schedule show karras -T 3 --json | cmp - json]=])
golden(diff-schedule/stream "diff-schedule cosine -T 4 | diff-schedule show - --columns t,beta")
golden(diff-schedule/options-before-file [=[
diff-schedule linear -T 4 -o s.json
diff-schedule show --at 1,4 --columns t,beta s.json]=])
golden(diff-schedule/custom [=[
echo '{"betas": [0.1, 0.1]}' | diff-schedule show --columns t,beta,alpha_bar,alpha,sigma
echo '{"alphas_cumprod": [0.9, 0.81], "timesteps": [10, 20], "mine": 1}' | diff-schedule show
echo '{"process": "flow", "sigmas": [0.25, 1]}' | diff-schedule show
echo '{"family": "linear", "betas": [1e-4, 0.02]}' | diff-schedule show]=])
golden(diff-schedule/respace "diff-schedule respace linear -T 10 --steps 2")
golden(diff-schedule/respace-grids [=[
for grid in trailing leading leading:steps_offset=1,points=n+1 linspace linspace:points=n+1 \
    quadratic quadratic:top=1 ddim karras karras:sigma_max=5,sigma_min=0.1,rho=3 karras:round=1 \
    karras:range=trailing exponential exponential:rho=2 lambda beta beta:over=t vp \
    trailing:final=sigma_min; do
  echo $grid
  diff-schedule respace linear --grid $grid --steps 4 | diff-schedule show --columns timestep |
    tail -n 4 | tr '\n' ' '; echo
done
echo '[900, 500, 1]' > grid.json
diff-schedule respace linear --grid grid.json | diff-schedule show --columns timestep,sigma
for grid in ddim5 2,1,1 sections:counts=1:2 '[900, 500, 1]' '{"t": [900, 500, 1]}' \
    '{"ve_sigma": [80, 2, 0.1]}'; do
  echo $grid
  diff-schedule respace linear --grid "$grid" | diff-schedule show --columns timestep,sigma
done]=])
golden(diff-schedule/check [=[
for schedule in linear cosine ve flow; do diff-schedule check $schedule; echo "exit $?"; done
diff-schedule check linear --json]=])
golden(diff-schedule/check-faulty [=[
diff-schedule linear -T 5 | sed 's/0.005075/0.2/' > changed.json
diff-schedule check changed.json; echo "exit $?"
diff-schedule show changed.json 2>&1; echo "exit $?"
cp changed.json changed
diff-schedule check changed > verdict; echo "exit $?"
echo '{"betas": [0, 0.5, 0, 0.5], "timesteps": [0, 1, 1, 2]}' | diff-schedule check -
echo "exit $?"]=])

golden(diff-schedule/refused-families [=[
for spec in cosin cosine:q=1 cosine:s=x cosine:s=1,s=2 cosine:s cosine:=1 'cosine:s="1' cosine:s=-1 \
    cosine:min_beta=0.5,max_beta=0.4 linear:beta_end=2 linear:scale=100 linear:T=0 linear:T=2.5 \
    sigmoid:points=mid karras:rho=0 ve:sigma_min=3,sigma_max=2 flow:shift=0; do
  diff-schedule "$spec" -o left.json 2>&1; echo "exit $?"
done]=])
golden(diff-schedule/refused-usage [=[
run() { echo "\$ diff-schedule $*"; diff-schedule "$@" 2>&1; echo "exit $?"; }
run
run linear cosine
run --bogus
run linear -T 0
run linear -T 1000001
run linear -T many
run linear -o missing/s.json
run show missing.json
run show missing
run show linear --at 0
run show linear --at 1,x
run show linear --at 1:3:0
run show linear --at 5,5
run show linear --at 1001
run show linear --columns t,betta
run show ve --columns beta
run show linear --format xml
run respace linear -T 10 --steps 11
run respace linear --steps 0
run respace linear --grid trailin
run respace linear --grid trailing:offset=1
run respace linear --grid leading:steps_offset=-1
run respace linear --grid quadratic:top=2
run respace flow --grid karras
run respace linear --grid missing.json
run check missing.json
run compare linear
run compare - -
run compare linear flow --column beta
run compare linear cosine --column snrr
run compare linear cosine --within -1
run zero-snr ve
run zero-snr flow
run zero-snr linear -T 1
run shift linear
run shift linear --from 64
run shift linear --from 64 --to 0
run shift linear --by 1 --factor 2
run shift linear --by inf
run shift flow --factor -1
run scale linear
run scale linear --factor 0
run scale linear --factor 100
run scale flow --factor 2
run --completion tcsh]=])
golden(diff-schedule/refused-files [=[
while read -r json; do
  echo "$json"
  echo "$json" | diff-schedule show 2>&1
done <<'END'
{
[1]
{}
null
{"format": "x", "betas": [0.1]}
{"version": 2, "betas": [0.1]}
{"betas": [0.1, 1.5]}
{"betas": [0.1, 1, 0.1]}
{"betas": []}
{"betas": 0.1}
{"betas": [0.1, "a"]}
{"betas": [NaN]}
{"betas": [0.1], "betas": [0.2]}
{"betas": [0.1, 0.2], "T": 3}
{"betas": [0.1, 0.2], "timesteps": [1]}
{"betas": [0.1, 0.2], "alphas": [0.9, 0.9]}
{"betas": [0.1, 0.2], "alphas": [0.9]}
{"betas": [0.1], "process": "vx"}
{"betas": [0.1], "process": 3}
{"betas": [0.1], "process": "ve"}
{"sigmas": [0.5, -1], "process": "ve"}
{"sigmas": [0.5, 2], "process": "flow"}
{"alphas_cumprod": [0.5, 0.6]}
{"alphas_cumprod": [0.5, 0, 0]}
{"family": "lin"}
{"family": 3}
{"family": "linear", "T": "x"}
{"family": "linear", "T": 0}
{"family": "linear", "params": 3}
{"family": "linear", "params": {"x": 1}}
{"family": "linear", "params": {"beta_end": [1]}}
{"family": "linear", "T": 2, "betas": [1e-4, 0.03]}
END
diff-schedule linear -T 3 > three.json
diff-schedule show three.json -T 4 2>&1]=])
golden(diff-schedule/refused-grids [=[
for grid in '[500, 600]' '[0.5]' '[1001]' '[]' '3' '["a"]' '{}'; do
  echo "$grid" | tee grid.json
  diff-schedule respace linear --grid ./grid.json -o left.json 2>&1; echo "exit $?"
done
echo '[500]' > grid.json
diff-schedule respace linear --grid ./grid.json --steps 2 2>&1]=])
golden(diff-schedule/refused-surplus "diff-schedule show linear cosine; diff-schedule list foo; diff-schedule cosine show linear")

golden(diff-schedule/show-ranges "diff-schedule show linear --at 1:1000:333,500 --columns t,log_snr --format markdown")
golden(diff-schedule/show-all "diff-schedule show linear -T 2 --columns all --format csv; diff-schedule show flow -T 2 --columns all --format tsv")
golden(diff-schedule/list-json "diff-schedule list --json | head -n 12")
golden(diff-schedule/help-of-subcommand "diff-schedule check --help")
golden(diff-schedule/refused-kinds [=[
mkdir empty
echo '{"_class_name": "DDPMPipeline", "unet": []}' > model_index.json
echo '{"_class_name": "UNet2DModel"}' > config.json
echo 0.1 > betas.txt
for input in ./empty ./model_index.json ./config.json ./betas.txt $DATA/image/rgb.png $DATA/npy/f4-little.npy \
  $DATA/safetensors/reference.safetensors; do
  diff-schedule show $input; diff-schedule import $input -o left.json
done
rm -r empty *.json betas.txt]=])
golden(diff-schedule/compare [=[
diff-schedule compare linear cosine --at 1,500,1000
diff-schedule compare linear -T 4 cosine:s=0.1 --column alpha_bar --format csv
diff-schedule linear | diff-schedule compare - linear --within 0 --at 1000; echo "exit $?"
diff-schedule compare linear linear:T=100 --at 1,50 --within 0.1 --format tsv; echo "exit $?"
diff-schedule compare linear flow -T 2 --json]=])
golden(diff-schedule/names-of-outputs [=[
for o in t.csv t.tsv t.md t.json t.txt; do diff-schedule show linear -T 1 --columns t,beta -o $o; echo "$o:"; cat $o; done
diff-schedule show linear -T 1 --columns t,beta -o t.csv --format CSV && cat t.csv
diff-schedule show linear -T 1 --columns t,beta -o t --format tsv && cat t
diff-schedule linear -T 1 --json --format csv
diff-schedule show linear --json --format csv
for o in s.png s.npz s.tar; do diff-schedule linear -o $o; diff-schedule compare linear cosine -o $o; done
rm t.* t
diff-schedule show linear -T 1 --columns alphas,sigmas
diff-schedule show --list; diff-schedule --list
diff-schedule respace cosine --grid quad --steps 2 -o s.json; rm s.json]=])
golden(diff-schedule/zero-snr [=[
diff-schedule zero-snr linear -T 5 | diff-schedule show --columns t,beta,alpha_bar,snr
diff-schedule zero-snr linear | diff-schedule check; echo "exit $?"]=])
golden(diff-schedule/shift [=[
diff-schedule shift cosine -T 4 --from 64 --to 256 | diff-schedule show
diff-schedule shift flow -T 4 --factor 3 | diff-schedule compare --within 1e-12 - flow:shift=3,T=4
diff-schedule shift ve -T 3 --by -2 | diff-schedule compare - ve -T 3]=])
golden(diff-schedule/scale [=[
diff-schedule scale linear -T 4 --factor 5 | diff-schedule compare --within 1e-12 - linear:scale=5 -T 4
diff-schedule scale ve -T 2 --factor 2 | diff-schedule show --columns t,sigma]=])
golden(diff-schedule/pipe "diff-schedule scaled-linear | diff-schedule zero-snr | diff-schedule shift --by -1 | diff-schedule respace --steps 2")
golden(diff-schedule/check-all-findings [=[
while read -r json; do
  echo "$json"
  echo "$json" | diff-schedule check 2>&1; echo "exit $?"
done <<'END'
{"betas": [0.1, -1, NaN, "x", 1, 0.5], "timesteps": [0, 1]}
{"betas": [0.1, 2], "alphas_cumprod": [0.9, 0.81]}
{"process": "ve", "sigmas": [1, 0.5, -1]}
{"process": "ve", "sigmas": [1, 0.5, 2]}
{"alphas_cumprod": [0.5, 0.6], "snr": "x"}
{"family": "linear", "T": 2, "betas": [1e-4, 7], "alphas": [0.5, 0.5]}
{"betas": [0.1, 0.2], "T": 3}
{"version": 2}
[]
END
echo '{"betas": [0.1, -1]}' | diff-schedule check --json; echo "exit $?"
diff-schedule check flow --json]=])
golden(diff-schedule/import-diffusers [=[
cat > scheduler_config.json <<'END'
{"_class_name": "DDIMScheduler", "_diffusers_version": "0.30.0", "beta_start": 0.00085,
 "beta_end": 0.012, "beta_schedule": "scaled_linear", "num_train_timesteps": 3,
 "prediction_type": "v_prediction", "steps_offset": 1, "rescale_betas_zero_snr": true,
 "trained_betas": null}
END
diff-schedule import scheduler_config.json -o s.json && cat s.json
diff-schedule export s.json
diff-schedule export s.json --class PNDMScheduler
diff-schedule export s.json --class DDPMScheduler --predict x0 | grep predict
mkdir -p pipeline/scheduler && mv scheduler_config.json pipeline/scheduler
diff-schedule import pipeline | cmp - s.json
diff-schedule export s.json -o folder && diff-schedule import folder | diff-schedule compare --within 0 --at 3 - s.json]=])
golden(diff-schedule/diffusers-schedules [=[
cat > scheduler_config.json <<'END'
{"_class_name": "DDIMScheduler", "beta_start": 0.1, "beta_end": 0.2, "beta_schedule": "linear",
 "num_train_timesteps": 3, "prediction_type": "v_prediction"}
END
diff-schedule import scheduler_config.json -o s.json
diff-schedule show scheduler_config.json
diff-schedule zero-snr scheduler_config.json | diff-schedule show --columns alpha_bar
diff-schedule check ./scheduler_config.json --json
mkdir -p pipeline/scheduler && cp scheduler_config.json pipeline/scheduler
for schedule in scheduler_config.json ./pipeline pipeline/scheduler; do
  diff-schedule compare --within 0 --at 3 s.json $schedule
done
diff-schedule show <scheduler_config.json --at 3
echo '{"_class_name": "FlowMatchEulerDiscreteScheduler", "use_dynamic_shifting": true}' > flow.json
diff-schedule show flow.json --at 500
diff-schedule -q import flow.json | diff-schedule compare --within 0 --at 500 - ./flow.json
run() { echo "\$ $*"; "$@" 2>&1; echo "exit $?"; }
run diff-schedule show scheduler_config.json -T 4
echo '{"num_train_timesteps": 3}' > nobody.json
run diff-schedule show nobody.json
mkdir empty
run diff-schedule show ./empty
for class in ScoreSdeVp KarrasVe CMStochasticIterative; do echo "{\"_class_name\": \"${class}Scheduler\"}" > other.json; run diff-schedule show other.json; done
echo '{"_class_name": "ScoreSdeVeScheduler", "num_train_timesteps": 3, "snr": 0.1}' > ve.json
diff-schedule -q show ve.json --columns ve_sigma,timestep; diff-schedule -q export ve.json --predict ncsn
echo '{"_class_name": "CogVideoXDDIMScheduler", "num_train_timesteps": 3, "snr_shift_scale": 2}' > cog.json
diff-schedule -q show cog.json --columns log_snr,timestep; diff-schedule -q export cog.json --predict v
echo '{"_class_name": "EulerDiscreteScheduler", "num_train_timesteps": 3, "timestep_type": "continuous"}' > euler.json
diff-schedule -q show euler.json --columns ve_sigma,timestep; diff-schedule -q export euler.json --predict v
sed -i 's/}/, "rescale_betas_zero_snr": true}/' euler.json; run diff-schedule show euler.json
sed -i 's/CogVideoXDDIM/DDIM/' cog.json; run diff-schedule show cog.json]=])
golden(diff-schedule/import-lists [=[
printf 'step,beta\n1,0.1\n2,0.2\n' | diff-schedule import | diff-schedule show --columns beta
printf '0.9\n0.72\n' | diff-schedule import --as alpha_bars | diff-schedule show --columns beta
echo '[10, 1, 0.1, 0]' | diff-schedule import --as sigmas --process ve | diff-schedule show
echo '[3, 0, "-Infinity"]' | diff-schedule import --as log_snr --process flow | diff-schedule show]=])
golden(diff-schedule/export-lists [=[
diff-schedule respace linear -T 10 --steps 2 -o s.json
for to in csv tsv json; do diff-schedule export s.json --to $to; done
for to in csv npy; do
  diff-schedule export s.json --as log_snr -o list.$to
  diff-schedule import list.$to --as log_snr | diff-schedule compare --within 1e-9 - s.json
done
diff-schedule import list.csv | diff-schedule compare --column timestep - s.json
diff-schedule export flow -T 2 --to csv]=])
golden(diff-schedule/refused-exchange [=[
run() { echo "\$ diff-schedule $*"; diff-schedule "$@" 2>&1; echo "exit $?"; }
echo '{"_class_name": "DDIMScheduler", "beta_stat": 1}' > key.json
echo '{"_class_name": "VQDiffusionScheduler"}' > class.json
echo '{"_class_name": "DDIMScheduler", "use_flow_sigmas": true}' > setting.json
echo '{"beta_schedule": "linear"}' > nobody.json
echo '{"format": "diffusion-schedule", "betas": [0.1]}' > ready.json
echo '[0.1, 2]' > betas.json
printf 't,x\n1,2\n' > names.csv
printf 'beta\n0.1\nx\n' > words.csv
mkdir empty
for file in key class setting nobody ready betas; do run import $file.json -o left.json; done
run import betas.json --as betas
run import betas.json --as sigmas
run import betas.json --as timestep
run import betas.json --as betas --process flow
run import key.json --as betas
run import names.csv
run import words.csv
run import empty
run import missing.json
run import $DATA/image/rgb.png
diff-schedule respace linear --steps 3 | run export
run export karras
run export flow -T 4
run export linear --class DDIM
run export linear --predict score
run export linear --predict u
run export flow --predict v
run export karras:timestep=c_noise --predict eps
run export linear --predict w
run export linear --predict v --to csv
run export linear --class EDMEulerScheduler
run export linear --as beta --to diffusers
run export linear --to csv --as betta
run export linear --to csv --class DDIMScheduler
run export linear -o config.yaml]=])
golden(diff-schedule/refused-plots [=[
run() { echo "\$ diff-schedule $*"; diff-schedule "$@" 2>&1; echo "exit $?"; }
run plot
run plot linear
run plot linear -o picture.gif
run plot linear -o picture.png --size 10x10
run plot linear -o picture.png --size 800
run plot linear -o picture.png --size 300x300
run plot missing.json -o picture.png
mkdir none
PATH=none "$(command -v diff-schedule)" plot linear -o picture.png]=])
find_program(GNUPLOT gnuplot)
if(GNUPLOT)
  golden(diff-schedule/plot [=[
diff-schedule zero-snr cosine -T 20 -o "it's \`odd\`.json"
for type in png svg pdf; do
  for copy in one two; do
    diff-schedule plot linear cosine flow karras:T=5 ./it*.json --title 'A "title"' -o $copy.$type
  done
  cmp one.$type two.$type
done
head -c 5 one.pdf; echo
head -c 4 one.png | tail -c 3; echo
grep -c '<svg ' one.svg
for name in linear cosine flow karras:T=5 odd title; do grep -q "$name" one.svg || echo "no $name"; done
diff-schedule plot linear -T 1 -o small.svg --size 700x400 && grep -c 'width="700" height="400"' small.svg
diff-schedule plot linear -o missing/picture.png]=])
endif()
# How many threads any tool would use, and why.
golden(diff-schedule/threads [=[
unset OMP_NUM_THREADS
threads() { sed -n 's/^threads: //p'; }
diff-schedule --version -v | sed 1d | cut -d : -f 1 | uniq
diff-schedule --version -v -j 3 | threads
OMP_NUM_THREADS=5 diff-schedule -v --version | threads
OMP_NUM_THREADS=5 diff-schedule show --version -j 2 -v | threads
one=$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')
taskset -c "$one" diff-schedule --version -v -j 0 | threads | sed 's/ .*//'
for bad in 4097 two -1; do diff-schedule --version -v -j $bad 2>/dev/null || echo "exit $?"; done]=])
# Every family, and tables of one's own.
golden(diff-schedule/families [=[
for family in $(diff-schedule list | awk '/^columns/ { exit } /^  [^ ]/ { print $1 }') \
    exponential-sigmas; do
  test $family = custom && continue
  echo $family
  diff-schedule show $family -T 3 --columns log_snr,timestep
done]=])
golden(diff-schedule/other-readings [=[
for spec in linear:scale=1000/T,beta_end=0.002 sigmoid:points=linspace sigmoid:points=t/T \
    cosine:min_beta=1e-4,max_beta=0.9999 warm-up:warmup=0.5 sigmoid-alpha-bar:start=0,tau=0.7 \
    piecewise:log_snr=9:3:-9,at=0:0.75:1,process=flow karras:timestep=c_noise; do
  echo $spec
  diff-schedule show "$spec" -T 5 --columns log_snr,timestep
done]=])
golden(diff-schedule/own-tables [=[
diff-schedule custom:betas=0.1:0.2
diff-schedule show cosine -T 3 --format csv > table.csv
diff-schedule show custom:betas=table.csv --columns t,beta
diff-schedule show custom:alpha_bars=./table.csv --columns t,beta
echo '[0.1, 2, 30]' > sigmas.json
diff-schedule show custom:sigmas=sigmas.json
echo 0.5 1 | diff-schedule show custom:sigmas=-,process=flow
printf 'u log_snr\n0 9\n0.5 8\n1 -9\n' > knots.txt
diff-schedule show piecewise:log_snr=knots.txt,at=knots.txt -T 3 --columns log_snr
diff-schedule piecewise:log_snr=knots.txt,at=knots.txt -T 3 | grep -A 4 params]=])
golden(diff-schedule/refused-own [=[
printf '\223NUMPY\001\000' > table.npy
echo 'x,y' > headings.csv
for spec in custom custom:betas=0.1,sigmas=1 custom:betas=0.1,T=2 custom:betas=missing.csv \
    custom:betas=table.npy custom:betas=headings.csv custom:betas= custom:betas=0.1:1.5 \
    custom:sigmas=0.1,process=vp piecewise:log_snr=1 piecewise:log_snr=1:2 piecewise:at=0:2 \
    piecewise:process=vx warm-up:warmup=2 constant:beta_end=-1 sigmoid-alpha-bar:tau=0 \
    sigmoid-alpha-bar:start=4 laplace:max_beta=2 exponential:min_beta=1,max_beta=0 jsd:s=1 \
    scaled-linear:beta_start=nan karras:timestep=x; do
  diff-schedule "$spec" -o left.json 2>&1; echo "exit $?"
done
ls]=])
golden(diff-schedule/refused-grid-specs [=[
for grid in ddim0 ddim300 ddimx 400,400,401 1,0 , sections:counts=x beta:alpha=0 vp:eps_s=2 \
    karras:range=x karras:round=2 trailing:final=x '[1, 2]' '{"ve_sigma": [1, 2]}' '{"t": 3}'; do
  diff-schedule respace linear --grid "$grid" -o left.json 2>&1; echo "exit $?"
done
diff-schedule respace linear --grid ddim50 --steps 20 2>&1
ls]=])
golden(diff-schedule/refused-contents [=[
check() { diff-schedule "$@" 2>&1 | cut -c 1-150; }
echo '{"betas": [0.1, NaN]}' | check show
echo '{"betas": [0.1, Infinity]}' | check show
echo '{"betas": [0.1, -0.1]}' | check show
echo '{"betas": [1e400]}' | check show
echo '{"betas": [0.1], "alphas": ["a"]}' | check show
echo '{"version": "1", "betas": [0.1]}' | check show
echo '{"family": "linear", "family": "cosine"}' | check show
echo '{"family": "linear", "params": {"scale": 1, "scale": 2}}' | check show
echo '{"family": "linear", "T": 1000000000}' | check show
echo '{"family": "piecewise", "params": {"log_snr": "knots.txt"}}' | check show
echo '{"betas": [0.1], "T": 1000000000}' | check show
echo '{"family": "linear", "params": {"T": 1000000000}}' | check show
awk 'BEGIN { printf "{\"betas\": ["; for (i = 0; i < 1000000; ++i) printf "0,"; print "0]}" }' > long.json
check show long.json
check check long.json
awk 'BEGIN { for (i = 0; i < 100000; ++i) printf "["; print "" }' | check show
diff-schedule show long.json > left 2> /dev/null; echo "exit $?"]=])

golden(diff-schedule/instruction_sets [=[
for isa in baseline avx2 avx512 avx512-bf16; do
  export DIFFUSION_ISA=$isa
  diff-schedule --version > /dev/null 2>&1 || continue
  for family in linear cosine sigmoid karras flow:shift=3; do diff-schedule $family -T 50; done > $isa
  cmp baseline $isa
done
wc -l < baseline
rm baseline avx*]=])
golden(diff-schedule/bad_instruction_set [=[
for tool in schedule noise train sample fid; do DIFFUSION_ISA=sse9 diff-$tool --version; echo $?; done
DIFFUSION_ISA= diff-schedule --version | grep -c '^instruction set: '
DIFFUSION_ISA=baseline diff-schedule --version | grep '^instruction set: ']=])

# What editors write before UTF-8.
golden(diff-schedule/byte_order_mark "mark() { printf '\\357\\273\\277'; cat; }; diff-schedule linear -T 3 | mark >s.json; diff-schedule check s.json; printf 'betas\\n0.1\\n0.2\\n' | mark >b.csv; diff-schedule import b.csv | grep betas; echo '[0.1, 0.2]' | mark | diff-schedule import --as betas - | grep betas; printf '\\377\\376[\\0' >u.json; diff-schedule check u.json; diff-schedule import u.json; rm s.json b.csv u.json")
golden(diff-schedule/contradicting-names [=[
run() { echo "\$ diff-schedule $*"; diff-schedule "$@" 2>&1; echo "exit $?"; }
run show cosine --json -o t.csv
run show cosine --format csv -o t.json
run show cosine --format table -o t.md
run compare linear cosine --format markdown -o t.tsv
run export cosine --to json -o t.csv
run export cosine --to csv -o t.json
run export cosine --to npy -o t.csv
run export cosine --to diffusers -o t.csv
run export cosine --to csv -o t.npy
run export cosine --to csv -o t.png
run cosine -o t.csv
run respace cosine --steps 5 --json -o t.tsv]=])
golden(diff-schedule/missing-values [=[
run() { echo "\$ diff-schedule $*"; diff-schedule "$@" 2>&1; echo "exit $?"; }
run show linear --at --columns t
run show linear --columns --at=1
run show linear --at=
run show linear --columns= --at 1
run show linear --columns t,,beta
run show linear --columns=t,
run shift linear -T 2 --by -o s.json
run cosine -T 1 --json=
run lists
run shwo linear --at 1
run line]=])
golden(diff-schedule/any-capitals "diff-schedule show linear -T 2 --columns ALL --at All --format CSV | cut -c 1-20; diff-schedule show linear -T 2 --columns T,Weight:v:p2 --format csv; diff-schedule import --as BETAS missing.csv; diff-schedule export linear --class ddimscheduler | head -2")
golden(diff-schedule/empty-and-text [=[
: > e.json; echo ' ' > blank.json; echo hello > t.json
for f in e blank t; do
  for c in show check import; do diff-schedule $c $f.json; done
  diff-schedule respace linear --grid ./$f.json
done
for o in '--factor -2' '--factor 0' '--from 0 --to 3' '--by inf'; do diff-schedule shift cosine $o; done
diff-schedule scale cosine --factor -1
rm e.json blank.json t.json]=])
