#!/bin/sh
# Every test has a time limit: none waits for ever, or for ctest's own 25 minutes.
# usage: limits.sh CTEST, in the build folder
set -eu
"$1" --show-only=json-v1 | awk '
  /^ *"properties" *:/ { ++tests }
  /"name" *: *"TIMEOUT"/ { ++limits }
  END {
    print tests + 0 " tests, " limits + 0 " with a limit"
    exit tests == 0 || tests != limits
  }'
