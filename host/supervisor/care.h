#pragma once
// Watches the compartments of a run: every end is told when it happens, and live a compartment is
// started again, later each time, until it is put in quarantine (restart-plan.h).
//
// Event-loop thread. Borrows all it is given. What it tells goes to packages.log through `record`,
// and to the terminal.

#include "host/supervisor/children.h"
#include "host/supervisor/summary.h"

#include <functional>

namespace bulkhead::supervisor {

class Care {
 public:
  struct Ways {
    // Gives a new process of the compartment to the worker; `loaded` says whether that went well.
    std::function<kj::Promise<void>(Compartment&)> attach;
    std::function<void(const PackagesRow&)> record;
  };
  Care(Children& children, Compartments& compartments, Messages& messages, bool live, Ways ways)
      : children_(children),
        compartments_(compartments),
        messages_(messages),
        live_(live),
        ways_(std::move(ways)) {}

  // Of those that run.
  void watchAll();
  // The run comes to its end: from here on compartments leave because they should.
  void stop() { stopped_ = true; }

  // Live: the worker says that the connection is closed; one that does not leave by then is ended.
  void closed(Compartment& compartment);
  // Live: a gap that has come to its end.
  void gap(const Compartment& compartment, const Gap& gap);

 private:
  kj::Promise<void> watch(Compartment& compartment);
  kj::Promise<void> ended(Compartment& compartment);
  kj::Promise<void> startAgain(Compartment& compartment);
  kj::Promise<void> quarantine(Compartment& compartment);

  Children& children_;
  Compartments& compartments_;
  Messages& messages_;
  bool live_;
  Ways ways_;
  bool stopped_ = false;
};

}  // namespace bulkhead::supervisor
