# A folder of three pictures to begin with: grey, RGB, and RGBA in a sub-folder.
set(photos "mkdir -p p/sub; cp $DATA/image/grey.png p/a.png; cp $DATA/image/rgb.png p/b10.png; cp $DATA/image/rgba.png p/sub/c.png")

golden(diff-noise/help "diff-noise --help")
golden(diff-noise/folder "${photos}; diff-noise -t 500 p -o out")
golden(diff-noise/several_steps "${photos}; diff-noise -s cosine -t 100,0:1000:500 p -o out/; rm -r p")
golden(diff-noise/schedule_of_diffusers "${photos}; mkdir d; echo '{\"_class_name\": \"DDIMScheduler\", \"num_train_timesteps\": 9, \"beta_schedule\": \"linear\", \"beta_start\": 0.01, \"beta_end\": 0.2}' >d/scheduler_config.json; diff-schedule import d -o s.json; diff-noise -s s.json -t 9 p/a.png -o x.npy; for s in d/scheduler_config.json ./d; do diff-noise -s $s -t 9 p/a.png --format npy | cmp - x.npy && echo same; done; diff-noise undo 1 2 -s ./d -t 9; rm -r p d s.json x.npy")
golden(diff-noise/verbose "${photos}; diff-noise -v -s flow -t 0,250,1000 p/a.png -o out")
golden(diff-noise/one_file "${photos}; diff-noise -t 500 p/a.png -o x.exr; diff-noise -t 1,2 p/a.png -o y.png")
golden(diff-noise/strip "${photos}; diff-noise -t 250,500 p --rgb --strip strip.png --strip-rows 2; rm -r p")
golden(diff-noise/clean_step_is_input "${photos}; diff-noise -t 0 p -o out && diff-noise -t 0 out -o again && cmp out/sub/c.png again/sub/c.png && diff-noise -t 0 p/b10.png --format npy >1.npy && diff-noise -t 0 again/b10.png --format npy >2.npy && cmp 1.npy 2.npy && echo same; rm -r p out again ?.npy")
golden(diff-noise/any_subset_any_threads "${photos}; diff-noise -j1 -t 500,900 p -o 1; diff-noise -j2 -t 900,500 p -o 2; rm p/a.png; diff-noise -j2 -t 500,1 p -o 3; diff -r 1 2 && for f in b10.t500.png sub/c.t500.png; do cmp 1/$f 3/$f; done && echo same; rm -r p 1 2 3")
golden(diff-noise/seed_changes_noise "${photos}; diff-noise -t 500 p/a.png -o 0.exr; diff-noise -t 500 --seed 1 p/a.png -o 1.exr; cmp -s 0.exr 1.exr && echo same; rm -r p ?.exr")
golden(diff-noise/array_any_threads "for j in 1 2; do diff-noise -j$j -t 10,20 $DATA/npy/u1-little.npy -o $j.npy; done; cmp 1.npy 2.npy && wc -c <1.npy; rm ?.npy")
golden(diff-noise/standard_input_and_output "diff-noise -t 10 $DATA/npy/u1-little.npy -o 1.npy; diff-noise -t 10 --format npy - <$DATA/npy/u1-little.npy >2.npy; cmp 1.npy 2.npy && echo same; rm ?.npy")
golden(diff-noise/array_to_pictures "diff-noise -t 10 $DATA/npy/u1-little.npy -o out")
golden(diff-noise/chain "${photos}; diff-noise --chain -t 1 p/a.png -o 1.exr; diff-noise -t 1 p/a.png -o 2.exr; cmp 1.exr 2.exr && echo same; diff-noise --chain -t 300 p/a.png -o 3.exr; diff-noise --chain -t 1:300 p/a.png -o all --format exr; cmp 3.exr all/a.t300.exr && echo same; ls all | wc -l; rm -r all p ?.exr")
golden(diff-noise/skip_existing "${photos}; diff-noise -t 500 p -o out; echo mine >out/a.png; diff-noise -t 500 --skip-existing p -o out; cat out/a.png; rm -r p")
golden(diff-noise/made_alike "${photos}; diff-noise -t 500 p --gray --size 8x6 -o x.npy; wc -c <x.npy; rm -r p")
golden(diff-noise/one_pixel "printf 'P5 1 1 255\\n\\200' >a.pgm; diff-noise -t 1 a.pgm -o out && diff-noise -t 1 a.pgm --strip s.png")
golden(diff-noise/formats "${photos}; diff-noise -t 500 p -o out --format tif; cp $DATA/image/palette.gif p; diff-noise -t 500 p -o out2; rm -r p")

