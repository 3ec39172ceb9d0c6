#pragma once
// Which bodies of the base library have to run in a package's compartment: those whose effect the
// package can notice. The others are marked (analysis::Function::dropped) and never lowered, so
// that an event which no kept handler handles is neither built nor sent.
//
// Works on a whole program after analysis and before compile, in one pass over the trees and a
// fixed point over what they read, write, raise and call. It does not look at the order of
// statements nor at values: a body is kept when it might matter. What is not understood (a native
// function that is not in the table of natives.cpp) keeps everything. docs/adr/0007 says what
// counts as noticing.
//
// Pure: no I/O, no diagnostics. One thread.

#include "sdk/script/analysis/program.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::prune {

struct Options {
  // Whether the host raises an event of this name. Others happen only if a script raises them.
  std::function<bool(std::string_view)> raisedByHost;
  // Fill in Outcome::kept.
  bool explain = false;
};

struct Outcome {
  size_t bodies = 0;   // of the base library
  size_t dropped = 0;  // of those
  // Whether anything that is kept may set a timer.
  bool timers = true;
  // Events that are to be delivered although nothing handles them: with them come the fields of the
  // connections and files that something kept may look at later, or look up.
  std::vector<std::string> refreshing;
  // Why nothing could be dropped; empty if something could.
  std::string everything;
  struct Kept {
    std::string what;  // "event http_reply (priority 5)"
    source::Location at;
    std::string why;
  };
  std::vector<Kept> kept;  // bodies of the base library that stay, each behind those it stays for
};

Outcome prune(analysis::Program& program, const Options& options);

}  // namespace bulkhead::prune
