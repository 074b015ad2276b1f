# shellcheck shell=bash
# What the scripts of this folder share; source it from the repository's root.

# One line about what goes on, apart from the output of what is run.
say() { printf '==> %s\n' "$*" >&2; }

# Ends the script with what is wrong and the mend.
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Runs a command as root: as it is, or by sudo.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "installing packages needs root, and there is no sudo here; as root, run: $*"
  fi
}

# Installs Debian or Ubuntu packages; the first argument says what they are for where there is no apt.
install_packages() {
  local purpose=$1
  shift
  command -v apt-get >/dev/null ||
    die "$purpose, and this system has no apt-get to install it with; install what Debian calls $* by hand and run this again"
  say "installing $*"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Dies unless a Swift toolchain that is new enough is on the PATH.
require_swift() {
  local wanted=6.3 version
  command -v swift >/dev/null ||
    die "there is no swift on the PATH; install Swift $wanted or newer from https://www.swift.org/install/linux/ and run this again"
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n 1)
  [[ -n $version ]] || die "swift --version says no version; is $(command -v swift) a Swift toolchain?"
  [[ $(printf '%s\n' "$wanted" "$version" | sort -V | head -n 1) == "$wanted" ]] ||
    die "this is Swift $version, and gonogo needs $wanted or newer: https://www.swift.org/install/linux/"
}

# Installs what building and running gonogo needs and is not here yet.
require_libraries() {
  local missing=()
  command -v pkg-config >/dev/null || missing+=(pkg-config)
  pkg-config --exists 'libzmq >= 4.3' 2>/dev/null || missing+=(libzmq3-dev)
  pkg-config --exists sqlite3 2>/dev/null || missing+=(libsqlite3-dev)
  pkg-config --exists 'libpq >= 14' 2>/dev/null || missing+=(libpq-dev)
  [[ -e /usr/share/zoneinfo/America/New_York ]] || missing+=(tzdata)
  ((${#missing[@]} == 0)) ||
    install_packages "gonogo needs ZeroMQ 4.3, SQLite 3 and libpq 14 with their headers, pkg-config and time zones" "${missing[@]}"
}
