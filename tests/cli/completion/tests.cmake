# What shells offer, asked of them.
find_program(BASH bash)
find_program(ZSH zsh)
find_program(FISH fish)

# completion_test(NAME SHELL SCRIPT LINE...): what SCRIPT, which asks the shell, prints of each line.
function(completion_test name shell script)
  set(commands "touch a.json b.npy c.npz d.png; mkdir folder")
  foreach(line IN LISTS ARGN)
    string(APPEND commands "; echo '> ${line}'; ${shell} $COMPLETE '${line}'")
  endforeach()
  golden(completion/${name} "${commands}; rm -r a.json b.npy c.npz d.png folder")
  set_tests_properties(cli/completion/${name} PROPERTIES
    ENVIRONMENT COMPLETE=${CMAKE_CURRENT_SOURCE_DIR}/cli/${script})
endfunction()

if(BASH)
  completion_test(names bash complete.sh
    "diff-sample --sampler dpmpp-2" "diff-sample --sampler=eu" "diff-sample compare --samplers ddim,he"
    "diff-schedule show --columns t,alpha" "diff-schedule show --format " "diff-schedule kar"
    "diff-train --set train.e" "diff-train --weight " "diff-train --prediction " "diff-fid --metrics frechet,ki"
    "diff-fid features --kind " "diff-noise undo --give " "diff-noise --alpha fl")
  completion_test(flags bash complete.sh
    "diff-sample invert --c" "diff-sample --cfg" "diff-fid stats --s" "diff-fid --boot"
    "diff-schedule check --" "diff-train show --")
  completion_test(files bash complete.sh
    "diff-sample m -s " "diff-sample m --trajectory " "diff-schedule plot linear -o "
    "diff-noise " "diff-sample --noise-from=" "diff-sample inv")
  completion_test(parameters bash complete.sh
    "diff-sample mixture:" "diff-sample empirical:" "diff-sample exec:" "diff-fid --features "
    "diff-fid --features inception:" "diff-fid --features=inception:tap=" "diff-fid --features inception:weights="
    "diff-sample m --grid karras:" "diff-sample m --grid karras:rho=7,final=" "diff-sample m --grid karras:rho=7,sigma_"
    "diff-sample m --grid ddim:" "diff-sample m --sampler ddim:" "diff-sample m -s cosine:" "diff-schedule linear:beta"
    "diff-schedule export --class D")
  completion_test(settings bash complete.sh
    "diff-train --set objective.weight=" "diff-train --set objective.weight=min-snr:" "diff-train --set=objective.prediction="
    "diff-train --set data.flip=" "diff-train --set data.labels=" "diff-train --set train.precision="
    "diff-train --set model._class_name=" "diff-train --set train.lr=")
  completion_test(lists bash complete.sh
    "diff-fid --metrics " "diff-fid --metrics all,f" "diff-fid --metrics kid,fid,k" "diff-fid --metrics kid:" "diff-fid --metrics kid:size=9,"
    "diff-schedule show --columns a" "diff-schedule show --columns alpha,al" "diff-sample compare --samplers euler,eu")
  completion_test(places bash complete.sh
    "diff-sample -o list -s l" "diff-sample -o list inv" "diff-sample -o x\\ list inv" "diff-sample m inv" "diff-sample -qj 4 inv" "diff-sample m -slin"
    "diff-sample \"x y\" inv" "diff-sample --sampler \"dpmpp-2" "diff-sample --grid=\"karras:rho=7,fin" "diff-schedule plot linear -o \"fol"
    "diff-fid merge " "diff-fid clip-score b" "diff-train --set model.d"
    "diff-sample m -- --s" "diff-sample m --cfg 2 --cfg" "diff-train --set train.lr=1 --set" "diff-schedule show " "diff-sample step a.npy ")
endif()
set(everywhere
  "diff-sample inv" "diff-sample -o list --sampler dpmpp-2" "diff-sample mixture:" "diff-fid --features=inception:weights="
  "diff-fid --features inc" "diff-train --set objective.weight=min-snr:" "diff-sample m -s l" "diff-sample --cfg")
if(ZSH)
  completion_test(zsh "zsh -f" complete.zsh ${everywhere})
endif()
if(FISH)
  completion_test(fish "fish --no-config" complete.fish ${everywhere})
endif()
foreach(tool diff-schedule diff-noise diff-train diff-sample diff-fid)
  if(ZSH)
    add_test(NAME cli/completion/zsh/${tool} COMMAND sh -c
      "$<TARGET_FILE:${tool}> --completion zsh | ${ZSH} -n /dev/stdin")
  endif()
  if(FISH)
    add_test(NAME cli/completion/fish/${tool} COMMAND sh -c
      "$<TARGET_FILE:${tool}> --completion fish | ${FISH} --no-execute /dev/stdin")
  endif()
endforeach()
