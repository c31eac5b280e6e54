# Everything outside the project comes from the system's packages.
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(JPEG REQUIRED)
find_package(PkgConfig REQUIRED)

# Only the tests need CMocka, and jansson as a second opinion on JSON: who has both gets the tests,
# and who asks for them must have both.
pkg_check_modules(CMOCKA QUIET IMPORTED_TARGET cmocka)
pkg_check_modules(JANSSON QUIET IMPORTED_TARGET jansson)
set(tests_at_first OFF)
if(CMOCKA_FOUND AND JANSSON_FOUND AND PROJECT_IS_TOP_LEVEL)
    set(tests_at_first ON)
endif()
option(CANDELA_TESTS "build the tests (needs CMocka and jansson)" ${tests_at_first})
if(CANDELA_TESTS AND NOT (CMOCKA_FOUND AND JANSSON_FOUND))
    message(FATAL_ERROR "The tests need CMocka (libcmocka-dev) and jansson (libjansson-dev); "
        "-DCANDELA_TESTS=OFF builds without them")
endif()
