# CPack runs this on the staged tree of a package: documents, completions and programs as
# Debian's policy and its checker, lintian, want them.
cmake_minimum_required(VERSION 3.25)
if(NOT CPACK_GENERATOR STREQUAL DEB)
  return()
endif()
set(root ${CPACK_TEMPORARY_DIRECTORY})
set(share ${root}/usr/share)
set(doc ${share}/doc/diffusion-tools)

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(GLOB programs ${root}/usr/bin/* ${root}/usr/lib/diffusion-tools/*)
run(strip --strip-unneeded --remove-section=.comment --remove-section=.note ${programs})

file(RENAME ${share}/zsh/site-functions ${share}/zsh/vendor-completions)
file(RENAME ${doc}/LICENSE ${doc}/copyright)

run(awk -v version=${CPACK_DEBIAN_PACKAGE_VERSION} -v release=${CPACK_DIFFUSION_RELEASE}
  -v maintainer=${CPACK_PACKAGE_CONTACT} -f ${CMAKE_CURRENT_LIST_DIR}/changelog.awk
  ${doc}/CHANGELOG.md OUTPUT_FILE ${doc}/changelog)
file(REMOVE ${doc}/CHANGELOG.md)
file(GLOB_RECURSE pages ${share}/man/*)
run(gzip -9n ${doc}/changelog ${pages})

file(MAKE_DIRECTORY ${share}/lintian/overrides)
file(COPY_FILE ${CMAKE_CURRENT_LIST_DIR}/lintian-overrides
  ${share}/lintian/overrides/diffusion-tools)
file(CHMOD ${share}/lintian/overrides/diffusion-tools
  FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)  # whatever the checkout's

# libopenblas0 would bring the build with threads of its own; the tools' are OpenMP's.
# Only who trains on several machines needs MPI, which the package suggests.
file(WRITE ${root}/debian/shlibs.local "libopenblas 0 libopenblas0-openmp\nlibmpi 40\n")
