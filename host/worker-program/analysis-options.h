#pragma once
// The site's script variables that the analysis goes by: the Engine's, the files framework's and
// those of the analyzers.
//
// Worker thread, before the first packet. Values come from the site's compartment and are foreign:
// one of the wrong kind or out of range is refused with a text, and the default stands. Names and
// meanings: https://docs.zeek.org/en/master/scripts/base/init-bare.zeek.html.

#include "host/flow/engine.h"
#include "schemas/package.capnp.h"

#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::worker {

// What to ask the site for (Settings.wantedOptions).
std::vector<std::string_view> wantedOptions();

struct AnalysisOptions {
  flow::EngineOptions engine;
  std::string digestSalt;  // of fuids; empty: the default

  // Takes what fits, here and into analyzers::options(). Answers what did not, a text for each.
  std::vector<std::string> take(capnp::List<schemas::OptionValue>::Reader options);
};

}  // namespace bulkhead::worker
