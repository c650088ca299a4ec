# add_completions(TOOL): has the built tool print its completions for every shell, and
# installs them where the shell looks. In the build tree they lie at the same places.
add_custom_target(completions ALL)

function(add_completions tool)
  if(CMAKE_CROSSCOMPILING AND NOT CMAKE_CROSSCOMPILING_EMULATOR)
    return()  # the tool does not run here
  endif()
  foreach(path bash-completion/completions/${tool} zsh/site-functions/_${tool}
      fish/vendor_completions.d/${tool}.fish)
    string(REGEX MATCH "^[a-z]+" shell ${path})
    set(file ${PROJECT_BINARY_DIR}/share/${path})
    cmake_path(GET path PARENT_PATH folder)
    file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share/${folder})
    add_custom_command(OUTPUT ${file} COMMAND ${tool} --completion ${shell} > ${file}
      DEPENDS ${tool} VERBATIM)
    install(FILES ${file} DESTINATION ${CMAKE_INSTALL_DATADIR}/${folder})
    list(APPEND files ${file})
  endforeach()
  add_custom_target(${tool}-completions DEPENDS ${files})
  add_dependencies(completions ${tool}-completions)
endfunction()
