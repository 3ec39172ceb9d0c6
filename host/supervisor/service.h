#pragma once
// What the worker and the logger may ask of the supervisor.
//
// Event-loop thread. Both parse hostile bytes, so each argument is checked; an index that does not
// exist fails that call. Neither is ever waited for here.

#include "host/supervisor/compartment.h"
#include "host/supervisor/messages.h"
#include "host/supervisor/progress.h"
#include "schemas/control.capnp.h"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace bulkhead::supervisor {

using Compartments = std::vector<std::unique_ptr<Compartment>>;

// What the site loaded of the standard library, in order, as far as it is not of the library's own
// doing: packages' compartments load the same.
struct SiteLoads {
  std::set<std::string> scripts;  // targets of the command line
  std::vector<std::string> standard;
  std::set<std::string> seen;
  std::set<std::string> ownFiles;  // paths of files of the site
};

// Who is told of what the worker saw; each may be empty.
struct Watchers {
  std::function<void(Compartment&)> closed;  // its connection, with endReason filled
  std::function<void(const Compartment&, const Gap&)> gap;
  std::function<void(const std::string& linkType)> listening;
};

class SupervisorService final : public schemas::Supervisor::Server {
 public:
  SupervisorService(Compartments& compartments, SiteLoads& loads, Messages& messages,
                    Progress& progress, Watchers& watchers)
      : compartments_(compartments),
        loads_(loads),
        messages_(messages),
        progress_(progress),
        watchers_(watchers) {}

  kj::Promise<void> readSource(ReadSourceContext context) override;
  kj::Promise<void> report(ReportContext context) override;
  kj::Promise<void> end(EndContext context) override;
  kj::Promise<void> progress(ProgressContext context) override;
  kj::Promise<void> request(RequestContext context) override;
  kj::Promise<void> silent(SilentContext context) override;
  kj::Promise<void> gap(GapContext context) override;
  kj::Promise<void> listening(ListeningContext context) override;

 private:
  Compartment& at(uint32_t index) const;

  Compartments& compartments_;
  SiteLoads& loads_;
  Messages& messages_;
  Progress& progress_;
  Watchers& watchers_;
};

class ViolationsService final : public schemas::Violations::Server {
 public:
  explicit ViolationsService(Compartments& compartments) : compartments_(compartments) {}
  kj::Promise<void> violation(ViolationContext context) override;

 private:
  Compartments& compartments_;
};

// Ends a compartment's process; the first reason stays.
void endCompartment(Compartment& compartment, const std::string& reason);

}  // namespace bulkhead::supervisor
