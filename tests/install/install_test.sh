#!/usr/bin/env bash
# install_test.sh find_package|pkg_config|directories|add_subdirectory SOURCE BUILD: copies consumer/ and consumer_c/ out of
# the tree, builds them in that way and runs what was built.
set -euo pipefail
way=$1 source=$2 build=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$source"/tests/install/consumer{,_c} "$work"
cd "$work"

install_to_prefix() { cmake --install "$build" --prefix "$work/prefix" >/dev/null; }
run_all() {
  local program
  for program in "$@"; do
    echo "running ${program##*/}"
    "$program"
  done
}

# Where neither Boost, OpenSSL nor SQLite is to be found, components that are optional are absent, and the rest is there.
without_other_packages() {
  cmake -S consumer -B hidden -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" \
    -DCMAKE_DISABLE_FIND_PACKAGE_Boost=ON -DCMAKE_DISABLE_FIND_PACKAGE_OpenSSL=ON -DCMAKE_DISABLE_FIND_PACKAGE_SQLite3=ON
  if grep -E "consumer_(net|openssl|ca)" hidden/build.ninja; then
    echo "a component was found without what it stands on" >&2
    exit 1
  fi
}

# Configures the project anew with the library's archives and headers in these directories, and installs to ./PREFIX.
# The rooms were compiled by the build under test, and come from there.
with_directories() {  # with_directories PREFIX LIBDIR INCLUDEDIR
  cmake -S "$source" -B "build_$1" -G Ninja -DBULLA_TESTS=OFF -DBULLA_NET=OFF -DCMAKE_INSTALL_PREFIX="$work/$1" \
    -DCMAKE_INSTALL_LIBDIR="$2" -DCMAKE_INSTALL_INCLUDEDIR="$3" >/dev/null
  mkdir -p "build_$1/src"
  cp "$build"/src/*.a "build_$1/src"
  cmake --install "build_$1" >/dev/null
}

# A program in C, by both ways to find the library.
use_directories() {  # use_directories PREFIX LIBDIR
  rm -rf build_c
  cmake -S consumer_c -B build_c -G Ninja -Dbulla_DIR="$2/cmake/bulla"
  cmake --build build_c
  run_all build_c/consumer_c
  command -v pkg-config >/dev/null || return 0
  "${CC:-cc}" consumer_c/main.c $(PKG_CONFIG_PATH="$2/pkgconfig" pkg-config --cflags --libs bulla) -o consumer_c_found
  run_all ./consumer_c_found
}

case $way in
  find_package)
    install_to_prefix
    cmake -S consumer -B build -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix"
    cmake --build build
    run_all build/consumer build/consumer_c $(find build -maxdepth 1 -name "consumer_*" ! -name consumer_c)
    test ! -x prefix/bin/bulla || prefix/bin/bulla --version
    cmake -S consumer_c -B build_c -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix"
    cmake --build build_c
    run_all build_c/consumer_c
    without_other_packages
    ;;
  directories)
    with_directories relative lib/of/archives headers/here
    mv relative moved
    use_directories "$work/moved" "$work/moved/lib/of/archives"
    with_directories absolute "$work/elsewhere/archives" headers/here
    use_directories "$work/absolute" "$work/elsewhere/archives"
    with_directories both "$work/both_elsewhere/archives" "$work/both_elsewhere/headers"
    use_directories "$work/both" "$work/both_elsewhere/archives"
    ;;
  pkg_config)
    command -v pkg-config >/dev/null || { echo "SKIPPED: pkg-config is not installed"; exit 77; }
    install_to_prefix
    libdir=$(dirname "$(find prefix -name bulla.pc)")
    export PKG_CONFIG_PATH=$work/$libdir
    "${CXX:-c++}" -std=c++20 consumer/main.cpp $(pkg-config --cflags --libs bulla) -o consumer_plain
    "${CXX:-c++}" -std=c++20 consumer/main.cpp $(pkg-config --static --cflags --libs bulla) -o consumer_static
    run_all ./consumer_plain ./consumer_static
    "${CC:-cc}" consumer_c/main.c $(pkg-config --cflags --libs bulla) -o consumer_c_plain
    "${CC:-cc}" consumer_c/main.c $(pkg-config --cflags --libs --static bulla) -o consumer_c_static
    run_all ./consumer_c_plain ./consumer_c_static
    ;;
  add_subdirectory)
    cmake -S consumer -B build -G Ninja -DBULLA_SOURCE="$source"
    cmake --build build
    run_all build/consumer build/consumer_c
    ;;
  *)
    echo "unknown way: $way" >&2
    exit 2
    ;;
esac