# Which levels.
golden(diff-noise/all_steps "${photos}; diff-noise -T 3 -t 0,all p/a.png -o out; rm -r p")
golden(diff-noise/random_steps "${photos}; diff-noise -t random p -o out; diff-noise -j1 -t random p/b10.png p/a.png -o two; cmp out/a.*.png two/a.*.png && cmp out/b10.*.png two/b10.*.png && echo same; diff-noise -t random --seed 1 p -o seed1; rm -r p two")
golden(diff-noise/levels_between_steps "${photos}; diff-noise -v --snr 4,0 p/a.png -o out --format exr; diff-noise --ve-sigma 0.5 p/a.png -o 2.exr; diff-noise --lambda 0.6931471805599453 p/a.png -o 3.exr; cmp out/a.snr4.exr 2.exr && cmp 2.exr 3.exr && echo same noise; diff-noise -s ve --lambda 2 p/a.png -o out --format tif; rm -r p ?.exr")
golden(diff-noise/chain_every "${photos}; diff-noise --chain -t 7 --every 3 p/a.png -o out; diff-noise --chain -t 6 p/a.png -o 6.png; cmp 6.png out/a.t6.png && echo same; rm -r p 6.png")
golden(diff-noise/bad_levels "t() { diff-noise x.png -o out \"$@\"; }; t; t -t 5 --snr 1; t --snr -1; t --snr 1,x; t --ve-sigma -2; t --lambda nan; t -s ve --snr 0; t --snr 2,1,2; t --chain --snr 1; t -t 5 --every 2; t -t 5 --chain --every 0; t -t random --chain --every 2; t -t random,5; t -t 1: ; t -t 99999999999999999999; t -T 10 -t 11")

# Rounded, since the last digits depend on the machine's mathematical library.
set(rounded "sed -E 's/([0-9]\\.[0-9]{6})[0-9]+/\\1/g'")

# Training sets for other software: x_t, eps and what they were made with.
golden(diff-noise/manifest "mkdir -p p/cats p/dogs; cp $DATA/image/grey.png p/cats; cp $DATA/image/grey16.png p/dogs; : >p/dogs/bad.png; diff-noise -T 4 -t 0,2,4 p -o out --eps-out eps --manifest m.jsonl; diff-noise -s flow --snr 1 p/cats/grey.png -o x.npy --eps-out eps.npy --manifest - | ${rounded}; ${rounded} m.jsonl; rm -r p")
golden(diff-noise/manifest_of_archive "${photos}; diff-noise -t random --gray p -o x.tar --eps-out e.tar --manifest m.jsonl; ${rounded} m.jsonl; tar tf e.tar; rm -r p")
golden(diff-noise/eps_of_array "printf 'P2 2 1 255 0 255\\n' >a.pgm; diff-noise -t 500 a.pgm -o x.npy --eps-out e.npy; for f in x e; do tail -c 8 $f.npy | od -An -t f4; done; rm a.pgm")
golden(diff-noise/eps_of_one_picture "${photos}; diff-noise -t 500 p/sub/c.png -o x.png --eps-out e.npy; diff-noise -t 500 p/sub/c.png -o folder --eps-out folder; head -c 128 e.npy | tail -c 118; rm -r p")

golden(diff-noise/archive_of_arrays "mkdir -p p/cats p/dogs; cp $DATA/image/grey.png p/cats; cp $DATA/image/grey16.png p/dogs; diff-noise -t 5,9 p -o x.npz --eps-out e.npz; diff-noise -t 5,9 p -o x.npy --eps-out e.npy; for f in x e; do tail -c +40 $f.npz | head -c $(wc -c <$f.npy) | cmp - $f.npy && echo same, behind its name; grep -ac arr_1.npy $f.npz; done; (cd p; tar cf - cats) | diff-noise -t 5 - -o none.npz; rm -r p")

# Arrays of one picture each, whose noisy ones are arrays too.
golden(diff-noise/arrays_of_one_picture "${photos}; diff-noise -t 500 p -o x --eps-out e; diff-noise -q -t 0 e -o out; echo exit $?; diff-noise -t 3,9 --range -8,8 e -o y --eps-out z; (cd y; ls *; cd ../z; ls *); diff-noise -t 3 --range -8,8 e -o one --format png; diff-noise -t 3 --range -8,8 e -o one --eps-out one/; cp p/a.png e; diff-noise -t 0 e -o out; find e -type f | diff-noise -t 0 --files-from - --range -8,8 -o listed; rm -r p x e y z")

# Archives.
golden(diff-noise/pipe_of_archives "${photos}; diff-noise -t 300 p -o out; (cd p; tar cf - a.png b10.png sub) | diff-noise -t 300 - -o - | (mkdir t; tar xf - -C t); diff -r out t && echo same; rm -r p out")
golden(diff-noise/archive_any_threads "${photos}; for j in 1 2; do diff-noise -j$j -t 10,20 p -o $j.tar; done; cmp 1.tar 2.tar && diff-noise -t 10,20 p | cmp - 1.tar && tar tf 1.tar; rm -r p ?.tar")
golden(diff-noise/archive_to_array "${photos}; (cd p; tar cf ../p.tar a.png b10.png sub/c.png); diff-noise -t 10,20 --rgb p.tar -o 1.npy; diff-noise -t 10,20 --rgb p -o 2.npy; cmp 1.npy 2.npy && echo same; diff-noise -t 10 --rgb p.tar --format npy; rm -r p p.tar ?.npy")
golden(diff-noise/bad_picture_in_archive "${photos}; : >p/b2.png; tar cf p.tar p; diff-noise -t 10 p.tar -o x.tar; echo exit $?; tar tf x.tar; head -c 1000 p.tar | diff-noise -t 10 - -o y.tar; echo exit $?; rm -r p p.tar")
golden(diff-noise/bad_names_in_archive "${photos}; cd p; tar cPf ../up.tar --transform 's,^a,../a,' a.png b10.png; cd ..; rm -r p; diff-noise -t 10 up.tar -o out")

