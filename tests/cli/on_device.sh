# Sourced by tests of the tools on an XLA plugin's devices, with the folder of the tools as $1: a
# folder of their own, their own cache, and no device from the environment.
[ -n "${DIFFUSION_XLA_PLUGIN-}" ] || {
  echo "skipped: the tools' devices need an XLA plugin (DIFFUSION_XLA_PLUGIN)"
  exit 77
}
PATH=$1:$PATH
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
export XDG_CACHE_HOME=$scratch/cache
unset DIFFUSION_DEVICE
