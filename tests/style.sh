#!/bin/sh
# Whether every source is as clang-format writes it, and whether clang-tidy is content with
# the FILEs. Versions of both disagree: those of Debian 12 count.
# usage: sh tests/style.sh [FILE.cpp...]
# Exit status: 0 all is well, 1 something is not (shown), 77 a program is missing or another.
set -eu
cd "$(dirname "$0")/.."
need() {
  "$1" --version 2>/dev/null | grep -q 'version 14\.' || {
    echo "tests/style.sh: needs $1 14, as in Debian 12" >&2
    exit 77
  }
}
need clang-format
find lib tools tests -name '*.cpp' -o -name '*.hpp' | xargs clang-format --dry-run -Werror
[ $# -gt 0 ] || exit 0

need clang-tidy
# It can't read GCC's precompiled headers, and some of GCC's options would be errors in CI.
CI='' cmake -S . -B build/tidy -G Ninja -DCMAKE_BUILD_TYPE=Debug -DBUILD_TESTING=ON \
  -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >/dev/null
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 1 clang-tidy -p build/tidy --quiet
