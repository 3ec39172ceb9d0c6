#pragma once
// The confined child's side: builds the layers that the launcher asks for, tries each one, calls
// the program's main function, and locks it down when that function asks for it.
//
// Runs in a process that has one thread, no KJ loop and nothing of a package in it. No step that
// fails is skipped: the child reports its name and exits, so it never runs less confined than it
// was asked to. No exceptions, no KJ.

#include "sandbox/policy/child-descriptors.h"

namespace bulkhead::sandbox {

struct SetupRequest;

// Handed to a child's main function. Call it once, when the event port exists and before the first
// byte from a package is looked at: `lockdown();`. It returns only when the lockdown filter is
// loaded, its listener is with the host and the seal is on; otherwise the process has ended.
// For the zygote, which is never locked down, it returns at once.
class LockdownHook {
 public:
  explicit LockdownHook(const SetupRequest& request) : request_(request) {}
  LockdownHook(const LockdownHook&) = delete;
  LockdownHook& operator=(const LockdownHook&) = delete;

  void operator()();
  bool isLocked() const { return locked_; }

  // The name given by the launcher, for messages.
  const char* name() const;
  int extraCount() const;
  // The i-th extra descriptor, in the launcher's order.
  int extra(int i) const { return firstExtraDescriptor + i; }

 private:
  const SetupRequest& request_;
  bool locked_ = false;
};

// A program's main function in its child: `socket` is the one inherited socket. Its value is the
// exit status; destructors of static objects do not run (they may need refused calls).
using ChildMain = int (*)(int socket, LockdownHook& lockdown);

// The whole of main() for a program that Launcher::launchProgram() starts, and for each fork of the
// zygote: speaks the set-up, builds and proves the layers, calls `childMain`, exits with its value.
[[noreturn]] void confinedMain(ChildMain childMain);

}  // namespace bulkhead::sandbox
