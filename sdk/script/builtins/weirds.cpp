// Weirds that scripts raise, with the sampling of Weird::sampling_*: all of a name up to a
// threshold, then one in so many, until a while has passed.
//
// Weirds of the analysis were sampled in the worker before they came here as events.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/services.h"

#include <deque>
#include <map>
#include <set>

namespace bulkhead::builtins {

namespace {

class WeirdSampler final : public vm::Extension {
 public:
  explicit WeirdSampler(vm::Vm& vm)
      : threshold(countGlobal(vm, "Weird::sampling_threshold", 25)),
        rate(countGlobal(vm, "Weird::sampling_rate", 1000)),
        vm_(vm) {
    if (auto value = globalOf(vm, "Weird::sampling_duration")) duration = value->slot.real;
    if (auto value = globalOf(vm, "Weird::sampling_whitelist"))
      takeNames(whitelist, vm::tableOf(value->slot));
    if (auto value = globalOf(vm, "Weird::sampling_global_list"))
      takeNames(globalList, vm::tableOf(value->slot));
  }

  uint64_t threshold, rate;
  double duration = 600;  // seconds
  std::set<std::string, std::less<>> whitelist, globalList;

  // Before sampling, for get_reporter_stats().
  uint64_t total = 0;
  std::map<std::string, uint64_t, std::less<>> totals;

  static void takeNames(std::set<std::string, std::less<>>& to, vm::TableObject& from) {
    to.clear();
    for (vm::TableWalk walk(from); !walk.done(); walk.advance())
      to.emplace(vm::textOf(walk.keys()[0]));
  }

  // Whether a weird of `subject` (a pair of hosts, a uid, a fuid; empty: the net) is raised. That
  // of a connection or file counts from where sampling began, any other from its first.
  bool permits(std::string_view name, std::string subject, bool fromSampling) {
    ++total;
    if (auto known = totals.find(name); known != totals.end())
      ++known->second;
    else if (totals.size() < maxNames)
      totals.emplace(name, 1);
    if (whitelist.contains(name)) return true;
    if (subject.empty() || globalList.contains(name)) {
      subject.clear();
      fromSampling = false;
    }
    Count& count = countOf(name, subject);
    const double now = vm_.networkTime();
    bool over = fromSampling ? count.number > threshold && now > count.since + duration
                             : count.number > 0 && now >= count.since + duration;
    if (over) count.number = 0;
    ++count.number;
    if (count.number == (fromSampling ? threshold + 1 : 1)) count.since = now;
    if (count.number <= threshold) return true;
    return rate != 0 && (count.number - threshold) % rate == 0;
  }

 private:
  // Past these the oldest subject is forgotten, and names count together.
  static constexpr size_t maxSubjects = 4096, maxNames = 1024;
  struct Count {
    uint64_t number = 0;
    double since = 0;
  };
  using Counts = std::map<std::string, Count, std::less<>>;

  Count& countOf(std::string_view name, const std::string& subject) {
    auto [found, fresh] = subjects_.try_emplace(subject);
    if (fresh && !subject.empty()) {
      order_.push_back(subject);
      if (order_.size() > maxSubjects) {
        subjects_.erase(order_.front());
        order_.pop_front();
      }
    }
    Counts& counts = found->second;
    if (auto known = counts.find(name); known != counts.end()) return known->second;
    return counts[counts.size() < maxNames ? std::string(name) : std::string()];
  }

