#!/bin/sh
# What a newcomer meets: makes a minimal Debian, copies the checked-in tree into it, does
# there what README says, and installs the package in another one that has no compilers.
# usage: sh tests/bare.sh [bookworm|trixie] [COMMAND]
#   without a release: both, one after the other
#   with COMMAND: runs that alone, by sh, at the top of the tree there
# Ends with a line for each step, what failed in it, and one line, "N passed, N failed".
# Exit status: 0 all is well, 1 something failed, 2 wrong use, 77 no such root can be made here.
# Takes root, Debian's apt and 8 GB under TMPDIR (default: /var/tmp). Where the packages
# come from, and how, apt is asked: its mirror and its settings hold in the root too.
# The environment may set STEPS and SAMPLES of the quickstart (60 and 200), CI, and
# DIFFUSION_XLA_PLUGIN, the file of a plugin for tests of that; sudo passes them on with -E.
set -eu
cd "$(dirname "$0")/.."

releases='bookworm trixie'
case "${1-}" in
  bookworm | trixie) releases=$1; shift ;;
esac
if [ $# -gt 1 ] || [ "${1-}" = --help ]; then
  sed -n 's/^# usage: /usage: /p' tests/bare.sh >&2
  exit 2
fi
wanted=${1-}

cannot() {
  echo "tests/bare.sh: $*" >&2
  exit 77
}
[ "$(id -u)" = 0 ] || cannot "only root can make a root; run it by sudo"
command -v apt-get >/dev/null || cannot "apt is missing: this is not Debian or Ubuntu"
unshare --mount --pid --fork true 2>/dev/null || cannot "this machine lets nobody mount"
command -v mmdebstrap >/dev/null ||
  { apt-get update -q && apt-get install -qq -y --no-install-recommends mmdebstrap; } >&2 ||
  cannot "mmdebstrap is missing and apt can't install it"

work=$(mktemp -d "${TMPDIR:-/var/tmp}/bare.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM HUP

apt-config dump --format '%F "%v";%n' Acquire | grep -v '^Acquire::IndexTargets\|""' >"$work/apt.conf" || true

# The first of apt's sources that has the release.
mirror_of() {
  for uri in $(apt-get indextargets --format '$(REPO_URI)' 'Component: main' | sort -u); do
    if /usr/lib/apt/apt-helper download-file "${uri}dists/$1/InRelease" "$work/InRelease" \
      >/dev/null 2>&1 && grep -qx 'Origin: Debian' "$work/InRelease"; then
      echo "$uri"
      return
    fi
  done
}

for release in $releases; do
  [ -n "$(mirror_of "$release")" ] ||
    cannot "none of apt's sources has Debian $release, or none answers (Ubuntu's have none): see 'apt-get indextargets'"
done

# in_root ROOT COMMAND: runs it at the top of the tree there, with a newcomer's
# environment. What it mounts and starts ends with it.
in_root() {
  # shellcheck disable=SC2016  # the inner shell expands them
  unshare --mount --pid --fork --kill-child sh -euc '
    mount -t proc proc "$1/proc"
    mount --rbind --make-rslave /dev "$1/dev"
    mount --rbind --make-rslave /sys "$1/sys"
    # One release will do, and the other shows that all goes without.
    [ "$3" = bookworm ] || unset DIFFUSION_XLA_PLUGIN
    if [ -n "${DIFFUSION_XLA_PLUGIN-}" ]; then
      : >>"$1/opt/xla-plugin.so"
      mount --bind "$DIFFUSION_XLA_PLUGIN" "$1/opt/xla-plugin.so"
    fi
    exec chroot "$1" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin ${CI:+CI="$CI"} \
      ${DIFFUSION_XLA_PLUGIN:+DIFFUSION_XLA_PLUGIN=/opt/xla-plugin.so} \
      STEPS="${STEPS:-60}" SAMPLES="${SAMPLES:-200}" sh -euc "cd /src; $2"' - "$1" "$2" "$release"
}

passed=0
failed=0
# step ROOT COMMAND: runs it and counts it, and the tests that it says it ran.
step() {
  printf '\n=== %s: %s\n' "$release" "$2"
  began=$(date +%s)
  echo badly >"$work/ended"
  { ! in_root "$1" "$2" || echo well >"$work/ended"; } 2>&1 | tee "$work/log"
  {
    printf '%s: %4d s, ended %s: %s\n' "$release" $(($(date +%s) - began)) "$(cat "$work/ended")" \
      "$(echo "$2" | tr -s '\n ' ' ' | cut -c 1-60)"
    # Of each test that failed its first lines.
    awk '/^ *[0-9]+\/[0-9]+ Test / { left = /\*\*\*/ && !/\*\*\*Skipped/ ? 12 : 0 }
         /^ +Start +[0-9]+: / { left = 0 }
         left-- > 0 { print "\t" substr($0, 1, 160) }' "$work/log"
  } | tee -a "$work/summary"
  counts=$(sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$work/log" | tail -n 1)
  counts=${counts:-0 0}
  passed=$((passed + ${counts% *}))
  failed=$((failed + ${counts#* }))
  if [ "$(cat "$work/ended")" = well ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    return 1
  fi
}

root_from() {  # ARCHIVE ROOT
  mkdir "$2"
  tar -xf "$1" -C "$2"
  [ ! -e /etc/resolv.conf ] || cp -L /etc/resolv.conf "$2/etc/resolv.conf"
  # As Debian's installer writes it: programs that look for their own machine, as mpirun does,
  # ask the network for seconds where it is missing.
  printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$(uname -n)" >"$2/etc/hosts"
  echo force-unsafe-io >"$2/etc/dpkg/dpkg.cfg.d/bare" # it is thrown away: nothing need survive
  mkdir "$2/src"
}

copy_tree() {  # TO
  if [ -e .git ]; then
    git -c safe.directory="$(pwd)" archive HEAD | tar -x -C "$1"
  else
    tar -c --exclude=./build --exclude=./out . | tar -x -C "$1"
  fi
}

# The sources that changed last, on a line: all of them would take clang-tidy too long.
changed_last() {
  [ ! -e .git ] ||
    git -c safe.directory="$(pwd)" log -n 100 --name-only --format= -- 'lib/*.cpp' 'tools/*.cpp' |
    awk '!seen[$0]++' | while read -r file; do [ ! -e "$file" ] || echo "$file"; done |
      head -n 12 | tr '\n' ' '
}

for release in $releases; do
  mirror=$(mirror_of "$release")
  printf '\n=== %s: a minimal root from %s\n' "$release" "$mirror"
  if ! mmdebstrap --quiet --variant=minbase --aptopt="$work/apt.conf" "$release" "$work/base.tar" "$mirror"; then
    failed=$((failed + 1))
    continue
  fi
  root_from "$work/base.tar" "$work/builder"
  copy_tree "$work/builder/src"
  if [ -n "$wanted" ]; then
    step "$work/builder" "$wanted" || true
  elif step "$work/builder" 'sh examples/quickstart.sh' &&
    { [ "$release" != bookworm ] || # the other shows that all goes without MPI
      step "$work/builder" 'sh tests/run.sh --dependencies-only ranks'; } &&
    step "$work/builder" 'sh tests/run.sh' && step "$work/builder" 'sh tests/package.sh make'; then
    step "$work/builder" 'sh tests/run.sh --dependencies-only slurm && sh tests/slurm.sh build/release/bin' || true
    if [ "$release" = bookworm ]; then  # one release will do, and versions of clang-format disagree
      step "$work/builder" "sh tests/run.sh --dependencies-only style && sh tests/style.sh $(changed_last)" || true
      step "$work/builder" 'sh tests/run.sh --dependencies-only fuzz && cmake --preset fuzz &&
        cmake --build --preset fuzz --target file-tests fuzz-targets &&
        ctest --preset fuzz -L "files|fuzz"' || true
    fi
    root_from "$work/base.tar" "$work/user"
    cp "$work/builder/src/build/release/"*.deb "$work/builder/src/tests/package.sh" "$work/user/src/"
    step "$work/user" 'sh package.sh check ./*.deb' || true
  fi
  rm -rf --one-file-system "$work/builder" "$work/user"
done
printf '\n=== all steps\n'
cat "$work/summary"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
