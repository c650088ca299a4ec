# Writes OUTPUT, the source of diffusion_module_stamp(): BUILD and a hash of all headers in FOLDER.
file(GLOB_RECURSE headers RELATIVE ${FOLDER} ${FOLDER}/*.hpp)
list(SORT headers)
set(hashes)
foreach(header IN LISTS headers)
  file(SHA256 ${FOLDER}/${header} hash)
  string(APPEND hashes "${header} ${hash}\n")
endforeach()
string(SHA256 hash "${hashes}")
string(SUBSTRING ${hash} 0 16 hash)
file(WRITE ${OUTPUT} "#include \"lib/base/module.hpp\"

extern \"C\" const char* diffusion_module_stamp() { return \"module stamp: ${BUILD} ${hash}\"; }
")
