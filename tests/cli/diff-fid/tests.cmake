# Twelve pictures of four pixels each, from a formula: exact numbers on every machine.
set(pictures "mkdir a b; for i in 1 2 3 4 5 6; do printf \"P2 2 2 255 $((i * 17 % 97)) $((i * 53 % 101)) $((i * 29 % 89)) $((i * i))\\n\" >a/$i.pgm; printf \"P2 2 2 255 $((i * 31 % 97)) $((i * 47 % 101)) $((i * 37 % 89)) $((i * 40))\\n\" >b/$i.pgm; done")
set(clean "s=$?; rm -r a b; exit $s")

golden(diff-fid/help "diff-fid --help")
golden(diff-fid/list "diff-fid list")
golden(diff-fid/list_json "diff-fid list --json | sed -n '1,20p; /features/,$p'")
golden(diff-fid/help_of_subcommands "for c in stats merge clip-score neighbours list; do diff-fid $c --help | grep -e Usage -e '^  [A-Z]' -e --quiet; done")
golden(diff-fid/refused_idle "diff-fid --limit 0 a b; diff-fid --exec-timeout 5 a b; diff-fid merge $DATA/image/rgb.png -o m.npz; diff-fid clip-score $DATA/image/rgb.png $DATA/fid/real.npy; diff-fid stats; diff-fid merge; diff-fid clip-score")

# pytorch_fid says 1.6433371284406153 tests/data/fid/README.md.
golden(diff-fid/ready_features "diff-fid $DATA/fid/real.npy $DATA/fid/fake.npy")
golden(diff-fid/json "diff-fid -q --json $DATA/fid/real.npy $DATA/fid/published.npz | sed 's/1.64333712844[0-9]*/1.64333712844.../; s/\\(seconds.: \\)[0-9.e-]*/\\1.../'")
golden(diff-fid/float32_statistics "diff-fid -q $DATA/fid/real.npy $DATA/fid/float32.npz")
golden(diff-fid/standard_input "diff-fid -q $DATA/fid/published.npz - <$DATA/fid/real.npy")
golden(diff-fid/fewer_than_features "diff-fid $DATA/fid/few.npy $DATA/fid/fake.npy && diff-fid -q $DATA/fid/few.npy $DATA/fid/few.npy")
golden(diff-fid/published_against_images "${pictures}; diff-fid --features pixels a $DATA/fid/published.npz; ${clean}")

golden(diff-fid/pixels "${pictures}; diff-fid -q --features pixels a b; diff-fid -q --features pixels a a; ${clean}")
golden(diff-fid/floor "${pictures}; diff-fid -q --features pixels --floor a b; diff-fid -q --features pixels --floor b; ${clean}")
golden(diff-fid/random_by_default "${pictures}; diff-fid -q a a; diff-fid -q a b | cut -c 1-20; ${clean}")
golden(diff-fid/statistics "${pictures}; diff-fid -q stats --features pixels a -o a.npz; diff-fid -q --features pixels a.npz b; diff-fid -q --features pixels b a.npz; ${clean}")
golden(diff-fid/merge "${pictures}; mkdir a1 a2; cp a/[123]* a1; cp a/[456]* a2; for i in a a1 a2; do diff-fid -q stats --features pixels $i -o $i.npz; done; diff-fid merge a1.npz a2.npz -o m.npz; diff-fid -q m.npz a.npz; s=$?; rm -r a1 a2 a b; exit $s")
golden(diff-fid/features_in_order_any_threads "${pictures}; for j in 1 2; do diff-fid -q -j$j features a -o $j.npy; done; cmp 1.npy 2.npy; diff-fid -q features a | cmp - 1.npy; mkdir c; cp a/4.pgm c; diff-fid -q features c | tail -c 2048 >3; tail -c +6273 1.npy | head -c 2048 | cmp - 3 && wc -c <1.npy; s=$?; rm -r a b c; exit $s")
golden(diff-fid/limit "${pictures}; diff-fid -q --features pixels --limit 4 a b; diff-fid -q --limit 10 $DATA/fid/real.npy $DATA/fid/fake.npy; ${clean}")
golden(diff-fid/made_alike "${pictures}; printf 'P2 3 1 255 9 9 9\\n' >a/7.pgm; diff-fid -q --features pixels --size 2 a b; ${clean}")
golden(diff-fid/output_file "diff-fid -q $DATA/fid/real.npy $DATA/fid/fake.npy -o r.txt; cut -f 1 r.txt")

