# The compiler's flags: warnings, hardening, sanitizers. They are on the target candela_flags, which
# everything that is built here links.
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(candela_linked candela_static) # what the program, the examples and the tests are linked to
if(CANDELA_TEST_SHARED)
    set(CMAKE_C_VISIBILITY_PRESET default)
    set(CMAKE_LINK_DEPENDS_NO_SHARED ON)
    set(candela_linked candela_shared Threads::Threads JPEG::JPEG m)
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE) # another project that includes this one decides itself
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug, Release or RelWithDebInfo" FORCE)
endif()
set(CMAKE_C_FLAGS_RELEASE "-O3 -g1")

add_library(candela_flags INTERFACE)
target_include_directories(candela_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(candela_flags INTERFACE _GNU_SOURCE)
# -ffp-contract=off: a*b+c rounds twice everywhere, so that the portable and the AVX2 build of a
# kernel agree; kernels that want a fused multiply-add call fma or the instruction itself.
target_compile_options(candela_flags INTERFACE
    -Wall -Wextra -Wconversion -Wshadow -pedantic -Wstrict-prototypes -Wvla
    -ffp-contract=off -fstack-protector-strong -fno-math-errno
    $<$<BOOL:${CANDELA_WERROR}>:-Werror>)
# clang warns of each loop that it does not vectorise although it was told to (CD_CPU_VECTORISE);
# under a sanitizer it vectorises none.
if(CMAKE_C_COMPILER_ID MATCHES Clang)
    target_compile_options(candela_flags INTERFACE -Wno-pass-failed)
endif()
if(CANDELA_SANITIZE)
    target_compile_options(candela_flags INTERFACE
        -fsanitize=${CANDELA_SANITIZE} -fno-omit-frame-pointer -O1)
    if(CANDELA_SANITIZE MATCHES undefined)
        target_compile_options(candela_flags INTERFACE -fno-sanitize-recover=all)
    endif()
    target_link_options(candela_flags INTERFACE -fsanitize=${CANDELA_SANITIZE})
endif()
if(CANDELA_FUZZ)
    if(NOT CMAKE_C_COMPILER_ID MATCHES Clang)
        message(FATAL_ERROR "The fuzz targets need clang (libFuzzer): cmake --preset fuzz")
    endif()
    target_compile_options(candela_flags INTERFACE -fsanitize=fuzzer-no-link)
    target_link_options(candela_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
