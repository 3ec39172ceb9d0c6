#pragma once
// One compartment as the supervisor knows it: what runs in it, what it may read, its process, and
// in the end what became of it.
//
// Event-loop thread; owned by the Run. Numbers and texts that come from its side (report, ends) are
// foreign: they are shown, never acted on.

#include "host/supervisor/outside.h"
#include "host/supervisor/package-folder.h"
#include "host/supervisor/restart-plan.h"
#include "host/supervisor/run-options.h"
#include "host/supervisor/source-folders.h"
#include "sandbox/monitor/child.h"
#include "sandbox/outcome/outcome.h"

#include <kj/memory.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bulkhead::supervisor {

struct Gap {
  uint64_t firstSeq = 0, lastSeq = 0, events = 0;
  std::string reason;
};

// What the worker, the logger and the compartment itself counted.
struct Counts {
  uint64_t events = 0;     // delivered
  uint64_t generated = 0;  // delivered and missed
  std::vector<Gap> gaps;
  uint64_t rows = 0;       // own, written
  uint64_t joined = 0;     // contributions that met their row
  uint64_t unmatched = 0;  // contributions that did not
  uint64_t refused = 0;    // rows for which there was no grant or no room
  uint64_t instructions = 0;
  uint64_t abandoned = 0;
  uint64_t errors = 0;
  uint64_t heapPeak = 0;
};

enum class Verdict { ok, errors, abandoned, refusedRows, ended, restarted, quarantined, notLoaded };
// "ok", "abandoned", ...: the word in packages.log.
const char* verdictName(Verdict verdict);

struct Compartment {
  uint32_t index = 0;  // 0: the site
  std::string name;
  std::optional<PackageFolder> folder;  // empty for the site
  CompartmentLimits limits;
  SourceFolders sources;
  // What it asked of the world; made with the first request.
  std::unique_ptr<Outside> outside;

  kj::Maybe<kj::Own<sandbox::Child>> child;
  bool loaded = false;
  bool answeredLoad = false;  // with errors in its scripts
  std::string whyNotLoaded;
  // The host asked for its end, or saw the connection close: the first reason.
  std::string endReason;
  bool finished = false;  // the run came to its end with it
  std::optional<sandbox::Outcome> outcome;
  sandbox::Usage usage;         // of the process
  sandbox::Usage earlierUsage;  // live: of those before it
  // Ends while the run went on, and what the last one came from.
  uint32_t ends = 0;
  uint32_t processes = 1;  // that it has had
  std::string lastEnd;
  RestartPlan restarts;
  Counts counts;
  uint64_t messages = 0;
  // From messages: the first of a handler that was abandoned, and of any other error.
  std::string firstAbandoned, firstError;
  // What it said was the reason for which it leaves.
  std::string lastWords;

  bool isSite() const { return index == 0; }
  sandbox::Usage totalUsage() const;
  // Why its process ended.
  std::string endCause() const;
  // Forgets what was of the process that ended.
  void beginAgain();
  Verdict verdict() const;
  // Why the verdict is not ok, in a line; empty if it is.
  std::string cause() const;
};

}  // namespace bulkhead::supervisor