golden(diff-fid/bad_image_in_folder "${pictures}; printf 'P2 2' >b/3.pgm; diff-fid -q --features pixels a b; ${clean}")
golden(diff-fid/bad_size_in_folder "${pictures}; printf 'P2 3 1 255 9 9 9\\n' >a/7.pgm; diff-fid -q --features pixels a b; ${clean}")
golden(diff-fid/bad_all_images "mkdir a; echo no >a/1.png; diff-fid --features pixels a a; s=$?; rm -r a; exit $s")
golden(diff-fid/bad_one_image "${pictures}; diff-fid -q --limit 1 a b; ${clean}")
golden(diff-fid/bad_empty_folder "mkdir a; diff-fid a a; s=$?; rm -r a; exit $s")
golden(diff-fid/bad_missing "diff-fid nowhere $DATA/fid/real.npy || diff-fid nowhere.npz $DATA/fid/real.npy")
golden(diff-fid/bad_usage "for a in '' a '--limit x a b' 'features -o x.npy' 'features a b' merge '--size 3.5 a b'; do diff-fid $a; echo $?; done")
golden(diff-fid/bad_features "diff-fid --features resnet a b; diff-fid --features random:seed=1 a b")
golden(diff-fid/bad_inception "XDG_DATA_HOME=/nowhere diff-fid --features inception a b; for i in module.pth complex.pth zip.pth script.pt; do diff-fid --features inception:weights=$DATA/torch/$i a b; done; diff-fid --features inception:weights=$DATA/safetensors/reference.safetensors a b; diff-fid --features inception:weights=$DATA/fid/real.npy a b; diff-fid --features inception:weights=$DATA/torch/zip.pth,tap=512 a b")
golden(diff-fid/bad_statistics "for i in skew indefinite shapes nan meta; do diff-fid -q $DATA/fid/real.npy $DATA/fid/$i.npz || echo $?; done; diff-fid $DATA/fid/real.npy $DATA/fid/nan.npy")
golden(diff-fid/bad_provenance "${pictures}; diff-fid -q stats --features pixels a -o a.npz; diff-fid a.npz $DATA/fid/other.npz; diff-fid --no-round --features pixels a.npz b; diff-fid a.npz b; ${clean}")
golden(diff-fid/bad_merge "diff-fid merge $DATA/fid/published.npz -o m.npz; diff-fid merge $DATA/fid/real.npy -o m.npz")
golden(diff-fid/bad_floor_of_statistics "diff-fid --floor $DATA/fid/published.npz")
golden(diff-fid/bad_output "diff-fid -q $DATA/fid/real.npy $DATA/fid/fake.npy -o nowhere/r.txt; diff-fid features $DATA/fid/real.npy -o nowhere/f.npy")
golden(diff-fid/statistics_in_a_pipe "diff-fid -q stats $DATA/fid/real.npy | diff-fid -q - $DATA/fid/real.npy")
golden(diff-fid/bad_extension "diff-fid features $DATA/fid/real.npy -o f.npz; diff-fid stats $DATA/fid/real.npy -o s.npy; diff-fid list foo")
golden(diff-fid/limit_leaves_statistics "diff-fid -q stats $DATA/fid/real.npy -o s.npz; diff-fid -q --limit 5 s.npz $DATA/fid/fake.npy | sed -n 's/^n_/n_/p'; rm s.npz")

