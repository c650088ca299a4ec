# Twelve images of 8 x 8 pixels and a network that learns them in no time. One
# thread: test runs share the machine.
set(train "diff-train -q -j1 $DATA/train/shapes-idx3-ubyte --channels 4,8 --batch 5")

golden(diff-train/help "diff-train --help")
golden(diff-train/print_config "diff-train --print-config --lr 1e-4 --set train.lr=2 --channels 8,16 --size 32 --seed 3")
golden(diff-train/config_file "echo '{\"train\": {\"lr\": 0.5, \"steps\": 7}}' >c.json; diff-train --config c.json --set train.steps=8 --steps 9 --print-config | grep -E 'lr|steps'; rm c.json")
golden(diff-train/show "${train} -o m.safetensors --steps 3; diff-train show m.safetensors | grep -v mean_loss; rm m.safetensors")
golden(diff-train/show_json "${train} -o m.safetensors --steps 2 --ema 0.9,0.99; diff-train show --json m.safetensors | grep -cE '\"name\": \"(ema.0.99/|ema.0.9/|adam.mean/|adam.square/)?conv_in.weight\"'; rm m.safetensors")
golden(diff-train/resume_is_not_stopping "${train} -o a.safetensors --steps 20; ${train} -o b.safetensors --steps 10; ${train} -o b.safetensors --steps 20 --resume; cmp a.safetensors b.safetensors && echo same; rm ?.safetensors")
golden(diff-train/until "${train} -o a.safetensors --steps 8 --warmup 2 --flip; ${train} -o b.safetensors --steps 8 --warmup 2 --flip --until 5; ${train} -o b.safetensors --resume; cmp a.safetensors b.safetensors && echo same; rm ?.safetensors")
golden(diff-train/save_every_changes_nothing "${train} -o a.safetensors --steps 4 --save-every 1; ${train} -o b.safetensors --steps 4 --save-every 1 --until 1; ${train} -o b.safetensors --resume; cmp a.safetensors b.safetensors && echo same; rm ?.safetensors")
golden(diff-train/log "${train} -o m.safetensors --steps 3 --log l.jsonl; ${train} -o m.safetensors --steps 5 --resume --log l.jsonl; sed 's/:[-0-9.e]*/:N/g' l.jsonl | uniq -c | tr -s ' '; rm m.safetensors l.jsonl")
golden(diff-train/log_of_redone_steps "${train} -o m.safetensors --steps 2 --log l.jsonl; echo '{\"step\":3}' >>l.jsonl; ${train} -o m.safetensors --steps 4 --resume --log l.jsonl; grep -o '\"step\":[0-9]*' l.jsonl; rm m.safetensors l.jsonl")
golden(diff-train/interrupt_saves "${train} -o m.safetensors --steps 1000000 --log l.jsonl & while ! [ -s l.jsonl ]; do sleep 0.05; done; kill -TERM $!; wait $!; echo exit $?; diff-train show m.safetensors | grep -c training.steps; rm l.jsonl")
golden(diff-train/standard_output "${train} --steps 1 | diff-train show - | grep ^train.steps")
golden(diff-train/one_image "printf 'P5 4 4 255\\n0123456789abcdef' >a.pgm; diff-train -q -j1 a.pgm -o m.safetensors --channels 4 --steps 2; diff-train show m.safetensors | grep -E 'sample_size|images'; rm a.pgm")
golden(diff-train/rectangular_colour "printf 'P6 6 4 255\\n' >a.ppm; head -c 72 $DATA/train/shapes-idx3-ubyte >>a.ppm; diff-train -q -j1 a.ppm -o m.safetensors --channels 4,8 --steps 2; diff-train show m.safetensors | grep -E 'sample_size|in_channels'; rm a.ppm")
golden(diff-train/bad_image_left_out "mkdir p; printf 'P5 4 4 255\\n0123456789abcdef' >p/a.pgm; : >p/b.png; diff-train -q -j1 p -o m.safetensors --channels 4 --steps 1; echo $?; rm -r p")

# Every path trains, and diff-sample speaks with each network as training did.
golden(diff-train/paths_and_predictions "for o in '-s ve:T=9 --prediction score --weight snr' '-s ve:T=9 --prediction eps' '-s karras:T=9 --prediction edm --weight edm --levels log-normal' '-s flow:T=9 --prediction u --levels logit-normal' '-s linear:T=9 --prediction edm --weight p2'; do ${train} $o --steps 2 -o m.safetensors --force && diff-sample -q -j1 m.safetensors -n 2 --steps 3 -o - | tail -c 128 | wc -c; done; rm m.safetensors")
golden(diff-train/importance_resumes "${train} -s linear:T=2 --levels importance -o a.safetensors --steps 12; ${train} -s linear:T=2 --levels importance -o b.safetensors --steps 12 --until 5; ${train} -o b.safetensors --resume; cmp a.safetensors b.safetensors && echo same; diff-train show --json a.safetensors | grep -A6 levels/losses; rm ?.safetensors")

