#include "sdk/runner/demand.h"

#include "schemas/catalog/catalog.gen.h"
#include "sdk/runner/file-handles.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace bulkhead::runner {

using types::Tag;
using vm::Code;
using vm::Function;
using vm::Op;
using vm::Program;

namespace {

constexpr std::array<std::string_view, 27> answering = {
    "Analyzer::__disable_all_analyzers",
    "Analyzer::__disable_analyzer",
    "Analyzer::__enable_analyzer",
    "Analyzer::__register_for_port",
    "Analyzer::__schedule_analyzer",
    "FileExtract::__set_limit",
    "Files::__add_analyzer",
    "Files::__disable_analyzer",
    "Files::__disable_reassembly",
    "Files::__enable_analyzer",
    "Files::__enable_reassembly",
    "Files::__register_for_mime_type",
    "Files::__remove_analyzer",
    "Files::__set_reassembly_buffer",
    "Files::__set_timeout_interval",
    "Files::__stop",
    "PacketAnalyzer::__disable_analyzer",
    "PacketAnalyzer::__enable_analyzer",
    "disable_analyzer",
    "set_contents_file",
    "set_current_conn_bytes_threshold",
    "set_current_conn_duration_threshold",
    "set_current_conn_packets_threshold",
    "set_file_handle",
    "set_inactivity_timeout",
    "set_record_packets",
    "skip_further_processing",
};

// Of these, what the analysis does not use before it comes to that: before it looks at the
// connection's silence, before a file is reassembled. set_contents_file has no effect on it.
constexpr std::array<std::string_view, 5> answeringLater = {
    "Files::__disable_reassembly", "Files::__enable_reassembly", "Files::__set_reassembly_buffer",
    "set_contents_file",           "set_inactivity_timeout",
};

// Of the base library: adds the analyzers that registered for a file's type.
constexpr std::string_view byRegistration = "Files::analyze_by_mime_type";

constexpr std::array<std::string_view, 4> packetReaders = {
    "TCP::raw_options", "dump_current_packet", "get_current_packet", "get_current_packet_header"};

// What the base library does with analyzers after violations the worker does by itself.
constexpr std::string_view disabling = "disable_analyzer";
constexpr std::array<std::string_view, 3> analyzerReaders = {disabling, "current_analyzer",
                                                             "lookup_connection_analyzer_id"};

bool isIn(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Its index, or one that no function has.
size_t numberOf(const Program& program, std::string_view name) {
  auto found = std::find_if(program.functions.begin(), program.functions.end(),
                            [&](const Function& function) { return function.name == name; });
  return found == program.functions.end() ? SIZE_MAX
                                          : static_cast<size_t>(found - program.functions.begin());
}

// A called value could be any function whose value is taken somewhere and that takes as many
// arguments: a finer look at types would save little.
using Shape = std::pair<types::Flavor, size_t>;

// Nodes are functions (0 .. functions-1) and, behind them, codes.
class CallGraph {
 public:
  explicit CallGraph(const Program& program)
      : program_(program), firstCode_(program.functions.size()) {
    callers_.resize(firstCode_ + program.codes.size());
    collectValues();
    for (size_t i = 0; i < program.functions.size(); ++i) {
      for (const auto& body : program.functions[i].bodies) edge(i, firstCode_ + body.code);
      if (program.functions[i].native != nullptr) nativeCallsBack(i);
    }
    for (size_t i = 0; i < program.codes.size(); ++i) addCode(firstCode_ + i, program.codes[i]);
  }

  // Every node from which one of `targets` is reached other than through `barrier`.
  std::vector<bool> reaching(const std::vector<size_t>& targets, size_t barrier = SIZE_MAX) const {
    std::vector<bool> reached(callers_.size(), false);
    std::vector<size_t> open = targets;
    for (size_t node : targets) reached[node] = true;
    while (!open.empty()) {
      size_t node = open.back();
      open.pop_back();
      if (node == barrier) continue;
      for (size_t caller : callers_[node]) {
        if (reached[caller]) continue;
        reached[caller] = true;
        open.push_back(caller);
      }
    }
    return reached;
  }
  // Every node that one of `sources` reaches.
  std::vector<bool> reachedFrom(const std::vector<size_t>& sources) const {
    std::vector<bool> reached(callers_.size(), false);
    for (size_t node : sources) reached[node] = true;
    // Edges are kept by callee: to walk them forwards, go over all of them until nothing changes.
    for (bool changed = true; changed;) {
      changed = false;
      for (size_t node = 0; node < callers_.size(); ++node) {
        if (reached[node]) continue;
        const auto& callers = callers_[node];
        reached[node] = std::any_of(callers.begin(), callers.end(),
                                    [&](size_t caller) { return reached[caller]; });
        changed = changed || reached[node];
      }
    }
    return reached;
  }
  // The codes of packages.
  std::vector<size_t> packageCodes() const {
    std::vector<size_t> out;
    for (size_t i = 0; i < program_.codes.size(); ++i)
      if (program_.codes[i].origin >= types::originFirstPackage) out.push_back(firstCode_ + i);
    return out;
  }
  // The codes that are not the base library's.
  std::vector<size_t> ownCodes() const {
    std::vector<size_t> out;
    for (size_t i = 0; i < program_.codes.size(); ++i)
      if (program_.codes[i].origin != types::originBase) out.push_back(firstCode_ + i);
    return out;
  }
  bool isCalled(size_t function) const { return !callers_[function].empty(); }

 private:
  void edge(size_t from, size_t to) { callers_[to].push_back(from); }

  void take(size_t function) {
    if (!taken_.insert(function).second) return;
    const auto& type = *program_.functions[function].type;
    byShape_[{type.flavor(), type.parameters().size()}].push_back(function);
  }

  void collectValues() {
    for (const auto& constant : program_.constants)
      if (constant.isFunction) take(constant.function);
    for (const auto& code : program_.codes) {
      for (const auto& i : code.instructions)
        if (i.op == Op::loadFunction) take(static_cast<size_t>(i.d));
      for (const auto& site : code.closureSites) take(site.function);
    }
  }

  void anyOf(size_t from, Shape shape) {
    auto found = byShape_.find(shape);
    if (found == byShape_.end()) return;
    for (size_t function : found->second) edge(from, function);
  }

  // Natives that take functions call them; those of the Logging framework call what filters and
  // streams hold: policies, path functions, extensions, and the stream's event.
  void nativeCallsBack(size_t index) {
    const Function& function = program_.functions[index];
    std::string_view name = function.name;
    if (name.starts_with("Log::")) {
      if (name != "Log::__write") return;
      anyOf(index, {types::Flavor::event, 1});
      anyOf(index, {types::Flavor::hook, 3});
      anyOf(index, {types::Flavor::function, 3});
      anyOf(index, {types::Flavor::function, 1});
      return;
    }
    if (name == disabling) anyOf(index, {types::Flavor::hook, 3});
    for (const auto& parameter : function.type->parameters()) {
      if (!parameter.type->is(Tag::function)) continue;
      const auto& type = parameter.type->asFunc();
      anyOf(index, {type.flavor(), type.parameters().size()});
    }
  }

  void addCode(size_t node, const Code& code) {
    for (const auto& i : code.instructions) {
      switch (i.op) {
        case Op::call:
        case Op::callM:
        case Op::callNative:
        case Op::callNativeM:
        case Op::callHook:
        case Op::raise:
          // What is scheduled runs in a later drain: not an edge.
          edge(node, code.callSites[static_cast<size_t>(i.d)].function);
          break;
        case Op::callValue:
        case Op::callValueM: {
          size_t count = code.callSites[static_cast<size_t>(i.d)].arguments.size();
          anyOf(node, {types::Flavor::function, count});
          anyOf(node, {types::Flavor::hook, count});
          break;
        }
        case Op::raiseValue:
          anyOf(node,
                {types::Flavor::event, code.callSites[static_cast<size_t>(i.d)].arguments.size()});
          break;
        default:
          break;
      }
    }
    for (const auto& site : code.whenSites) {
      edge(node, firstCode_ + site.body);
      if (site.timeoutBody >= 0) edge(node, firstCode_ + static_cast<size_t>(site.timeoutBody));
    }
  }

  const Program& program_;
  size_t firstCode_;
  std::vector<std::vector<size_t>> callers_;
  std::unordered_set<size_t> taken_;
  std::map<Shape, std::vector<size_t>> byShape_;
};

}  // namespace

std::span<const std::string_view> answeringFunctions() { return answering; }

Demand demandOf(const Program& program, bool site, const prune::Outcome& pruned) {
  CallGraph graph(program);
  Demand out;
  out.timers = pruned.timers;
  std::vector<size_t> steering, disables, readsAnalyzers;
  for (size_t i = 0; i < program.functions.size(); ++i) {
    const Function& function = program.functions[i];
    if (function.native == nullptr || !graph.isCalled(i)) continue;
    if (isIn(answering, function.name)) steering.push_back(i);
    if (function.name == disabling) disables.push_back(i);
    if (isIn(analyzerReaders, function.name)) readsAnalyzers.push_back(i);
    out.captureFigures = out.captureFigures || function.name == "get_net_stats";
    out.rawPackets = out.rawPackets || isIn(packetReaders, function.name);
  }
  // From where functions of the package (for the site, any) call one of `targets`.
  auto from = [&](const std::vector<size_t>& targets, std::vector<size_t>& callers) {
    auto reached = graph.reaching(targets);
    if (site) return reached;
    callers = graph.packageCodes();
    std::erase_if(callers, [&](size_t code) { return !reached[code]; });
    return graph.reaching(callers);
  };
  std::vector<size_t> atOnce, later, callers, ignored;
  for (size_t function : steering) {
    std::string_view name = program.functions[function].name;
    if (name != disabling) (isIn(answeringLater, name) ? later : atOnce).push_back(function);
  }
  from(steering, callers);
  auto below = graph.reachedFrom(callers);
  for (size_t function : steering)
    if (site || below[function]) out.answers.push_back(program.functions[function].name);
  const bool handlesKnown = site && namesFilesAsTheWorkerDoes(program);
  // Through code of somebody's own, and not by way of it.
  auto ownly = [&](const std::vector<size_t>& targets) {
    auto reached = graph.reaching(targets);
    auto own = graph.ownCodes();
    std::erase_if(own, [&](size_t code) { return !reached[code]; });
    return own;
  };
  out.analyzers = !ownly(readsAnalyzers).empty();
  auto reachedDisabling = graph.reaching(ownly(disables));
  auto reachedAtOnce = from(atOnce, ignored), reachedLater = from(later, ignored);
  // The base library answers for all, from the site.
  auto unregistered = reachedAtOnce;
  if (site) unregistered = graph.reaching(atOnce, numberOf(program, byRegistration));
  for (uint16_t i = 0; i < events::eventCount; ++i) {
    auto found = program.findEvent(events::eventName(static_cast<events::EventId>(i)));
    if (!found) continue;
    const bool handled = program.hasHandlers(*found);
    if (!handled && !isIn(pruned.refreshing, program.events[*found].name)) continue;
    out.events.push_back(i);
    if (!handled) continue;
    size_t function = program.events[*found].function;
    const bool known = handlesKnown && i == static_cast<uint16_t>(events::EventId::get_file_handle);
    if ((reachedAtOnce[function] || reachedDisabling[function]) && !known) {
      out.answeringEvents.push_back(i);
      if (!unregistered[function] && !reachedDisabling[function])
        out.registeredAnsweringEvents.push_back(i);
    } else if (reachedLater[function] || known) {
      out.laterAnsweringEvents.push_back(i);
    }
  }
  return out;
}

}  // namespace bulkhead::runner
