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
for grid in trailing leading leading:offset=1,points=n+1 linspace linspace:points=n+1 quadratic \
    quadratic:top=1 karras karras:sigma_max=5,sigma_min=0.1,rho=3 exponential lambda; do
  echo $grid
  diff-schedule respace linear --grid $grid --steps 4 | diff-schedule show --columns timestep |
    tail -n 4 | tr '\n' ' '; echo
done
echo '[900, 500, 1]' > grid.json
diff-schedule respace linear --grid grid.json | diff-schedule show --columns timestep,sigma]=])
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
run respace linear --grid leading:offset=-1
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