# What is written, and what of it is said.
golden(diff-noise/dry_run "${photos}; diff-noise --dry-run -t 1,2 p -o out --eps-out eps --strip s.png --manifest m; diff-noise --dry-run -t random p -o x.tar; diff-noise --dry-run -t 5 p; diff-noise --dry-run -t 5 p --format npy -o x.npy; rm -r p")
golden(diff-noise/json "${photos}; : >p/bad.png; diff-noise --json -t 1,2 p -o out; diff-noise --json --skip-existing -t 1,2 p -o out; rm -r p out")
golden(diff-noise/skip_existing_arrays "${photos}; echo mine >x.npy; echo mine >x.tar; diff-noise -t 5 --skip-existing p -o x.npy; diff-noise -t 5 --skip-existing p -o x.tar; cat x.npy x.tar; diff-noise -t 5 --skip-existing --gray p -o x.npy --eps-out e.npy; wc -c <x.npy; rm -r p")
golden(diff-noise/skip_existing_manifest "${photos}; diff-noise -t 5 p -o out --manifest 1; diff-noise -t 5 p -o out --skip-existing --manifest 2; cmp 1 2 && echo same; rm -r p out")
golden(diff-noise/bad_missing_folders "${photos}; for o in '-o no/x.png' '-o no/x.npy' '-o no/x.tar' '-o out --manifest no/m' '--strip no/s.png' '--gif no/a.gif' '-o out --eps-out no/e.npy' '-o p/a.png/x/'; do diff-noise -t 5 p $o; echo exit $?; done; rm -r p")
golden(diff-noise/bad_outputs_together "${photos}; n() { diff-noise -t 5 \"$@\"; }; n p -o x.png --strip ./x.png; n p --json; n p --json --dry-run; n p --manifest -; n p -o out --eps-out e.png; n p -o out --gif a.png; n p -o out --eps-out p; n p/a.png -o out --manifest p/a.png; n p --gif a.gif --gif-fps x; n p --gif a.gif --gif-fps 0; n p --strip s.png --strip-rows 0; n p -T x; rm -r p")
golden(diff-noise/full_disk "${photos}; for o in '' '--format npy' '--dry-run' '-o out --json'; do diff-noise -t 5 p/a.png $o >/dev/full; echo exit $?; done; diff-noise -t 5 p -o out --manifest /dev/full; rm -r p out")
golden(diff-noise/closed_pipe "${photos}; diff-noise -t 1:900 p | head -c 10 | wc -c; diff-noise -t 1:900 --rgb p --format npy | head -c 10 | wc -c; rm -r p")

# Pictures of the process.
golden(diff-noise/gif "${photos}; diff-noise -t 0:1000:250 p --gif a.gif --gif-fps 5 --gif-images 2 --strip s.png; head -c 6 a.gif; rm -r p")
golden(diff-noise/flatten "for c in white black '#ff0000'; do for f in rgba grey-alpha; do diff-noise -t 0 --alpha flatten=$c $DATA/image/$f.png --format npy | tail -c +129 | head -c 24 | od -An -t f4 -w12; done; done; diff-noise -t 0 $DATA/image/rgba.png -o x.png --alpha flatten=mauve")

# Every kind of input.
golden(diff-noise/every_picture "for k in png tif jpg gif webp bmp ppm; do mkdir -p p/$k; cp $DATA/image/*.$k p/$k; done; diff-noise -t 500 p -o out 2>2; echo exit $?; grep diff-noise 2; rm p/png/bad-* p/png/enor* p/gif/b*; diff-noise -t 500 p --rgb --size 8 -o x.npy; wc -c <x.npy; diff-noise -t 500 p -o float --format exr; ls float/* | wc -w; rm -r p 2 float")
golden(diff-noise/wide "(printf 'P5 30000 1 255\\n'; head -c 30000 /dev/zero) >a.pgm; diff-noise -t 5 a.pgm -o a.png --strip s.png && diff-noise -t 5 a.png --format npy | wc -c; diff-noise -t 5 a.pgm --gif a.gif; (printf '\\0\\0\\10\\3\\0\\0\\0\\1\\0\\0\\0\\1\\0\\1\\21\\160'; head -c 70000 /dev/zero) >b-idx3-ubyte; diff-noise -t 5 b-idx3-ubyte --gif b.gif")
golden(diff-noise/every_array "for a in u1-little u1-big f4-little f4-big fortran fortran-big version1 version2 version3; do diff-noise -t 5 $DATA/npy/$a.npy --layout nhw --range -50,1000 --format npy | md5sum; done")
golden(diff-noise/bad_arrays "h() { printf '\\223NUMPY\\001\\000v\\000%-117s\\n' \"$1\"; }; h \"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 1000, 1000, 3), }\" >huge.npy; h \"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 4294967296), }\" >wraps.npy; h \"{'descr': '|u1', 'fortran_order': False, 'shape': (0, 28, 28), }\" >none.npy; head -c 60 $DATA/npy/u1-little.npy >short.npy; for a in *.npy; do diff-noise -t 5 $a --format npy; echo exit $?; done; rm *.npy")

