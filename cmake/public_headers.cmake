# cmake -DTO=DIR -P cmake/public_headers.cmake: writes the public headers to DIR, as they are
# installed.
#
# DIR/candela.h is the whole interface, and DIR/candela/<folder>/ has its parts. The sources include
# "core/error.h"; here that becomes "candela/core/error.h", so that users need one include folder
# and may have a core/ or io/ of their own. Folders within these folders have no public headers.
set(folders core autograd nn optim io models)
get_filename_component(root "${CMAKE_CURRENT_LIST_DIR}" DIRECTORY)
list(JOIN folders "|" any_folder)

file(GLOB headers RELATIVE "${root}" "${root}/candela.h")
foreach(folder IN LISTS folders)
    file(GLOB found RELATIVE "${root}" "${root}/${folder}/*.h")
    list(APPEND headers ${found})
endforeach()
list(FILTER headers EXCLUDE REGEX "_internal\\.h$")

file(REMOVE "${TO}/candela.h")
file(REMOVE_RECURSE "${TO}/candela")
foreach(header IN LISTS headers)
    file(READ "${root}/${header}" text)
    string(REGEX REPLACE "(#include \")(${any_folder})/" "\\1candela/\\2/" text "${text}")
    if(header MATCHES "/")
        set(header "candela/${header}")
    endif()
    file(WRITE "${TO}/${header}" "${text}")
endforeach()
