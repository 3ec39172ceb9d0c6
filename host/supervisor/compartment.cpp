#include "host/supervisor/compartment.h"

#include <algorithm>

namespace bulkhead::supervisor {

namespace {
std::string counted(uint64_t number, const char* what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}
}  // namespace

const char* verdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::errors:
      return "errors";
    case Verdict::abandoned:
      return "abandoned";
    case Verdict::refusedRows:
      return "refused";
    case Verdict::ended:
      return "ended";
    case Verdict::restarted:
      return "restarted";
    case Verdict::quarantined:
      return "quarantined";
    case Verdict::notLoaded:
      return "not-loaded";
  }
  return "?";
}

sandbox::Usage Compartment::totalUsage() const {
  sandbox::Usage all = usage;
  all.cpuNanoseconds += earlierUsage.cpuNanoseconds;
  all.peakMemoryBytes = std::max(all.peakMemoryBytes, earlierUsage.peakMemoryBytes);
  return all;
}

std::string Compartment::endCause() const {
  // A kill that the host asked for names the reason; else what the kernel saw is nearest to the
  // cause, and last what the connection showed.
  if (outcome && !sandbox::endedWell(*outcome)) {
    std::string cause = sandbox::describe(*outcome);
    if (!lastWords.empty() && std::holds_alternative<sandbox::Exited>(*outcome))
      cause += "; it said: " + lastWords;
    return cause;
  }
  return endReason.empty() ? "left before the end" : endReason;
}

void Compartment::beginAgain() {
  ++processes;
  earlierUsage = totalUsage();
  usage = {};
  child = nullptr;
  outcome.reset();
  endReason.clear();
  whyNotLoaded.clear();
  lastWords.clear();
  loaded = answeredLoad = false;
  outside.reset();
}

Verdict Compartment::verdict() const {
  if (restarts.isQuarantined()) return Verdict::quarantined;
  // An end while it loaded is an end: its cause says more than "did not load".
  if (!loaded && (outcome && !sandbox::endedWell(*outcome))) return Verdict::ended;
  if (!loaded) return Verdict::notLoaded;
  if (!endReason.empty() || !finished) return Verdict::ended;
  if (ends > 0) return Verdict::restarted;
  if (counts.abandoned > 0) return Verdict::abandoned;
  if (counts.refused > 0) return Verdict::refusedRows;
  if (counts.errors > 0) return Verdict::errors;
  return Verdict::ok;
}

std::string Compartment::cause() const {
  switch (verdict()) {
    case Verdict::ok:
      return {};
    case Verdict::notLoaded:
      return whyNotLoaded.empty() ? "did not load" : whyNotLoaded;
    case Verdict::errors:
      return counted(counts.errors, "run-time error") +
             (firstError.empty() ? "" : ", first: " + firstError);
    case Verdict::abandoned:
      return counted(counts.abandoned, "handler") + " abandoned" +
             (firstAbandoned.empty() ? "" : ", first: " + firstAbandoned);
    case Verdict::refusedRows:
      return counted(counts.refused, "row") + " refused";
    case Verdict::ended:
      return endCause();
    case Verdict::restarted:
    case Verdict::quarantined:
      return "ended " + counted(ends, "time") + ", last: " + lastEnd;
  }
  return {};
}

}  // namespace bulkhead::supervisor
