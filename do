#!/usr/bin/env bash
# One entry point for daily work: ./do demo|build|test|bench|lint|fuzz|install
# It installs the Debian packages that a step needs (as root, or through sudo) and says so.
set -euo pipefail
cd "$(dirname "$0")"

build_packages="build-essential cmake ninja-build ccache pkg-config python3 libcapnp-dev capnproto libpcap-dev
  libseccomp-dev libspdlog-dev libfmt-dev libcli11-dev libgtest-dev libgmock-dev libbenchmark-dev libre2-dev
  libssl-dev zlib1g-dev libzstd-dev libhighwayhash-dev libtomlplusplus-dev nlohmann-json3-dev rapidjson-dev"
lint_packages="clang-format clang-tidy"
fuzz_packages="clang libclang-rt-14-dev"

say() { printf './do: %s\n' "$*" >&2; }

# install PACKAGE...: brings in those that are missing, or says which command would.
install() {
  local missing=() package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
      as_root=(sudo)
    else
      say "these Debian packages are missing: ${missing[*]}"
      say "install them as root: apt-get install --no-install-recommends ${missing[*]}"
      exit 1
    fi
  fi
  say "installing Debian packages: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

build() {  # build PRESET [TARGET]
  # shellcheck disable=SC2086
  install $build_packages
  say "building preset $1 into build/$1"
  cmake --preset "$1" >/dev/null
  cmake --build --preset "$1" --target "${2:-all}"
  mkdir -p build/bin
  for program in "build/$1"/bin/bulkhead* "build/$1"/bin/script-run; do
    [ -e "$program" ] && ln -sf "../$1/bin/$(basename "$program")" build/bin/
  done
  return 0
}

case "${1:-help}" in
  install)
    # shellcheck disable=SC2086
    install $build_packages ;;
  build) build "${2:-dev}" ;;
  test)
    build "${2:-dev}"
    say "running the tests of preset ${2:-dev}"
    ctest --preset "${2:-dev}" -j "$(nproc)" --timeout 300 ;;
  demo)
    build release programs
    exec packages/demo/run-demo ;;
  bench)
    build release
    exec tests/bench/run ;;
  lint)
    # shellcheck disable=SC2086
    install $build_packages $lint_packages
    cmake --preset dev >/dev/null
    cmake --build --preset dev --target bulkhead_schemas bulkhead_catalog >/dev/null  # generated headers
    git ls-files '*.h' '*.cpp' | xargs clang-format --dry-run --Werror
    git ls-files '*.cpp' | grep -v -e '-fuzz.cpp$' | xargs -P "$(nproc)" -n 4 clang-tidy -p build/dev --quiet --extra-arg=-Wno-unknown-warning-option ;;
  fuzz)
    # shellcheck disable=SC2086
    install $build_packages $fuzz_packages
    say "building preset fuzz into build/fuzz"
    cmake --preset fuzz >/dev/null
    cmake --build --preset fuzz --target fuzzers
    seconds="${2:-60}"
    for target in build/fuzz/bin/fuzz-*; do
      name="$(basename "$target")"
      say "$name for $seconds s"
      mkdir -p "build/fuzz/corpus/$name"
      # What it finds is written beside the corpus, as crash-*, leak-*, timeout-* or oom-*.
      "$target" -max_total_time="$seconds" -rss_limit_mb=4096 -artifact_prefix="build/fuzz/$name-" \
        "build/fuzz/corpus/$name" "build/fuzz/seeds/${name#fuzz-}"
    done ;;
  *)
    echo "usage: ./do demo|build [PRESET]|test [PRESET]|bench|lint|fuzz [SECONDS]|install" >&2
    exit 2 ;;
esac
