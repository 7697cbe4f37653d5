#!/usr/bin/env bash
# install_test.sh find_package|pkg_config|add_subdirectory SOURCE BUILD: copies consumer/ out of the tree, builds it
# in that way and runs what was built.
set -euo pipefail
way=$1 source=$2 build=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$source/tests/install/consumer" "$work/consumer"
cd "$work"

install_to_prefix() { cmake --install "$build" --prefix "$work/prefix" >/dev/null; }
run_all() {
  local program
  for program in "$@"; do
    echo "running ${program##*/}"
    "$program"
  done
}

case $way in
  find_package)
    install_to_prefix
    cmake -S consumer -B build -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix"
    cmake --build build
    run_all build/consumer build/consumer_c $(find build -maxdepth 1 -name "consumer_*" ! -name consumer_c)
    test ! -x prefix/bin/bulla || prefix/bin/bulla --version
    ;;
  pkg_config)
    command -v pkg-config >/dev/null || { echo "SKIPPED: pkg-config is not installed"; exit 77; }
    install_to_prefix
    libdir=$(dirname "$(find prefix -name bulla.pc)")
    export PKG_CONFIG_PATH=$work/$libdir
    "${CXX:-c++}" -std=c++20 consumer/main.cpp $(pkg-config --cflags --libs bulla) -o consumer_plain
    "${CXX:-c++}" -std=c++20 consumer/main.cpp $(pkg-config --static --cflags --libs bulla) -o consumer_static
    run_all ./consumer_plain ./consumer_static
    "${CC:-cc}" consumer/main.c $(pkg-config --cflags --libs bulla) -o consumer_c
    run_all ./consumer_c
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
