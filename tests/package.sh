#!/bin/sh
# Installs the package with apt where there is no compiler, uses what it brings, and removes
# it without a trace. For a root that is thrown away afterwards (tests/bare.sh makes them).
# usage: sh tests/package.sh PACKAGE.deb
set -eu

fail() {
  echo "tests/package.sh: $1" >&2
  exit 1
}
usage() {
  echo "tests/package.sh: $1" >&2
  echo "usage: sh tests/package.sh PACKAGE.deb      (as root, in a root without compilers)" >&2
  exit 2
}
[ $# = 1 ] && [ -f "$1" ] || usage 'name the package, a file'
[ "$(id -u)" = 0 ] || usage 'only root can install packages'
for compiler in c++ g++ clang++; do
  ! command -v $compiler >/dev/null || usage "$compiler is here: this tells nothing about a bare root"
done
package=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C

passed=0
pass() {
  echo "ok: $1"
  passed=$((passed + 1))
}

# What apt and the shells of other packages keep of their own is nobody's trace.
list_files() {
  find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp \
    -o -path /var/lib/apt -o -path /var/lib/dpkg -o -path /var/cache -o -path /var/log \) -prune \
    -o -print | sort
}

apt-get update -qq
apt-get install -qq -y --no-install-recommends man-db >/dev/null
list_files > before

echo '=== install'
apt-get install -y "$package" > apt.log 2>&1 || { cat apt.log; fail 'apt cannot install it'; }
grep -E 'newly installed|Need to get|After this operation' apt.log
pass 'apt installs it'
dpkg -L diffusion-tools > owned
excludes=$(grep -ls '^path-exclude' /etc/dpkg/dpkg.cfg /etc/dpkg/dpkg.cfg.d/* || true)
[ -z "$excludes" ] || echo "dpkg leaves some files out here, as $excludes tells it to"
while read -r file; do
  [ -e "$file" ] || [ -n "$excludes" ] || fail "$file: in the package, but not there"
done < owned
pass "dpkg -L: $(wc -l < owned) files and folders"

echo '=== the five tools'
for tool in diff-schedule diff-noise diff-train diff-sample diff-fid; do
  $tool --version
done
mkdir photos
for i in 1 2 3 4 5 6 7 8; do # grey pictures of 16 x 16, each a slope of its own
  awk -v i=$i 'BEGIN { print "P2 16 16 255"; for (p = 0; p < 256; ++p) print (p * i) % 256 }' > photos/$i.pgm
done
diff-schedule cosine -T 50 -o s.json
diff-noise -s s.json -t 25 photos -o noisy/
diff-noise -s s.json -t 25 photos -o noisy.tar
[ "$(tar tf noisy.tar | wc -l)" = 8 ] || fail 'noisy.tar does not hold eight pictures'
diff-train -q -s s.json photos/ -o model.safetensors --steps 4 --batch 4 --channels 8,16
diff-sample -q model.safetensors -n 16 --steps 5 -o samples.npy --sheet samples.png
diff-fid -q --features pixels photos/ samples.npy | grep '^frechet_distance'
pass 'schedule, noise, train, sample and fid'
if command -v gnuplot >/dev/null; then
  diff-schedule plot s.json -o s.png
  [ -s s.png ] || fail 'no picture of the schedule'
  pass 'gnuplot draws a schedule'
fi

echo '=== manual, completion, examples'
for page in 1/diff-schedule 1/diff-noise 1/diff-train 1/diff-sample 1/diff-fid 5/diff-formats \
    7/diffusion-tools; do
  if [ -e /usr/share/man/man${page%/*}/${page#*/}.${page%/*}.gz ]; then
    man ${page%/*} ${page#*/} | grep -q NAME || fail "man ${page#*/}: shows nothing"
    pass "man ${page%/*} ${page#*/}"
  else
    [ -n "$excludes" ] || fail "man ${page#*/}: not installed"
  fi
done
bash -c '. /usr/share/bash-completion/completions/diff-noise
  complete -p diff-noise
  COMP_WORDS=(diff-noise --stri) COMP_CWORD=1
  $(complete -p diff-noise | sed "s/.* -F \([^ ]*\).*/\1/")
  printf "%s\n" "${COMPREPLY[@]}"' > completed
grep -qx -e --strip completed || fail 'bash does not complete --stri to --strip'
pass 'bash completes options'
quickstart=/usr/share/doc/diffusion-tools/examples/quickstart.sh
if [ -e $quickstart ]; then
  status=0
  sh $quickstart 2> said || status=$?
  [ $status = 2 ] && grep -q dataset-fashion-mnist said || fail 'quickstart.sh does not name its data'
  pass 'quickstart.sh names the package that it needs'
fi

echo '=== remove'
apt-get purge -qq -y diffusion-tools > /dev/null
while read -r file; do
  case $file in *diff*) [ ! -e "$file" ] || fail "$file: left behind" ;; esac
done < owned
! dpkg-query -W diffusion-tools 2>/dev/null || fail 'dpkg still knows the package'
apt-get purge -qq -y --autoremove > /dev/null
list_files > after
comm -13 before after > left
[ ! -s left ] || { cat left; fail 'these files are left behind'; }
pass 'nothing is left'
echo "$passed checks of the package passed"
