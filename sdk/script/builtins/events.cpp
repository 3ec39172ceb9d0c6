// The event whose handler is running: when it was raised, or is due, and what else is attached to
// it.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"

#include <map>
#include <optional>

namespace bulkhead::builtins {

namespace {

constexpr std::string_view timestamp = "EventMetadata::NETWORK_TIMESTAMP";

// What kinds of metadata there are, each with its type.
class MetadataKinds : public vm::Extension {
 public:
  static constexpr size_t most = 10'000;

  explicit MetadataKinds(vm::Vm& vm) {
    for (const auto& [name, type] : vm.program().namedTypes)
      if (name == "EventMetadata::ID" && type->is(Tag::enumeration))
        if (const auto* entry = type->asEnum().findName(timestamp))
          kinds_.emplace(entry->value, vm.types().basic(Tag::time));
  }

  // False if the kind has another type already, or there are too many.
  bool add(int64_t kind, const types::Type* type) {
    auto found = kinds_.find(kind);
    if (found != kinds_.end()) return types::sameType(found->second, type);
    if (kinds_.size() >= most) return false;
    kinds_.emplace(kind, type);
    return true;
  }

 private:
  std::map<int64_t, const types::Type*> kinds_;
};

// Whether all values of the type can be told to others.
bool isPlain(const types::Type* type, int depth = 0) {
  constexpr int deepest = 100;
  if (depth > deepest) return false;
  auto plain = [&](const types::Type* inner) { return isPlain(inner, depth + 1); };
  switch (type->tag()) {
    case Tag::any:
    case Tag::function:
    case Tag::file:
    case Tag::opaque:
      return false;
    case Tag::vector:
      return !type->asVector().unspecified() && plain(type->asVector().element());
    case Tag::set:
    case Tag::table:
      for (const types::Type* index : type->asTable().indices())
        if (!plain(index)) return false;
      return type->is(Tag::set) || plain(type->asTable().value());
    case Tag::record:
      for (const types::Field& field : type->asRecord().fields())
        if (!plain(field.type)) return false;
      return true;
    default:
      return true;
  }
}

// Only where a script asked for timestamps; empty outside of events too.
std::optional<double> timestampOf(NativeCall& call) {
  auto wanted = globalOf(call.vm(), "EventMetadata::add_network_timestamp");
  if (!wanted || !wanted->slot.boolean()) return std::nullopt;
  return call.vm().eventTime();
}

void currentEventTime(NativeCall& call) { call.returnReal(timestampOf(call).value_or(-1)); }

Slot boxedTime(NativeCall& call, double time) {
  return call.heap().box(call.vm().types().basic(Tag::time), Slot::ofReal(time));
}

void currentMetadata(NativeCall& call) {
  auto out = resultVector(call);
  if (!out) return;
  auto time = timestampOf(call);
  if (time && enumName(call.functionType().parameters()[0].type, call.enumeration(0)) == timestamp)
    if (!out->append(boxedTime(call, *time))) return call.fail(outOfMemory);
  call.returnRef(std::move(out));
}

void allMetadata(NativeCall& call) {
  auto out = resultVector(call);
  if (!out) return;
  if (auto time = timestampOf(call)) {
    RecordBuilder entry(call, out->type->element());
    if (!entry) return;
    const auto* id = entry.typeOf("id")->asEnum().findName(timestamp);
    entry.set("id", Slot::ofInt(id != nullptr ? id->value : 0));
    entry.set("val", boxedTime(call, *time));
    if (!out->append(entry.take().take())) return call.fail(outOfMemory);
  }
  call.returnRef(std::move(out));
}

void registerMetadata(NativeCall& call) {
  TypedSlot given = call.any(1);
  if (!given.type->is(Tag::type)) {
    call.warn("EventMetadata::register() needs a type");
    return call.returnBool(false);
  }
  const types::Type* type = given.slot.type();
  call.returnBool(isPlain(type) &&
                  call.vm().extension<MetadataKinds>().add(call.enumeration(0), type));
}

constexpr vm::NativeRow rows[] = {
    {"current_event_time", "function(): time",
     "The network time for which the running event was raised, or scheduled, if "
     "EventMetadata::add_network_timestamp is set; else -1.",
     currentEventTime},
    {"EventMetadata::register", "function(id: EventMetadata::ID, t: any): bool",
     "Says of what type the metadata of a kind are. F if they have another type already, or if its "
     "values cannot be told to others: any, functions, files and opaque values cannot.",
     registerMetadata},
    {"EventMetadata::current", "function(id: EventMetadata::ID): any_vec",
     "The metadata of that kind that the running event carries.", currentMetadata},
    {"EventMetadata::current_all", "function(): event_metadata_vec",
     "All metadata that the running event carries.", allMetadata},
};

}  // namespace

Rows eventRows() { return rows; }

}  // namespace bulkhead::builtins
