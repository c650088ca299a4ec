#!/bin/sh
# No two types share a name where one could be taken for the other: a type of a header must
# be the only one of its name in its namespace, and no source file may hide one there behind
# a type of its own. (A compiler sees one file at a time; the linker keeps one of both.)
# Types of source files alone, in their unnamed namespaces, may be called alike.
# usage: types.sh, from the top of the source tree
find lib tools -name '*.hpp' -o -name '*.cpp' | sort | xargs awk '
  FNR == 1 { depth = 0; hidden = 0 }
  /^namespace [a-zA-Z_:]+ \{/ { inside[++depth] = $2; next }
  /^(inline )?namespace \{/ { inside[++depth] = ""; ++hidden; next }
  /^\}  \/\/ namespace/ { if (inside[depth] == "") --hidden; --depth; next }
  /^(struct|class|union|enum class|enum) [A-Za-z_]+/ && !/;$/ || /^using [A-Za-z_]+ =/ {
    name = $1 == "enum" && $2 == "class" ? $3 : $2
    if (name ~ /::/) next  # a member, of a class that is declared elsewhere
    sub(/[^A-Za-z_0-9].*/, "", name)
    full = ""
    for (i = 1; i <= depth; ++i) if (inside[i] != "") full = full inside[i] "::"
    full = full name
    ++types
    places[full] = places[full] "  " FILENAME ":" FNR "\n"
    ++count[full]
    if (!hidden) ++shared[full]
  }
  END {
    for (full in count)
      if (shared[full] > 0 && count[full] > 1) {
        printf "%s is defined more than once:\n%s", full, places[full]
        bad = 1
      }
    if (types == 0) { print "found no types: run from the top of the source tree"; bad = 1 }
    if (!bad) print types " types"
    exit bad
  }'
