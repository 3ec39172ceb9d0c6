#include "sdk/runner/compartment.h"

#include "schemas/catalog/catalog.gen.h"
#include "sdk/runner/demand.h"
#include "sdk/runner/limits.h"
#include "sdk/runner/overview-writer.h"
#include "sdk/runner/value-writer.h"
#include "sdk/script/analysis/program.h"
#include "sdk/script/builtins/services.h"
#include "sdk/script/driver/catalog.h"
#include "sdk/script/driver/natives.h"
#include "sdk/script/frameworks/log/log-framework.h"
#include "sdk/script/vm/seeded-order.h"

#include <kj/debug.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

namespace bulkhead::runner {

namespace {

std::string str(capnp::Text::Reader from) { return {from.begin(), from.size()}; }
kj::String text(std::string_view from) { return kj::heapString(from.data(), from.size()); }

// Rendered diagnostics, one after the other, each with its excerpt and notes.
std::vector<std::string> splitDiagnostics(std::string_view rendered) {
  std::vector<std::string> out;
  while (!rendered.empty()) {
    size_t end = std::min(rendered.find('\n'), rendered.size() - 1) + 1;
    auto line = rendered.substr(0, end);
    rendered.remove_prefix(end);
    bool begins = line.front() != ' ' &&
                  (line.find(": error: ") != line.npos || line.find(": warning: ") != line.npos);
    if (begins || out.empty()) out.emplace_back();
    out.back() += line;
  }
  for (auto& each : out)
    while (each.ends_with('\n')) each.pop_back();
  return out;
}

void write(capnp::List<uint16_t>::Builder to, const std::vector<uint16_t>& from) {
  for (unsigned i = 0; i < from.size(); ++i) to.set(i, from[i]);
}

// Of the catalog: everything else is raised by scripts alone.
bool raisedByHost(std::string_view event) {
  static const auto names = [] {
    std::set<std::string_view> out;
    for (uint16_t i = 0; i < events::eventCount; ++i)
      out.insert(events::eventName(static_cast<events::EventId>(i)));
    return out;
  }();
  return names.contains(event);
}

unsigned sizeOf(const auto& from) { return static_cast<unsigned>(from.size()); }

}  // namespace

void Compartment::load(schemas::Host::Client host, schemas::Settings::Reader settings,
                       schemas::Loaded::Builder loaded) {
  KJ_REQUIRE(engine_ == nullptr, "load was called twice");
  link_ = std::make_unique<HostLink>(host, waitScope_);
  sources_ = std::make_unique<SourceBridge>(kj::mv(host), waitScope_);
  world_ = std::make_unique<World>(*link_);
  settings_.name = str(settings.getName());
  settings_.offline = settings.getOffline();
  settings_.seedsGiven = settings.getSeedsGiven();
  settings_.bare = settings.getBare();
  auto facts = settings.getFacts();
  settings_.packetSource = str(facts.getPacketSource());
  settings_.linkType = facts.getLinkType();
  world_->setLinkType(settings_.linkType);
  settings_.hostName = str(facts.getHostName());
  settings_.startErrorsEnd = settings.getStartErrorsEnd();
  sources_->setWorkingDirectory(str(facts.getWorkingDirectory()));
  for (auto argument : facts.getArguments()) settings_.arguments.push_back(str(argument));
  for (uint32_t seed : settings.getSeeds()) settings_.seeds.push_back(seed);
  settings_.maxAbandoned = settings.getMaxAbandoned();
  settings_.memorySoftLimit = settings.getMemorySoftLimit();

  for (auto name : settings.getWantedOptions()) settings_.wantedOptions.push_back(str(name));
  driver::EngineConfig config;
  config.provider = sources_.get();
  config.host = world_.get();
  config.natives = driver::standardNatives();
  for (auto script : settings.getScripts()) config.scripts.push_back(str(script.getTarget()));
  for (auto command : settings.getCommands()) config.commands.push_back(str(command));
  for (auto redef : settings.getRedefs()) {
    auto& to = config.redefs.emplace_back();
    to.module = str(redef.getModule());
    to.text = str(redef.getText());
    to.file = str(redef.getFile());
    to.line = redef.getLine();
    for (auto name : redef.getNames()) to.unknownNames.push_back(str(name));
  }
  config.packagesBeside = settings.getPackagesBeside();
  for (auto option : settings.getOptions())
    config.assignments.push_back(str(option.getName()) + "=" + str(option.getValue()));
  for (auto prefix : settings.getPrefixes()) config.prefixes.push_back(str(prefix));
  config.warnUnused = settings.getWarnUnused();
  const uint64_t unbounded = std::numeric_limits<int64_t>::max() / 4;
  config.limits.instructions =
      settings.getBudget() == 0 ? unbounded : std::min<uint64_t>(settings.getBudget(), unbounded);
  // Checked by the VM itself, since many handlers may run before settle() looks.
  config.limits.overruns = settings_.maxAbandoned;
  if (settings_.memorySoftLimit != 0) config.limits.heap.soft = settings_.memorySoftLimit;
  for (unsigned i = 0; i < std::min<size_t>(settings_.seeds.size(), 2); ++i)
    config.seed |= static_cast<uint64_t>(settings_.seeds[i]) << (32 * i);
  if (settings.getPrune()) {
    config.pruning.emplace();
    config.pruning->raisedByHost = raisedByHost;
  }
  // What the shared analysis was made without cannot be added to it.
  if (library_ != nullptr && settings.getSharedLibrary() && !settings_.bare &&
      config.prefixes.empty() && !config.warnUnused) {
    engine_ = std::move(library_);
    engine_->resume(std::move(config));
  } else {
    driver::addBaseLibrary(config, settings_.bare);
    engine_ = std::make_unique<driver::Engine>(std::move(config));
  }

  bool good = engine_->load();
  auto diagnostics = splitDiagnostics(engine_->renderDiagnostics());
  if (diagnostics.size() > maxDiagnostics) diagnostics.resize(maxDiagnostics);
  auto list = loaded.initDiagnostics(sizeOf(diagnostics));
  for (unsigned i = 0; i < diagnostics.size(); ++i) list.set(i, text(diagnostics[i]));
  loaded.setErrors(static_cast<uint32_t>(engine_->diagnostics().errorCount()));
  if (settings.getOverview())
    writeOverview(loaded.initOverview(), overview::describe(engine_->analysed(), raisedByHost),
                  *engine_);
  if (!good) return;

  if (settings_.name == "site") {
    const auto& redefs = engine_->analysed().siteRedefs;
    auto said = loaded.initRedefs(sizeOf(redefs));
    for (unsigned i = 0; i < redefs.size(); ++i) {
      said[i].setModule(text(redefs[i].module));
      said[i].setText(text(redefs[i].text));
      said[i].setFile(text(redefs[i].file));
      said[i].setLine(redefs[i].line);
      auto names = said[i].initNames(sizeOf(redefs[i].unknownNames));
      for (unsigned j = 0; j < names.size(); ++j) names.set(j, text(redefs[i].unknownNames[j]));
      said[i].setUnknown(text(redefs[i].complaint));
    }
  }
  const auto& applied = engine_->appliedRedefs();
  auto did = loaded.initApplied(sizeOf(applied));
  for (unsigned i = 0; i < applied.size(); ++i) did.set(i, applied[i]);

  auto demand = demandOf(engine_->program(), settings_.name == "site", engine_->pruned());
  auto to = loaded.initDemand();
  write(to.initEvents(sizeOf(demand.events)), demand.events);
  auto answers = to.initAnswers(sizeOf(demand.answers));
  for (unsigned i = 0; i < demand.answers.size(); ++i) answers.set(i, text(demand.answers[i]));
  write(to.initAnsweringEvents(sizeOf(demand.answeringEvents)), demand.answeringEvents);
  write(to.initLaterAnsweringEvents(sizeOf(demand.laterAnsweringEvents)),
        demand.laterAnsweringEvents);
  write(to.initRegisteredAnsweringEvents(sizeOf(demand.registeredAnsweringEvents)),
        demand.registeredAnsweringEvents);
  to.setRawPackets(demand.rawPackets);
  to.setAnalyzers(demand.analyzers);
  to.setCaptureFigures(demand.captureFigures);
  to.setTimers(demand.timers);
}

void Compartment::start(double networkTime, uint64_t seq) {
  KJ_REQUIRE(engine_ != nullptr && decoder_ == nullptr, "start was called out of order");
  link_->setSeq(seq);
  bool started = engine_->start([&](vm::Vm& vm) {
    vm.setRoot(seq);
    if (settings_.seedsGiven)
      if (auto key = keyFromSeeds(settings_.seeds)) vm.heap().setOrder(vm::SeededOrder(*key));
    auto& services = vm.extension<builtins::Services>();
    services_ = &services;
    services.setAnswers(*world_);
    services.setOutside(*world_);
    services.setTopics(*world_);
    services.setTraffic(*world_);
    services.facts.readingTraces = settings_.offline && !settings_.packetSource.empty();
    services.facts.readingLive = !settings_.offline;
    services.facts.packetSource = settings_.packetSource;
    services.facts.linkType = settings_.linkType;
    services.facts.arguments = settings_.arguments;
    if (!settings_.hostName.empty()) services.facts.hostName = settings_.hostName;
    services.facts.bareMode = settings_.bare;
    services.facts.seeds = settings_.seeds;
    auto& log = vm.extension<frameworks::LogFramework>();
    log_ = &log;
    log.setSink(*link_);
    log.setSite(settings_.name == "site");
    decoder_ = std::make_unique<EventDecoder>(vm);
    world_->attach(vm, *decoder_);
  });
  if (!started) {
    kj::throwFatalException(
        {kj::Exception::Type::FAILED, __FILE__, __LINE__,
         kj::heapString("the initial values of the scripts' globals could not be computed")});
  }
  // The clock runs from the first statement on; while globals get their values it is nought.
  if (networkTime > 0) vm().setNetworkTime(networkTime);
  withoutInput_ = settings_.offline && networkTime > 0;
  // Statements that fail end the run before zeek_init, as in Zeek.
  if (!engine_->initialize()) services_->exitStatus = 1;
  if (settings_.startErrorsEnd && world_->errors() > 0 && !services_->exitStatus) {
    link_->report(schemas::Host::Level::FATAL, "errors occurred while initializing", {});
    services_->exitStatus = 1;
  }
  log_->announce();
  settle();
  world_->flush();
}

// Timers that fire with a packet write for that packet, in every compartment alike.
void Compartment::packetTime(schemas::Batch::PacketTime::Reader time, uint64_t groupSeq,
                             bool drains) {
  // Events that the worker's timers raised in this packet come before its time and have higher
  // numbers: what is written never goes back.
  link_->setSeq(std::max(groupSeq, link_->seq()));
  vm().setRoot(time.getSeq());
  if (time.getTime() > vm().networkTime()) vm().setNetworkTime(time.getTime());
  vm().fireTimers(time.getTime(), time.getSeq());
  fired_ = std::max(fired_, time.getTime());
  if (drains) drain();
}

void Compartment::deliver(schemas::Batch::Reader batch) {
  KJ_REQUIRE(decoder_ != nullptr, "a batch before the start");
  auto items = batch.getItems();
  auto times = batch.getPacketTimes();
  auto& exit = services_->exitStatus;
  uint32_t handled = 0;
  unsigned groupEnd = 0;  // the last item of the group at hand
  for (unsigned i = 0; i < items.size() && !exit; ++i) {
    auto item = items[i];
    if (i == 0 || groupEnd < i) {
      groupEnd = i;
      while (groupEnd + 1 < items.size() && !items[groupEnd].getDrainAfter()) ++groupEnd;
    }
    const uint64_t groupSeq = items[groupEnd].getSeq();
    KJ_REQUIRE(item.getPacketsBefore() <= times.size(), "more packets than the batch has");
    while (handled < item.getPacketsBefore()) {
      auto time = times[handled++];
      // Of the packet that the item is of: what timers queue is drained together with the item.
      bool ofItem = handled == item.getPacketsBefore() && item.getDueTime() == 0 &&
                    time.getTime() == item.getNetworkTime();
      packetTime(time, ofItem ? groupSeq : time.getSeq(), !ofItem);
    }
    link_->setSeq(groupSeq);
    vm().setRoot(item.getPacketSeq());
    const double now = item.getNetworkTime();
    if (now > vm().networkTime()) vm().setNetworkTime(now);
    // Without packet times (a tick, or a demand without timers) the item itself tells the time.
    const double upTo = item.getDueTime() != 0 ? item.getDueTime() : now;
    if (upTo > fired_) {
      vm().fireTimers(upTo, item.getPacketSeq());
      fired_ = upTo;
    }
    vm().setRoot(item.getSeq());
    auto packet = item.getRawPacket();
    world_->setPacket({reinterpret_cast<const char*>(packet.begin()), packet.size()},
                      item.getRawPacketLength(), now);
    if (item.hasCapture()) world_->setCapture(item.getCapture());
    decoder_->apply(item);
    if (item.getDrainAfter()) {
      drain();
      decoder_->drained();
      world_->setPacket({}, 0, 0);
    }
  }
  while (handled < times.size() && !exit) {
    auto time = times[handled++];
    packetTime(time, time.getSeq(), true);
  }
  world_->setPacket({}, 0, 0);
  world_->flush();
}

void Compartment::drain() {
  vm().drain();
  log_->expireDelays(vm().networkTime(), false);
  // Replies to `when` conditions: as many rounds as scripts ask anew, within the VM's own bounds.
  constexpr int maxRounds = 1000;
  for (int round = 0; round < maxRounds && world_->completeLater(); ++round) vm().drain();
  settle();
}

void Compartment::settle() {
  if (services_->terminating && !terminated_) {
    terminated_ = true;
    link_->terminate();
  }
  if (!memoryReported_ && vm().heap().pastSoftLimit()) {
    memoryReported_ = true;
    link_->report(schemas::Host::Level::MEMORY,
                  "the scripts use " + std::to_string(vm().heap().bytesInUse()) +
                      " bytes of memory; " + std::to_string(settings_.memorySoftLimit) +
                      " is the soft limit",
                  {});
  }
  if (settings_.maxAbandoned != 0 && vm().counters().budgetExceeded >= settings_.maxAbandoned) {
    world_->flush();
    link_->report(schemas::Host::Level::FATAL,
                  "ended: " + std::to_string(vm().counters().budgetExceeded) +
                      " handlers exceeded their instruction budget",
                  {});
    abandoned_ = true;
    KJ_FAIL_REQUIRE("too many handlers exceeded their instruction budget");
  }
}

// Scripts that run without input and wait for time to pass get it at once: time jumps from timer to
// timer, until they call terminate().
void Compartment::waitForTimers() {
  constexpr int maxJumps = 100'000;
  auto waits = vm().findGlobal("exit_only_after_terminate");
  if (!waits || !vm().global(*waits) || !vm().global(*waits).slot().boolean()) return;
  for (int i = 0; i < maxJumps && !services_->terminating && !services_->exitStatus; ++i) {
    auto next = vm().nextTimer();
    if (!next) break;
    if (*next > vm().networkTime()) vm().setNetworkTime(*next);
    vm().fireTimers(vm().networkTime(), link_->seq());
    drain();
  }
}

void Compartment::finish(double networkTime, uint64_t seq, schemas::CaptureFigures::Reader capture,
                         schemas::Report::Builder report) {
  KJ_REQUIRE(decoder_ != nullptr, "the end before the start");
  world_->setCapture(capture);
  link_->setSeq(seq);
  vm().setRoot(seq);
  if (networkTime > vm().networkTime()) vm().setNetworkTime(networkTime);
  if (withoutInput_) waitForTimers();
  report.setTerminated(terminated_);
  if (!services_->exitStatus) {
    terminated_ = true;  // the host knows
    engine_->finish();
    drain();
    log_->expireDelays(vm().networkTime(), true);
    drain();
  }
  world_->flush();
  describe(report.initState());
  report.setInstructions(vm().counters().instructions);
  report.setAbandoned(vm().counters().budgetExceeded);
  report.setErrors(world_->errors());
  report.setHeapPeak(vm().heap().peakBytes());
  report.setExitStatus(static_cast<uint32_t>(services_->exitStatus.value_or(0)));
}

void Compartment::writeOptions(schemas::Package::StartResults::Builder results) const {
  const vm::Vm& vm = engine_->vm();
  std::vector<std::pair<std::string_view, vm::Value>> found;
  for (const auto& name : settings_.wantedOptions) {
    auto global = vm.findGlobal(name);
    if (!global) continue;
    if (vm::Value value = vm.global(*global)) found.emplace_back(name, std::move(value));
  }
  auto to = results.initOptions(sizeOf(found));
  for (unsigned i = 0; i < found.size(); ++i) {
    to[i].setName(text(found[i].first));
    writeValue(to[i].initValue(), found[i].second.view(), vm.program());
  }
}

void Compartment::describe(schemas::TimerState::Builder state) const {
  if (auto next = engine_->vm().nextTimer()) state.setNext(*next);
}

}  // namespace bulkhead::runner
