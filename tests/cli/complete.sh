# Asks bash what it offers for a command line, typed so far, a line each:
# bash complete.sh "diff-sample --sampler dd"
eval "$("${1%% *}" --completion bash)"
COMP_LINE=$1 COMP_POINT=${#1}
read -ra COMP_WORDS <<<"$1"
function=$(complete -p "${1%% *}")
function=${function##*-F }
"${function%% *}" "${1%% *}"
printf '%s\n' "${COMPREPLY[@]}" | LC_ALL=C sort
