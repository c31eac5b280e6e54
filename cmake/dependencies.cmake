# Finds the libraries outside the project, which all come from the system's packages.
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(JPEG REQUIRED)
find_package(PkgConfig REQUIRED)

# Only the tests need CMocka, and jansson, with which they check JSON. The tests are built by
# default if both are found.
pkg_check_modules(CMOCKA QUIET IMPORTED_TARGET cmocka)
pkg_check_modules(JANSSON QUIET IMPORTED_TARGET jansson)
set(tests_default OFF)
if(CMOCKA_FOUND AND JANSSON_FOUND AND PROJECT_IS_TOP_LEVEL)
    set(tests_default ON)
endif()
option(CANDELA_TESTS "build the tests (needs CMocka and jansson)" ${tests_default})
if(CANDELA_TESTS AND NOT (CMOCKA_FOUND AND JANSSON_FOUND))
    message(FATAL_ERROR "The tests need CMocka (libcmocka-dev) and jansson (libjansson-dev); "
        "-DCANDELA_TESTS=OFF builds without them")
endif()
