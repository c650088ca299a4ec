# What shells offer, asked of them.
find_program(BASH bash)
find_program(ZSH zsh)
find_program(FISH fish)

function(completion_test name)
  set(commands "touch a.json b.npy c.npz d.png; mkdir folder")
  foreach(line IN LISTS ARGN)
    string(APPEND commands "; echo '> ${line}'; bash $COMPLETE '${line}'")
  endforeach()
  golden(completion/${name} "${commands}; rm -r a.json b.npy c.npz d.png folder")
  set_tests_properties(cli/completion/${name} PROPERTIES
    ENVIRONMENT COMPLETE=${CMAKE_CURRENT_SOURCE_DIR}/cli/complete.sh)
endfunction()

if(BASH)
  completion_test(names
    "diff-sample --sampler dpmpp-2" "diff-sample --sampler=eu" "diff-sample compare --samplers ddim,he"
    "diff-schedule show --columns t,alpha" "diff-schedule show --format " "diff-schedule kar"
    "diff-train --set train.e" "diff-train --weight " "diff-train --prediction " "diff-fid --metrics frechet,ki"
    "diff-fid features --kind " "diff-noise undo --give " "diff-noise --alpha fl")
  completion_test(flags
    "diff-sample invert --c" "diff-sample --cfg" "diff-fid stats --s" "diff-fid --boot"
    "diff-schedule check --" "diff-train show --")
  completion_test(files
    "diff-sample m -s " "diff-sample m --trajectory " "diff-schedule plot linear -o "
    "diff-noise " "diff-sample --noise-from=" "diff-sample inv")
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
