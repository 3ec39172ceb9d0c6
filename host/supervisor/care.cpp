#include "host/supervisor/care.h"

#include <chrono>
#include <fmt/format.h>

namespace bulkhead::supervisor {

namespace {

// Between the end of the connection and that of the process.
constexpr kj::Duration graceTime = 1 * kj::SECONDS;

double steadySeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

void Care::watchAll() {
  for (auto& each : compartments_) {
    if (each->loaded) children_.background(watch(*each));
  }
}

kj::Promise<void> Care::watch(Compartment& compartment) {
  return children_.ending(compartment).then([this, &compartment]() -> kj::Promise<void> {
    if (stopped_) return kj::READY_NOW;
    return ended(compartment);
  });
}

kj::Promise<void> Care::ended(Compartment& compartment) {
  compartment.lastEnd = compartment.endCause();
  ++compartment.ends;
  ways_.record({.kind = PackagesRow::Kind::end, .compartment = compartment});
  if (!live_) return kj::READY_NOW;
  auto delay = compartment.restarts.ended(steadySeconds(), compartment.limits.restart);
  if (!delay) return quarantine(compartment);
  messages_.host(fmt::format("{} ended: {}; starting it again in {:g} s", compartment.name,
                             compartment.lastEnd, *delay));
  return children_.after(static_cast<int64_t>(*delay * 1000) * kj::MILLISECONDS)
      .then([this, &compartment]() -> kj::Promise<void> {
        if (stopped_) return kj::READY_NOW;
        return startAgain(compartment);
      });
}

kj::Promise<void> Care::quarantine(Compartment& compartment) {
  messages_.host(
      fmt::format("{} ended: {}; that was end {} within {:g} minutes: it is in "
                  "quarantine and not started again",
                  compartment.name, compartment.lastEnd, compartment.limits.restart.mostEnds,
                  compartment.limits.restart.window / 60));
  ways_.record({.kind = PackagesRow::Kind::quarantine, .compartment = compartment});
  // Without the site there are no standard logs: nothing that the operator would want to go on.
  if (compartment.isSite()) children_.fail("the site's compartment does not stay alive");
  return kj::READY_NOW;
}

kj::Promise<void> Care::startAgain(Compartment& compartment) {
  compartment.beginAgain();
  return children_.start(compartment)
      .then([this, &compartment]() { return ways_.attach(compartment); })
      .then(
          [this, &compartment]() {
            if (compartment.loaded)
              ways_.record({.kind = PackagesRow::Kind::restart, .compartment = compartment});
            else
              endCompartment(compartment, "did not load: " + compartment.whyNotLoaded);
          },
          [&compartment](kj::Exception&& exception) {
            endCompartment(compartment, exception.getDescription().cStr());
          })
      .then([this, &compartment]() { return watch(compartment); });
}

void Care::closed(Compartment& compartment) {
  if (!live_ || stopped_) return;
  const uint32_t process = compartment.processes;
  children_.background(children_.after(graceTime).then([this, &compartment, process]() {
    if (stopped_ || compartment.processes != process) return;
    endCompartment(compartment, compartment.endReason);
  }));
}

void Care::gap(const Compartment& compartment, const Gap& gap) {
  ways_.record({.kind = PackagesRow::Kind::gap, .compartment = compartment, .gap = &gap});
}

}  // namespace bulkhead::supervisor
