# What `cmake --install` puts where, whether it works there, and whether the target
# uninstall takes all of it away and nothing else. installed.txt, which it reads, may be that
# of an installation in use.
golden(install/there-and-back [=[
build=$(dirname "$(dirname "$(command -v diff-noise)")")
[ ! -e $build/installed.txt ] || mv $build/installed.txt kept
export DESTDIR=$PWD/there
install() { cmake --install $build --prefix $1 > log || cat log; }
uninstall() { cmake --build $build --target uninstall 2>&1 | tail -n 1 | sed 's/[0-9]* files/N files/'; }
uninstall
install /opt/tools
(cd there && find . -type f ! -name diffusion-mpi-module.so | LC_ALL=C sort) # which not every build has
uninstall
ls -A there
mkdir -p there/usr/bin there/usr/share/man/man1
echo mine > there/usr/share/man/man1/mine.1
install /usr
install /usr
PATH=$PWD/there/usr/bin:$PATH
diff-noise -t 5 $DATA/image/rgb.png -o - | tar tf -
bash -c '. there/usr/share/bash-completion/completions/diff-noise
  complete -p diff-noise
  COMP_LINE="diff-noise --stri" COMP_POINT=17
  _diff_noise diff-noise && echo ${COMPREPLY[@]}'
uninstall
uninstall
find there | LC_ALL=C sort
[ ! -e kept ] || mv kept $build/installed.txt
rm -r there log]=])

# Examples outside a source tree: what they need and do not find.
golden(install/examples-name-their-needs [=[
cp -r $DATA/../../examples .
mkdir bin
run() { PATH=$PWD/bin sh examples/$1; echo "exit $?"; }
for program in sh dirname date; do ln -s "$(command -v $program)" bin; done
run quickstart.sh
run emoji/run.sh
for tool in schedule noise train sample fid; do ln -s "$(command -v diff-$tool)" bin; done
for example in emoji fashion-classes exec-model; do run $example/run.sh; done
rm -r examples bin]=])
