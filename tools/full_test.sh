# The stages of ./test --full; sourced by test, which brings build() and check(). Every stage runs, whatever became
# of the ones before; the table at the end names those that failed.

stage() {  # stage NAME COMMAND...
  local name=$1 begin=$SECONDS verdict=passed
  shift
  printf '\n=== %s\n' "$name"
  # A subshell of its own, so that errexit holds within the stage although its status is looked at here.
  set +e
  (set -e; "$@")
  local status=$?
  set -e
  if ((status != 0)); then
    verdict=FAILED
    failures=$((failures + 1))
  fi
  summary+=$(printf '%-9s %5ds  %s' "$verdict" $((SECONDS - begin)) "$name")$'\n'
}

stage_gcc() { build test && BULLA_FULL=1 check test "$@"; }
stage_clang() { build clang && check clang -LE 'full|lint|install'; }
# Whole suites on one kernel are left out: tests that go over all kernels are in.
stage_sanitize() { build asan && check asan -LE 'full|lint|install' -E '\.all\.builtin'; }
# The rooms that start threads, or whose tests do.
stage_threads() { build tsan && check tsan -L '^(crypto|tls|os|pki|net|ca|cli|capi)$' -LE full -E '\.all\.'; }
stage_aarch64() { build aarch64 && check aarch64 -L '^(base|crypto|asn1|x509|tls)$' -LE full; }
stage_constant_time() {  # stage_constant_time PRESET
  build "$1" && check "$1" -L constant_time
}
stage_fuzz() { build fuzz && check fuzz -L fuzz; }
stage_tidy() {
  # One run for each file, as many at a time as there are processors; headers are seen through the files.
  find src -name '*.cpp' -print0 |
    xargs -0 -n 1 -P "$(nproc)" clang-tidy-19 --quiet --warnings-as-errors='*' -p build/clang 2>/dev/null
}

full_test() {
  failures=0 summary=
  stage "g++: all tests, all peers" stage_gcc "$@"
  stage "clang-19: builds without a warning" stage_clang
  stage "clang-tidy" stage_tidy
  stage "g++: AddressSanitizer and UndefinedBehaviorSanitizer" stage_sanitize
  stage "g++: ThreadSanitizer" stage_threads
  stage "g++ for AArch64: the rooms without I/O, by qemu-user" stage_aarch64
  stage "constant time: valgrind, g++ as shipped" stage_constant_time valgrind-ct
  stage "constant time: valgrind, clang-19" stage_constant_time valgrind-ct-clang
  stage "constant time: MemorySanitizer, clang-19" stage_constant_time msan-ct
  stage "clang-19: libFuzzer, ${BULLA_FUZZ_SECONDS:-20} s a target" stage_fuzz
  printf '\n=== summary\n%s' "$summary"
  if ((failures > 0)); then
    echo "$failures stage(s) failed"
    return 1
  fi
  echo "all stages passed"
}