# A Gaussian whose denoiser is exact: all steps, so that only noise is left to chance.
set(gaussian "echo '{\"weights\": [1], \"means\": [[0.1, 0.1, 0.1, 0.1]], \"stds\": [0.2], \"shape\": [2, 2, 1]}' >g.json")
golden(diff-train/eval_mixture "${gaussian}; printf 'P5 2 2 255\\nabcdijklqrst' >a.pgm; diff-train eval mixture:g.json a.pgm a.pgm -s linear:T=50,beta_end=0.3 --bands 3; diff-train eval mixture:g.json a.pgm -s linear:T=50,beta_end=0.3 --bands 1 --variance large --json | sed -E 's/([.][0-9]{4})[0-9]+/\\1/'; rm g.json a.pgm")
golden(diff-train/eval_ode "${gaussian}; printf 'P5 2 2 255\\nabcdijklqrst' >a.pgm; diff-train eval mixture:g.json a.pgm a.pgm -s ve --ode 50 --steps 1 | tail -2 | sed -E 's/([.][0-9]{2})[0-9]+/\\1/g; s/(error.).*/\\1N/'; rm g.json a.pgm")
golden(diff-train/eval_any_threads "${train} -s linear:T=9 --steps 1 -o m.safetensors; for j in 1 2; do diff-train eval m.safetensors $DATA/train/shapes-idx3-ubyte --steps 4 -j$j >$j.txt; done; cmp 1.txt 2.txt && cut -f1 1.txt; rm m.safetensors ?.txt")
golden(diff-train/bad_eval "${gaussian}; diff-train eval mixture:g.json $DATA/train/shapes-idx3-ubyte; diff-train eval mixture:g.json none; diff-train eval mixture:g.json; diff-train eval mixture:g.json $DATA/train/shapes-idx3-ubyte --size 2 --variance learned; diff-train eval mixture:g.json $DATA/train/shapes-idx3-ubyte --steps 0; : >b.png; diff-train eval mixture:g.json b.png; rm g.json b.png")
golden(diff-train/learned_variance "for loss in hybrid bound; do ${train} -s linear:T=9,beta_end=0.3 --loss $loss --steps 2 -o m.safetensors --force; diff-train show m.safetensors | grep -E 'objective.loss|out_channels'; diff-sample -q -j1 m.safetensors -n 2 --steps 3 --sampler ddim:eta=1,variance=learned -o - | tail -c 128 | wc -c; diff-train eval m.safetensors $DATA/train/shapes-idx3-ubyte | cut -f1 | tail -4; done; diff-train eval m.safetensors $DATA/train/shapes-idx3-ubyte --variance large >large.txt; diff-train eval m.safetensors $DATA/train/shapes-idx3-ubyte | cmp -s - large.txt || echo differs; rm m.safetensors large.txt")
golden(diff-train/bad_loss "for o in '--loss hybird' '--loss hybrid:bound=2' '--loss bound --weight snr' '--loss hybrid --levels log-normal'; do ${train} $o -o m.safetensors; done; ${train} --steps 1 -o m.safetensors; diff-sample m.safetensors --sampler ddim:eta=1,variance=learned -o x.npy; ${train} -o m.safetensors --resume --steps 2 --loss hybrid; rm m.safetensors")

golden(diff-train/bad_exists "${train} -o m.safetensors --steps 1; ${train} -o m.safetensors --steps 1; ${train} -o m.safetensors --steps 1 --force && echo forced; ${train} -o m.safetensors --resume --force")
golden(diff-train/bad_resume "${train} -o m.safetensors --steps 1; ${train} -o m.safetensors --resume --seed 1; ${train} -o m.safetensors --resume -s linear; ${train} -o m.safetensors --resume --prediction eps; ${train} -o none.safetensors --resume; ${train} --resume; diff-train -j1 $DATA/train/shapes-idx3-ubyte -o m.safetensors --resume; rm m.safetensors")
golden(diff-train/bad_settings "for s in train.step=3 lr=1 train.lr=-1 train.lr train.ema=1 objective.prediction=w objective.weight=min-snr:gama=3 train.decay=cosin model.layers_per_blok=1; do ${train} -o m.safetensors --set $s; done")
golden(diff-train/bad_config_file "echo '{\"train\": {\"lr\": 1, \"lr\": 2}}' >a.json; echo '{\"trian\": 1}' >b.json; for f in a b none; do ${train} -o m.safetensors --config $f.json; done; rm ?.json")
golden(diff-train/bad_sizes "mkdir p; printf 'P5 1 2 255\\nab' >p/a.pgm; printf 'P5 2 1 255\\nab' >p/b.pgm; diff-train p -o m.safetensors; diff-train -q -j1 $DATA/train/shapes-idx3-ubyte -o m.safetensors --channels 4,4,4,4,4; rm -r p")
golden(diff-train/bad_data "mkdir p; diff-train p -o m.safetensors; diff-train nothing -o m.safetensors; diff-train -o m.safetensors; echo $?; rm -r p")
golden(diff-train/bad_output "${train} -o no/m.safetensors --steps 1; ${train} -o . --steps 1")
golden(diff-train/bad_pure_noise "${train} -s flow --prediction eps -o m.safetensors; ${train} -s flow --prediction edm -o m.safetensors")
golden(diff-train/bad_model_file "printf '\\0\\0\\0\\0\\1\\0\\0\\0{}' >a; printf '\\2\\0\\0\\0\\0\\0\\0\\0{}' >b; : >c; for f in a b c none; do diff-train show $f; echo $?; done; rm ?")
golden(diff-train/bad_usage "diff-train --sepoch 5; diff-train show; diff-train x --until -1; diff-train x --gray --rgb")
golden(diff-train/bad_resume_on_other_images "${train} -o m.safetensors --steps 1; mkdir p; printf 'P5 8 8 255\\n%064d' 0 >p/a.pgm; printf 'P5 8 8 255\\n%064d' 0 >p/b.pgm; diff-train -q -j1 p -o m.safetensors --resume --steps 2; echo $?; diff-train show m.safetensors n.safetensors; rm -r m.safetensors p")
