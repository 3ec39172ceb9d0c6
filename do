#!/usr/bin/env bash
# One entry point for daily work. It installs the Debian packages that a step needs (as root, or
# through sudo) and says so.
set -euo pipefail
cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")"

usage() {
  cat <<'END'
usage: ./do STEP
  demo              build the programs and run three packages, then a hostile one, on a shipped capture
  build [PRESET]    build everything: dev (the default), release, asan, tsan or fuzz
  test [PRESET]     build and run the tests: dev (the default), release, asan or tsan
  bench             build and measure; docs/performance.md tells of the figures
  lint              clang-format and clang-tidy
  fuzz [SECONDS]    build the fuzz targets and run each for so long (60)
  install           only install the Debian packages that building needs
Everything that is built is in build/, the programs in build/bin/, and zeek and zeek-cut in build/compat/.
END
}

build_packages=(build-essential cmake ninja-build pkg-config python3 libcapnp-dev capnproto libpcap-dev
  libseccomp-dev libspdlog-dev libfmt-dev libcli11-dev libgtest-dev libgmock-dev libbenchmark-dev libre2-dev
  libssl-dev zlib1g-dev libzstd-dev libhighwayhash-dev libtomlplusplus-dev nlohmann-json3-dev rapidjson-dev)
# Nothing fails without: a second build is as slow as the first, tests that need "ip" are skipped.
helpful_packages=(ccache iproute2)
lint_packages=(clang-format clang-tidy)
fuzz_packages=(clang libclang-rt-14-dev)

say() { printf './do: %s\n' "$*" >&2; }
wrong() { say "$1"; usage >&2; exit 2; }
one_of() { local word; for word in "${@:2}"; do [ "$1" = "$word" ] && return 0; done; return 1; }

# apt ARGUMENT...: apt-get, as root, silent unless it fails.
apt() {
  local as_root=() output
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  if ! output="$("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" 2>&1)"; then
    printf '%s\n' "$output" | tail -n 20 >&2
    say "apt-get $1 failed; the end of what it said is above"
    return 1
  fi
}

# may_install: whether packages can be installed without a word from a person who is not there.
may_install() {
  [ "$(id -u)" -eq 0 ] && return 0
  command -v sudo >/dev/null || return 1
  sudo -n true 2>/dev/null && return 0
  [ -t 0 ] && [ -t 2 ] || return 1
  say "sudo is to install Debian packages and may ask for your password"
  sudo -v
}

# install PACKAGE...: brings in those that are missing, or says which command would.
install() {
  if ! command -v dpkg-query >/dev/null; then
    say "this is no Debian system: nothing is installed; what is needed is listed at the top of $PWD/do"
    return 0
  fi
  local missing=() needed=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] && continue
    missing+=("$package")
    one_of "$package" "${helpful_packages[@]}" || needed+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if may_install; then
    say "installing Debian packages (a minute or two): ${missing[*]}"
    apt update && apt install --no-install-recommends "${missing[@]}" && return 0
  fi
  if [ ${#needed[@]} -eq 0 ]; then
    say "not installed: ${missing[*]}; going on without (ccache makes building again quick, some tests need iproute2)"
    return 0
  fi
  say "Debian packages are missing, and this user cannot install them. As root, run
  apt-get update && apt-get install --no-install-recommends ${missing[*]}
and then ./do again."
  exit 1
}

# ccache fails without a place that it can write to; where the home is none, it is the build folder.
place_for_ccache() {
  [ -n "${CCACHE_DIR:-}" ] && return 0
  local cache="${XDG_CACHE_HOME:-${HOME:-/dev/null}/.cache}"
  mkdir -p "$cache/ccache" 2>/dev/null || true
  if ! [ -w "$cache/ccache" ]; then export CCACHE_DIR="$PWD/build/ccache"; fi
}

configure() {  # configure PRESET [PACKAGE...]
  install "${build_packages[@]}" "${helpful_packages[@]}" "${@:2}"
  place_for_ccache
  # As another user's checkout is: cmake would say it once for every file.
  if ! mkdir -p "build/$1" || [ -n "$(find "build/$1" -maxdepth 1 ! -writable -print -quit)" ]; then
    say "$PWD/build/$1 is not yours to write; work in a clone of your own, or remove it"
    exit 1
  fi
  cmake --preset "$1" >/dev/null
}

build() {  # build PRESET [TARGET]
  configure "$1"
  say "building preset $1 into build/$1"
  [ -e "build/$1/bin/bulkhead" ] || say "the first time this takes minutes"
  cmake --build --preset "$1" --target "${2:-all}"
  mkdir -p build/bin
  local program
  for program in "build/$1"/bin/bulkhead* "build/$1"/bin/script-run; do
    [ -e "$program" ] && ln -sf "../$1/bin/${program##*/}" build/bin/
  done
  # zeek and zeek-cut, for PATH.
  if [ -d "build/$1/compat" ]; then ln -sfn "$1/compat" build/compat; fi
  return 0
}

fuzz() {  # fuzz SECONDS
  configure fuzz "${fuzz_packages[@]}"
  say "building preset fuzz into build/fuzz"
  cmake --build --preset fuzz --target fuzzers
  local target name
  for target in build/fuzz/bin/fuzz-*; do
    name="${target##*/}"
    say "$name for $1 s"
    mkdir -p "build/fuzz/corpus/$name"
    # What it finds is written beside the corpus, as crash-*, leak-*, timeout-* or oom-*.
    "$target" -max_total_time="$1" -rss_limit_mb=4096 -artifact_prefix="build/fuzz/$name-" \
      "build/fuzz/corpus/$name" "build/fuzz/seeds/${name#fuzz-}"
  done
}

step="${1:-}"
case "$step" in
  build|test|fuzz) most=2 ;;
  *) most=1 ;;
esac
[ $# -le $most ] || wrong "too much after $step: ${*:$((most + 1))}"
case "$step" in
  install) install "${build_packages[@]}" "${helpful_packages[@]}" ;;
  build)
    one_of "${2-dev}" dev release asan tsan fuzz || wrong "no preset \"$2\" to build"
    if [ "${2-dev}" = fuzz ]; then install "${fuzz_packages[@]}"; fi
    build "${2-dev}" ;;
  test)
    one_of "${2-dev}" dev release asan tsan || wrong "no preset \"$2\" to test"
    build "${2-dev}"
    say "running the tests of preset ${2-dev}"
    ctest --preset "${2-dev}" -j "$(nproc)" --timeout 300 ;;
  demo)
    build release programs
    exec packages/demo/run-demo ;;
  bench)
    build release
    exec tests/bench/run ;;
  lint)
    configure dev "${lint_packages[@]}"
    cmake --build --preset dev --target bulkhead_schemas bulkhead_catalog >/dev/null  # generated headers
    git ls-files '*.h' '*.cpp' | xargs clang-format --dry-run --Werror
    git ls-files '*.cpp' | grep -v -e '-fuzz.cpp$' | xargs -P "$(nproc)" -n 4 clang-tidy -p build/dev --quiet --extra-arg=-Wno-unknown-warning-option ;;
  fuzz)
    [[ "${2-60}" =~ ^[1-9][0-9]{0,6}$ ]] || wrong "SECONDS is a number from 1, not \"$2\""
    fuzz "${2-60}" ;;
  help|-h|--help) usage ;;
  '') usage >&2; exit 2 ;;
  *) wrong "no step \"$step\"" ;;
esac
