golden(diff-schedule/help "diff-schedule --help")
golden(diff-schedule/list "diff-schedule list")
golden(diff-schedule/linear "diff-schedule linear -T 3")
golden(diff-schedule/to-file "diff-schedule flow:shift=3 -T 4 -o flow.json && cat flow.json")
golden(diff-schedule/show "diff-schedule show linear --at 1,500,1000")
golden(diff-schedule/show-all-columns [=[
for column in $(diff-schedule list | awk '/^columns/ { on = 1 } on && /^  [^ ]/ { print $1 }'); do
  diff-schedule show cosine -T 10 --columns $column --at 1,5,10 | tr '\n' ' '; echo
done]=])
golden(diff-schedule/show-formats [=[
for format in table csv tsv json; do diff-schedule show karras -T 3 --format $format; done
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

# Every family, and tables of one's own.
golden(diff-schedule/families [=[
for family in $(diff-schedule list | awk '/^grids/ { exit } /^  [^ ]/ { print $1 }') \
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