# What other programs say of these is in tests/data/fid-metrics/expected.txt.
golden(diff-fid/metrics "diff-fid -q --seed 3 --metrics kid:subsets=20,size=50,kid_full,precision_recall,density_coverage,cmmd,frechet_infinity:points=5,least=30,frechet $DATA/fid-metrics/real.npy $DATA/fid-metrics/fake.npy")
golden(diff-fid/metrics_all "diff-fid --metrics all $DATA/fid-metrics/real.npy $DATA/fid-metrics/fake.npy; diff-fid --metrics all $DATA/fid-metrics/stored.npz $DATA/fid-metrics/fake.npy")
golden(diff-fid/metrics_of_images "${pictures}; diff-fid --metrics all --features pixels a b; diff-fid -v --metrics cmmd --features pixels a b 2>&1; ${clean}")
golden(diff-fid/inception_score "diff-fid -q --metrics inception_score:order=contiguous $DATA/fid-metrics/logits.npy; diff-fid -q --metrics inception_score $DATA/fid-metrics/logits.npy")
golden(diff-fid/bootstrap "diff-fid --bootstrap 40 --metrics frechet,kid_full,precision_recall $DATA/fid-metrics/real.npy $DATA/fid-metrics/fake.npy; diff-fid -q --bootstrap 40 $DATA/fid-metrics/stored.npz $DATA/fid-metrics/fake.npy")
golden(diff-fid/metrics_floor "diff-fid -q --floor --metrics frechet,kid_full $DATA/fid-metrics/real.npy; diff-fid -q --floor --metrics precision_recall $DATA/fid-metrics/real.npy $DATA/fid-metrics/fake.npy")
golden(diff-fid/spatial_statistics "for m in spatial_frechet frechet spatial_frechet,frechet; do diff-fid -q --metrics $m $DATA/fid-metrics/stored.npz $DATA/fid-metrics/fake.npy; done; diff-fid -q --metrics spatial_frechet $DATA/fid-metrics/fake.npy $DATA/fid/published.npz")
golden(diff-fid/bad_metrics "for m in fid kid:k=3 kid:subsets=0 kid:size=x precision_recall:ties=x inception_score:splits=0 kid:size=5,kid:size=9 ''; do diff-fid --metrics \"$m\" $DATA/fid-metrics/real.npy $DATA/fid-metrics/fake.npy; echo $?; done")
golden(diff-fid/bad_metrics_for_sets "${pictures}; diff-fid --metrics inception_score --features pixels a b; diff-fid --metrics kid $DATA/fid-metrics/stored.npz $DATA/fid-metrics/fake.npy; diff-fid --metrics kid a; diff-fid -q --metrics precision_recall:k=6 --features pixels a b; ${clean}")
golden(diff-fid/inception_score_alone "diff-fid --metrics inception_score:splits=2 $DATA/fid-metrics/real.npy $DATA/fid-metrics/fake.npy")
golden(diff-fid/bad_widths "diff-fid --metrics kid $DATA/fid/real.npy $DATA/fid-metrics/real.npy; diff-fid --metrics kid $DATA/fid/nan.npy $DATA/fid/nan.npy")

golden(diff-fid/neighbours "diff-fid neighbours --first 4 $DATA/fid-metrics/real.npy $DATA/fid-metrics/fake.npy 2>&1 | sed s:$DATA/::g")
golden(diff-fid/neighbours_json "${pictures}; cp a/3.pgm b/7.pgm; cp b/1.pgm b/8.pgm; diff-fid -q neighbours --json --first 2 --features pixels --sheet pairs.png a b; ${clean}")
golden(diff-fid/bad_neighbours "${pictures}; diff-fid neighbours a; diff-fid neighbours $DATA/fid/published.npz b; diff-fid neighbours --sheet x.txt a b; diff-fid neighbours --sheet x.png - b <a/1.pgm; diff-fid -q neighbours --sheet x.png $DATA/fid/real.npy $DATA/fid/fake.npy; diff-fid neighbours --limit 1 a b; ${clean}")
golden(diff-fid/clip_score "diff-fid clip-score $DATA/fid-metrics/fake.npy $DATA/fid-metrics/fake.npy; diff-fid clip-score $DATA/fid-metrics/fake.npy $DATA/fid-metrics/real.npy; diff-fid clip-score $DATA/fid-metrics/fake.npy")

