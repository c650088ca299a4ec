# Asks zsh what it offers for a command line, typed so far, a line each:
# zsh -f complete.zsh "diff-sample --sampler dd"
# An interactive zsh has to be asked. It writes down what the completion adds.
zmodload zsh/zpty
export ZDOTDIR=$(mktemp -d) TERM=dumb TOOL=${1%% *}
cat >$ZDOTDIR/.zshrc <<'END'
PS1= LISTMAX=0
autoload -Uz compinit && compinit -D -u
source <($TOOL --completion zsh)
compadd() {
  local -a added
  if [[ -z ${(M)@[1,(i)--]:#-[a-zA-Z]#[OAD]} ]]; then
    builtin compadd -O added "$@"
    (( $#added == 0 )) || print -rl -- $IPREFIX$^added >>$ZDOTDIR/offers
  fi
  builtin compadd "$@"
}
complete-and-tell() { zle complete-word; : >$ZDOTDIR/done }
zle -C complete-word .complete-word _main_complete
zle -N complete-and-tell
bindkey '^I' complete-and-tell
END
zpty -b shell zsh -i
zpty -wn shell "$1"$'\t'
for ((i = 0; i < 300; ++i)); do
  [[ ! -e $ZDOTDIR/done ]] || break
  zpty -rt shell output
  sleep 0.1
done
[[ ! -e $ZDOTDIR/offers ]] || LC_ALL=C sort -u $ZDOTDIR/offers
zpty -d shell
rm -r $ZDOTDIR
