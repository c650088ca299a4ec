# Twelve images of 8 x 8 pixels and a network that learns them in no time. One
# thread: test runs share the machine.
set(train "diff-train -q -j1 $DATA/train/shapes-idx3-ubyte --channels 4,8 --batch 5")

golden(diff-train/help "diff-train --help")
golden(diff-train/print_config "diff-train --print-config --lr 1e-4 --set train.lr=2 --channels 8,16 --size 32 --seed 3")
golden(diff-train/config_file "echo '{\"train\": {\"lr\": 0.5, \"steps\": 7}}' >c.json; diff-train --config c.json --set train.steps=8 --steps 9 --print-config | grep -E 'lr|steps'; rm c.json")
golden(diff-train/show "${train} -o m.safetensors --steps 3; diff-train show m.safetensors | grep -v mean_loss; rm m.safetensors")
golden(diff-train/show_json "${train} -o m.safetensors --steps 2 --ema 0.9,0.99; diff-train show --json m.safetensors | grep -cE '\"name\": \"(ema.0.99/|ema.0.9/|adam.mean/|adam.square/)?conv_in.weight\"'; rm m.safetensors")
golden(diff-train/show_folder "diff-train show $DATA/diffusers/pipeline | grep -vE '^model.(a|n|u|d)'; diff-train show $DATA/diffusers/old --layers | tail -n 2; diff-train show $DATA/diffusers/pipeline/unet --json | tail -n 8; diff-train show $DATA/diffusers")
golden(diff-train/show_layers "${train} -o m.safetensors --steps 1; diff-train show --layers m.safetensors; diff-train show --layers --json m.safetensors | head -n 12; rm m.safetensors")
golden(diff-train/resume_is_not_stopping "${train} -o a.safetensors --steps 20; ${train} -o b.safetensors --steps 10; ${train} -o b.safetensors --steps 20 --resume; cmp a.safetensors b.safetensors && echo same; rm ?.safetensors")
golden(diff-train/until "${train} -o a.safetensors --steps 8 --warmup 2 --flip; ${train} -o b.safetensors --steps 8 --warmup 2 --flip --until 5; ${train} -o b.safetensors --resume; cmp a.safetensors b.safetensors && echo same; rm ?.safetensors")
golden(diff-train/bf16_resumes_exactly "${train} -o a.safetensors --steps 4 --precision bf16; ${train} -o b.safetensors --steps 4 --precision bf16 --until 2; ${train} -o b.safetensors --resume; cmp a.safetensors b.safetensors && echo same; diff-sample a.safetensors --precision bf16 -n 2 --steps 2 --float -q -o - | wc -c; rm ?.safetensors")
golden(diff-train/precision_unknown "${train} -o a.safetensors --precision fp8")
golden(diff-train/save_every_changes_nothing "${train} -o a.safetensors --steps 4 --save-every 1; ${train} -o b.safetensors --steps 4 --save-every 1 --until 1; ${train} -o b.safetensors --resume; cmp a.safetensors b.safetensors && echo same; rm ?.safetensors")
golden(diff-train/log "${train} -o m.safetensors --steps 3 --log l.jsonl; ${train} -o m.safetensors --steps 5 --resume --log l.jsonl; sed 's/:[-0-9.e]*/:N/g' l.jsonl | uniq -c | tr -s ' '; rm m.safetensors l.jsonl")
golden(diff-train/log_of_redone_steps "${train} -o m.safetensors --steps 2 --log l.jsonl; echo '{\"step\":3}' >>l.jsonl; ${train} -o m.safetensors --steps 4 --resume --log l.jsonl; grep -o '\"step\":[0-9]*' l.jsonl; rm m.safetensors l.jsonl")
golden(diff-train/interrupt_saves "for s in TERM USR1; do for o in '' '--preview p.png --preview-every 1'; do ${train} -o m.safetensors --steps 1000000 --log l.jsonl $o & while ! [ -s l.jsonl ]; do sleep 0.05; done; kill -$s $!; wait $!; echo exit $?; diff-train show m.safetensors | grep -c training.steps; rm -f m.safetensors l.jsonl p.png; done; done")
golden(diff-train/standard_output "${train} --steps 1 | diff-train show - | grep ^train.steps")
golden(diff-train/one_image "printf 'P5 4 4 255\\n0123456789abcdef' >a.pgm; diff-train -q -j1 a.pgm -o m.safetensors --channels 4 --steps 2; diff-train show m.safetensors | grep -E 'sample_size|images'; rm a.pgm")
golden(diff-train/rectangular_colour "printf 'P6 6 4 255\\n' >a.ppm; head -c 72 $DATA/train/shapes-idx3-ubyte >>a.ppm; diff-train -q -j1 a.ppm -o m.safetensors --channels 4,8 --steps 2; diff-train show m.safetensors | grep -E 'sample_size|in_channels'; rm a.ppm")
golden(diff-train/bad_image_left_out "mkdir p; printf 'P5 4 4 255\\n0123456789abcdef' >p/a.pgm; : >p/b.png; diff-train -q -j1 p -o m.safetensors --channels 4 --steps 1; echo $?; rm -r p")

# Points are seen in units of their own, which samples and densities are not in.
golden(diff-train/points [=[
awk 'BEGIN { for (i = 0; i < 40; ++i) print 1000 + i % 8 "," i % 5 / 100 }' >p.csv; tail -n 4 p.csv >few.csv
small='--set model.hidden_size=8 --set model.depth=1 --batch 8'; t() { diff-train -q -j1 p.csv $small "$@"; }
t -o a.safetensors --steps 4; diff-train show a.safetensors | grep -E '^(data|model)'
diff-train -q -j1 - $small --steps 4 <p.csv | cmp - a.safetensors && echo piped
t -o b.safetensors --steps 4 --until 2; t -o b.safetensors --resume; cmp a.safetensors b.safetensors && echo resumed
diff-sample a.safetensors -n 9 -q --steps 3 --format csv | awk -F, '{ print (NF == 2 && $1 > 900 && $1 < 1100 && $2 > -1 && $2 < 1 ? "in their units" : $0) }' | uniq
t -o c.safetensors --steps 1 --scale 2,0.5; diff-train show c.safetensors | grep -E '^data.(offset|scale)'
diff-train -q -j1 few.csv --from c.safetensors --batch 8 -o d.safetensors --steps 1; diff-train show d.safetensors | grep -E '^data.(offset|scale)'
diff-train eval a.safetensors few.csv -v 2>&1 | grep -E '^(bound|diff-train: bits)' | cut -f 1
t -o e.safetensors --steps 2 --validation few.csv --network MLP && echo validated
diff-train p.csv --print-config | grep -E '_class_name|batch'
diff-train export a.safetensors -o folder; rm *.csv *.safetensors]=])
golden(diff-train/numbers [=[
awk 'BEGIN { for (i = 0; i < 180; ++i) m = m (i ? "," : "") 100 + i % 5 * 50; print "{\"weights\": [1], \"means\": [[" m "]], \"stds\": [3], \"shape\": [6, 6, 5]}" }' >l.json
diff-sample -q mixture:l.json -n 12 -o l.npy; small='--network dit --set model.patch_size=2 --set model.hidden_size=8 --set model.depth=1 --set model.num_heads=2 --batch 4'
t() { diff-train -q -j1 l.npy $small "$@"; echo exit $?; }; s() { diff-train show "$1" | grep -E '^data.(channels|offset|scale)'; }
t -o a.safetensors --steps 4 --validation 0.2; s a.safetensors | sed 's/[0-9]*[.][0-9]*/(number)/g'; t -o b.safetensors --steps 4 --validation 0.2 --recompute; diff-sample -q a.safetensors -n 2 -o a.npy; diff-sample -q b.safetensors -n 2 -o b.npy; cmp a.npy b.npy && echo computed anew
t -o c.safetensors --steps 1 --scale 0.18215; s c.safetensors; diff-train -q -j1 l.npy --batch 4 -o d.safetensors --steps 1 --from c.safetensors; s d.safetensors
t -o d.safetensors --steps 1 --preview p.png --force; t -o d.safetensors --steps 1 --size 8 --force; t -o d.safetensors --steps 1 --validation $DATA/image/rgb.png --force
diff-sample -q a.safetensors -n 2 -o s.png; diff-sample -q a.safetensors -n 2 --sheet s.png
diff-sample -q invert a.safetensors l.npy -n 2 --steps 2 --check | wc -l; diff-train eval a.safetensors l.npy -n 2 --steps 2 | head -n 1 | cut -c 1-5; diff-sample -q empirical:l.npy -n 1 --steps 2 | wc -c
diff-noise -q -t 5 l.npy -o n/; ls n | head -n 2; diff-noise -q -t 5 l.npy -o n.npy --eps-out e.npy; wc -c <n.npy; diff-noise undo n.npy e.npy --predict eps -t 5 -s cosine -q 2>&1 | wc -l; diff-noise -q -t 5 l.npy -o n.png; diff-noise -q -t 5 l.npy --rgb -o n/
diff-train -q -j1 n $small -o e.safetensors --steps 1; s e.safetensors | head -n 1; rm -r n *.npy *.json *.safetensors]=])
golden(diff-train/bad_points [=[
printf '1,2\n3,4\n5,6\n' >p.csv; b() { echo "\$ diff-train $*"; diff-train -q -j1 "$@" -o m.safetensors --steps 1 2>&1; echo exit $?; }
b p.csv --network dit; b $DATA/train/shapes-idx3-ubyte --network mlp; b p.csv --flip; b p.csv --size 8; b p.csv --preview p.png; b p.csv --labels own
b p.csv $DATA/train/shapes-idx3-ubyte; b $DATA/image/rgb.png --scale 2; b p.csv --scale 1,2,3; b p.csv --scale 0; b p.csv --channels 4,8
b p.csv --validation $DATA/train/shapes-idx3-ubyte; printf '1,2\n3,x\n' >q.csv; b q.csv; rm *.csv]=])

