// What attributes add to tables: access times and expiry, &on_change, &default.

#include "sdk/script/vm/vm-impl.h"

#include <cassert>
#include <cmath>

namespace bulkhead::vm {

namespace {

// Order of the TableChange enumerators of the base library.
enum Change : int { elementNew, elementChanged, elementRemoved, elementExpired };

constexpr double defaultExpireInterval = 10;
constexpr double defaultExpireDelay = 0.01;
constexpr uint64_t defaultIncrementalStep = 5000;

// Keys that outlive the entry they came from.
class HeldKeys {
 public:
  HeldKeys(const TableInfo& info, const Slot* keys)
      : info_(info), keys_(keys, keys + info.keyCount) {
    for (uint32_t i = 0; i < info.keyCount; ++i) {
      if (info.keyManaged[i] != 0) retain(keys_[i]);
    }
  }
  ~HeldKeys() {
    for (uint32_t i = 0; i < info_.keyCount; ++i) {
      if (info_.keyManaged[i] != 0) release(keys_[i]);
    }
  }
  HeldKeys(const HeldKeys&) = delete;
  HeldKeys& operator=(const HeldKeys&) = delete;
  const Slot* data() const { return keys_.data(); }

 private:
  const TableInfo& info_;
  std::vector<Slot> keys_;
};

}  // namespace

// Access times are whole seconds counted from the first network time, as the expiry rules have it.
int64_t Vm::Impl::stamp() const { return static_cast<int64_t>(networkTime - startTime); }

void Vm::Impl::touchRead(TableObject& table, uint32_t entry) {
  if (table.extras != nullptr && table.extras->attributes != nullptr &&
      table.extras->attributes->expiry == TableAttributes::Expiry::read) {
    table.timeOf(entry) = static_cast<double>(stamp());
  }
}

void Vm::Impl::membershipChanged(const TableObject& table) {
  if (table.iterators == 0 || frames.empty()) return;
  if (table.extras != nullptr && table.extras->expiring) return;
  const Frame& frame = frames.back();
  if (frame.code->origin == types::originBase || !saidOfLoops.insert(frame.pc).second) return;
  reportHere(Severity::warning,
             "possible loop/iterator invalidation: in Zeek a loop over a container that "
             "changes may miss elements or meet them twice",
             true);
}

bool Vm::Impl::insert(TableObject& table, const Slot* keys, Slot value) {
  const TableInfo& info = *table.info;
  auto keep = Ref<TableObject>::share(&table);
  uint32_t before = table.find(keys);
  for (uint32_t i = 0; i < info.keyCount; ++i) {
    if (info.keyManaged[i] != 0) retain(keys[i]);
  }
  if (info.valueManaged) retain(value);
  // &on_change sees what was there before.
  Value old;
  bool watched = table.extras != nullptr && table.extras->attributes != nullptr &&
                 table.extras->attributes->onChange != noFunction;
  if (watched && before != TableObject::none && info.hasValue) {
    old = Value::share(info.type->value(), *table.valueOf(before));
  }
  uint32_t entry = table.insert(keys, value);
  if (entry == TableObject::none) return fail("memory limit reached");
  if (before == TableObject::none) membershipChanged(table);
  if (table.hasTimes()) {
    bool keepsTime = before != TableObject::none &&
                     table.extras->attributes->expiry == TableAttributes::Expiry::create;
    if (!keepsTime) table.timeOf(entry) = static_cast<double>(stamp());
  }
  if (watched) {
    if (before == TableObject::none) {
      changed(table, keys, value, elementNew);
    } else if (info.hasValue) {
      changed(table, keys, old.slot(), elementChanged);
    }
  }
  return true;
}

bool Vm::Impl::erase(TableObject& table, const Slot* keys) {
  const TableInfo& info = *table.info;
  auto keep = Ref<TableObject>::share(&table);
  uint32_t entry = table.find(keys);
  if (entry == TableObject::none) return true;
  membershipChanged(table);
  if (table.extras == nullptr || table.extras->attributes == nullptr ||
      table.extras->attributes->onChange == noFunction) {
    table.eraseEntry(entry);
    return true;
  }
  HeldKeys held(info, table.keysOf(entry));
  Value old;
  if (info.hasValue) old = Value::share(info.type->value(), *table.valueOf(entry));
  table.eraseEntry(entry);
  changed(table, held.data(), info.hasValue ? old.slot() : Slot::unset(), elementRemoved);
  return true;
}

void Vm::Impl::clear(TableObject& table) {
  auto keep = Ref<TableObject>::share(&table);
  if (table.extras != nullptr && table.extras->attributes != nullptr &&
      table.extras->attributes->onChange != noFunction) {
    TableWalk walk(table);
    for (; !walk.done(); walk.advance()) {
      HeldKeys held(*table.info, walk.keys());
      erase(table, held.data());
    }
    return;
  }
  table.clear();
}

bool Vm::Impl::attributeFunction(Value& cache, int32_t code) {
  if (cache.empty()) {
    if (code == givenWhenMade) return false;
    Vm::CallResult result = vm.evaluate(static_cast<uint32_t>(code));
    if (result.abandoned || result.value.empty()) return false;
    cache = std::move(result.value);
  }
  if (!cache.type()->is(types::Tag::function) || cache.slot().isUnset()) return false;
  const Function& function = program.functions[functionOf(cache.slot()).function];
  if (function.native == nullptr && function.bodies.empty() &&
      function.type->flavor() == types::Flavor::function) {
    Place place;
    if (code != givenWhenMade) {
      const Code& written = program.codes[static_cast<size_t>(code)];
      place = placeOf(written, written.instructions.data());
    }
    reportAt(place, "value used but not set (" + function.name + ")");
    return false;
  }
  return true;
}

void Vm::Impl::changed(TableObject& table, const Slot* keys, Slot value, int kind) {
  TableExtras& extras = *table.extras;
  if (extras.changing) return;
  if (!attributeFunction(extras.onChange, extras.attributes->onChange)) return;
  extras.changing = true;
  std::vector<Slot> arguments{Slot::ofObject(&table), Slot::ofInt(kind)};
  arguments.insert(arguments.end(), keys, keys + table.info->keyCount);
  if (table.info->hasValue) arguments.push_back(value);
  RunStatus before = status;
  vm.call(functionOf(extras.onChange.slot()), arguments);
  status = before;  // an abandoned call-back is reported and does not stop the change
  extras.changing = false;
}

// ---- Look-up with &default

bool Vm::Impl::tableGet(TableObject& table, const Slot* keys, Slot& value) {
  uint32_t entry = table.lookUp(keys);
  if (entry != TableObject::none) {
    touchRead(table, entry);
    value = *table.valueOf(entry);
    if (table.info->valueManaged) retain(value);
    return true;
  }
  bool has = false;
  if (!tableDefault(table, keys, value, has)) return false;
  if (!has) return fail("no such index");
  return true;
}

bool Vm::Impl::raiseElement(TableObject& table, Slot key, Slot by) {
  Slot value;
  if (!tableGet(table, &key, value)) return false;
  value.count += by.count;
  return insert(table, &key, value);
}

bool Vm::Impl::tableDefault(TableObject& table, const Slot* keys, Slot& value, bool& has) {
  TableExtras* extras = table.extras;
  has = false;
  if (extras == nullptr || extras->attributes == nullptr ||
      extras->attributes->defaultFunction == noFunction) {
    return true;
  }
  const TableAttributes& attributes = *extras->attributes;
  auto keep = Ref<TableObject>::share(&table);
  if (extras->defaultValue.empty() && attributes.defaultFunction != givenWhenMade) {
    Vm::CallResult result = vm.evaluate(static_cast<uint32_t>(attributes.defaultFunction));
    if (result.abandoned) return false;
    extras->defaultValue = std::move(result.value);
  }
  if (extras->defaultValue.empty()) return true;
  const Type* type = table.info->type->value();
  Value made;
  if (attributes.defaultIsFunction) {
    auto function = Ref<FunctionObject>::share(&functionOf(extras->defaultValue.slot()));
    HeldKeys held(*table.info, keys);
    std::vector<TypedSlot> typed;
    for (uint32_t k = 0; k < table.info->keyCount; ++k)
      typed.push_back({table.info->keyTypes[k], held.data()[k]});
    Vm::CallResult result = vm.call(*function, std::span<const TypedSlot>(typed));
    if (result.abandoned) return false;
    made = std::move(result.value);
    if (made.empty()) return true;
    if (made.type() != type && (made.type()->is(types::Tag::any) != type->is(types::Tag::any))) {
      std::string error;
      made = vm.convert(made.view(), type, error);
      if (made.empty()) return fail(error);
    }
  } else {
    made = deepCopy(heap, type, extras->defaultValue.slot());
    if (made.empty()) return fail("&default value cannot be copied");
  }
  if (attributes.insertDefault && !insert(table, keys, made.slot())) return false;
  has = true;
  value = made.take();
  return true;
}

bool Vm::Impl::tableGetAddr(TableObject& table, Slot address, Slot& value) {
  IpAddr key = addrOf(address);
  Subnet single{key, static_cast<uint8_t>(key.isV4() ? 32 : 128)};
  uint32_t entry = table.findCovering(single);
  if (entry != TableObject::none) {
    touchRead(table, entry);
    value = *table.valueOf(entry);
    if (table.info->valueManaged) retain(value);
    return true;
  }
  Value asSubnet = Value::adopt(types.basic(types::Tag::subnet), heap.subnet(single));
  Slot keySlot = asSubnet.slot();
  bool has = false;
  if (!tableDefault(table, &keySlot, value, has)) return false;
  return has || fail("no such index");
}

bool Vm::Impl::tableMatches(TableObject& table, Slot text, const Type* resultType, Slot& value) {
  std::vector<uint32_t> entries = table.allMatching(textOf(text));
  auto result = Ref<VectorObject>::adopt(heap.vector(&resultType->asVector()));
  for (uint32_t entry : entries) {
    touchRead(table, entry);
    Slot element = *table.valueOf(entry);
    if (table.info->valueManaged) retain(element);
    if (!result->append(element)) return fail("memory limit reached");
  }
  value = result.take();
  return true;
}

// ---- Expiry

uint32_t Vm::Impl::configured(const char* name, double fallback, double& value) const {
  value = fallback;
  auto index = program.findGlobal(name);
  if (!index || (globalFlags[*index] & globalSet) == 0) return 0;
  const Type* type = program.globals[*index].type;
  if (type->is(types::Tag::interval) || type->is(types::Tag::real)) {
    value = globals[*index].real;
  } else if (type->is(types::Tag::count)) {
    value = static_cast<double>(globals[*index].count);
  }
  return 1;
}

// A negative delay means "as soon as time moves": network time may not be known yet.
void Vm::Impl::armExpiry(TableObject& table, double delay) {
  if (table.extras->timerPending) return;
  Timer timer;
  timer.due = delay < 0 ? 1 : networkTime + delay;
  timer.kind = Timer::Kind::expireTable;
  timer.cause = causeNow();
  timer.table = Ref<TableObject>::share(&table);
  table.extras->timerPending = true;
  addTimer(std::move(timer));
}

void Vm::Impl::armNew() {
  for (Ref<TableObject>& table : heap.takeUnarmed()) armExpiry(*table, -1);
}

double Vm::Impl::expiryInterval(TableObject& table) {
  Vm::CallResult result =
      vm.evaluate(static_cast<uint32_t>(table.extras->attributes->expiryInterval));
  if (result.abandoned || result.value.empty()) return -1;
  return result.value.slot().real;
}

void Vm::Impl::expire(Timer& timer) {
  TableObject& table = *timer.table;
  TableExtras& extras = *table.extras;
  extras.timerPending = false;
  // Nobody but this timer knows the table any more.
  if (table.refs == 1) return;
  Cause before = cause;
  cause = timer.cause;
  double timeout = expiryInterval(table);
  if (timeout < 0) {
    cause = before;
    return;
  }
  double step = 0;
  configured("table_incremental_step", static_cast<double>(defaultIncrementalStep), step);
  const TableAttributes& attributes = *extras.attributes;
  bool hasFunction = attributes.expireFunction != noFunction &&
                     attributeFunction(extras.expireFunction, attributes.expireFunction);
  extras.expiring = true;
  ++table.iterators;  // entries keep their numbers while functions run
  bool finished = false;
  for (uint64_t looked = 0; looked < static_cast<uint64_t>(std::max(step, 1.0)); ++looked) {
    uint32_t entry = table.nextExpiring();
    if (entry == TableObject::none) {
      finished = true;
      break;
    }
    if (!table.isLive(entry)) continue;
    double accessed = table.timeOf(entry) + startTime;
    if (accessed == 0) continue;  // from before time was known
    if (accessed + timeout >= networkTime) continue;
    HeldKeys held(*table.info, table.keysOf(entry));
    if (hasFunction) {
      auto function = Ref<FunctionObject>::share(&functionOf(extras.expireFunction.slot()));
      const auto& parameters = function->type->parameters();
      std::vector<Slot> arguments{Slot::ofObject(&table)};
      Value anyKey;
      if (parameters.size() == 2 && parameters[1].type->is(types::Tag::any)) {
        // The old form takes all keys as one value.
        if (table.info->keyCount == 1) {
          if (table.info->keyManaged[0] != 0) retain(held.data()[0]);
          anyKey =
              Value::adopt(parameters[1].type, heap.box(table.info->keyTypes[0], held.data()[0]));
        } else {
          auto list =
              Ref<VectorObject>::adopt(heap.vector(types.vector(types.basic(types::Tag::any))));
          for (uint32_t i = 0; i < table.info->keyCount; ++i) {
            if (table.info->keyManaged[i] != 0) retain(held.data()[i]);
            if (!list->append(heap.box(table.info->keyTypes[i], held.data()[i]))) break;
          }
          const Type* listType = list->type;
          anyKey = Value::adopt(parameters[1].type, heap.box(listType, list.take()));
        }
        arguments.push_back(anyKey.slot());
      } else {
        arguments.insert(arguments.end(), held.data(), held.data() + table.info->keyCount);
      }
      double more = 0;
      Vm::CallResult result = vm.call(*function, arguments);
      if (!result.abandoned && !result.value.empty()) more = result.value.slot().real;
      if (entry >= table.used || !table.isLive(entry)) continue;  // the function deleted it
      if (more > 0) {
        table.timeOf(entry) =
            static_cast<double>(static_cast<int64_t>(networkTime - timeout + more - startTime));
        continue;
      }
    }
    Value old;
    if (table.info->hasValue) {
      old = Value::share(table.info->type->value(), *table.valueOf(entry));
    }
    table.eraseEntry(entry);
    if (attributes.onChange != noFunction) {
      changed(table, held.data(), table.info->hasValue ? old.slot() : Slot::unset(),
              elementExpired);
    }
  }
  --table.iterators;
  extras.expiring = false;
  cause = before;
  double delay = 0;
  if (finished) {
    configured("table_expire_interval", defaultExpireInterval, delay);
  } else {
    configured("table_expire_delay", defaultExpireDelay, delay);
  }
  armExpiry(table, delay);
}

// ---- The public face

bool Vm::tableInsert(TableObject& table, const Slot* keys, Slot value) {
  return impl_->insert(table, keys, value);
}
bool Vm::tableErase(TableObject& table, const Slot* keys) { return impl_->erase(table, keys); }
void Vm::tableClear(TableObject& table) { impl_->clear(table); }

const Slot* Vm::tableFind(TableObject& table, const Slot* keys) {
  uint32_t entry = table.lookUp(keys);
  if (entry == TableObject::none) return nullptr;
  impl_->touchRead(table, entry);
  return table.info->hasValue ? table.valueOf(entry) : table.keysOf(entry);
}

}  // namespace bulkhead::vm
