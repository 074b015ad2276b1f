# shellcheck shell=bash
# Functions shared by the scripts in this folder; source it from the repository's root.

# Prints a progress line to stderr, apart from the output of the commands.
say() { printf '==> %s\n' "$*" >&2; }

# Exits with a message: what is wrong and how to fix it.
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Runs a command as root, through sudo if necessary.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "installing packages needs root, and sudo is missing; run as root: $*"
  fi
}

# Installs Debian or Ubuntu packages; the first argument is the reason, printed if apt-get is missing.
install_packages() {
  local purpose=$1
  shift
  command -v apt-get >/dev/null ||
    die "$purpose, but this system has no apt-get; install the equivalents of these Debian packages and run this again: $*"
  say "installing $*"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Exits unless a recent enough Swift toolchain is on the PATH.
require_swift() {
  local wanted=6.3 version
  command -v swift >/dev/null ||
    die "swift is not on the PATH; install Swift $wanted or newer from https://www.swift.org/install/linux/ and run this again"
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n 1)
  [[ -n $version ]] || die "swift --version printed no version; is $(command -v swift) a Swift toolchain?"
  [[ $(printf '%s\n' "$wanted" "$version" | sort -V | head -n 1) == "$wanted" ]] ||
    die "found Swift $version, but gonogo needs $wanted or newer; install it from https://www.swift.org/install/linux/"
}

# Installs missing libraries and tools that gonogo needs to build and run.
require_libraries() {
  local missing=()
  command -v pkg-config >/dev/null || missing+=(pkg-config)
  pkg-config --exists 'libzmq >= 4.3' 2>/dev/null || missing+=(libzmq3-dev)
  pkg-config --exists sqlite3 2>/dev/null || missing+=(libsqlite3-dev)
  pkg-config --exists 'libpq >= 14' 2>/dev/null || missing+=(libpq-dev)
  pkg-config --exists libcmark-gfm 2>/dev/null || missing+=(libcmark-gfm-dev)
  [[ -e /usr/include/cmark-gfm-core-extensions.h ]] || missing+=(libcmark-gfm-extensions-dev)
  [[ -e /usr/include/boost/math/special_functions/beta.hpp ]] || missing+=(libboost-math-dev)
  [[ -e /usr/share/zoneinfo/America/New_York ]] || missing+=(tzdata)
  ((${#missing[@]} == 0)) ||
    install_packages "gonogo needs ZeroMQ 4.3, SQLite 3, libpq 14 and cmark-gfm with their headers, those of Boost.Math, pkg-config and tzdata" "${missing[@]}"
}
