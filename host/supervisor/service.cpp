#include "host/supervisor/service.h"

#include "common/escape.h"

#include <kj/debug.h>

#include <system_error>

namespace bulkhead::supervisor {

namespace {

constexpr size_t mostReasonBytes = 4096;

std::string textOf(capnp::Text::Reader text, size_t most = mostReasonBytes) {
  return {text.begin(), std::min<size_t>(text.size(), most)};
}

schemas::Origin wireOrigin(SourceOrigin origin) {
  switch (origin) {
    case SourceOrigin::base:
      return schemas::Origin::BASE;
    case SourceOrigin::site:
      return schemas::Origin::SITE;
    case SourceOrigin::package:
      return schemas::Origin::PACKAGE;
  }
  KJ_UNREACHABLE;
}

}  // namespace

void endCompartment(Compartment& compartment, const std::string& reason) {
  if (compartment.endReason.empty()) compartment.endReason = reason;
  KJ_IF_MAYBE (child, compartment.child) {
    (*child)->kill(reason);
  }
}

Compartment& SupervisorService::at(uint32_t index) const {
  KJ_REQUIRE(index < compartments_.size(), "no such compartment", index);
  return *compartments_[index];
}

kj::Promise<void> SupervisorService::readSource(ReadSourceContext context) {
  auto params = context.getParams();
  auto& compartment = at(params.getCompartment());
  std::string target = textOf(params.getTarget(), mostTargetBytes + 1);
  std::string from = textOf(params.getFrom(), mostTargetBytes + 1);
  std::optional<FoundSource> found;
  try {
    found = compartment.sources.find(target, from);
  } catch (const std::system_error& error) {
    // The machine refused, not the script: an unreadable file is said, and counts as not there.
    messages_.say(compartment, Messages::Level::error, error.what(), {});
  }
  auto results = context.getResults();
  if (!found) return kj::READY_NOW;
  if (compartment.isSite()) {
    bool asked = from.empty() ? loads_.scripts.contains(target) : loads_.ownFiles.contains(from);
    if (found->origin != SourceOrigin::base) {
      loads_.ownFiles.insert(found->path);
    } else if (asked && loads_.seen.insert(found->path).second) {
      loads_.standard.push_back(found->path);
    }
  }
  results.setFound(true);
  results.setPath(found->path);
  results.setRefused(found->refusal);
  results.setText(
      kj::arrayPtr(reinterpret_cast<const kj::byte*>(found->text.data()), found->text.size()));
  results.setOrigin(wireOrigin(found->origin));
  return kj::READY_NOW;
}

kj::Promise<void> SupervisorService::report(ReportContext context) {
  auto params = context.getParams();
  auto& compartment = at(params.getCompartment());
  auto level = static_cast<schemas::Host::Level>(params.getLevel());
  std::string text = textOf(params.getText(), 2 * Messages::mostBytes);
  if (level == schemas::Host::Level::ABANDONED && compartment.firstAbandoned.empty()) {
    compartment.firstAbandoned = escaped(text.substr(0, 200));
  }
  if (level == schemas::Host::Level::FATAL && compartment.lastWords.empty()) {
    compartment.lastWords = escaped(text.substr(0, 200));
  }
  if (level == schemas::Host::Level::ERROR && compartment.firstError.empty()) {
    compartment.firstError = escaped(text.substr(0, 200));
  }
  messages_.say(compartment, Messages::levelOf(level), text, textOf(params.getLocation()));
  return kj::READY_NOW;
}

kj::Promise<void> SupervisorService::end(EndContext context) {
  auto params = context.getParams();
  auto& compartment = at(params.getCompartment());
  std::string reason = escaped(textOf(params.getReason()));
  if (params.getViolation()) {
    endCompartment(compartment, reason);
  } else if (!compartment.finished && compartment.endReason.empty()) {
    compartment.endReason = reason;
    // Of a process that is gone this is no news.
    if (watchers_.closed && !compartment.outcome) watchers_.closed(compartment);
  }
  return kj::READY_NOW;
}

kj::Promise<void> SupervisorService::progress(ProgressContext context) {
  auto params = context.getParams();
  progress_.show(params.getPackets(), params.getBytes(), params.getTime());
  return kj::READY_NOW;
}

kj::Promise<void> SupervisorService::request(RequestContext context) {
  auto params = context.getParams();
  auto& compartment = at(params.getCompartment());
  if (!compartment.outside)
    compartment.outside = std::make_unique<Outside>(compartment.limits.grants);
  return compartment.outside->request(textOf(params.getFunction(), 256), params.getArgs())
      .then([context](Answer answer) mutable {
        auto results = context.getResults();
        if (auto* refused = std::get_if<Refused>(&answer))
          results.setRefused(escaped(refused->why.substr(0, mostReasonBytes)));
        if (auto* failure = std::get_if<Failure>(&answer))
          results.setRefused(escaped(failure->why.substr(0, mostReasonBytes)));
        write(results.initResult(), answer);
      });
}

kj::Promise<void> SupervisorService::silent(SilentContext context) {
  auto& compartment = at(context.getParams().getCompartment());
  uint64_t cpu = 0;
  KJ_IF_MAYBE (child, compartment.child) {
    cpu = (*child)->usage().cpuNanoseconds;
  }
  context.getResults().setCpuNanoseconds(cpu);
  return kj::READY_NOW;
}

kj::Promise<void> SupervisorService::gap(GapContext context) {
  auto params = context.getParams();
  auto from = params.getGap();
  const Gap gap{.firstSeq = from.getFirstSeq(),
                .lastSeq = from.getLastSeq(),
                .events = from.getEvents(),
                .reason = escaped(textOf(from.getReason()))};
  if (watchers_.gap) watchers_.gap(at(params.getCompartment()), gap);
  return kj::READY_NOW;
}

kj::Promise<void> SupervisorService::listening(ListeningContext context) {
  if (watchers_.listening)
    watchers_.listening(escaped(textOf(context.getParams().getLinkType(), 256)));
  return kj::READY_NOW;
}

kj::Promise<void> ViolationsService::violation(ViolationContext context) {
  auto params = context.getParams();
  KJ_REQUIRE(params.getCompartment() < compartments_.size());
  endCompartment(*compartments_[params.getCompartment()], escaped(textOf(params.getText())));
  return kj::READY_NOW;
}

}  // namespace bulkhead::supervisor
