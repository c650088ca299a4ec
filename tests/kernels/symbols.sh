# usage: symbols.sh OBJECT...
# What the objects of a level define must be local or of the level's namespace, since the
# linker keeps one copy of what several define, and hands it to every processor. The level is
# in the path: .../NAME-LEVEL.dir/... Prints what is not so, and fails.
status=0
for object; do
  level=$(expr "$object" : '.*-\([a-z0-9_]*\)\.dir/')
  alien=$(nm -C --defined-only "$object" | grep ' [A-Zuvw] ' | grep -v "kernel::$level::")
  [ -z "$alien" ] || { echo "$object:"; echo "$alien"; status=1; }
done
[ $# -gt 0 ] && exit $status
