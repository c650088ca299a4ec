# Takes away the files that the last `cmake --install` wrote (below DESTDIR where the
# environment has one), and the folders that it made, where they are empty now.
# Variables: RECORD, as record.cmake writes it.
cmake_minimum_required(VERSION 3.25)
set(removed 0)
set(lines "")
if(EXISTS ${RECORD})
  file(STRINGS ${RECORD} lines)
endif()
set(folders ${lines})
list(FILTER lines EXCLUDE REGEX "/$")
list(FILTER folders INCLUDE REGEX "/$")

foreach(file IN LISTS lines)
  set(path "$ENV{DESTDIR}${file}")
  if(EXISTS ${path} OR IS_SYMLINK ${path})
    execute_process(COMMAND rm -f ${path} RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
      message(FATAL_ERROR "uninstall: stopped; run it as the user who installed")
    endif()
    math(EXPR removed "${removed} + 1")
  endif()
endforeach()
list(SORT folders ORDER DESCENDING)  # the inner before the outer
foreach(folder IN LISTS folders)
  execute_process(COMMAND rmdir ${folder} ERROR_QUIET)  # refuses where it holds anything
endforeach()

if(removed EQUAL 0)
  message("nothing to uninstall: nothing that was installed from here is there")
else()
  message("uninstalled ${removed} files")
  file(REMOVE ${RECORD})
endif()
