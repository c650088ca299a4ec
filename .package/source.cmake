# CPack runs this to stage the source tarball: the tree as it is checked in, or, where there
# is no repository (in an unpacked tarball), the tree without what .gitignore names.
cmake_minimum_required(VERSION 3.25)
if(CPACK_INSTALL_CMAKE_PROJECTS)
  return()  # a package of programs, which the project's own install rules stage
endif()
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH tree)
if(EXISTS ${tree}/.git)
  execute_process(COMMAND git -C ${tree} archive HEAD
    COMMAND tar -x -C ${CMAKE_INSTALL_PREFIX} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND git -C ${tree} status --short OUTPUT_VARIABLE changes)
  if(changes)
    message("not in the tarball, since not checked in:\n${changes}")
  endif()
else()
  file(GLOB entries RELATIVE ${tree} ${tree}/* ${tree}/.*)
  file(STRINGS ${tree}/.gitignore ignored)
  foreach(entry IN LISTS entries)
    if(NOT "/${entry}/" IN_LIST ignored)
      file(COPY ${tree}/${entry} DESTINATION ${CMAKE_INSTALL_PREFIX})
    endif()
  endforeach()
endif()