# Six pictures of 2 x 2 x 3 bytes after a header of 128: programs that answer once, again and
# again, or not as they should.
golden(diff-fid/exec "${pictures}; e='head -c 200 >/dev/null; cat $DATA/fid/six.npy'; diff-fid -q --features \"exec:$e\" a b; diff-fid features --features 'exec:while head -c 200 | grep -q NUMPY; do cat $DATA/fid/six.npy; done' a | cmp - $DATA/fid/six.npy; diff-fid -q --features 'exec:head -c 200 | tail -c 12 | od -An -tu1 >&2; exit 3' a b; ${clean}")
golden(diff-fid/bad_exec "${pictures}; for e in '' 'echo no model >&2; exit 3' 'echo hello and good bye' 'head -c 200 >/dev/null; head -c 150 $DATA/fid/six.npy' 'head -c 200 >/dev/null; cat $DATA/fid/few.npy' 'head -c 200 >/dev/null; cat $DATA/npy/u1-little.npy' 'kill -9 $$'; do diff-fid -q --features \"exec:$e\" a b; done; diff-fid -q --limit 2 --features 'exec:head -c 152 >/dev/null; cat $DATA/fid/nan.npy' a b; diff-fid --features exec a b; ${clean}")

golden(diff-fid/shards "${pictures}; for i in 1 2 3; do diff-fid -q features --shard $i/3 a -o f$i.npy; diff-fid -q stats --features pixels --shard $i/3 a -o s$i.npz; done; diff-fid -q features a | cmp - f1.npy | cut -c 1-9; diff-fid merge f1.npy f2.npy f3.npy -o f.npy; diff-fid -q features a -o all.npy; cmp f.npy all.npy && diff-fid merge s1.npz s2.npz s3.npz -o s.npz; diff-fid -q --features pixels s.npz a; rm f*.npy s*.npz all.npy; ${clean}")
golden(diff-fid/bad_shard "${pictures}; for s in 0/2 3/2 x 1/; do diff-fid features --shard $s a -o f.npy; done; diff-fid --shard 1/2 a b; tar cf a.tar a; diff-fid features --shard 1/2 - -o f.npy <a.tar; diff-fid stats --shard 1/2 $DATA/fid/published.npz -o s.npz; rm a.tar; ${clean}")
golden(diff-fid/bad_merge_features "diff-fid merge $DATA/fid/real.npy $DATA/fid-metrics/real.npy -o m.npy; diff-fid merge $DATA/fid/real.npy $DATA/fid/published.npz -o m.npz; diff-fid stats -q $DATA/fid/real.npy -o s.npz; diff-fid merge s.npz $DATA/fid-metrics/stored.npz -o m.npz; rm s.npz")
golden(diff-fid/strict "${pictures}; printf 'P2 2' >b/3.pgm; diff-fid -q --strict --features pixels a b; ${clean}")
golden(diff-fid/kinds "${pictures}; diff-fid features --kind logits a -o f.npy; diff-fid features --kind features a | wc -c; ${clean}")

