#!/bin/sh
# Installs what is missing, builds, and tests.
# usage: sh tests/run.sh [--dependencies-only]
# Works without root where everything is installed already. With CI=true warnings
# are errors.
set -eu
cd "$(dirname "$0")/.."

# The one list of packages (Debian and Ubuntu): compilers and tools, libraries,
# then what only tests, documents and examples need.
packages='
  g++ cmake ninja-build
  libcli11-dev libxtensor-dev libxtensor-blas-dev libopenimageio-dev nlohmann-json3-dev
  libdnnl-dev libopenblas-openmp-dev liblapacke-dev zlib1g-dev libarchive-dev
  catch2 mandoc gnuplot-nox dataset-fashion-mnist
'

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
  $as_root apt-get update -q
  # shellcheck disable=SC2086  # a list of words
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing
fi
case "${1-}" in
  --dependencies-only) exit 0 ;;
  '') ;;
  *) echo "usage: sh tests/run.sh [--dependencies-only]" >&2; exit 2 ;;
esac

werror=OFF
[ "${CI-}" != true ] || werror=ON
cmake --preset release -DBUILD_TESTING=ON -DDIFFUSION_WERROR=$werror
cmake --build --preset release
ctest --preset release
