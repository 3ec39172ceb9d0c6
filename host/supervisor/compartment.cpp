#include "host/supervisor/compartment.h"

namespace bulkhead::supervisor {

const char* verdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::abandoned:
      return "abandoned";
    case Verdict::refusedRows:
      return "refused";
    case Verdict::ended:
      return "ended";
    case Verdict::notLoaded:
      return "not-loaded";
  }
  return "?";
}

Verdict Compartment::verdict() const {
  // An end while it loaded is an end: its cause says more than "did not load".
  if (!loaded && (outcome && !sandbox::endedWell(*outcome))) return Verdict::ended;
  if (!loaded) return Verdict::notLoaded;
  if (!endReason.empty() || !finished) return Verdict::ended;
  if (counts.abandoned > 0) return Verdict::abandoned;
  if (counts.refused > 0) return Verdict::refusedRows;
  return Verdict::ok;
}

std::string Compartment::cause() const {
  switch (verdict()) {
    case Verdict::ok:
      return {};
    case Verdict::notLoaded:
      return whyNotLoaded.empty() ? "did not load" : whyNotLoaded;
    case Verdict::abandoned:
      return std::to_string(counts.abandoned) + " handlers abandoned" +
             (firstAbandoned.empty() ? "" : ", first: " + firstAbandoned);
    case Verdict::refusedRows:
      return std::to_string(counts.refused) + " rows refused";
    case Verdict::ended:
      // A kill that the host asked for names the reason; else what the kernel saw is nearest to the
      // cause, and last what the connection showed.
      if (outcome && !sandbox::endedWell(*outcome)) return sandbox::describe(*outcome);
      return endReason.empty() ? "left before the end" : endReason;
  }
  return {};
}

}  // namespace bulkhead::supervisor
