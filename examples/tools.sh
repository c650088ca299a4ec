# What every example begins with: where the tools are, and one line about what is missing.
# In a source tree they are those of build/release; an installed example, which has no tree
# above it, takes those on PATH. Sets examples (this folder) and tree (empty if installed).
# usage: here=$(dirname "$0"); . "$here/../tools.sh"
# shellcheck shell=sh
examples=$(cd "$(dirname "$0")" && pwd)
[ -e "$examples/tools.sh" ] || examples=$(dirname "$examples")
tree=$(dirname "$examples")
if [ -e "$tree/CMakeLists.txt" ]; then
  PATH=$tree/build/release/bin:$PATH
else
  tree=
fi
fashion=/usr/share/datasets/fashion-mnist

refuse() {
  echo "$0: $1" >&2
  exit 2
}

need_program() { # NAME PACKAGE
  command -v "$1" >/dev/null || refuse "needs $1, which is not installed (package $2)"
}

need_file() { # FILE PACKAGE
  [ -e "$1" ] || refuse "needs $1, which is not there (package $2)"
}

need_tools() {
  for tool in diff-schedule diff-noise diff-train diff-sample diff-fid; do
    command -v $tool >/dev/null && continue
    [ -z "$tree" ] || refuse "needs $tool, which is not built (sh examples/quickstart.sh builds it)"
    need_program $tool diffusion-tools
  done
}
