#pragma once
// What an operator allowed a compartment beyond computing. Plain data; any thread.

#include <string>
#include <vector>

namespace bulkhead::supervisor {

struct Grants {
  // Folders beneath which files may be read, written, made and removed; names that are not absolute
  // are taken from the first one.
  std::vector<std::string> files;
  // Shell commands, run as the operator.
  bool commands = false;
  // Variables of the environment.
  bool environment = false;
  // Names and addresses in DNS.
  bool lookups = false;

  // The operator's own scripts: files beneath the working directory, and everything else.
  static Grants ofOperator() {
    return {.files = {"."}, .commands = true, .environment = true, .lookups = true};
  }
};

}  // namespace bulkhead::supervisor