  vm::Vm& vm_;
  std::map<std::string, Counts> subjects_;
  std::deque<std::string> order_;
};

WeirdSampler& samplerOf(NativeCall& call) { return call.vm().extension<WeirdSampler>(); }

// Raises a weird event with as many of the values as its declaration has parameters for.
void raiseWeird(vm::Vm& vm, std::string_view event, std::string_view name,
                std::initializer_list<Value> subjects, std::string_view detail,
                std::string_view source) {
  auto id = vm.program().findEvent(event);
  if (!id || !vm.program().hasHandlers(*id)) return;
  const auto& parameters =
      vm.program().functions[vm.program().events[*id].function].type->parameters();
  std::vector<Value> owned;
  const types::Type* text = vm.types().basic(Tag::string);
  auto add = [&](std::string_view part) {
    owned.push_back(Value::adopt(text, Slot::ofObject(vm.heap().string(part))));
  };
  add(name);
  for (const Value& subject : subjects) owned.push_back(subject);
  add(detail);
  add(source);
  if (parameters.size() > owned.size()) return;
  std::vector<Slot> slots;
  for (size_t i = 0; i < parameters.size(); ++i) slots.push_back(owned[i].slot());
  vm.raise(*id, slots);
}

std::string textField(const vm::RecordObject& record, std::string_view name) {
  auto field = fieldOf(record, name);
  return field && field->type->is(Tag::string) ? std::string(vm::textOf(field->slot))
                                               : std::string();
}

Value valueOf(NativeCall& call, size_t i) {
  TypedSlot value = call.any(i);
  return Value::share(value.type, value.slot);
}

void netWeird(NativeCall& call) {
  raiseNetWeird(call.vm(), call.text(0), call.text(1), call.text(2));
  call.returnBool(true);
}
void flowWeird(NativeCall& call) {
  std::string pair = call.addr(1).text() + " " + call.addr(2).text();
  if (samplerOf(call).permits(call.text(0), std::move(pair), false)) {
    const types::Type* addr = call.vm().types().basic(Tag::addr);
    raiseWeird(call.vm(), "flow_weird", call.text(0),
               {Value::share(addr, call.slot(1)), Value::share(addr, call.slot(2))}, call.text(3),
               call.text(4));
  }
  call.returnBool(true);
}
void connWeird(NativeCall& call) {
  raiseConnectionWeird(call.vm(), valueOf(call, 1), call.text(0), call.text(2), call.text(3));
  call.returnBool(true);
}
void limitWeird(NativeCall& call) {
  std::string detail = std::to_string(call.count(2));
  if (call.count(3) > 0) detail += " > " + std::to_string(call.count(3));
  raiseConnectionWeird(call.vm(), valueOf(call, 1), call.text(0), detail, call.text(4));
  call.returnBool(true);
}
void fileWeird(NativeCall& call) {
  std::string fuid = textField(call.record(1), "id");
  if (samplerOf(call).permits(call.text(0), fuid, true))
    raiseWeird(call.vm(), "file_weird", call.text(0), {valueOf(call, 1)}, call.text(2),
               call.text(3));
  call.returnBool(true);
}

template <auto member>
void setNames(NativeCall& call) {
  WeirdSampler::takeNames(samplerOf(call).*member, call.table(0));
  call.returnBool(true);
}
template <auto member>
void getNames(NativeCall& call) {
  auto out = resultTable(call);
  if (!out) return;
  for (const std::string& name : samplerOf(call).*member)
    if (!addText(call, *out, name)) return;
  call.returnRef(std::move(out));
}
template <auto member>
void setCount(NativeCall& call) {
  samplerOf(call).*member = call.count(0);
  call.returnBool(true);
}
template <auto member>
void getCount(NativeCall& call) {
  call.returnCount(samplerOf(call).*member);
}
void setDuration(NativeCall& call) {
  samplerOf(call).duration = call.real(0);
  call.returnBool(true);
}
void getDuration(NativeCall& call) { call.returnReal(samplerOf(call).duration); }

void reporterStats(NativeCall& call) {
  RecordBuilder out(call, call.functionType().result());
  if (!out) return;
  WeirdSampler& sampler = samplerOf(call);
  out.count("weirds", sampler.total);
  auto byName =
      Ref<vm::TableObject>::adopt(call.heap().table(&out.typeOf("weirds_by_type")->asTable()));
  for (const auto& [name, number] : sampler.totals)
    if (!addText(call, *byName, name, Slot::ofCount(number))) return;
  out.set("weirds_by_type", byName.take());
  call.returnRef(out.take());
}

constexpr vm::NativeRow rows[] = {
    {"Reporter::net_weird",
     "function(name: string, addl: string &default=\"\", source: string &default=\"\"): bool",
     "Raises net_weird.", netWeird},
    {"Reporter::flow_weird",
     "function(name: string, orig: addr, resp: addr, addl: string &default=\"\", source: string "
     "&default=\"\"): bool",
     "Raises flow_weird.", flowWeird},
    {"Reporter::conn_weird",
     "function(name: string, c: connection, addl: string &default=\"\", source: string "
     "&default=\"\"): bool",
     "Raises conn_weird.", connWeird},
    {"Reporter::file_weird",
     "function(name: string, f: fa_file, addl: string &default=\"\", source: string "
     "&default=\"\"): bool",
     "Raises file_weird.", fileWeird},
    {"Reporter::limit_reached_weird",
     "function(name: string, c: connection, limit: count, limit_max: count &default=0, source: "
     "string &default=\"\"): bool",
     "Raises conn_weird with the figures of a limit.", limitWeird},
    {"Reporter::set_weird_sampling_whitelist",
     "function(weird_sampling_whitelist: string_set): bool",
     "Names that are never sampled. Like its neighbours, for what scripts raise: the analysis has "
     "settings of its own.",
     setNames<&WeirdSampler::whitelist>},
    {"Reporter::get_weird_sampling_whitelist", "function(): string_set", "Those names.",
     getNames<&WeirdSampler::whitelist>},
    {"Reporter::set_weird_sampling_global_list",
     "function(weird_sampling_global_list: string_set): bool",
     "Names sampled over the whole run, whatever they are about.",
     setNames<&WeirdSampler::globalList>},
    {"Reporter::get_weird_sampling_global_list", "function(): string_set", "Those names.",
     getNames<&WeirdSampler::globalList>},
    {"Reporter::set_weird_sampling_threshold", "function(weird_sampling_threshold: count): bool",
     "How many pass before sampling begins.", setCount<&WeirdSampler::threshold>},
    {"Reporter::get_weird_sampling_threshold", "function(): count", "That number.",
     getCount<&WeirdSampler::threshold>},
    {"Reporter::set_weird_sampling_rate", "function(weird_sampling_rate: count): bool",
     "One of how many passes then; 0 for none.", setCount<&WeirdSampler::rate>},
    {"Reporter::get_weird_sampling_rate", "function(): count", "That number.",
     getCount<&WeirdSampler::rate>},
    {"Reporter::set_weird_sampling_duration", "function(weird_sampling_duration: interval): bool",
     "How long sampling lasts.", setDuration},
    {"Reporter::get_weird_sampling_duration", "function(): interval", "That interval.",
     getDuration},
    {"get_reporter_stats", "function(): ReporterStats",
     "Figures of the weirds that scripts raised.", reporterStats},
};

}  // namespace

void raiseConnectionWeird(vm::Vm& vm, const Value& connection, std::string_view name,
                          std::string_view detail, std::string_view source) {
  std::string uid = textField(vm::recordOf(connection.slot()), "uid");
  if (vm.extension<WeirdSampler>().permits(name, uid, true))
    raiseWeird(vm, "conn_weird", name, {connection}, detail, source);
}

void raiseNetWeird(vm::Vm& vm, std::string_view name, std::string_view detail,
                   std::string_view source) {
  if (vm.extension<WeirdSampler>().permits(name, {}, false))
    raiseWeird(vm, "net_weird", name, {}, detail, source);
}

Rows weirdRows() { return rows; }

}  // namespace bulkhead::builtins