# Every path trains, and diff-sample speaks with each network as training did.
golden(diff-train/schedule_of_diffusers "mkdir d; echo '{\"_class_name\": \"DDIMScheduler\", \"num_train_timesteps\": 9, \"beta_schedule\": \"linear\", \"beta_start\": 0.01, \"beta_end\": 0.2}' >d/scheduler_config.json; diff-schedule import d -o s.json; ${train} -s d/scheduler_config.json -o a.safetensors --steps 2; ${train} -s s.json -o b.safetensors --steps 2; cmp a.safetensors b.safetensors && echo same; diff-train show a.safetensors | grep schedule; rm -r d s.json ?.safetensors")
golden(diff-train/paths_and_predictions "for o in '-s ve:T=9 --prediction score --weight snr' '-s ve:T=9 --prediction eps' '-s karras:T=9 --prediction edm --weight edm --levels log-normal' '-s flow:T=9 --prediction u --levels logit-normal' '-s linear:T=9 --prediction edm --weight p2'; do ${train} $o --steps 2 -o m.safetensors --force && diff-sample -q -j1 m.safetensors -n 2 --steps 3 -o - | tail -c 128 | wc -c; done; rm m.safetensors")
golden(diff-train/importance_resumes "${train} -s linear:T=2 --levels importance -o a.safetensors --steps 12; ${train} -s linear:T=2 --levels importance -o b.safetensors --steps 12 --until 5; ${train} -o b.safetensors --resume; cmp a.safetensors b.safetensors && echo same; diff-train show --json a.safetensors | grep -A6 levels/losses; rm ?.safetensors")

# A Gaussian whose denoiser is exact: all steps, so that only noise is left to chance.
set(gaussian "echo '{\"weights\": [1], \"means\": [[0.1, 0.1, 0.1, 0.1]], \"stds\": [0.2], \"shape\": [2, 2, 1]}' >g.json")
golden(diff-train/eval_mixture "${gaussian}; printf 'P5 2 2 255\\nabcdijklqrst' >a.pgm; diff-train eval mixture:g.json a.pgm a.pgm -s linear:T=50,beta_end=0.3 --bands 3; diff-train eval mixture:g.json a.pgm -s linear:T=50,beta_end=0.3 --bands 1 --variance large --json | sed -E 's/([.][0-9]{4})[0-9]+/\\1/'; rm g.json a.pgm")
golden(diff-train/eval_ode "${gaussian}; printf 'P5 2 2 255\\nabcdijklqrst' >a.pgm; diff-train eval mixture:g.json a.pgm a.pgm -s ve --ode 50 --steps 1 | tail -2 | sed -E 's/([.][0-9]{2})[0-9]+/\\1/g; s/(error.).*/\\1N/'; rm g.json a.pgm")
golden(diff-train/eval_any_threads "${train} -s linear:T=9 --steps 1 -o m.safetensors; for j in 1 2; do diff-train eval m.safetensors $DATA/train/shapes-idx3-ubyte --steps 4 -j$j >$j.txt; done; cmp 1.txt 2.txt && cut -f1 1.txt; rm m.safetensors ?.txt")
golden(diff-train/interrupted_wait "stop() { until grep -qE 'SigCgt:.*[4-7c-f][0-9a-f]{3}$' /proc/$1/status; do sleep 0.1; done; sleep 0.2; kill -TERM $1; wait $1; echo exit $?; }; mkfifo f; diff-train --config f p -o m.safetensors & stop $!; diff-train -s f p -o m.safetensors & stop $!; diff-schedule show f & stop $!; diff-noise undo f 1 -t 5 & stop $!; rm f")
golden(diff-train/eval_of_itself [=[
npy() { printf '\223NUMPY\1\0\166\0%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': ($1, 2, 2, 1), }"; }
zero='\0\0\0\0' one='\0\0\200\77'; { npy 2; printf "$zero$one$one$zero$one$one$zero$zero"; } >x.npy
e() { diff-train eval empirical:x.npy x.npy -s linear:T=50,beta_end=0.3 --steps 49 "$@" | awk '/^bound/ { print ($2 < 20 ? "near" : "far") }'; }
e; e --range 0,1; rm x.npy]=])
golden(diff-train/bad_eval "${gaussian}; diff-train eval mixture:g.json $DATA/train/shapes-idx3-ubyte; diff-train eval mixture:g.json none; diff-train eval mixture:g.json; diff-train eval mixture:g.json $DATA/train/shapes-idx3-ubyte --size 2 --variance learned; diff-train eval mixture:g.json $DATA/train/shapes-idx3-ubyte --steps 0; : >b.png; diff-train eval mixture:g.json b.png; rm g.json b.png")
golden(diff-train/learned_variance "for loss in hybrid bound; do ${train} -s linear:T=9,beta_end=0.3 --loss $loss --steps 2 -o m.safetensors --force; diff-train show m.safetensors | grep -E 'objective.loss|out_channels'; diff-sample -q -j1 m.safetensors -n 2 --steps 3 --sampler ddim:eta=1,variance=learned -o - | tail -c 128 | wc -c; diff-train eval -q m.safetensors $DATA/train/shapes-idx3-ubyte | cut -f1 | tail -4; done; diff-train eval -q m.safetensors $DATA/train/shapes-idx3-ubyte --variance large >large.txt; diff-train eval -q m.safetensors $DATA/train/shapes-idx3-ubyte | cmp -s - large.txt || echo differs; rm m.safetensors large.txt")
golden(diff-train/bad_loss "for o in '--loss hybird' '--loss hybrid:bound=2' '--loss bound --weight snr' '--loss hybrid --levels log-normal'; do ${train} $o -o m.safetensors; done; ${train} --steps 1 -o m.safetensors; diff-sample m.safetensors --sampler ddim:eta=1,variance=learned -o x.npy; ${train} -o m.safetensors --resume --steps 2 --loss hybrid; rm m.safetensors")