# Eight parts of six images: some are of one image, some of none.
golden(diff-fid/small_shards "${pictures}; for i in 1 2 3 4 5 6 7 8; do diff-fid -q stats --features pixels --shard $i/8 a -o s$i.npz && diff-fid -q features --features pixels --shard $i/8 a -o f$i.npy; done; diff-fid merge s?.npz -o s.npz; diff-fid merge f?.npy -o f.npy; diff-fid -q --features pixels s.npz a; diff-fid features -q --features pixels a | cmp - f.npy && diff-fid -q s1.npz s.npz; diff-fid -q s2.npz s.npz; diff-fid -q f1.npy f.npy; diff-fid stats --features pixels --limit 1 a -o x.npz; rm s*.npz f*.npy; ${clean}")
golden(diff-fid/images_beside_statistics "diff-fid --features pixels --metrics frechet,kid_full $DATA/fid/beside.npz $DATA/fid/beside.npz; diff-fid -q --features pixels --floor $DATA/fid/beside.npz; diff-fid -q --metrics kid_full $DATA/fid/beside.npz $DATA/fid/beside.npz; diff-fid -q --metrics frechet,kid $DATA/fid/beside.npz $DATA/fid/beside.npz; diff-fid -q features --features pixels $DATA/fid/beside.npz | wc -c; diff-fid -q features --features pixels --shard 2/4 $DATA/fid/beside.npz | wc -c")
golden(diff-fid/bad_options_of_commands "diff-fid clip-score --bootstrap 5 a b; diff-fid clip-score --limit 5 a b; diff-fid neighbours --metrics kid a b; diff-fid neighbours --floor a b; diff-fid merge --size 5 a b; diff-fid list --json; diff-fid features --json a; diff-fid neighbours --threshold nan a b; diff-fid neighbours --threshold 2 a b")
golden(diff-fid/bad_ready_kinds "diff-fid --metrics frechet,spatial_frechet $DATA/fid-metrics/real.npy $DATA/fid-metrics/fake.npy; diff-fid --metrics all,frechet $DATA/fid-metrics/real.npy $DATA/fid-metrics/fake.npy; diff-fid --metrics kid:size=100 $DATA/fid-metrics/real.npy $DATA/fid-metrics/fake.npy; diff-fid - - <$DATA/fid-metrics/real.npy; diff-fid neighbours - - <$DATA/fid-metrics/real.npy")
golden(diff-fid/bad_values "diff-fid $DATA/fid/real.npy $DATA/fid/huge.npz; diff-fid -q --metrics all $DATA/fid/real.npy $DATA/fid/huge.npz; diff-fid merge $DATA/fid/nan.npy $DATA/fid/nan.npy -o m.npy; diff-fid features $DATA/fid/nan.npy -o m.npy; diff-fid clip-score $DATA/fid/nan.npy $DATA/fid/nan.npy")
golden(diff-fid/bad_archive "${pictures}; tar cf a.tar a; head -c 5000 a.tar | diff-fid -q --features pixels - b; head -c 5000 a.tar >cut.tar; diff-fid -q --features pixels b cut.tar; rm *.tar; ${clean}")
golden(diff-fid/bad_weights "head -c 900 $DATA/torch/stream.pth >cut.pth; diff-fid --features inception:weights=cut.pth a b; head -c 900 $DATA/torch/zip.pth >cut.pth; diff-fid --features inception:weights=cut.pth a b; rm cut.pth")
golden(diff-fid/exec_grey_and_colour "mkdir a; printf 'P2 2 1 255 7 9\n' >a/1.pgm; printf 'P3 2 1 255 1 2 3 4 5 6\n' >a/2.ppm; diff-fid -q features --features 'exec:head -c 140 | tail -c 12 | od -An -tu1 >&2; exit 3' a; rm -r a")

# Pipes by name, and files by their contents.
golden(diff-fid/pipes "${pictures}; mkfifo f g; put() { cat $1 >f & }; put $DATA/fid/real.npy; diff-fid -q f $DATA/fid/fake.npy; put $DATA/fid/published.npz; diff-fid -q f $DATA/fid/fake.npy; tar cf - a >f & diff-fid -q --features pixels f a; put $DATA/fid/real.npy; cat $DATA/fid/fake.npy >g & diff-fid -q merge f g -o m.npy; wc -c <m.npy; put a/1.pgm; diff-fid -q features --features pixels f | wc -c; put a/1.pgm; diff-fid f f; diff-fid neighbours --sheet s.png f a; mkfifo a/x.pgm; diff-fid -q --features pixels a b; rm f g m.npy; ${clean}")
golden(diff-fid/contents "cp $DATA/fid/published.npz s.dat; cp $DATA/fid/fake.npy f; diff-fid -q s.dat f; diff-fid -q merge f f | wc -c; rm s.dat f")
golden(diff-fid/widths_before_images "${pictures}; diff-fid -q --features pixels $DATA/fid-metrics/stored.npz a; diff-fid -q --features pixels a $DATA/fid-metrics/fake.npy; diff-fid -q $DATA/fid/real.npy $DATA/fid-metrics/real.npy; ${clean}")
