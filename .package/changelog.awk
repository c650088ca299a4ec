# Turns CHANGELOG.md into a changelog of Debian: every released version an entry, every
# section its part, every item wrapped. Unreleased changes are left out.
# usage: awk -v version=0.2.0~deb12 -v release=bookworm -v maintainer="NAME <ADDRESS>"
#   -f changelog.awk CHANGELOG.md        (version: what the newest entry is called)
function command_output(command, line) {
  command | getline line
  close(command)
  return line
}
function flush_item(n, words, i, line) {
  n = split(item, words, " ")
  item = ""
  line = "  *"
  for (i = 1; i <= n; ++i) {
    if (length(line) + 1 + length(words[i]) > 79) {
      print line
      line = "   "
    }
    line = line " " words[i]
  }
  if (n) print line
}
function end_entry() {
  flush_item()
  if (date) printf "\n -- %s  %s\n\n", maintainer, date
  date = ""
}
/^## \[/ { end_entry() }
/^## \[[0-9]/ {
  number = $2
  gsub(/[][]/, "", number)
  printf "diffusion-tools (%s) %s; urgency=medium\n", version ? version : number, release
  version = ""
  date = command_output("LC_ALL=C date -u -d " $NF " '+%a, %d %b %Y %T +0000'")
}
!date { next }
/^### / { flush_item(); print "\n  [ " substr($0, 5) " ]" }
/^- / { flush_item(); item = substr($0, 3) }
/^  / { item = item " " $0 }
END { end_entry() }