golden(diff-noise/bad_truncated_picture "${photos}; head -c 60 $DATA/image/rgb.png >p/b2.png; diff-noise -t 500 p -o out; echo exit $?; rm -r p")
golden(diff-noise/bad_all_pictures "mkdir p; : >p/a.png; echo text >p/b.jpg; diff-noise -t 500 p -o out")
golden(diff-noise/bad_empty_folder "mkdir -p p/q; diff-noise -t 500 p -o out")
golden(diff-noise/bad_objects "diff-noise -t 500 $DATA/npy/objects.npy -o x.npy")
golden(diff-noise/bad_zero_bytes ": >x.npy; diff-noise -t 500 x.npy -o y.npy")
golden(diff-noise/bad_missing "diff-noise -t 500 nothing -o out")
golden(diff-noise/bad_name_collision "${photos}; cp p/a.png p/sub; diff-noise -t 500 p/a.png p/sub/a.png -o out; echo exit $?; rm -r p")
golden(diff-noise/bad_overwrites_input "${photos}; diff-noise -t 500 p -o p/; diff-noise -t 500 p/a.png -o p; echo exit $?; rm -r p")
golden(diff-noise/bad_sizes_in_array "${photos}; diff-noise -t 500 p -o x.npy; echo exit $?; rm -r p")
golden(diff-noise/bad_picture_for_array "mkdir p; cp $DATA/image/grey.png p/a.png; : >p/b.png; diff-noise -t 500 p -o x.npy")
golden(diff-noise/bad_steps "for t in 1200 -1 x random,1 5:1 1:2:3:4 3,3 1,2:9:0; do diff-noise -t $t x.png -o out; done")
golden(diff-noise/bad_output "diff-noise -t 5 x.png; diff-noise -t 5 x.png -o x.npy --format png; diff-noise -t 5 x.png --format npy -o out; diff-noise -t 5 x.png --strip strip.txt; diff-noise -t 5 $DATA/image/grey.png -o x.gif")
golden(diff-noise/bad_range "printf 'P2 2 1 255 0 255\\n' >a.pgm; diff-noise -s ve -t 1000 a.pgm --format npy >a.npy; diff-noise -t 5 --layout nhwc a.npy -o b.npy; diff-noise -t 5 --layout nhwc --range -90,90 a.npy -o b.npy && echo fits; for r in 1,1 1 0,x 1,2,3; do diff-noise -t 5 --range $r a.npy -o b.npy; done; rm a.* b.npy")
golden(diff-noise/bad_usage "diff-noise; diff-noise x.png; diff-noise -t 5 x.png --size 5x5x5 -o out; diff-noise -t 5 x.png --gray --rgb -o out; diff-noise -t 5 x.png --crop 0 -o out; diff-noise -t 5 -s linaer x.png -o out")
golden(diff-noise/bad_same_file "cp $DATA/image/grey.png a.png; diff-noise -t 5 a.png -o a.png; diff-noise -t 5 a.png --strip ./a.png; cmp a.png $DATA/image/grey.png; rm a.png")
golden(diff-noise/bad_seed "for seed in -1 18446744073709551616 1e3; do diff-noise -t 5 --seed $seed x.png -o out; done")
golden(diff-noise/bad_gif "diff-noise -t 5 $DATA/image/breaks-reader.gif -o x.npy")

