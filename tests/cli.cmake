# golden(NAME COMMAND_LINE): the command line's stdout, stderr, exit status and
# the files it leaves must equal tests/cli/NAME.approved. It runs under sh in an
# empty scratch folder with the tools on PATH and $DATA naming tests/data.
function(golden name command_line)
  add_test(NAME cli/${name}
    COMMAND ${CMAKE_COMMAND}
      "-DCOMMAND_LINE=${command_line}"
      -DBIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}
      -DDATA=${CMAKE_CURRENT_SOURCE_DIR}/data
      -DAPPROVED=${CMAKE_CURRENT_SOURCE_DIR}/cli/${name}.approved
      -DRECEIVED=${CMAKE_CURRENT_BINARY_DIR}/cli/${name}.received
      -P ${CMAKE_CURRENT_SOURCE_DIR}/golden.cmake)
endfunction()

# One list a tool: tests/cli/diff-noise/tests.cmake, and so on.
file(GLOB lists CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/cli/*/tests.cmake)
foreach(list IN LISTS lists)
  include(${list})
endforeach()
