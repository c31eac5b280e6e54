# cmake --install: headers, both libraries, the program, a pkg-config file and a CMake package.
include(CMakePackageConfigHelpers)

install(CODE "execute_process(COMMAND_ERROR_IS_FATAL ANY COMMAND \"${CMAKE_COMMAND}\"
    \"-DTO=${PROJECT_BINARY_DIR}/include\" -P \"${PROJECT_SOURCE_DIR}/cmake/public_headers.cmake\")")
install(DIRECTORY ${PROJECT_BINARY_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS candela_shared EXPORT candelaShared)
install(TARGETS candela_static EXPORT candelaStatic)
if(TARGET candela)
    install(TARGETS candela)
endif()
install(FILES LICENSE NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# The CMake package. The two libraries have separate files of targets, so that a program that links
# the shared library need not have the development packages of zlib and libjpeg.
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/candela)
configure_package_config_file(cmake/candelaConfig.cmake.in candelaConfig.cmake
    INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(candelaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/candelaConfig.cmake
    ${PROJECT_BINARY_DIR}/candelaConfigVersion.cmake DESTINATION ${package_dir})
foreach(kind Shared Static)
    install(EXPORT candela${kind} NAMESPACE candela:: DESTINATION ${package_dir})
endforeach()

# The pkg-config file. It names the private libraries itself (Libs.private, not Requires.private),
# since not every system has .pc files for all of them.
set(candela_pc_private "-ljpeg -lz -lm -pthread")
# The paths are relative to the file, so that cmake --install --prefix may put it anywhere.
set(candela_pc_prefix "${CMAKE_INSTALL_PREFIX}")
if(NOT IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
    file(RELATIVE_PATH up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
    set(candela_pc_prefix "\${pcfiledir}/${up}")
endif()
foreach(dir LIBDIR INCLUDEDIR)
    set(candela_pc_${dir} "${CMAKE_INSTALL_${dir}}")
    if(NOT IS_ABSOLUTE "${CMAKE_INSTALL_${dir}}")
        string(PREPEND candela_pc_${dir} "\${prefix}/")
    endif()
endforeach()
configure_file(cmake/candela.pc.in candela.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/candela.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