# Undoing, on numbers (the manual has more) and on arrays.
golden(diff-noise/undo "diff-noise undo 1.2,-0.3 0.5,-1.0 --alpha-bar 0.36; diff-noise undo 0.7 0.2 --alpha-bar 0.5 --beta 0.1 --give mean; diff-noise undo 1.582055 2 --predict x0 --alpha-bar 0.81 --json; diff-noise undo 1.5,0 0.5,2 --predict u -s flow -T 10 -t 5; diff-noise undo 3 1 --predict score -s ve -T 3 -t 2 --to 0 --clip")
golden(diff-noise/add "diff-noise add 1.5,-0.25 0.5,-1.0 --alpha-bar 0.36; diff-noise add 0.7 0.2 --alpha-bar 0.5 --beta 0.1 --give mean; diff-noise add 1,2 3,4 -s flow -T 10 -t 5; diff-noise add 2 1 -s ve -T 3 -t 2 --to 0 --give x_t; diff-noise add 1 2 --alpha-bar 0; diff-noise add --alpha-bar 0.81 --json -- -1 0.5; x=$(diff-noise add 1.5,-0.25 0.5,-1 -t 300 --give x_t | cut -f 2); diff-noise undo -t 300 --give x0 -- $x 0.5,-1; diff-noise add --help")
golden(diff-noise/add_arrays "diff-noise -t random $DATA/image/rgb.png -o x.npy --eps-out e.npy --manifest m.jsonl; t=$(sed 's/.*\"t\":\\([0-9]*\\).*/\\1/' m.jsonl); diff-noise -t 0 $DATA/image/rgb.png -o clean.npy; diff-noise add clean.npy e.npy -t $t -o y.npy && cmp x.npy y.npy && echo same; diff-noise add clean.npy e.npy -t $t --give v -o v.npy; diff-noise undo x.npy v.npy -t $t --predict v | tail -c 12 | od -An -t f4; tail -c 12 clean.npy | od -An -t f4; diff-noise add - e.npy -t $t <clean.npy | cmp - x.npy && echo piped; rm *.npy m.jsonl")
golden(diff-noise/bad_add "u() { diff-noise add $*; echo exit $?; }; u; u 1; u 1 2; u 1 2 -t 0; u 1 2 -t 1001; u 1 2 -t 5 --to 5; u 1,2 3 -t 5; u 1,a 3,4 -t 5; u 1 nan -t 5; u no.npy 1 -t 5; u 1 $DATA/image/rgb.png -t 5; u - - -t 5; u 1 2 --alpha-bar 1; u 1 2 --alpha-bar 0.5 --beta 0.9; u 1 2 --beta 0.1 -t 3; u 1 2 --alpha-bar 0.5 -t 3; u 1 2 -t 3 --clip; u 1 2 -t 3 --give x; u 3e38 3e38 -s flow -t 500; u 3e38 3e38 --alpha-bar 0.5; u 1 2 -t 3 -o x.png; u 1 2 -t 3 --json -o x.npy")
golden(diff-noise/undo_synonyms "diff-noise undo 1.582055 2 --predicts x0 --alpha-bar 0.81 --give eps; diff-noise undo 0.7 0.2 --alpha-bar 0.36 --beta 0.64 --give mean; diff-noise undo 0.7 0.2 --alpha-bar 0.36 --give mean")
golden(diff-noise/refused_idle "for o in '--strip-rows 3' '--gif-fps 3' '--gif-images 3 --strip s.png'; do diff-noise -t 3 $DATA/image/rgb.png -o x.npy $o; done; diff-noise -t 3 $DATA/safetensors/reference.safetensors -o x.npy; diff-noise undo --help")
golden(diff-noise/undo_arrays "diff-noise -t random $DATA/image/rgb.png -o x.npy --eps-out e.npy --manifest m.jsonl; t=$(sed 's/.*\"t\":\\([0-9]*\\).*/\\1/' m.jsonl); diff-noise undo x.npy e.npy -t $t -o x0.npy; diff-noise -t 0 $DATA/image/rgb.png -o clean.npy; for f in x0 clean; do tail -c 12 $f.npy | od -An -t f4; done; diff-noise undo x.npy x0.npy --predict x0 -t $t --give eps | tail -c 12 | od -An -t f4; tail -c 12 e.npy | od -An -t f4; rm *.npy m.jsonl")
golden(diff-noise/bad_undo "u() { diff-noise undo $*; echo exit $?; }; u; u 1; u 1 2; u 1 2 -t 0; u 1 2 -t 1001; u 1 2 -t x; u 1 2 -t 5 --to 5; u 1 2 -t 5 --to -1; u 1,2 3 -t 5; u 1,a 3,4 -t 5; u nan 1 -t 5; u no.npy 1 -t 5; u - - -t 5; u 1 2 --alpha-bar 1; u 1 2 --alpha-bar -1; u 1 2 --alpha-bar 0.5 --beta 0.9; u 1 2 --beta 0.1 -t 3; u 1 2 --alpha-bar 0.5 -t 3; u 1 2 --alpha-bar 0; u 1 2 --alpha-bar 1e-300; u 1 2 -s flow -t 1000 --predict score; u 1 2 --alpha-bar 0 --beta 0.5 --predict v; u 1 2 --alpha-bar 0 --predict v; u 1 2 --predict x -t 1; u 1 2 -s flow -T 4 -t 4")
golden(diff-noise/lost_opacity "diff-noise -t 5 $DATA/image/rgba.png -o x.jpg; diff-noise -t 5 $DATA/image/rgba.png --alpha flatten=black -o x.jpg && echo done; rm x.jpg")
golden(diff-noise/bad_folder_inside "mkdir in; cp $DATA/image/rgb.png in/; diff-noise -t 5 in -o in/out; echo exit $?; diff-noise -t 5 in -o in/../in/out/; echo exit $?; diff-noise -t 5 in -o in2; echo exit $?; rm -r in in2")

# Modules lie beside the tools: what to do where one does not, or is not one.
golden(diff-noise/bad_modules [=[
mkdir bin; cp "$(command -v diff-noise)" bin
try() { bin/diff-noise -t 5 $DATA/pictures/jpeg/grey.jpg $DATA/pictures/jpeg/cmyk.jpg -o x/ 2>&1 | sed "s|$PWD/||g"; }
try
mkdir -p lib/diffusion-tools
: > lib/diffusion-tools/diffusion-image-module.so
try
module=$(dirname "$(command -v diff-noise)")/../lib/diffusion-tools/diffusion-image-module.so
head -c 20000 "$module" > lib/diffusion-tools/diffusion-image-module.so
try
cp "$(dirname "$module")/diffusion-archive-module.so" lib/diffusion-tools/diffusion-image-module.so
try
LC_ALL=C sed 's/module stamp: /module stamp! /' "$module" > lib/diffusion-tools/diffusion-image-module.so
try
reader=$(dirname "$module")/diffusion-picture-reader
LC_ALL=C sed 's/module stamp: /module stamp! /' "$reader" > lib/diffusion-tools/diffusion-picture-reader
chmod +x lib/diffusion-tools/diffusion-picture-reader
bin/diff-noise -t 5 $DATA/pictures/avif/rgb.avif -o x/ 2>&1 | sed "s|$PWD/||g"
rm -r bin lib]=])
# As far as the machine has them.
golden(diff-noise/instruction_sets "${photos}; for isa in baseline avx2 avx512 avx512-bf16; do export DIFFUSION_ISA=$isa; diff-noise --version >said 2>&1 || continue; grep -qx \"instruction set: $isa\" said || cat said; diff-noise -q -t 300,700 p -o $isa; diff-noise -q -t 5 --rgb --size 9x7 p -o $isa/x.npy; diff -r baseline $isa && ls $isa | wc -l >count; done; cat count; rm -r p said count baseline avx*")