golden(diff-train/bad_exists "${train} -o m.safetensors --steps 1; ${train} -o m.safetensors --steps 1; ${train} -o m.safetensors --steps 1 --force && echo forced; ${train} -o m.safetensors --resume --force")
golden(diff-train/bad_resume "${train} -o m.safetensors --steps 1; ${train} -o m.safetensors --resume --seed 1; ${train} -o m.safetensors --resume -s linear; ${train} -o m.safetensors --resume --prediction eps; ${train} -o none.safetensors --resume; ${train} --resume; diff-train -j1 $DATA/train/shapes-idx3-ubyte -o m.safetensors --resume; rm m.safetensors")
golden(diff-train/bad_settings "for s in train.step=3 lr=1 train.lr=-1 train.lr train.ema=1 objective.prediction=w objective.weight=min-snr:gama=3 train.decay=cosin model.layers_per_blok=1; do ${train} -o m.safetensors --set $s; done")
golden(diff-train/print_config_refuses "for s in '--decay cosin' '--weight w' '--channels 4x8' '--channels 4,0' '--set train=3'; do diff-train --print-config $s; done")
golden(diff-train/nothing_left_to_do "train=\"diff-train -j1 -o m.safetensors $DATA/train/shapes-idx3-ubyte\"; $train -q --channels 4 --steps 2 --until 1; $train --resume --until 1 2>&1 | grep already; $train --resume --steps 1 --json 2>said | grep -E 'complete|step'; grep already said; rm *")
golden(diff-train/bad_config_file "echo '{\"train\": {\"lr\": 1, \"lr\": 2}}' >a.json; echo '{\"trian\": 1}' >b.json; for f in a b none; do ${train} -o m.safetensors --config $f.json; done; rm ?.json")
golden(diff-train/bad_sizes "mkdir p; printf 'P5 1 2 255\\nab' >p/a.pgm; printf 'P5 2 1 255\\nab' >p/b.pgm; diff-train p -o m.safetensors; diff-train -q -j1 $DATA/train/shapes-idx3-ubyte -o m.safetensors --channels 4,4,4,4,4; rm -r p")
golden(diff-train/bad_data "mkdir p; diff-train p -o m.safetensors; diff-train nothing -o m.safetensors; diff-train -o m.safetensors; echo $?; rm -r p")
golden(diff-train/bad_output "${train} -o no/m.safetensors --steps 1; ${train} -o . --steps 1")
golden(diff-train/bad_pure_noise "${train} -s flow --prediction eps -o m.safetensors; ${train} -s flow --prediction edm -o m.safetensors")
golden(diff-train/bad_model_file "printf '\\0\\0\\0\\0\\1\\0\\0\\0{}' >a; printf '\\2\\0\\0\\0\\0\\0\\0\\0{}' >b; : >c; for f in a b c none; do diff-train show $f; echo $?; done; rm ?")
golden(diff-train/bad_usage "diff-train --sepoch 5; diff-train show; diff-train x --until -1; diff-train x --until 0; diff-train x --gray --rgb")
golden(diff-train/bad_resume_on_other_images "${train} -o m.safetensors --steps 1; mkdir p; printf 'P5 8 8 255\\n%064d' 0 >p/a.pgm; printf 'P5 8 8 255\\n%064d' 0 >p/b.pgm; diff-train -q -j1 p -o m.safetensors --resume --steps 2; echo $?; diff-train show m.safetensors n.safetensors; rm -r m.safetensors p")

