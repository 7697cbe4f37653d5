# One folder, one target: bulla_room(tls PUBLIC bulla::x509) makes bulla_tls (alias bulla::tls) from src/tls/**.cpp.
function(bulla_room name)
  cmake_parse_arguments(arg "" "" "PUBLIC;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp)
  add_library(bulla_${name} STATIC ${sources})
  add_library(bulla::${name} ALIAS bulla_${name})
  set_target_properties(bulla_${name} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  target_compile_features(bulla_${name} PUBLIC cxx_std_20)
  target_include_directories(bulla_${name}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
    PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(bulla_${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:bulla_warnings>)
endfunction()
