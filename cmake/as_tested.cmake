# Whether time depends on secrets is tested with -O1 and -O2, by both compilers (tests/constant_time). With CMake's own
# Release an embedding project would compile the rooms with -O3, with MinSizeRel for size: code that no such test has
# seen. So the rooms come with -O2 wherever the flags ask for more, or for small code, and without optimisation at link
# time, which would see through the barriers between files. Builds for the debugger and those of -O1 stay as they are.
# The level is the last -O of all flags, as compilers read them; target_compile_options stand behind those flags. What
# generator expressions give is not known here: where one speaks of more, an optimised build is held at -O2 too.
function(bulla_compile_as_tested target)
  set_target_properties(${target} PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
  get_directory_property(options COMPILE_OPTIONS)
  set(conditional ${options})
  list(FILTER conditional INCLUDE REGEX "\\$<.*-O([3-9]|fast|s|z)")
  list(FILTER options EXCLUDE REGEX "\\$<")
  set(configurations ${CMAKE_CONFIGURATION_TYPES})
  if(NOT configurations)
    set(configurations "${CMAKE_BUILD_TYPE}")
  endif()
  if(NOT configurations)
    set(configurations None)
  endif()
  foreach(configuration IN LISTS configurations)
    string(TOUPPER ${configuration} suffix)
    set(flags "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${suffix}} ${options}")
    set(added)
    string(REGEX MATCHALL "(^|[ ;:,])-O[0-9a-z]*" levels "${flags}")
    list(POP_BACK levels level)
    if(level MATCHES "-O([3-9]|fast|s|z)" OR (conditional AND level MATCHES "-O2"))
      list(APPEND added SHELL:-O2)  # as it stands: without SHELL: it would be dropped where it was said before
    endif()
    if(flags MATCHES "(^|[ ;:,])-flto")
      list(APPEND added -fno-lto)
    endif()
    set_target_properties(${target} PROPERTIES INTERPROCEDURAL_OPTIMIZATION_${suffix} OFF)
    if(CMAKE_CONFIGURATION_TYPES)
      set(added $<$<CONFIG:${configuration}>:${added}>)
    endif()
    target_compile_options(${target} PRIVATE "${added}")
  endforeach()
endfunction()

# Inline assembly that wants thirteen registers (src/crypto/ec/adx4.h, src/crypto/p256/adx.h) finds them where neither a
# frame pointer nor a sanitizer of clang takes any: for the files that include it.
set(bulla_assembly_options -fomit-frame-pointer
  $<$<CXX_COMPILER_ID:Clang,AppleClang>:-fno-sanitize=address,undefined,fuzzer-no-link>)
