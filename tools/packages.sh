# The one list of Debian packages this project asks for, and the function that installs what is missing of them.
# Sourced by run and test (bash).

# What the bulla program needs to be built.
packages_run=(g++ cmake ninja-build libboost1.81-dev libcli11-dev libsqlite3-dev)

# What the tests need besides: frameworks, scripts, and the peers that every test run talks to.
packages_test=(libssl-dev libgtest-dev libgmock-dev python3 python3-z3 pkg-config openssl curl gnutls-bin nginx-light
               libnss3-tools valgrind)

# What ./test --full needs besides: the second compiler, checkers, and the rest of the peers.
packages_full=(clang-19 clang-tidy-19 clang-format-19 libclang-rt-19-dev llvm-19 nodejs
               default-jdk-headless chromium g++-aarch64-linux-gnu qemu-user googletest)

# install_packages PACKAGE...: says what is missing and installs it with apt-get; nothing missing, nothing done.
install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    echo "This is not Debian, so nothing is installed. Needed here, in Debian's names: $*" >&2
    return 0
  fi
  local missing=() package state
  for package in "$@"; do
    state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || state=
    [[ $state == installed ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0

  local as_root=()
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      echo "Missing packages: ${missing[*]}" >&2
      echo "Neither root nor sudo here. As root, run: apt-get install ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  # SYSTEMD_OFFLINE: a package for the tests (nginx) must not start a service of its own.
  echo "Installing Debian packages: ${missing[*]}"
  local install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive SYSTEMD_OFFLINE=1 apt-get install -y -q --no-install-recommends)
  # The lists of a fresh machine are empty or old: try with what is there, then once more with fresh ones.
  if ! "${install[@]}" "${missing[@]}" >/dev/null 2>&1; then
    "${as_root[@]}" apt-get update -q >/dev/null || echo "apt-get update failed; going on with the lists that are here." >&2
    "${install[@]}" "${missing[@]}"
  fi
}
