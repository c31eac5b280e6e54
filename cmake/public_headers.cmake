# cmake -DTO=DIR -P cmake/public_headers.cmake: writes the headers that users see to DIR.
#
# DIR/candela.h is the whole interface, DIR/candela/<folder>/ its parts. In the sources a header is
# named from the root ("core/error.h"); users get "candela/core/error.h", so that one include folder
# is enough and nobody's own core/ or io/ is in the way. Folders within these hold no public headers.
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
