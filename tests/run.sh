#!/bin/sh
# Installs what is missing, builds, and tests.
# usage: sh tests/run.sh [--dependencies-only [package] [bare] [style] [fuzz] [ranks] [slurm]]
# Works without root where everything is installed already. With CI=true warnings
# are errors. --dependencies-only installs and stops; `package` adds what packing a
# .deb takes, `bare` what tests/bare.sh takes, `style` what tests/style.sh takes, `slurm` what
# tests/slurm.sh takes, `fuzz` what the preset of that name takes, `ranks` what training on several
# machines takes (MPI).
set -eu
cd "$(dirname "$0")/.."

# The one list of packages (Debian and Ubuntu): compilers and tools, libraries,
# then what only tests, documents and examples need.
packages='
  g++ cmake ninja-build
  libcli11-dev libxtensor-dev libxtensor-blas-dev libopenimageio-dev libtiff-dev libwebp-dev
  nlohmann-json3-dev
  libdnnl-dev libopenblas-openmp-dev liblapacke-dev zlib1g-dev libarchive-dev
  catch2 mandoc groff-base gnuplot-nox dataset-fashion-mnist
'
to_package='dpkg-dev file lintian'
to_bare='mmdebstrap'
to_style='clang-format clang-tidy'
to_ranks='libopenmpi-dev openmpi-bin'
to_fuzz='clang libclang-rt-dev libomp-dev'
to_slurm='slurmctld slurmd slurm-client munge'

usage() {
  echo "usage: sh tests/run.sh [--dependencies-only [package] [bare] [style] [fuzz] [ranks] [slurm]]" >&2
  exit 2
}

then=test
if [ $# -gt 0 ]; then
  [ "$1" = --dependencies-only ] || usage
  then=stop
  shift
fi
for group; do
  case $group in
    package) packages="$packages $to_package" ;;
    bare) packages="$packages $to_bare" ;;
    style) packages="$packages $to_style" ;;
    fuzz) packages="$packages $to_fuzz" ;;
    ranks) packages="$packages $to_ranks" ;;
    slurm) packages="$packages $to_slurm" ;;
    *) usage ;;
  esac
done

command -v dpkg-query >/dev/null || {
  echo "tests/run.sh: this is not Debian or Ubuntu; install the equivalents of:" $packages >&2
  exit 2
}
missing=
for package in $packages; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $package"
done
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ]; then
    as_root=
  elif command -v sudo >/dev/null; then
    as_root=sudo
  else
    echo "tests/run.sh: these packages are missing; ask an administrator to install them:$missing" >&2
    exit 2
  fi
  echo "installing:$missing"
  # shellcheck disable=SC2086  # a list of words
  $as_root apt-get update -q &&
    $as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get install -qq -y --no-install-recommends $missing || {
    echo "tests/run.sh: apt can't install these packages; see what it says above:$missing" >&2
    exit 2
  }
fi
[ $then = test ] || exit 0

cmake --preset release -DBUILD_TESTING=ON
cmake --build --preset release
results=$(pwd)/build/release/tests.xml
rm -f "$results"
status=0
ctest --preset release --output-junit "$results" || status=$?
[ -e "$results" ] || exit "$status"
sed -n 's/^.*<testcase name="\([^"]*\)".*status="notrun".*/skipped: \1/p' "$results" |
  awk '!/^skipped: xla\// { print; next }
    !seen++ { print "skipped: xla (DIFFUSION_XLA_PLUGIN names no plugin)" }'
count() { sed -n "s/^.*[[:space:]]$1=\"\([0-9]*\)\".*/\1/p" "$results" | head -n 1; }
echo "$(($(count tests) - $(count failures) - $(count skipped))) passed, $(count failures) failed"
exit $status
