# Asks fish what it offers for a command line, typed so far, a line each:
# fish --no-config complete.fish "diff-sample --sampler dd"
set -l tool (string split -f1 ' ' -- $argv[1])
$tool --completion fish | source
complete -C $argv[1] | string replace -r '\t.*' '' | LC_ALL=C sort