# Classes in turn by the file's name, so that every kind of draw is in play.
set(all_options "--flip --shift 1 --ema 0.9,0.99 --accumulate 2 --validation 0.2 --validate-every 2 --levels stratified --warmup 2")
golden(diff-train/resume_with_everything "printf '\\0\\0\\010\\1\\0\\0\\0\\014\\0\\1\\2\\0\\1\\2\\0\\1\\2\\0\\1\\2' >labels; options='--labels labels ${all_options} --steps 8'; ${train} -o a.safetensors $options --log a.jsonl; ${train} -o b.safetensors $options --until 3 --log b.jsonl --preview p.png --preview-every 1; ${train} -o b.safetensors --resume --log b.jsonl; cmp a.safetensors b.safetensors && echo same; for f in a b; do sed 's/,.images_per.*//' $f.jsonl >$f.txt; done; cmp a.txt b.txt && wc -l <a.txt; diff-train show a.safetensors | grep -E 'choices|data|num_class'; diff-sample -q -j1 a.safetensors --weights ema:0.9 -n 1 --steps 2 | wc -c; diff-sample a.safetensors --weights ema:0.8; rm *")
# Snapshots are the same whether a run stops between them or not, and are models.
golden(diff-train/average [=[
t() { diff-train -q -j1 $DATA/train/shapes-idx3-ubyte --channels 4 --batch 4 "$@"; }
snapshots='--snapshots-every 4 --steps 18'
t -o a.safetensors $snapshots; t -o b.safetensors $snapshots --until 7; t -o b.safetensors --resume
for s in 4 8 12 16 18; do cmp a.snapshot-$s.safetensors b.snapshot-$s.safetensors && echo $s; done
cmp a.safetensors b.safetensors && diff-train show a.safetensors | grep choices; diff-train show a.snapshot-8.safetensors | grep -E 'choices|training.steps'
diff-train average a.snapshot-*.safetensors --sigma-rel 0.15 -o x.safetensors
diff-train average -j 2 b.safetensors b.snapshot-16.safetensors b.snapshot-4.safetensors b.snapshot-12.safetensors b.snapshot-8.safetensors --sigma-rel 0.15 -o y.safetensors -q
for f in x y; do diff-sample -q -j1 $f.safetensors -n 2 --steps 3 -o $f.npy; done; cmp x.npy y.npy && echo same
diff-train show x.safetensors | grep -E 'choices|average'
diff-train average a.snapshot-18.safetensors --sigma-rel 0.05 -o z.safetensors
floats() { diff-sample -q -j1 "$@" -n 2 --steps 3 --float | tail -c +129 | od -A n -v -t f4 | tr -s ' ' '\n' | grep .; }
floats a.snapshot-18.safetensors --weights power:0.05 > one; floats z.safetensors > other
paste one other | awk '{ d = $1 - $2; n += d * d > 1e-8 } END { print NR, n + 0, "differ" }'
for w in raw power:0.1 ema; do diff-train export a.snapshot-8.safetensors --to safetensors -o w.safetensors --weights $w; done
t --from x.safetensors --steps 1 -o f.safetensors && echo from it
t -o g.safetensors --snapshots-every 2 --steps 4 --ema-power 0.07 --ema 0.9 && diff-train show g.snapshot-2.safetensors | grep choices
diff-train average a.snapshot-18.safetensors --sigma-rel 0.02 -o poor.safetensors; echo $?
rm *]=])
golden(diff-train/bad_average [=[
t() { diff-train -q -j1 $DATA/train/shapes-idx3-ubyte --channels 4 --batch 4 --until 2 "$@"; }
t -o a.safetensors --snapshots-every 1; t -o plain.safetensors; t -o eps.safetensors --prediction eps --snapshots-every 1; t -o wide.safetensors --layers 2 --snapshots-every 1
average() { diff-train average "$@"; echo "exit $?"; }
average -o x.safetensors; average a.safetensors; average a.safetensors -o x.txt; average a.safetensors -o a.safetensors --force; average a.safetensors -o plain.safetensors
for width in 0 0.5 nan x; do average a.safetensors --sigma-rel $width -o x.safetensors; done
average a.safetensors plain.safetensors -o x.safetensors; average a.safetensors eps.safetensors -o x.safetensors
average a.safetensors wide.safetensors -o x.safetensors; average $DATA/image/rgb.png -o x.safetensors; average none.safetensors -o x.safetensors
for o in '--snapshots-every 2' '--ema-power 0.1 -o x.safetensors' '--snapshots-every 1 --ema-power 0.3 -o x.safetensors' '--snapshots-every 1 --ema-power [] -o x.safetensors'; do t $o; echo "exit $?"; done
t -o a.safetensors --resume --ema-power 0.1; t -o plain.safetensors --resume --snapshots-every 1; t -o a.snapshot-1.safetensors --resume
rm *]=])
golden(diff-train/keep "${train} -o m.safetensors --steps 9 --save-every 2 --keep 2; diff-train show m.step-6.safetensors | grep training.steps; ${train} -o m.safetensors --steps 10 --save-every 2 --keep 2 --resume && cmp m.safetensors m.step-10.safetensors; ls; rm *; ${train} --keep 2 | wc -c")
golden(diff-train/from "${train} -o m.safetensors --steps 4 --prediction eps -s linear; ${train} --from m.safetensors -o n.safetensors --steps 1 --lr 1e-30 --ema 0; diff-train show n.safetensors | grep -E 'prediction|family|training.steps'; for f in m n; do diff-sample -q -j1 $f.safetensors -n 2 --steps 2 >$f.npy; done; cmp m.npy n.npy && echo same; ${train} --from m.safetensors -o o.safetensors --set model.layers_per_block=2; diff-train $DATA/train/shapes-idx3-ubyte --from m.safetensors -o o.safetensors --channels 4,4; ${train} --from m.safetensors -o n.safetensors --resume; ${train} --from none -o o.safetensors; rm *")
golden(diff-train/from_diffusers "for f in a b; do (printf 'P6 4 8 255\\n'; seq -s $f 100 | head -c 96) >$f.ppm; done; diff-train -q -j1 a.ppm b.ppm --batch 2 --from $DATA/diffusers/pipeline -o n.safetensors --steps 1 --lr 1e-30 --ema 0; diff-train show n.safetensors | grep -E 'prediction|family|block_out|T	'; for m in $DATA/diffusers/pipeline n.safetensors; do diff-sample -q -j1 $m -n 2 --steps 2 >$(basename $m).npy; done; cmp pipeline.npy n.safetensors.npy && echo same; diff-train -q a.ppm --from $DATA/diffusers -o o.safetensors; for s in '' '-s linear' \"-s $DATA/diffusers/pipeline\"; do diff-train -q -j1 a.ppm b.ppm --batch 2 --from $DATA/diffusers/pipeline/unet $s -o o.safetensors --steps 1 --lr 1e-30 --ema 0; done; cmp n.safetensors o.safetensors && echo same; rm *")
# What diffusers saved comes back byte for byte; what is written draws what the model draws.
golden(diff-train/export_of_diffusers [=[
for f in a b; do (printf 'P6 4 8 255\n'; seq -s $f 100 | head -c 96) >$f.ppm; done
diff-train -q -j1 a.ppm b.ppm --batch 2 --from $DATA/diffusers/pipeline -o m.safetensors --steps 1 --lr 1e-30 --ema 0
diff-train export m.safetensors -o out; rm *.ppm
cmp out/unet/diffusion_pytorch_model.safetensors $DATA/diffusers/pipeline/unet/diffusion_pytorch_model.safetensors && echo same weights
cat out/model_index.json out/scheduler/scheduler_config.json
for m in m.safetensors out; do diff-sample -q -j1 $m -n 2 --steps 2 --float -o $m.npy; done; cmp *.npy && echo same samples
diff-train export m.safetensors -o -  --to safetensors -q | cmp - out/unet/diffusion_pytorch_model.safetensors && echo same file
rm *.safetensors *.npy]=])
golden(diff-train/export [=[
t() { diff-train -q -j1 $DATA/train/shapes-idx3-ubyte --channels 4,8 --batch 5 --steps 9 -o m.safetensors --force "$@"; }
draw() { diff-sample -q -j1 -n 2 --steps 4 --float -o $*; }
same() { folder=$1 which=$2; shift 2; draw a.npy m.safetensors $which "$@"; draw b.npy $folder "$@"; cmp a.npy b.npy && echo same samples; }
key() { sed -n "s/^ *\(\"$1.*[^,]\),*$/\1/p" $2; }
t -s cosine:T=8 --ema 0.5,0.9; diff-train export m.safetensors -o a --weights ema:0.5 --class ddimscheduler
key prediction_type a/scheduler/scheduler_config.json; key beta_schedule a/scheduler/scheduler_config.json; key _class a/model_index.json
same a --weights=ema:0.5; diff-train export m.safetensors -o b/ -q; same b --weights=ema; cmp -s a/unet/*.safetensors b/unet/*.safetensors || echo other weights
t -s sigmoid-alpha-bar:T=8 --prediction x0; diff-train export m.safetensors -o c; key prediction c/scheduler/scheduler_config.json; key trained_betas c/scheduler/scheduler_config.json; draw a.npy m.safetensors; draw b.npy c; cmp a.npy b.npy | wc -c
printf '\0\0\010\1\0\0\0\014\0\1\2\0\1\2\0\1\2\0\1\2' >labels
t -s linear:T=9 --labels labels --label-dropout 0.5; diff-train export m.safetensors -o d; ls d; same d '' --class 2,0 --cfg=2; same d '' --clip none; tail -n 5 d/unet/config.json
t -s linear:T=9 --labels labels; diff-train export -q m.safetensors -o g; same g ''
t -s linear:T=9 --loss hybrid; diff-train export m.safetensors -o e; ls e; key variance e/scheduler/scheduler_config.json; same e '' --sampler ddim:eta=1,variance=learned; same e '' --sampler ddpm
diff-train export m.safetensors -o f --class DDIMScheduler
rm -r *]=])
golden(diff-train/import [=[
diff-train import $DATA/published/dit.pt --as dit:heads=3 -o d.safetensors; diff-train show d.safetensors
diff-train import -q $DATA/published/dit.pt --as dit:heads=3 --weights raw -s cosine:T=9 --prediction v -o r.safetensors; diff-train show r.safetensors | grep -e T -e prediction
draw() { diff-sample -q -n 2 --steps 4 --float "$@"; }
draw d.safetensors --class 2 --cfg 3 -o a.npy; draw d.safetensors --class 2 -o b.npy; cmp -s a.npy b.npy || echo guided
diff-train import $DATA/published/sit.pt --as sit:heads=3 -o s.safetensors; diff-train show s.safetensors | grep -e time -e process -e out_
for i in 1 2; do draw s.safetensors --class 1 -o s$i.npy -j$i; done; cmp s1.npy s2.npy && echo same samples
diff-train import $DATA/diffusers/pipeline -o p.safetensors; draw p.safetensors -o a.npy; draw $DATA/diffusers/pipeline -o b.npy; cmp a.npy b.npy && echo same samples
diff-train -q -j1 $DATA/train/shapes-idx3-ubyte --size 8x4 --rgb --channels 4,8 --batch 5 --steps 1 -o t.safetensors --from p.safetensors && echo trained on
diff-train -q -j1 $DATA/train/shapes-idx3-ubyte --resume --steps 3 -o d.safetensors
rm *.safetensors *.npy]=])
golden(diff-train/bad_import [=[
i() { diff-train import "$@" -o x.safetensors; echo exit $?; }
i $DATA/published/dit.pt; i $DATA/published/dit.pt --as dit; i $DATA/published/dit.pt --as dit:heads=3,depth=2; i $DATA/published/dit.pt --as dti:heads=3
i $DATA/published/dit.pt --as dit:heads=3,size=8x; i $DATA/published/dit.pt --as dit:heads=-1; i $DATA/published/dit.pt --as adm:size=8; i $DATA/published/dit.pt --as adm -s linear
i $DATA/published/sit.pt --as sit:heads=3 --weights ema; i $DATA/published/dit.pt --as adm:size=8,heads=2,head_channels=2 -s linear
i $DATA/diffusers/pipeline --as dit; i $DATA/diffusers/pipeline --weights fp16; i $DATA/torch/zip.pth --as dit; i $DATA/image/rgb.png --as dit; i nowhere.pt --as dit
head -c 9000 $DATA/published/sit.pt >cut.pt; i cut.pt --as sit:heads=3
diff-train import $DATA/published/sit.pt --as sit:heads=3 -o x.pt; diff-train import cut.pt --as sit -o cut.pt; rm cut.pt; ls
i $DATA/published/sit.pt --as sit:heads=3 -q; i $DATA/published/sit.pt --as sit:heads=3 -q; i $DATA/published/sit.pt --as sit:heads=3 -q --force; i $DATA/published/sit.pt --as sit:heads=5
diff-train import x.safetensors --as sit -o y.safetensors; diff-train -q -j1 $DATA/image/rgb.png --size 8 --from $DATA/diffusers/pipeline --set model.out_channels=6 -o y.safetensors; rm x.safetensors]=])
golden(diff-train/bad_export [=[
t() { diff-train -q -j1 $DATA/train/shapes-idx3-ubyte --channels 4,8 --batch 5 --steps 1 -o m.safetensors --force "$@"; }
e() { diff-train export "$@" -o out; echo exit $?; }
t -s flow:T=9 --prediction u; e m.safetensors
diff-train export m.safetensors -o w.safetensors --to safetensors; head -c 40 w.safetensors | tail -c 32; echo
t -s karras:T=9 --prediction edm; e m.safetensors
t -s linear:T=9 --prediction score; e m.safetensors
diff-schedule respace linear:T=9 --steps 3 -o s.json; t -s s.json; e m.safetensors
t -s linear:T=9; e m.safetensors --weights ema:0.5; e m.safetensors --class PNDMScheduler; e m.safetensors --to onnx
mkdir out; touch out/x; e m.safetensors; rm -r out; touch out; e m.safetensors; rm out
e none; e $DATA/diffusers/pipeline; e mixture:a.json; e w.safetensors
diff-train export m.safetensors; diff-train export m.safetensors -o -; diff-train export m.safetensors -o no/out --to safetensors
diff-train export m.safetensors -o m.safetensors --to safetensors; diff-train export m.safetensors -o w.npy --to safetensors; diff-train export m.safetensors -o v.safetensors --to safetensors --class DDIMScheduler
rm *]=])
golden(diff-train/max_time "diff-train -j1 $DATA/train/shapes-idx3-ubyte --channels 4,8 --batch 5 -o m.safetensors --steps 100000000 --max-time 0.3s --json 2>said | grep -E 'complete|\"steps|skipped'; grep -c 'the time is over' said; rm said; ${train} -o n.safetensors --max-time 5d; ${train} -o n.safetensors --max-time -1")
golden(diff-train/pictures "${train} -o m.safetensors --steps 3 --plot loss.svg --preview p.png; head -c 5 loss.svg; head -c 4 p.png | tail -c 3; ${train} -o n.safetensors --plot loss.gif; ${train} -o n.safetensors --preview p.txt; rm *")
# Before anything is read: there is no such folder.
golden(diff-train/plot_without_gnuplot "mkdir none; PATH=none \"$(command -v diff-train)\" missing -o m.safetensors --plot loss.svg; echo $?; ls")
golden(diff-train/bad_labels "printf '\\0\\0\\010\\1\\0\\0\\0\\2\\0\\1' >two; ${train} -o m.safetensors --labels two; ${train} -o m.safetensors --labels own; ${train} -o m.safetensors --labels prefix; ${train} -o m.safetensors --labels none; ${train} -o m.safetensors --label-dropout 2; ${train} -o m.safetensors --steps 1; ${train} -o m.safetensors --resume --labels two; rm *")
golden(diff-train/bad_pixels "printf '\\223NUMPY\\1\\0\\166\\0%-117s\\n' \"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 2, 1), }\" >a.npy; printf '\\0\\0\\300\\177\\0\\0\\0\\0' >>a.npy; diff-train -q -j1 --layout nhwc a.npy -o m.safetensors --channels 4 --steps 1; diff-train -q -j1 --layout nhwc a.npy $DATA/train/shapes-idx3-ubyte -o m.safetensors --channels 4 --steps 1; rm -f *")
golden(diff-train/bad_validation "printf 'P5 4 4 255\\n0123456789abcdef' >a.pgm; diff-train -q -j1 a.pgm -o m.safetensors --channels 4 --validation 0.5; ${train} -o m.safetensors --validation 1; ${train} -o m.safetensors --steps 1 --validation 0.5; ${train} -o m.safetensors --steps 2 --resume --validation 0.25; rm *")
golden(diff-train/disk_full "${train} -o m.safetensors --steps 2; cp m.safetensors before; (ulimit -f 40; trap '' XFSZ; ${train} -o m.safetensors --steps 4 --resume); echo $?; cmp m.safetensors before && echo intact; rm *")
golden(diff-train/killed_while_saving "sh $DATA/../cli/diff-train/kill.sh")

# Twelve pictures, two of them spoiled, in folders by class.
set(folder "mkdir p p/round p/square; i=0; for c in round square round square round square; do i=$((i + 1)); (printf 'P5 8 8 255\\n'; tail -c +$((16 + 64 * i)) $DATA/train/shapes-idx3-ubyte | head -c 64) >p/$c/$i.pgm; done; : >p/square/0.pgm")
set(on_folder "diff-train -q -j1 p --channels 4,8 --batch 4 --flip --shift 1 --labels own --size 8x4")
golden(diff-train/streamed_is_held "${folder}; ${on_folder} -o a.safetensors --steps 5; ${on_folder} -o b.safetensors --steps 5 --memory 100; ${on_folder} -o c.safetensors --steps 5 --memory 100 --until 2; ${on_folder} -o c.safetensors --resume; for f in b c; do cmp a.safetensors $f.safetensors && echo same; done; diff-train -v -j1 $DATA/train/shapes-idx3-ubyte --channels 4,8 -o d.safetensors --steps 1 --memory 0.7k 2>&1 | sed 's/,[^,]*images.s//'; diff-train -v -j1 $DATA/train/shapes-idx3-ubyte --channels 4,8 -o e.safetensors --steps 1 --memory 1M 2>&1 | sed 's/,[^,]*images.s//'; cmp d.safetensors e.safetensors && echo same; rm -r *")
golden(diff-train/archive_beyond_memory "${folder}; tar -cf p.tar p; tar -czf p.tgz p; diff-train -q -j1 p.tar --channels 4,8 -o held --steps 3; for o in 'p.tar --memory 100' 'p.tgz --memory 1k' 'p.tgz --memory 100'; do diff-train -q -j1 $o --channels 4,8 -o m --force --steps 3; echo $?; cmp m held && echo same; rm -f m; done; rm -r *")
golden(diff-train/bad_memory "${train} -o m.safetensors --memory much; ${train} -o m.safetensors --memory 0; ${train} --memory 5M --print-config | grep memory")
golden(diff-train/streamed_file_gone "${folder}; rm p/square/0.pgm; diff-train -q -j1 p --channels 4 -o m.safetensors --steps 100000000 --memory 100 --log l 2>said & while ! [ -s l ]; do sleep 0.05; done; rm p/*/*; wait $!; echo $?; sed 's/p.[a-z]*.[0-9]/FILE/' said; rm -r p said l")
golden(diff-train/dropout "for precision in float32 bf16; do o=\"--dropout 0.3 --precision $precision\"; ${train} $o -o a.safetensors --steps 6 --force; ${train} $o -o b.safetensors --steps 6 --until 2 --force; ${train} -o b.safetensors --resume; cmp a.safetensors b.safetensors && echo same; ${train} $o --accumulate 2 -o b.safetensors --steps 6 --force; for f in a b; do diff-train show $f.safetensors | grep mean_loss | cut -c1-22; done; done; diff-train show a.safetensors | grep dropout; ${train} -o c.safetensors --precision bf16 --steps 6; cmp -s a.safetensors c.safetensors || echo another; diff-sample -q -j1 a.safetensors -n 1 --steps 2 >a.npy; diff-sample -q -j1 a.safetensors -n 1 --steps 2 | cmp - a.npy && echo sampled without; ${train} -o a.safetensors --resume --steps 7 --dropout 0.1; ${train} --from a.safetensors -o d.safetensors --steps 1 --dropout 0 && diff-train show d.safetensors | grep model.dropout; ${train} -o e.safetensors --dropout 1; rm *")
golden(diff-train/validation_data "${folder}; mkdir -p v/square v/round; cp p/square/*.pgm v/square; cp p/round/1.pgm v/round; ${on_folder} -o a.safetensors --steps 2 --validation v --validate-every 1 --log a.jsonl --dropout 0.5; echo $?; ${on_folder} -o b.safetensors --steps 2 --dropout 0.5; grep -c validation a.jsonl; diff-train show a.safetensors | grep -E '^data.(images|label_names)'; for f in a b; do diff-sample -q -j1 $f.safetensors -n 1 --steps 1 >$f.npy; done; cmp a.npy b.npy && echo trained alike; ${on_folder} -o a.safetensors --resume --steps 3 --validation p; echo $?; mv v/square v/blue; ${on_folder} -o c.safetensors --steps 1 --validation v; ${on_folder} -o c.safetensors --steps 1 --validation v/blue; ${train} -o c.safetensors --steps 1 --validation v; ${train} -o e.safetensors --steps 1 --validation none; rm -r *")
golden(diff-train/eval_by_class "${folder}; ${on_folder} -o m.safetensors --steps 3 -s linear:T=9,beta_end=0.3 2>/dev/null; o='-q -j1 --size 8x4'; diff-train eval $o m.safetensors p --by class 2>/dev/null | tail -3 | sed -E 's/([.][0-9]{2})[0-9]+/\\1/g'; diff-train eval $o m.safetensors p --labels own 2>/dev/null >own; diff-train eval $o m.safetensors p 2>/dev/null | cmp -s - own || echo told; diff-train eval $o m.safetensors p --by class 2>/dev/null | head -16 | cmp - own; diff-train eval $o m.safetensors p --by class --json 2>/dev/null | grep -E '\"(class|label|images)\"'; diff-train eval $o m.safetensors $DATA/train/shapes-idx3-ubyte --by class; mv p/round p/blue; diff-train eval $o m.safetensors p --by class 2>&1 | tail -1; diff-train eval $o m.safetensors p --by colour; rm -r *")
golden(diff-train/eval_mixture_by_class "${gaussian}; mkdir a b; printf 'P5 2 2 255\\nabcd' >a/1.pgm; printf 'P5 2 2 255\\nijkl' >b/1.pgm; diff-train eval mixture:g.json . -s linear:T=50,beta_end=0.3 --by class --bands 1 --ode 4 | tail -3 | sed -E 's/([.][0-9]{2})[0-9]+/\\1/g'; diff-train eval mixture:g.json . --labels own; rm -r *")
# What a network cannot take, and what cannot be written.
golden(diff-train/bad_images "printf 'P5 1 1 255\\na' >a.pgm; diff-train -q -j1 a.pgm --channels 4,8 -o m.safetensors; diff-train -q -j1 a.pgm --channels 4 --batch 2 -o m.safetensors --steps 2; diff-train show m.safetensors | grep -E 'sample_size|data.images'; printf '\\0\\0\\010\\1\\0\\0\\0\\1\\377' >labels; printf '\\0\\0\\014\\1\\0\\0\\0\\1\\0\\17\\377\\377' >many; printf '\\0\\0\\014\\1\\0\\0\\0\\1\\377\\377\\377\\377' >below; printf '\\0\\0\\010\\3\\0\\0\\0\\1\\0\\0\\0\\1\\0\\0\\0\\1a' >a-ubyte; for l in labels many below; do diff-train -q -j1 a-ubyte --channels 4 -o n.safetensors --steps 1 --labels $l --force && diff-train show n.safetensors | grep data.classes; done; rm *")
golden(diff-train/device_full "${train} -o /dev/full --steps 1; echo $?; ${train} -o m.safetensors --steps 1 --log /dev/full; ls")
golden(diff-train/pure_noise_previews "for o in '-s flow:T=3 --prediction u' '-s cosine:T=3 --prediction edm' '-s karras:T=3 --prediction edm'; do ${train} $o --steps 2 --preview p.png -o m.safetensors --force && head -c 4 p.png | tail -c 3; done; ${train} -o m.safetensors --force --steps 1; diff-schedule zero-snr linear:T=3 >z.json; for o in v x0 eps edm; do ${train} -s z.json --prediction $o --steps 1 --preview p.png -o m.safetensors --force && echo $o; done; rm *")
golden(diff-train/outputs_that_are_inputs "printf '\\0\\0\\010\\3\\0\\0\\0\\1\\0\\0\\0\\1\\0\\0\\0\\1a' >a-ubyte; diff-train a-ubyte -o a-ubyte --force; diff-train a-ubyte -o m.safetensors --log ./a-ubyte; diff-train a-ubyte -o m.safetensors --log m.safetensors; diff-train a-ubyte -o m.safetensors --plot a.png --preview a.png; ls; rm *")
golden(diff-train/diverging_keeps_the_file "${train} -o m.safetensors --steps 4 && cksum <m.safetensors >before; ${train} -o m.safetensors --resume --steps 100 --lr 1e37 --save-every 7 --set train.clip=0; cksum <m.safetensors | cmp - before; rm *")
golden(diff-train/one_channel "diff-train -q -j1 $DATA/train/shapes-idx3-ubyte -o m.safetensors --steps 1 --channels 1; ls")
golden(diff-train/bf16_below_avx512 "export DIFFUSION_ISA=baseline; ${train} -o m.safetensors --steps 1 --precision bf16; echo $?; ${train} -o m.safetensors --steps 1; diff-sample m.safetensors --precision bf16 -n 1 -o x.npy; echo $?; diff-fid --features inception:weights=$DATA/torch/module.pth,precision=bf16 $DATA/npy/u1-little.npy $DATA/npy/u1-little.npy; echo $?; rm m.safetensors")
golden(diff-train/fewer_threads_than_asked_for "unset OMP_NUM_THREADS; export OMP_THREAD_LIMIT=1; timeout 300 diff-train -q -j 2 $DATA/train/shapes-idx3-ubyte --channels 4,8 --batch 5 -o m.safetensors --steps 2 && diff-train --version -v | grep threads; rm m.safetensors")
# What a setting is called by whom: a flag, --set, a file of settings, a run that is resumed.
golden(diff-train/settings_by_name "for o in '--lr -1' '--set train.lr=-1' '--set train.lr=-1 --lr 0.1' '--lr -1 --set train.lr=0.1' '--accumulate x' '--layers 0' '--set model.layers_per_block=0' '--decay cosine:x=1' '--loss bound --weight snr' '--loss bound --set objective.weight=snr' '--ema 2'; do ${train} $o -o m.safetensors --steps 1; done; echo '{\"train\": {\"lr\": -1}}' >c.json; ${train} --config c.json --lr 1 -o m.safetensors; ${train} -o m.safetensors --steps 2 --until 1; ${train} -o m.safetensors --resume --flip; ${train} -o m.safetensors --resume --set data.flip=true; rm c.json m.safetensors")
golden(diff-train/exit_status "${train} -o m.safetensors --steps 3 --until 1; echo $?; ${train} -o m.safetensors --resume --until 1; echo $?; ${train} -o m.safetensors --resume --max-time 0.001s; echo $?; diff-train -j1 $DATA/train/shapes-idx3-ubyte -o m.safetensors --resume 2>&1 | sed 's/,.*//'; ${train} -o m.safetensors --resume; echo $?; ${train} -o n.safetensors --steps 2 --until 1 --json | grep complete; ${train} -o n.safetensors --steps 2 --until 2 --force --json | grep complete; rm ?.safetensors")
golden(diff-train/refused_idle "for o in '-o q.txt' '-o q.pt' '-o m.safetensors --preview-every 3' '-o m.safetensors --validate-every 3' '-o - --save-every 3'; do ${train} $o --steps 1; echo $?; done")
golden(diff-train/refused_kinds "for m in $DATA/image/rgb.png $DATA/npy/f4-little.npy $DATA/torch/stream.pth; do diff-train show $m; ${train} --from $m -o m.safetensors; ${train} --config $m -o m.safetensors; done")
golden(diff-train/list "diff-train list | sed -n '/^decays/,/^predictions/p; /^networks/,$p'; diff-train list --json | grep '^  .*\\['")
golden(diff-train/names_in_settings "${train} -o m.safetensors --steps 2 --until 1 --set objective.prediction=epsilon --set train.decay=Cosine; diff-train show m.safetensors | grep -E \"prediction|decay\"; echo \"{\\\"objective\\\": {\\\"prediction\\\": \\\"epsilon\\\"}}\" >c.json; ${train} -o m.safetensors --resume --config c.json; diff-train show m.safetensors | grep prediction; rm m.safetensors c.json")

# What opacity hides is not trained on but where it is asked for.
golden(diff-train/alpha "mkdir p; cp $DATA/image/rgba.png p/a.png; cp $DATA/image/rgba.png p/b.png; t() { m=$1; shift; diff-train -j1 p --size 8 --channels 4 --steps 1 --batch 2 -o $m.safetensors --log $m.jsonl \"$@\" 2>&1 | grep -v -e images.of -e step.1; diff-train show --json $m.safetensors | grep '\"alpha\"'; sed 's/,.lr.*//' $m.jsonl >$m; }; t unsaid; t white --alpha flatten=white; t black --alpha flatten=black; t drop --alpha drop; diff-train p -o none.safetensors --alpha red; cmp unsaid white && ! cmp -s white black && ! cmp -s white drop && ! cmp -s black drop && echo as asked; diff-train -q p -o drop.safetensors --resume --alpha flatten=white --steps 2; e() { diff-train eval -q white.safetensors p --size 8 --steps 1 \"$@\"; }; e >1; e --alpha flatten=white | cmp - 1; e --alpha drop | cmp -s - 1 || echo another image; rm -r *")
# How pictures are read goes with the model. The one of 16 bits holds what Pillow does not see.
golden(diff-train/read_as_trained [=[
p=$DATA/pictures/png; mkdir d; cp $p/orientation8.png d/a.png; cp $p/rgb16.png d/b.png
t() { diff-train -q -j1 d --size 8 --channels 4 --set train.steps=1 --batch 2 "$@"; }
for how in usual '--orient' '--16-bit pillow' '--orient --16-bit pillow'; do
  t ${how#usual} -o m.safetensors --force
  diff-train show --json m.safetensors | grep -E '"(orient|16_bit)"'
done
t -o m.safetensors --resume --steps 2 && diff-train show m.safetensors | grep training.steps
t -o m.safetensors --resume --set data.orient=false; t -o m.safetensors --resume --16-bit scale
t -o n.safetensors --set data.16_bit=pilow
e() { diff-train eval -q -j1 ${m:-m.safetensors} d --size 8 --steps 1 "$@"; }
e >read; e --orient --16-bit pillow | cmp - read; e --16-bit scale | cmp -s - read || echo other values
i() { diff-sample invert -q -j1 ${m:-m.safetensors} d --size 8 --steps 2 "$@"; }
i >latents; i --orient --16-bit pillow | cmp - latents; i --16-bit scale | cmp -s - latents || echo other latents
s() { diff-sample -q -j1 m.safetensors --init d --size 8 --steps 2 --strength 0.1 "$@"; }
mkfifo pipe; cat m.safetensors >pipe & m=pipe; i | cmp - latents && echo from a pipe
cat m.safetensors >pipe & e | cmp - read && echo judged from a pipe; m=
s >drawn; s --orient --16-bit pillow | cmp - drawn; s --16-bit scale | cmp -s - drawn || echo other samples
t -o m.safetensors --force; e | cmp -s - read || echo other pictures
i | cmp -s - latents || echo other latents
rm -r d *.safetensors read latents drawn pipe]=])
golden(diff-train/bad_network "for a in '--network none' '--network dit --channels 8,16' '--network jit --layers 2 --dropout 0.1' '--network unet --size 9x9 --channels 8,16' '--network dit --size 9x8' '--network jit --set model.num_heads=32' '--network dit-s/8 --set model.hidden_size=385' '--network dit --set model.dept=2'; do diff-train $DATA/image/rgb.png $a -o m.safetensors --steps 1; echo \"exit $?\"; done")
golden(diff-train/networks "for n in dit jit; do diff-train -q $DATA/image/rgb.png --size 8x12 --network $n --set model.depth=1 --set model.hidden_size=16 --set model.num_heads=2 --batch 2 --steps 2 -o $n.safetensors && diff-sample -q $n.safetensors -n 2 --steps 2 -o $n.npy && diff-train show --layers $n.safetensors | cut -f 2 | sort | uniq -c | sort -k 2; diff-train export $n.safetensors -o folder; diff-train -q $DATA/image/rgb.png --size 4x4 --from $n.safetensors --steps 1 -o o.safetensors && diff-train show o.safetensors | grep -E '^model'; rm *.safetensors *.npy; done")
golden(diff-train/bad_network_in_a_file "${train} -o m.safetensors --steps 1; LC_ALL=C sed -E 's/(layers_per_block[\\\\]*\": *)1/\\10/g' m.safetensors >n.safetensors; ${train} -o n.safetensors --resume; ${train} --from n.safetensors -o o.safetensors; rm *")
# Labels that are of other images, and that contradict themselves.
golden(diff-train/labels_of_others [=[
mkdir p; for i in a b; do printf 'P5 4 4 255\n0123456789abcdef' > p/$i.pgm; done
t() { diff-train -q -j1 p --channels 4 --steps 1 --batch 2 --labels "$@" -o m.safetensors --force; echo exit $?; }
echo '{"labels": [["img/a.pgm", 0], ["img/b.pgm", 1]]}' > l.json; t l.json
echo '{"labels": []}' > l.json; t l.json
echo '{"labels": null}' > l.json; t l.json
echo '{"labels": [["a.pgm", 0], ["b.pgm", 1], ["a.pgm", 2]]}' > l.json; t l.json
echo '{"labels": [["a.pgm", 0], ["b.pgm", 1], ["a.pgm", 0]]}' > l.json; t l.json
echo '{"labels": [["A.PGM", 0]]}' > p/dataset.json; t own
echo '{"labels": [["a.pgm", 0], ["a.pgm", 1]]}' > p/dataset.json; t own
rm -r p l.json m.safetensors]=])
golden(diff-train/no_end [=[
ln -s /dev/zero zero; printf 'P5 4 4 255\n0123456789abcdef' > a.pgm
t() { diff-train -q -j1 a.pgm --channels 4 --steps 1 --batch 2 "$@" -o m.safetensors; echo exit $?; }
t --config zero; t --from zero; t --labels zero; t -s ./zero
diff-train show zero; echo exit $?
diff-train eval mixture:zero a.pgm; echo exit $?
yes '[' | head -c 300000000 | diff-train -q a.pgm --config - -o m.safetensors; echo exit $?
rm zero a.pgm]=])
golden(diff-train/classes "for c in train val; do mkdir -p p/$c; printf 'P5 4 4 255\\n0123456789abcdef' >p/$c/a.pgm; done; t() { diff-train -j1 p --channels 4 --steps 1 --batch 2 --labels own -o m.safetensors --force 2>&1 | grep -v -e images.of -e step.1; }; t; mv p/train p/cat; t; cp p/cat/a.pgm p/logo.pgm; t; diff-train eval m.safetensors p --by class; rm -r p m.safetensors")
golden(diff-train/values_not_finite "mkdir p; for i in 1 2; do printf 'Pf\\n2 2\\n-1.0\\n0123456789abcdef' >p/$i.pfm; done; printf 'Pf\\n2 2\\n-1.0\\n0123456789ab\\0\\0\\300\\177' >p/3.pfm; diff-train -q -j1 p --channels 4 --steps 1 --batch 2 -o m.safetensors; echo $?; rm -r p")
golden(diff-train/near_misses "diff-train evl m x; diff-train evl m x --bands 3; diff-train shw m; diff-train p --resume=; diff-train p --flip=true; mkdir shw; diff-train shw -o m.safetensors 2>&1 | sed 's/:.*:/: .../'; rmdir shw")
golden(diff-train/print_config_is_a_run [=[
try() { diff-train --print-config "$@" >/dev/null; echo "exit $?"; }
try --layers 0; try --set model.droput=0.1; try --dropout 2; try --channels 16,24 --set model.norm_num_groups=5
try -s cosin; try -s missing.json; try --validate-every 4; try --label-dropout 0.3
try --plot x.foo; try --preview x.foo; try -o x.foo; try --force --resume -o m.safetensors
try --keep 2 --save-every 0 -o m.safetensors
try --save-every 4; try --keep 2; try --dropout 0.2 --set model.down_block_types='["DownBlock2D", "AttnDownBlock2D", "DownBlock2D"]'
diff-train --layers 0 missing -o m.safetensors]=])
golden(diff-train/resume_on_other_channels "${train} -o m.safetensors --steps 2 --until 1 2>/dev/null; diff-noise -q -t 0 --rgb $DATA/train/shapes-idx3-ubyte -o p/; diff-train -j1 p -o m.safetensors --resume; rm -r m.safetensors p")

# One line for the first run and every other.
golden(diff-train/resume_auto "t() { ${train} --steps 5 --flip \"$@\"; echo exit $?; }; t -o a.safetensors; for i in 1 2 3; do t -o b.safetensors --until $((i * 2)) --resume auto; done; cmp a.safetensors b.safetensors && echo same; t -o b.safetensors --resume=auto; ${train} --from a.safetensors --steps 2 -o c.safetensors; for i in 1 2; do ${train} --from a.safetensors --steps 2 -o d.safetensors --until $i --resume auto; echo exit $?; done; cmp c.safetensors d.safetensors && echo same; diff-train --print-config -o a.safetensors --resume auto | grep '\"steps'; diff-train --print-config -o none.safetensors --resume auto | grep '\"steps'; rm ?.safetensors")
golden(diff-train/bad_resume_auto "t() { ${train} --steps 1 --resume auto \"$@\"; echo exit $?; }; t; t -o m.safetensors --force; t -o $DATA/image/rgb.png; t -o $DATA/npy/f4-little.npy; mkdir d.safetensors; t -o d.safetensors; t -o no/m.safetensors; t -o m.txt; : >e.safetensors; t -o e.safetensors; t -o m.safetensors; t -o m.safetensors --layers 2; t -o m.safetensors -s linear; t -o m.safetensors --seed 1; ${train} -o m.safetensors --resume=always; ${train} -o m.safetensors --resume auto/; rm -r *.safetensors")
golden(diff-train/preview_when_stopped "for o in '--until 2' '--max-time 0.3s'; do ${train} --steps 1000000 -o m.safetensors --preview p.png --preview-every 1000000 --resume auto $o; echo exit $?; head -c 4 p.png | tail -c 3; rm -f p.png; done; rm m.safetensors")

# Shards are shuffled image by image, as a folder is, in memory and streamed.
golden(diff-train/shards "mkdir s f; for i in 1 2 3 4 5 6; do printf 'P5 8 8 255\\n%064d' $((i * 123456789)) >s/$i.pgm; echo \"{\\\"cls\\\": $((i % 2))}\" >s/$i.json; done; (cd s; tar cf ../f/1.tar 1.*; tar cf ../f/2.tar 2.* 3.*; tar cf ../f/3.tar 4.* 5.* 6.*); t() { m=$1; shift; diff-train -j1 --channels 4 --batch 2 --steps 5 --labels own -o $m.safetensors \"$@\" 2>&1 | grep -E 'class|error'; }; t a s; t b f; t c f/*.tar --memory 100; for m in b c; do cmp a.safetensors $m.safetensors && echo same; done; diff-fid -q --features pixels --metrics frechet s f; diff-fid features -q --features pixels f | md5sum; diff-fid features -q --features pixels s | md5sum; rm -r s f *.safetensors")

# A shard that is none is an image that can't be read, held, streamed and divided.
golden(diff-train/broken_shard "mkdir s f; for i in 1 2 3; do printf 'P5 8 8 255\\n%064d' $((i * 123456789)) >s/$i.pgm; done; tar cf f/1.tar s/1.pgm s/2.pgm; tar cf f/3.tar s/3.pgm; : >f/0.tar; echo '<html>' >f/2.tgz; t() { diff-train -q -j1 --channels 4 --batch 2 --steps 2 -o \"$@\"; echo exit $?; }; t a.safetensors f; t b.safetensors f --memory 100; t c.safetensors s; for m in b c; do cmp a.safetensors $m.safetensors && echo same; done; diff-fid -q --features pixels --metrics frechet s f; for i in 1 2; do diff-noise -q -t 5 f -o out --shard $i/2; echo exit $?; done; ls out/s; rm f/1.tar f/3.tar; t d.safetensors f; rm -r s f out *.safetensors")
# Who says which images have no label, and why none has one.
golden(diff-train/some_unlabelled "mkdir s f; for i in 1 2 3; do printf 'P5 8 8 255\\n%064d' $((i * 123456789)) >s/$i.pgm; done; echo 1 >s/1.cls; echo 0 >s/2.cls; (cd s; tar cf ../f/1.tar 1.* 2.*; tar cf ../f/2.tar 3.*); t() { o=$1; shift; diff-train -j1 --channels 4 --batch 2 --steps 1 -o m.safetensors --force $o \"$@\" 2>&1 | grep -E 'label|class'; }; t '--labels own' f; t '--labels own' f/1.tar --validation f; t '' f; diff-train eval -q m.safetensors f | wc -l; t '--labels own' f/1.tar; diff-train eval m.safetensors f --by class 2>&1 | grep 'no label'; diff-noise -t 5 f -o a.npz; diff-noise -t 5 f -o a/ --manifest m.jsonl; diff-noise -t 5 f/1.tar -o b.npz; diff-noise -t 5 f -o b/; diff-sample empirical:f -n 1 --steps 1 -o c.png; rm -r s f a b *.*")
golden(diff-train/bad_labels_in_archives "mkdir s; for i in 1 2; do printf 'P5 8 8 255\\n%064d' $((i * 123456789)) >s/$i.pgm; done; t() { diff-train -q -j1 --channels 4 --batch 2 --steps 1 -o m.safetensors --labels own \"$@\"; echo exit $?; }; for i in 1 2; do echo '{\"label\": \"shoe'$i'\"}' >s/$i.json; done; tar cf a.tar s; t a.tar; t s; echo '{\"label\": 3' >s/1.json; t s; diff-train -q -j1 s --channels 4 --batch 2 --steps 1 -o m.safetensors && rm m.safetensors; echo 5 >s/2.cls; tar cf a.tar s; t a.tar; echo 200000 >s/1.cls; tar cf a.tar s; t a.tar; t - <a.tar; rm -r s *.tar")

# The same training on an XLA plugin's devices (77: none is named).
add_test(NAME cli/diff-train/device
  COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/device.sh ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
set_tests_properties(cli/diff-train/device PROPERTIES LABELS xla SKIP_RETURN_CODE 77)