# What a folder holds besides pictures, and pictures that their names do not tell.
golden(diff-noise/passed_over "${photos}; mv p/a.png p/a.jpg_large; mv p/b10.png p/b10; echo BM >p/notes.txt; : >p/sub/x; diff-noise -t 5 p -o out; diff-noise -v -t 5 p -o out; diff-noise -q -t 5 p -o out; tar cf p.tar p; diff-noise -v -t 5 p.tar -o out; diff-noise -t 5 - -o out <p.tar; rm -r p p.tar")
# Values that are not finite are their picture's fault.
golden(diff-noise/bad_values "mkdir p; printf 'Pf\\n1 1\\n-1.0\\n\\0\\0\\200\\076' >p/a.pfm; printf 'Pf\\n1 1\\n-1.0\\n\\0\\0\\300\\177' >p/b.pfm; printf 'Pf\\n1 1\\n-1.0\\n\\0\\0\\200\\377' >p/c.pfm; diff-noise -t 5 p -o out; echo $?; diff-noise -t 5 p/b.pfm -o b.npy; echo $?; diff-noise -t 5 - -o b.npy <p/c.pfm; echo $?; rm -r p out")
golden(diff-noise/floats_from_0_to_1 "printf '\\223NUMPY\\1\\0\\166\\0%-117s\\n' \"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1, 2), }\" >a.npy; printf '\\0\\0\\0\\0\\0\\0\\200\\077' >>a.npy; diff-noise -t 0 a.npy -o out; diff-noise -t 0 --range 0,1 a.npy -o out; diff-noise -q -t 0 a.npy -o out; rm a.npy")
# White is 1 in pictures of floats. A header or a name may hold what a terminal would obey.
golden(diff-noise/floats_over_white "mkdir p; for n in 1 2; do printf 'Pf\\n2 1\\n-1.0\\n\\0\\0\\110\\103\\0\\0\\0\\0' >p/$n.pfm; done; diff-noise -t 0 p -o out; diff-noise -q -t 0 p -o out; printf 'Pf\\n2 1\\n-1.0\\n\\0\\0\\110\\103\\0\\0\\110\\303' >p/2.pfm; diff-noise -t 0 p/2.pfm -o out; rm -r p out")
golden(diff-noise/bad_control_characters [=[p=$(printf 'p\033[1m'); mkdir $p; printf 'P5\n1\033\377 1 255\n0' >$p/a.pgm; printf "P5\n7\0x 1 255\n0" >$p/c.pgm; printf 'P5\n%0100d 1 255\n0' 9876543210 >$p/b.pgm; diff-noise -t 0 $p -o out; rm -r $p]=])

# Pipes by name, and among files.
golden(diff-noise/pipes "${photos}; mkfifo f; cat p/a.png >f & diff-noise -t 5 f -o x.npy; diff-noise -t 5 p/b10.png -o y.npy; tar cf - p >f & diff-noise -t 5 f -o out; mkfifo p/pipe p/pipe.png; diff-noise -t 5 p -o again; echo $?; rm -r p f")
# Tars that may have been cut off, and what follows the end of one.
golden(diff-noise/ends_of_archives [=[
mkdir p; cp $DATA/image/grey.png p/a.png; cp $DATA/image/rgb.png p/b.png; cp p/a.png c.png
tar -b1 -cf p.tar p; tar -b1 -cf c.tar c.png
n() { diff-noise -t 5 $1 -o out; echo exit $?; (cd out && find . -name '*.png' | sort); rm -r out; }
head -c -1024 p.tar > cut.tar; n cut.tar; gzip < cut.tar > cut.tgz; n cut.tgz; n - < cut.tar
cat p.tar c.tar > both.tar; n both.tar; n - < both.tar; gzip < both.tar > both.tgz; n both.tgz
{ cat p.tar; head -c 600 $DATA/image/rgb.png; } > more.tar; n more.tar 2>&1 | sed 's, (.*,,'
{ gzip < p.tar; echo more; } > more.tgz; n more.tgz; { gzip < p.tar; head -c 600 /dev/zero; } > pad.tgz; n pad.tgz
rm -r p *.tar *.tgz c.png]=])
# What has no end is read no further than it must.
golden(diff-noise/no_end [=[
ln -s /dev/zero zero; : > sparse; truncate -s 1000G sparse; cp sparse sparse.png; cp sparse sparse.npy
printf 'P5 1 1 255\n\200' > a.pgm
for f in zero sparse sparse.png sparse.npy; do diff-noise -t 5 $f -o out; echo exit $?; done
for f in zero sparse; do
  diff-noise -t 5 --files-from $f -o out; echo exit $?
  diff-noise -t 5 -s ./$f a.pgm -o out; echo exit $?
  diff-noise undo $f 1 -t 5; echo exit $?
done
yes | diff-noise -t 5 -s - a.pgm -o out; echo exit $?
rm zero sparse* a.pgm]=])
golden(diff-noise/interrupted_wait "stop() { until grep -qE 'SigCgt:.*[4-7c-f][0-9a-f]{3}$' /proc/$1/status; do sleep 0.1; done; sleep 0.2; kill -TERM $1; wait $1; echo exit $?; }; mkfifo f g; diff-noise -t 5 f -o out & stop $!; sleep 5 >f & diff-noise -t 5 - -o out <f & stop $!; printf 'P5 1 1 255\\n\\200' >a.pgm; diff-noise -t 5 a.pgm --manifest g -o out & stop $!; rm -r a.pgm f g")

