#!/bin/sh
# Prints the help of a tool, then that of each of its subcommands.
# usage: help_of.sh TOOL
set -eu
"$1" --help
"$1" --help |
  awk '/^Subcommands:/ { listing = 1; next } /^[^ ]/ { listing = 0 } listing && NF { print $1 }' |
  while read -r subcommand; do "$1" "$subcommand" --help </dev/null; done
