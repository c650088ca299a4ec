#!/bin/sh
# Whether every source is as clang-format writes it. Its versions disagree: the one of
# Debian 12 counts.
# usage: sh tests/style.sh
# Exit status: 0 all are, 1 some are not (shown), 77 clang-format is missing or another.
set -eu
cd "$(dirname "$0")/.."
clang-format --version 2>/dev/null | grep -q ' version 14\.' || {
  echo "tests/style.sh: needs clang-format 14: sh tests/run.sh --dependencies-only style, on Debian 12" >&2
  exit 77
}
find lib tools tests -name '*.cpp' -o -name '*.hpp' | xargs clang-format --dry-run -Werror