golden(diff-noise/long_names "${photos}; n=$(printf '%0251d' 7); cp p/a.png p/$n.png; diff-noise -t 5 p -o out; echo $?; ls out | wc -l; diff-noise -t 5,6 p -o two; echo $?; ls two | wc -l; rm -r p out two")
golden(diff-noise/dry_run_of_the_rest [=[
mkdir in; for i in a b; do cp $DATA/image/rgb.png in/$i.png; done
diff-noise -q -t 3,5 in -o out/ --eps-out eps/; rm out/b.t5.png
diff-noise -t 3,5 in -o out/ --eps-out eps/ --dry-run --skip-existing --manifest m
diff-noise -t 3 in -o out.tar; diff-noise -t 3 in -o out.tar --dry-run --skip-existing
diff-noise undoo 1 2; diff-noise -t 3 in --strip --gif x.gif
diff-noise -t 3 in --strip x.png --format png; diff-noise -t 3 in --strip x.png --skip-existing
rm -r in out eps out.tar]=])
golden(diff-noise/points [=[
printf 'P2 1 1 255 255' >a.pgm; printf 'P2 1 1 255 0' >b.pgm
diff-noise -t 1,500 a.pgm b.pgm -o x.csv --eps-out e.csv --manifest m.jsonl; cat x.csv e.csv; head -n 2 m.jsonl
diff-noise -t 1,500 a.pgm b.pgm --format csv | cmp - x.csv && echo piped
diff-noise -t 5 $DATA/image/rgb.png -o left.csv; diff-noise -t 5 a.pgm -o left.npy --format csv
diff-noise -t 5 a.pgm -o left/ --format csv; diff-noise -t 5 a.pgm -o x.csv --dry-run
rm *.pgm *.csv m.jsonl]=])
golden(diff-noise/points_read [=[
printf 'x\ty\n30\t-2\n0.5\t1e3\n' >p.tsv; printf '30,-2\r\n\r\n0.5,1000\r\n' >p.csv
diff-noise -t 1,500 p.csv -o x.csv --eps-out e.csv --manifest m.jsonl; cat x.csv e.csv; head -n 1 m.jsonl | cut -d , -f 1-5
diff-noise -t 0 p.tsv -o 0.csv; cat 0.csv; diff-noise -t 1,500 p.tsv --format csv | cmp - x.csv && echo tabs
diff-noise -t 1,500 - --format csv <p.tsv | cmp - x.csv && echo piped
diff-noise -t 500 p.csv | cksum; diff-noise -t 500 p.csv -o x.npy; cksum <x.npy; diff-noise -t 500 p.csv -o f/; ls f
printf '\223NUMPY\1\0\166\0%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }" >p.npy; tail -c +129 x.npy >>p.npy
diff-noise -t 0 p.npy --format csv >again.csv; tail -n 1 again.csv
b() { echo "\$ diff-noise -t 5 $*"; diff-noise -t 5 "$@" 2>&1; echo exit $?; }
b p.csv -o left.png; b p.csv --format png -o left/; b p.csv --strip left.png; b p.csv --size 8 -o left.csv; b p.csv --range 0,1 -o left.csv
b p.csv --alpha flatten=white -o left.csv; b p.csv p.tsv -o left.csv
printf '1,2\n3,4x\n' >bad.csv; b bad.csv -o left.csv; b - -o left.csv <bad.csv; printf 'x,y\n' >bad.csv; b bad.csv -o left.csv; cp p.csv p.md; b p.md -o left.csv
rm -r f *.csv *.tsv *.npy *.md m.jsonl]=])
golden(diff-noise/points_in_files [=[
printf '30,-2\n0.5,1000\n' >p.csv; printf '7,8\n' >q.csv; diff-noise -t 0 p.csv q.csv --format csv
diff-noise -t 0 p.csv -o f/; (cd f && tar cf ../t.tar *.npy); for from in f t.tar; do diff-noise -t 0 $from --format csv; done
diff-noise -t 0 - --format csv <t.tar
printf '\223NUMPY\1\0\166\0%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }" >p.npy; diff-noise -t 0 p.csv | tail -c +129 >>p.npy
diff-noise -t 0 - --format csv <p.npy
diff-noise -t 5 p.csv $DATA/image/rgb.png -o left/; diff-noise -t 5 p.csv - -o left/ <q.csv; printf '1,2,3\n' >w.csv; diff-noise -t 5 p.csv w.csv -o w.npy; rm -r f *.csv *.npy t.tar]=])
golden(diff-noise/undo_of_pictures "diff-noise undo $DATA/image/rgb.png 1 -t 3; diff-noise undo 1 $DATA/image/rgb.png -t 3; diff-noise undo x 1 -t 3; diff-noise undo $DATA/fid/nan.npy 1 -t 3; diff-noise undo 1e200 1 -t 3")

