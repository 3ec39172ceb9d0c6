#pragma once
// The words that a launcher and a child exchange over the set-up socket (SOCK_SEQPACKET) before the
// child is confined. Both sides are our own code; nothing of a package runs before the last word.
//
//   child -> host   born      it exists and its descriptors are in place
//   host  -> child  request   once its user map and cgroups are set; what to build
//   child -> host   ready     every layer asked for is built and was tried
//   child -> host   listener  with the seccomp listener; the child has dropped its own copy
//   child -> host   locked    sealed; then the child closes the socket
//   child -> host   failed    instead of any of these: the step, and then it exits
//
// Plain structs of one build on one machine, so their bytes are their format. No KJ here.

#include "sandbox/policy/child-descriptors.h"
#include "sandbox/policy/filter.h"

#include <cstdint>
#include <linux/filter.h>

namespace bulkhead::sandbox {

inline constexpr int maxNameBytes = 64;
inline constexpr int maxPathBytes = 4096;
inline constexpr int maxLimits = 16;
inline constexpr uint32_t setupVersion = 1;

struct FilterProgram {
  uint16_t length = 0;
  sock_filter code[maxFilterInstructions];
};

enum class AfterSetup : uint8_t {
  callMain,      // our own program: call its main function, which asks for lockdown
  executeImage,  // a package's program: lock down, then execute imageDescriptor
};

struct SetupRequest {
  uint32_t version = setupVersion;
  // LayerSet::bits(): build and prove exactly these; failing one ends the child.
  uint32_t layers = 0;
  AfterSetup after = AfterSetup::callMain;
  // Switch to this user and group (as numbered inside the child's user namespace).
  bool switchUser = false;
  bool dropGroups = false;
  uint32_t user = 0;
  uint32_t group = 0;
  // The host's pid, for the proof that it cannot be signalled.
  int32_t hostPid = 0;
  int32_t extraCount = 0;
  // Which of the extra descriptors is a directory to keep reachable, -1 for none.
  int32_t directoryIndex = -1;
  int32_t limitCount = 0;
  struct {
    int32_t resource;
    uint64_t value;
  } limits[maxLimits] = {};
  char name[maxNameBytes] = {};
  // Where that directory is, for the bind mount.
  char directoryPath[maxPathBytes] = {};
  FilterProgram startup;
  FilterProgram lockdown;
  FilterProgram seal;
};

enum class ReportKind : uint32_t { born = 1, ready, listener, locked, failed };

struct SetupReport {
  ReportKind kind = ReportKind::born;
  int32_t error = 0;
  char step[48] = {};
  char detail[80] = {};
};

}  // namespace bulkhead::sandbox
