# Writes down, while `cmake --install` runs, what the target uninstall is to take away. Runs
# before the first file is installed, to see which folders are not there yet, and again
# after the last. CMake's own install_manifest.txt would not do: it knows no folders, and
# making a package overwrites it with files that are the package manager's.
# Variables: record (the file; folders end in '/' and begin with DESTDIR, files do neither)
# and folders (all that is installed lies in or below these), CMAKE_INSTALL_PREFIX.
cmake_minimum_required(VERSION 3.25)
if("$ENV{DESTDIR}" MATCHES "/_CPack_Packages/")
  return()
endif()
cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_PREFIX NORMALIZE OUTPUT_VARIABLE prefix)

if(NOT DEFINED made)
  set(made "")
  if(EXISTS ${record})  # installed once more: the folders are there, and still ours
    file(STRINGS ${record} made REGEX "/$")
  endif()
  foreach(folder IN LISTS folders)
    cmake_path(ABSOLUTE_PATH folder BASE_DIRECTORY ${prefix} NORMALIZE)
    while(NOT EXISTS "$ENV{DESTDIR}${folder}" AND NOT folder STREQUAL "/")
      list(APPEND made "$ENV{DESTDIR}${folder}/")
      cmake_path(GET folder PARENT_PATH folder)
    endwhile()
  endforeach()
  return()
endif()

set(files "")
foreach(file IN LISTS CMAKE_INSTALL_MANIFEST_FILES)
  cmake_path(ABSOLUTE_PATH file NORMALIZE)
  list(APPEND files ${file})
  cmake_path(GET file PARENT_PATH folder)
  foreach(above IN LISTS made)
    string(FIND "$ENV{DESTDIR}${folder}/" ${above} at)
    if(at EQUAL 0)
      list(APPEND made "$ENV{DESTDIR}${folder}/")
      break()
    endif()
  endforeach()
endforeach()
list(REMOVE_DUPLICATES made)
list(JOIN files "\n" files)
list(JOIN made "\n" made)
file(WRITE ${record} "${files}\n${made}\n")
