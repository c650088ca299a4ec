#!/bin/sh
# Makes the packages, and shows that the one for Debian serves where there is no compiler.
# usage: sh tests/package.sh make                  after tests/run.sh, in the source tree
#        sh tests/package.sh check PACKAGE.deb     as root, in a root without compilers
# make leaves the .deb and the source tarball in build/release, has lintian judge the one
# and compares the other with the tree. check installs the .deb with apt, uses all that it
# brings, and removes it without a trace: for a root that is thrown away afterwards
# (tests/bare.sh makes them). Ends with one line, "N passed, N failed".
set -eu

usage() {
  [ -z "${1-}" ] || echo "tests/package.sh: $1" >&2
  sed -n 's/^# \(usage: .*\)/\1/p; s/^# \(       sh .*\)/\1/p' "$0" >&2
  exit 2
}

passed=0
pass() {
  echo "ok: $1"
  passed=$((passed + 1))
}
fail() {
  echo "tests/package.sh: $1" >&2
  echo "$passed passed, 1 failed"
  exit 1
}

make_packages() {
  cd "$(dirname "$0")/.."
  [ -e build/release/CPackConfig.cmake ] || usage 'nothing is built yet: sh tests/run.sh'
  sh tests/run.sh --dependencies-only package
  rm -f build/release/diffusion-tools[_-]*
  cpack --config build/release/CPackConfig.cmake
  package=$(echo build/release/diffusion-tools_*.deb)
  dpkg-deb --info "$package"
  pass "$package: $(($(wc -c < "$package") / 1024)) KiB"
  lintian --info --fail-on error,warning "$package" || fail 'lintian objects to the package'
  pass 'lintian'
  cpack --config build/release/CPackSourceConfig.cmake
  tarball=$(echo build/release/diffusion-tools-*.tar.gz)
  mkdir "$work/source"
  tar -xf "$tarball" -C "$work/source" --strip-components 1
  diff -r -x .git -x build -x out . "$work/source" || fail "$tarball: not the tree"
  pass "$tarball: the tree"
}

# All that is there, but for what apt and other packages keep of their own.
list_files() {
  find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp \
    -o -path /var/lib/apt -o -path /var/lib/dpkg -o -path /var/cache -o -path /var/log \) -prune \
    -o -print | sort
}

install_package() {
  echo '=== install'
  echo 'without what is only recommended:'
  apt-get install --assume-no --no-install-recommends "$package" > apt.log 2>&1 || true
  grep -E 'newly installed|Need to get|After this operation' apt.log
  echo 'with it:'
  apt-get install -y "$package" > apt.log 2>&1 || { cat apt.log; fail 'apt cannot install it'; }
  grep -E 'newly installed|Need to get|After this operation' apt.log
  pass 'apt installs it'
  dpkg -L diffusion-tools > owned
  excludes=$(grep -ls '^path-exclude' /etc/dpkg/dpkg.cfg /etc/dpkg/dpkg.cfg.d/* || true)
  [ -z "$excludes" ] || echo "some files are left out here, as $excludes tells dpkg"
  while read -r file; do
    [ -e "$file" ] || [ -n "$excludes" ] || fail "$file: in the package, but not there"
  done < owned
  pass "dpkg -L: $(wc -l < owned) files and folders"
  list_files > before
}

run_tools() {
  echo '=== the five tools'
  for tool in diff-schedule diff-noise diff-train diff-sample diff-fid; do
    $tool --version
  done
  mkdir photos
  for i in 1 2 3 4 5 6 7 8; do # grey pictures, each a slope of its own
    awk -v i=$i 'BEGIN { print "P2 16 16 255"; for (p = 0; p < 256; ++p) print p * i % 256 }' \
      > photos/$i.pgm
  done
  diff-schedule cosine -T 50 -o s.json
  diff-noise -s s.json -t 25 photos -o noisy/
  diff-noise -s s.json -t 25 photos -o noisy.tar
  [ "$(tar tf noisy.tar | wc -l)" = 8 ] || fail 'noisy.tar does not hold eight pictures'
  diff-train -q -s s.json photos/ -o model.safetensors --steps 4 --batch 4 --channels 8,16
  diff-sample -q model.safetensors -n 16 --steps 5 -o samples.npy --sheet samples.png
  diff-fid -q --features pixels photos/ samples.npy > distance
  grep '^frechet_distance' distance || fail 'diff-fid gives no distance'
  pass 'schedule, noise, train, sample and fid'
  command -v gnuplot >/dev/null || fail 'apt did not install gnuplot, which is recommended'
  diff-schedule plot s.json -o s.png && [ -s s.png ] || fail 'no picture of the schedule'
  pass 'gnuplot draws a schedule'
}

read_documents() {
  echo '=== manual, completion, examples'
  for page in diff-schedule.1 diff-noise.1 diff-train.1 diff-sample.1 diff-fid.1 diff-formats.5 \
    diffusion-tools.7; do
    if [ -e "/usr/share/man/man${page#*.}/$page.gz" ]; then
      man "${page#*.}" "${page%.*}" > shown
      [ "$(wc -l < shown)" -gt 50 ] || fail "man ${page%.*}: shows next to nothing"
    else
      [ -n "$excludes" ] || fail "man ${page%.*}: not installed"
    fi
  done
  [ -n "$excludes" ] || pass 'man shows seven pages'
  # shellcheck disable=SC2016  # bash expands it
  bash -c '. /usr/share/bash-completion/completions/diff-noise
    COMP_LINE="diff-noise --stri" COMP_POINT=17
    $(complete -p diff-noise | sed "s/.* -F \([^ ]*\).*/\1/") diff-noise
    printf "%s\n" "${COMPREPLY[@]}"' > completed
  grep -qx -e --strip completed || fail 'bash does not complete --stri to --strip'
  pass 'bash completes options'
  quickstart=/usr/share/doc/diffusion-tools/examples/quickstart.sh
  if [ -e $quickstart ]; then
    status=0
    sh $quickstart 2> said || status=$?
    [ $status = 2 ] && grep 'package dataset-fashion-mnist' said ||
      fail 'quickstart.sh does not name the package that it needs'
    pass 'quickstart.sh names the package that it needs'
  fi
}

remove_package() {
  echo '=== remove'
  apt-get purge -qq -y diffusion-tools > /dev/null
  ! dpkg-query -W diffusion-tools 2>/dev/null || fail 'dpkg still knows the package'
  while read -r file; do # folders that others share stay
    [ ! -e "$file" ] || dpkg -S "$file" > /dev/null 2>&1 || fail "$file: left behind"
  done < owned
  pass 'nothing that it brought is left'
  list_files > after
  comm -13 before after > left
  [ ! -s left ] || { cat left; fail 'these files came while the tools ran'; }
  pass 'nothing that the tools made is left'
}

check_package() {
  [ "$(id -u)" = 0 ] || usage 'only root can install packages'
  for compiler in c++ g++ clang++; do
    ! command -v $compiler >/dev/null || usage "$compiler is here: this root is not bare"
  done
  export DEBIAN_FRONTEND=noninteractive LC_ALL=C HOME="$work"
  cd "$work"
  apt-get update -qq
  apt-get install -qq -y --no-install-recommends man-db > /dev/null
  install_package
  run_tools
  read_documents
  remove_package
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case "${1-} $#" in
  'make 1') make_packages ;;
  'check 2')
    [ -f "$2" ] || usage "$2: not a file"
    package=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
    check_package
    ;;
  *) usage ;;
esac
echo "$passed passed, 0 failed"
