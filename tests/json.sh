#!/bin/sh
# JSON is looked into by JsonAt (lib/base/json_at.hpp), which says what belongs where: the
# parser's own accessors throw what no user can read, and its dump() throws at names that are
# not UTF-8.
# usage: json.sh, from the top of the source tree
set -eu
accessors='(\.|->)(get(_ref|_ptr)?<|get_to\(|at\("|value\("|dump\()'
if grep -rnE -e "$accessors" lib tools --include='*.cpp' --include='*.hpp' |
  grep -vE '^lib/base/json(_at)?\.cpp:|tensors_\.at\('; then
  echo "use JsonAt, number_from_json, shown or one_line"
  exit 1
fi
grep -qE -e "$accessors" lib/base/json_at.cpp || {
  echo "no look into JSON at all: this test reads nothing"
  exit 1
}
echo "all looks into JSON are checked"
