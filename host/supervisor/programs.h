#pragma once
// Where the host's own programs and its script library are.
//
// Any thread; looks at the disk. The programs stand beside this one, which is where the build and
// an installation put them; nothing is looked up in PATH. The library: BULKHEAD_BASE in the
// environment, else ../share/bulkhead/base beside the programs, else the source folder of the
// build.

#include <kj/io.h>

#include <string>
#include <variant>

namespace bulkhead::supervisor {

struct Programs {
  kj::AutoCloseFd worker, logger, zygote;
  std::string baseLibrary;  // the folder that has base/, policy/ and site/
};

// The alternative is a message for the user.
std::variant<Programs, std::string> findPrograms();

}  // namespace bulkhead::supervisor
