# One library per room. bulkhead_room(NAME [LINK libs...]) builds every .cpp of the calling folder
# (tests, benches and main.cpp apart) into a static library with the alias bulkhead::NAME, and every
# *-test.cpp beside it into one test program NAME-test, registered with CTest.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
# Imported targets are known from here down: every room that links the schemas needs these.
find_package(CapnProto 0.9 REQUIRED)

find_program(BULKHEAD_CCACHE ccache)
if(BULKHEAD_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${BULKHEAD_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${BULKHEAD_CCACHE}")
endif()

add_library(bulkhead_flags INTERFACE)
target_compile_options(bulkhead_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow
  -Wimplicit-fallthrough -Wno-missing-field-initializers)
if(BULKHEAD_WERROR)
  target_compile_options(bulkhead_flags INTERFACE -Werror)
endif()
target_include_directories(bulkhead_flags INTERFACE "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}")
if(BULKHEAD_SANITIZE)
  # Through the global flags, so that fetched-in test code and every room agree on one ABI.
  add_compile_options(-fsanitize=${BULKHEAD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BULKHEAD_SANITIZE})
  add_compile_definitions(BULKHEAD_SANITIZED=1)
endif()

# KJ and Cap'n Proto. Their interfaces have no virtual destructors by design: Own carries a disposer.
# GCC 12 takes the empty state of kj::Maybe for a value that may be uninitialized.
add_library(bulkhead_kj INTERFACE)
target_link_libraries(bulkhead_kj INTERFACE CapnProto::capnp-rpc CapnProto::capnp CapnProto::kj-async CapnProto::kj)
target_compile_options(bulkhead_kj INTERFACE -Wno-non-virtual-dtor
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)

function(bulkhead_room name)
  cmake_parse_arguments(ROOM "" "" "LINK;PRIVATE_LINK;TEST_LINK;LATER" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "-test\\.cpp$")
  list(FILTER sources EXCLUDE REGEX "(-test|-bench|-fuzz|/main|-main)\\.cpp$")
  # LATER names files of a room under construction that wait for what they include.
  foreach(later ${ROOM_LATER})
    list(FILTER sources EXCLUDE REGEX "/${later}$")
  endforeach()
  if(sources)
    add_library(bulkhead_${name} STATIC ${sources})
    target_link_libraries(bulkhead_${name} PUBLIC bulkhead_flags ${ROOM_LINK} PRIVATE ${ROOM_PRIVATE_LINK})
  else()
    add_library(bulkhead_${name} INTERFACE)
    target_link_libraries(bulkhead_${name} INTERFACE bulkhead_flags ${ROOM_LINK})
  endif()
  add_library(bulkhead::${name} ALIAS bulkhead_${name})
  if(BULKHEAD_DEVELOPER AND tests)
    add_executable(${name}-test ${tests})
    target_link_libraries(${name}-test PRIVATE bulkhead_${name} ${ROOM_PRIVATE_LINK} ${ROOM_TEST_LINK}
      GTest::gmock GTest::gtest_main)
    gtest_discover_tests(${name}-test TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST
      PROPERTIES TIMEOUT 120)
  endif()
endfunction()

# A libFuzzer target: bulkhead_fuzz(NAME file.cpp LINK libs...). Without -DBULKHEAD_FUZZ=ON it is a test
# that runs each seed once, with any compiler, so that the target always builds and its seeds still fit.
function(bulkhead_fuzz name source)
  cmake_parse_arguments(FUZZ "" "" "LINK" ${ARGN})
  if(NOT BULKHEAD_FUZZ)
    if(BULKHEAD_DEVELOPER)
      add_executable(replay-${name} ${source} "${CMAKE_SOURCE_DIR}/tests/fuzz/replay.cpp")
      target_link_libraries(replay-${name} PRIVATE bulkhead_flags ${FUZZ_LINK})
      add_test(NAME fuzz.${name} COMMAND replay-${name} "${CMAKE_BINARY_DIR}/seeds/${name}")
      set_tests_properties(fuzz.${name} PROPERTIES TIMEOUT 300 FIXTURES_REQUIRED fuzz-seeds)
    endif()
    return()
  endif()
  add_executable(fuzz-${name} ${source})
  target_link_libraries(fuzz-${name} PRIVATE bulkhead_flags ${FUZZ_LINK})
  target_link_options(fuzz-${name} PRIVATE -fsanitize=fuzzer)
  set_property(GLOBAL APPEND PROPERTY BULKHEAD_FUZZERS fuzz-${name})
endfunction()