# Parts of the images.
golden(diff-noise/shards "${photos}; cp $DATA/image/palette.gif p; n() { diff-noise -t random --rgb --size 8 p \"$@\"; }; n -o whole --eps-out whole/eps --manifest whole.jsonl; n -o whole.tar; n -o whole.npy; for i in 1 2 3; do n -o parts --eps-out parts/eps --manifest $i.jsonl --shard $i/3; n -o $i.tar --shard $i/3; n -o $i.npy --shard $i/3; mkdir -p t; tar xf $i.tar -C t; tail -c +129 $i.npy; done >rows; diff -r whole parts && tail -c +129 whole.npy | cmp - rows && cat 1.jsonl 2.jsonl 3.jsonl | sed s/parts/whole/g | cmp - whole.jsonl && mkdir w && tar xf whole.tar -C w && diff -r w t && echo same; n -o z.npz --dry-run --shard 3/3; n -o z/ --dry-run --shard 3/3; n --strip s.png --shard 2/2; rm -r p parts w t whole rows *.npy *.tar *.jsonl")
golden(diff-noise/bad_shard "${photos}; s() { diff-noise -t 5 p -o out --shard \"$@\"; echo exit $?; }; s 0/3; s 4/3; s x; s 1/4; tar cf p.tar p/a.png p/b10.png; diff-noise -t 5 --shard 1/2 - -o out <p.tar; head -c 1500 p.tar >q.tar; diff-noise -t 5 --shard 1/2 q.tar -o out; cp p/a.png a.png; diff-noise -t 5 --shard 1/3 a.png p/sub p/a.png -o out; rm -r p *.tar a.png")

# Many archives, and labels beside their members.
set(shards "mkdir s; i=0; for c in 4 0 4; do i=$((i + 1)); cp $DATA/image/rgb.png s/$i.png; echo $c >s/$i.cls; done; (cd s; tar cf ../1.tar 1.* 2.*; tar czf ../2.tgz 3.*; mkdir ../f; cp ../1.tar ../f; tar cf ../f/2.tar 3.*)")
golden(diff-noise/many_archives "${shards}; n() { diff-noise -t 5 \"$@\" --manifest - | grep -o '\"label.*'; }; n 1.tar 2.tgz -o a/; n f -o b/; n s -o c/; diff -r a b && diff -r a c && echo same; diff-noise -t 5 f --shard 2/2 --dry-run -o out; diff-noise -t 5 1.tar f -o out; rm -r a b c s f *.t*")
golden(diff-noise/bad_labels_beside "${shards}; echo cat >s/2.cls; diff-noise -t 5 s -o out; (cd s; tar cf ../3.tar 2.png 2.cls); diff-noise -t 5 3.tar 1.tar -o out; echo '{\"cls\": 1}' >s/1.json; diff-noise -t 5 s -o out; rm -r s f *.t*")
# What can be read once is known by its contents.
golden(diff-noise/undo_of_pipes [=[
diff-noise -q -t 7 $DATA/image/rgb.png -o x.npy --eps-out e.npy; mkfifo f g h
npy() { printf '\223NUMPY\1\0\166\0%-117s\n' "{'descr': '<i4', 'fortran_order': False, 'shape': (1,), }"; printf '\7\0\0\0'; }
diff-noise undo x.npy e.npy -t 7 -o u.npy
cat x.npy >f & diff-noise undo f e.npy -t 7 | cmp - u.npy && echo x_t
cat e.npy >f & diff-noise undo x.npy f -t 7 | cmp - u.npy && echo prediction
npy >f & diff-noise undo x.npy e.npy -t f | cmp - u.npy && echo step
cat x.npy >f & cat e.npy >g & npy >h & diff-noise undo f g -t h | cmp - u.npy && echo all
npy | diff-noise undo x.npy e.npy -t - | cmp - u.npy && echo standard input
cp x.npy x; diff-noise undo x e.npy -t 7 | cmp - u.npy && echo by contents; : > 7; diff-noise undo x e.npy -t 7 | cmp - u.npy && echo a step beside a file
cat $DATA/image/rgb.png >f & diff-noise undo f 1 -t 7
echo numbers >f & diff-noise undo 1 f -t 7
echo 7 >f & diff-noise undo 1 1 -t f
npy | diff-noise undo - e.npy -t -
rm x x.npy e.npy u.npy f g h 7]=])
golden(diff-noise/files_from_crlf [=[
cp $DATA/image/rgb.png 'a b.png'; cp $DATA/image/grey.png c.png
printf 'a b.png\r\n\r\nc.png\r\n' >list; diff-noise -t 5 --files-from list -o out; ls out
printf 'c.png\r\0' | diff-noise -t 5 --files-from - -0 -o two
rm -r out list 'a b.png' c.png]=])
