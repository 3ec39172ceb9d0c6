#pragma once
// bulkhead.toml: limits per package. Any thread; reads the disk. The operator's own file, yet every
// unknown key and bad value is an error: a misspelt limit must not mean none.
//
//   stall-seconds = 10
//   [defaults]                    # every package
//   memory = "256M"               # as --memory, --cpu, --pids
//   cpu = "50%"
//   pids = 16
//   open-files = 64
//   budget = 100000000            # VM instructions of one handler; 0: none
//   max-abandoned = 8             # handlers abandoned before the package is ended; 0: no end
//   restart-seconds = 1           # live: until it is started again, twice as long each time, ...
//   longest-restart-seconds = 60  # ... up to this
//   quarantine-ends = 5           # so many ends within ...
//   quarantine-seconds = 600      # ... so long, and it is not started again; 0 ends: always
//   prune = true                  # leave out what the package cannot notice of the base library
//   [package.known-clients]       # one of them; what it leaves out is as in [defaults]
//   memory = "64M"
//   [site]                        # the operator's own scripts: no limits unless given here
//   [worker]                      # memory, cpu, open-files

#include "host/supervisor/run-options.h"

#include <functional>
#include <string>
#include <string_view>

namespace bulkhead::supervisor {

// Has the last word on [defaults], before packages begin with them: the command line.
using OverDefaults = std::function<void(CompartmentLimits&)>;

// Puts what `text` says over `to`. Answers "" or the first mistake: "NAME:LINE: ...".
std::string readConfiguration(std::string_view text, const std::string& name, Configuration& to,
                              const OverDefaults& overDefaults = {});
// The same from a file.
std::string loadConfiguration(const std::string& path, Configuration& to,
                              const OverDefaults& overDefaults = {});

}  // namespace bulkhead::supervisor
