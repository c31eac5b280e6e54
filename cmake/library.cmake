# Functions that define the library's targets.

# candela_listed(VARIABLE LIST MACROS PREFIX): sets VARIABLE to the files that a list such as
# nn/modules.def names. A line of the list is MACRO(NAME), for the file ${PREFIX}NAME.c, or
# MACRO(NAME, FILE), for ${PREFIX}FILE.c. MACROS are alternatives of a regular expression. When the
# list changes, the build is configured again.
function(candela_listed variable list macros prefix)
    file(STRINGS ${list} lines REGEX "^(${macros})\\(")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${list})
    list(TRANSFORM lines REPLACE "^[A-Z_]+\\(([a-z0-9_]+, *)*([a-z0-9_]+)\\).*" "${prefix}\\2.c")
    list(REMOVE_DUPLICATES lines)
    set(${variable} ${lines} PARENT_SCOPE)
endfunction()

# candela_folder(NAME SOURCES ... [LINK ...]): defines the folder's object library, candela_NAME.
function(candela_folder name)
    cmake_parse_arguments(PARSE_ARGV 1 folder "" "" "SOURCES;LINK")
    add_library(candela_${name} OBJECT ${folder_SOURCES})
    target_link_libraries(candela_${name} PUBLIC candela_flags ${folder_LINK})
endfunction()

# candela_library(FOLDERS...): defines the library that users link, static and shared, from the
# objects of the folders.
function(candela_library)
    set(objects)
    foreach(folder IN LISTS ARGN)
        list(APPEND objects $<TARGET_OBJECTS:candela_${folder}>)
    endforeach()
    if(TARGET candela_cpu_avx2)
        list(APPEND objects $<TARGET_OBJECTS:candela_cpu_avx2> $<TARGET_OBJECTS:candela_cpu_avx512>)
    endif()
    set(libraries Threads::Threads ZLIB::ZLIB JPEG::JPEG m)
    # A project that includes this one sees the headers as they are installed
    # ("candela/core/error.h"), so that they do not conflict with a core/ or io/ of its own.
    set(include_dir ${PROJECT_SOURCE_DIR})
    if(NOT PROJECT_IS_TOP_LEVEL)
        set(include_dir ${PROJECT_BINARY_DIR}/include)
        execute_process(COMMAND_ERROR_IS_FATAL ANY COMMAND ${CMAKE_COMMAND}
            -DTO=${include_dir} -P ${PROJECT_SOURCE_DIR}/cmake/public_headers.cmake)
    endif()
    foreach(kind static shared)
        string(TOUPPER ${kind} KIND)
        add_library(candela_${kind} ${KIND} ${objects})
        set_target_properties(candela_${kind} PROPERTIES OUTPUT_NAME candela)
        target_link_libraries(candela_${kind} PRIVATE ${libraries})
        # The folder from which installed headers include each other: see
        # cmake/public_headers.cmake.
        target_include_directories(candela_${kind} INTERFACE
            $<BUILD_INTERFACE:${include_dir}>
            $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
        if(CANDELA_SANITIZE)
            target_link_options(candela_${kind} PUBLIC -fsanitize=${CANDELA_SANITIZE})
        endif()
    endforeach()
    set_target_properties(candela_shared PROPERTIES
        VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR} EXPORT_NAME candela)
    set_target_properties(candela_static PROPERTIES EXPORT_NAME static)
    # The same names as find_package gives, for projects that include this one.
    add_library(candela::candela ALIAS candela_shared)
    add_library(candela::static ALIAS candela_static)
    if(CMAKE_SYSTEM_NAME STREQUAL Linux)
        # The library must stay loaded after dlclose, since its worker threads run its code.
        target_link_options(candela_shared PRIVATE -Wl,-z,nodelete -Wl,-z,relro -Wl,-z,now)
    endif()
endfunction()
