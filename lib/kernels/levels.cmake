# Sources that are compiled once for each instruction set. Each level's flags let the
# compiler use what lib/base/instruction_set.cpp asks the processor for, and no more.
set(levels baseline)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  set(levels baseline avx2 avx512 avx512_bf16)
endif()
set(flags_baseline)
set(flags_avx2 -mavx2 -mfma -mbmi -mbmi2)
set(flags_avx512 ${flags_avx2} -mavx512f -mavx512bw -mavx512cd -mavx512dq -mavx512vl)
set(flags_avx512_bf16 ${flags_avx512} -mavx512bf16)

# add_at_every_level(TARGET SOURCE...): adds the sources once for each level, in the namespace
# DIFFUSION_LEVEL. What they define must be of that namespace or local: of a function that
# others define too the linker keeps one copy, and a plain processor may get the richest.
function(add_at_every_level target)
  foreach(level IN LISTS levels)
    set(objects ${target}-${level})
    add_library(${objects} OBJECT ${ARGN})
    target_include_directories(${objects} PRIVATE ${PROJECT_SOURCE_DIR})
    target_compile_definitions(${objects} PRIVATE DIFFUSION_LEVEL=${level})
    # GCC warns that vectors wider than the level's registers are passed in another way than
    # where they fit; between levels none are.
    target_compile_options(${objects} PRIVATE ${flags_${level}} -Wno-psabi)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${objects}>)
  endforeach()
endfunction()
