# What tests are linked with, where they are built for another machine: Debian has these packages for this one only.
# GoogleTest is compiled from its sources, Boost.JSON is all headers.
set(INSTALL_GTEST OFF)
add_subdirectory(/usr/src/googletest ${PROJECT_BINARY_DIR}/googletest EXCLUDE_FROM_ALL)

# A folder with Boost and nothing else: beside it in /usr/include lie the headers of this machine's C library.
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/boost)
file(CREATE_LINK /usr/include/boost ${PROJECT_BINARY_DIR}/boost/boost SYMBOLIC)
add_library(Boost::headers INTERFACE IMPORTED GLOBAL)
target_include_directories(Boost::headers SYSTEM INTERFACE ${PROJECT_BINARY_DIR}/boost)
