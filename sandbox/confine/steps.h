#pragma once
// The steps of the set-up, one function each, in the order in which confine.cpp calls them. Each
// answers 0 or an errno. Private to this room; nothing allocates.

#include <cstdint>

namespace bulkhead::sandbox {

struct SetupRequest;

namespace steps {

// The answer of a step: an errno, and where it happened.
struct [[nodiscard]] Result {
  int error = 0;
  const char* detail = "";
  bool failed = false;
};
inline Result fine() { return {}; }
Result refused(const char* detail);   // with the current errno
Result unproven(const char* detail);  // an act that must fail did not, or a control did

// The bytes of address space in use, from /proc; 0 if unknown. Before the root is empty.
uint64_t addressSpaceInUse();

Result switchUser(const SetupRequest& request);
Result hideHostName();
// An empty, read-only root; with a directory of the request bound to /logs in it.
Result emptyRoot(const SetupRequest& request);
Result proveEmptyRoot(const SetupRequest& request);
Result noNewPrivileges();
// Deny-all, but for the request's directory. Applies what the kernel has of `net` and `scope`.
Result landlock(const SetupRequest& request, bool net, bool scope);
Result proveLandlock(const SetupRequest& request, bool net, bool scope);
Result limits(const SetupRequest& request, uint64_t addressSpace);
Result proveLimits(const SetupRequest& request);
Result dropCapabilities();
Result proveCapabilities();
Result proveDescriptors();
Result provePidNamespace();
Result proveNetNamespace();
Result proveUser(const SetupRequest& request);

}  // namespace steps

// The kernel's Landlock version, 0 if there is none.
int landlockVersion();

}  // namespace bulkhead::sandbox
