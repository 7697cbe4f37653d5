# What a build of the project itself sets, and an embedding project never sees: ccache, sanitizers, optimisation.
if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()

find_program(BULLA_CCACHE ccache)
if(BULLA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${BULLA_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${BULLA_CCACHE})
endif()

set(BULLA_SANITIZE "" CACHE STRING "Sanitizers for the whole build, as for -fsanitize=")
if(BULLA_SANITIZE)
  add_compile_options(-fsanitize=${BULLA_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BULLA_SANITIZE})
  if(BULLA_SANITIZE MATCHES "memory")
    # Secrets count as uninitialised, and may be arguments and results of functions.
    add_compile_options(-fno-sanitize-memory-param-retval)
  endif()
endif()

# Secrets count as uninitialised memory for valgrind; without valgrind the marks are a few instructions that do nothing.
option(BULLA_CT_VALGRIND "Mark secrets for valgrind (base/ct.h)" OFF)
if(BULLA_CT_VALGRIND)
  include(CheckIncludeFileCXX)
  check_include_file_cxx(valgrind/memcheck.h BULLA_HAVE_MEMCHECK_H)
  if(BULLA_HAVE_MEMCHECK_H)
    add_compile_definitions(BULLA_CT_VALGRIND)
  endif()
endif()

# libFuzzer finds its way by counters in the code under test, so every room is built with them.
option(BULLA_FUZZ "Link the fuzz targets with libFuzzer (clang)" OFF)
if(BULLA_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# The rooms are compiled with -O2 anyway (as_tested.cmake); so is what stands around them, because with -O3 g++ 12 warns
# of overruns that cannot happen (std::sort over vectors).
string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
