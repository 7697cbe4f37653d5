# cmake --install: archives, headers, the program, find_package(bulla) and pkg-config. The rooms on Boost are an export
# set of their own, and so is the one on libcrypto, so that who embeds the engine need have neither.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

get_property(rooms GLOBAL PROPERTY BULLA_ROOMS)
list(REMOVE_ITEM rooms bulla_cli)
set(net_rooms ${rooms})
list(FILTER net_rooms INCLUDE REGEX "^bulla_(http|net)$")
set(openssl_rooms ${rooms})
list(FILTER openssl_rooms INCLUDE REGEX "^bulla_openssl$")
list(REMOVE_ITEM rooms ${net_rooms} ${openssl_rooms})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/bulla)
install(TARGETS ${rooms} EXPORT bulla_core ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT bulla_core NAMESPACE bulla:: FILE bullaCoreTargets.cmake DESTINATION ${package_dir})
set(without)
if(net_rooms)
  install(TARGETS ${net_rooms} EXPORT bulla_net ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT bulla_net NAMESPACE bulla:: FILE bullaNetTargets.cmake DESTINATION ${package_dir})
else()
  list(APPEND without PATTERN "net" EXCLUDE PATTERN "http*" EXCLUDE PATTERN "asio*" EXCLUDE)
endif()
if(openssl_rooms)
  install(TARGETS ${openssl_rooms} EXPORT bulla_openssl ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT bulla_openssl NAMESPACE bulla:: FILE bullaOpensslTargets.cmake DESTINATION ${package_dir})
else()
  list(APPEND without PATTERN "openssl_provider.h" EXCLUDE)
endif()
install(DIRECTORY include/bulla DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} ${without})
if(TARGET bulla)
  install(TARGETS bulla RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

# find_package(bulla [COMPONENTS base … net]): a component is a room; bulla::<room> is its target.
list(TRANSFORM rooms REPLACE "^bulla_" "" OUTPUT_VARIABLE core_components)
list(TRANSFORM net_rooms REPLACE "^bulla_" "" OUTPUT_VARIABLE net_components)
list(TRANSFORM openssl_rooms REPLACE "^bulla_" "" OUTPUT_VARIABLE openssl_components)
configure_package_config_file(cmake/bullaConfig.cmake.in ${PROJECT_BINARY_DIR}/bullaConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/bullaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/bullaConfig.cmake ${PROJECT_BINARY_DIR}/bullaConfigVersion.cmake
  DESTINATION ${package_dir})

# pkg-config: only archives are installed, so every use is a static one, and what they need is named for all.
# The file says where it lies, so that an installed tree may be moved.
file(RELATIVE_PATH prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" prefix_from_pc "${prefix_from_pc}")
function(bulla_pkg_config name description requires cflags)
  set(libs)
  foreach(room IN LISTS ARGN)
    string(PREPEND libs "-l${room} ")  # the rooms come bottom up, a linker wants them top down
  endforeach()
  configure_file(cmake/bulla.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
bulla_pkg_config(bulla "TLS engine, certificates and blocking streams, for C++20 and C" "" "" ${rooms})
if(openssl_rooms)
  bulla_pkg_config(bulla-openssl "libcrypto's primitives for bulla" "bulla libcrypto" "" ${openssl_rooms})
endif()
if(net_rooms)
  bulla_pkg_config(bulla-net "HTTPS server and client on Boost.Asio" bulla -DBOOST_ASIO_SEPARATE_COMPILATION ${net_rooms})
endif()
