// Tables, sets and vectors; sorting; sets and vectors of texts.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"

#include <algorithm>

namespace bulkhead::builtins {

namespace {

void clearTable(NativeCall& call) {
  TypedSlot table = call.any(0);
  if (!table.type->isTableOrSet()) return call.fail("clear_table() takes a table or set");
  call.vm().tableClear(vm::tableOf(table.slot));
}

void tableKeys(NativeCall& call) {
  TypedSlot table = call.any(0);
  if (!table.type->isTableOrSet()) return call.fail("table_keys() requires a table argument");
  vm::TableObject& from = vm::tableOf(table.slot);
  const types::Type* type = call.vm().types().set(table.type->asTable().indices());
  auto out = Ref<vm::TableObject>::adopt(call.heap().table(&type->asTable()));
  for (vm::TableWalk walk(from); !walk.done(); walk.advance()) {
    for (uint32_t k = 0; k < from.info->keyCount; ++k)
      if (from.info->keyTypes[k]->isManaged()) vm::retain(walk.keys()[k]);
    if (out->insert(walk.keys(), Slot::unset()) == vm::TableObject::none)
      return call.fail(outOfMemory);
  }
  call.returnValue(Value::adopt(type, out.take()));
}

void returnKeyedBy(NativeCall& call, const std::vector<uint32_t>& entries) {
  vm::TableObject& table = vm::tableOf(call.any(1).slot);
  auto out = resultVector(call);
  for (uint32_t entry : entries) {
    Slot key = table.keysOf(entry)[0];
    vm::retain(key);
    if (!out->append(key)) return call.fail(outOfMemory);
  }
  call.returnRef(std::move(out));
}
bool subnetKeyed(NativeCall& call) {
  TypedSlot table = call.any(1);
  if (table.type->isTableOrSet() && vm::tableOf(table.slot).info->subnetKeyed) return true;
  call.warn("matching_subnets needs to be called on a set[subnet]/table[subnet].");
  return false;
}
void matchingSubnets(NativeCall& call) {
  if (!subnetKeyed(call)) return call.returnRef(resultVector(call));
  returnKeyedBy(call, vm::tableOf(call.any(1).slot).allCovering(call.subnet(0)));
}
void filterSubnets(NativeCall& call) {
  TypedSlot table = call.any(1);
  if (!subnetKeyed(call)) return;
  vm::TableObject& from = vm::tableOf(table.slot);
  auto out = Ref<vm::TableObject>::adopt(call.heap().table(&table.type->asTable()));
  for (uint32_t entry : from.allCovering(call.subnet(0))) {
    Slot key = from.keysOf(entry)[0], value = Slot::unset();
    // Who is told of an entry has read it: &read_expire counts from now.
    call.vm().tableFind(from, &key);
    vm::retain(key);
    if (from.info->hasValue) {
      value = *from.valueOf(entry);
      if (from.info->valueManaged) vm::retain(value);
    }
    if (out->insert(&key, value) == vm::TableObject::none) return call.fail(outOfMemory);
  }
  call.returnValue(Value::adopt(table.type, out.take()));
}
void checkSubnet(NativeCall& call) {
  TypedSlot table = call.any(1);
  if (!subnetKeyed(call)) return call.returnBool(false);
  Slot key = call.slot(0);
  call.returnBool(vm::tableOf(table.slot).find(&key) != vm::TableObject::none);
}

// The order that a script function of two elements gives; below 0 means "first".
struct ScriptOrder {
  NativeCall& call;
  vm::FunctionObject* function;  // null: the natural order of numbers
  const types::Type* element;
  bool direct;  // the function takes elements as they are
  bool failed = false;

  bool before(Slot a, Slot b) {
    if (failed) return false;
    if (function == nullptr) return vm::compareValues(element, a, b) < 0;
    const Slot slots[] = {a, b};
    const TypedSlot typed[] = {{element, a}, {element, b}};
    Value answer = direct ? call.invokeChecked(*function, slots)
                          : call.invoke(*function, typed, call.vm().types().basic(Tag::integer));
    if (!call.failed() && answer.empty())
      call.failIn(*function, "comparison function did not return a value");
    if (call.failed()) {
      failed = true;
      return false;
    }
    return answer.slot().integer < 0;
  }
};

// Merge sort: stable, and safe with an order that contradicts itself.
std::vector<uint32_t> sortedPlaces(ScriptOrder& order, const std::vector<Slot>& elements) {
  std::vector<uint32_t> places(elements.size()), scratch(elements.size());
  for (uint32_t i = 0; i < places.size(); ++i) places[i] = i;
  for (size_t width = 1; width < places.size(); width *= 2) {
    for (size_t low = 0; low < places.size(); low += 2 * width) {
      size_t middle = std::min(low + width, places.size());
      size_t high = std::min(low + 2 * width, places.size());
      size_t a = low, b = middle, out = low;
      while (a < middle && b < high)
        scratch[out++] =
            order.before(elements[places[b]], elements[places[a]]) ? places[b++] : places[a++];
      while (a < middle) scratch[out++] = places[a++];
      while (b < high) scratch[out++] = places[b++];
    }
    places.swap(scratch);
    order.call.charge(places.size());
  }
  return places;
}

struct Subject {
  vm::VectorObject* vector = nullptr;
  const types::Type* element = nullptr;
  vm::FunctionObject* function = nullptr;
  bool direct = false;  // see ScriptOrder
};

// Only numbers have an order of their own.
bool hasOrder(const types::Type* element) {
  switch (element->tag()) {
    case Tag::count:
    case Tag::integer:
    case Tag::real:
    case Tag::time:
    case Tag::interval:
      return true;
    default:
      return false;
  }
}

// Empty with a message if the arguments are not a vector and, maybe, a function that compares two
// of its elements.
std::optional<Subject> subjectOf(NativeCall& call, const std::string& name) {
  TypedSlot vector = call.any(0);
  if (!vector.type->is(Tag::vector)) {
    call.warn(name + "() requires vector");
    return std::nullopt;
  }
  Subject out{&vm::vectorOf(vector.slot), vector.type->asVector().element()};
  if (out.element == nullptr) return out;  // an empty vector
  if (call.argumentCount() > 2) {
    call.warn(name + "() called with extraneous argument");
    return std::nullopt;
  }
  if (call.argumentCount() < 2) {
    if (hasOrder(out.element)) return out;
    call.warn("comparison function required for " + name + "() with non-numeric types");
    return std::nullopt;
  }
  TypedSlot function = call.any(1);
  if (!function.type->is(Tag::function)) {
    call.warn("second argument to " + name + "() needs to be comparison function");
    return std::nullopt;
  }
  const types::FuncType& type = function.type->asFunc();
  bool fits = type.result()->is(Tag::integer) && type.parameters().size() == 2;
  for (const auto& parameter : type.parameters())
    fits = fits && types::sameType(parameter.type, out.element);
  if (!fits) {
    call.warn("invalid comparison function in call to " + name + "()");
    return std::nullopt;
  }
  out.function = &vm::functionOf(function.slot);
  // What the function itself says may have `any` where the type of the argument has not.
  const types::FuncType& actual = *out.function->type;
  out.direct =
      !actual.variadic() && actual.parameters().size() == 2 && actual.result()->is(Tag::integer);
  for (const auto& parameter : actual.parameters())
    out.direct = out.direct && types::sameLayout(parameter.type, out.element);
  return out;
}
void sortVector(NativeCall& call) {
  TypedSlot argument = call.any(0);
  auto subject = subjectOf(call, "sort");
  if (subject && subject->vector->size > 1) {
    // The vector may change while the script compares: it sorts a copy of the elements.
    std::vector<Slot> elements(subject->vector->data,
                               subject->vector->data + subject->vector->size);
    bool managed = subject->vector->managed();
    if (managed)
      for (Slot s : elements) vm::retain(s);
    ScriptOrder order{call, subject->function, subject->element, subject->direct};
    auto places = sortedPlaces(order, elements);
    bool same = subject->vector->size == elements.size();
    for (size_t i = 0; i < places.size(); ++i) {
      if (!same || order.failed) {
        if (managed) vm::release(elements[i]);
        continue;
      }
      Slot old = subject->vector->data[i];
      subject->vector->data[i] = elements[places[i]];
      if (managed) vm::release(old);
    }
    if (order.failed) return;
  }
  call.returnValue(Value::share(argument.type, argument.slot));
}
void orderVector(NativeCall& call) {
  auto out = resultVector(call);
  auto subject = subjectOf(call, "order");
  if (!subject) return call.returnRef(std::move(out));
  std::vector<Slot> elements(subject->vector->data, subject->vector->data + subject->vector->size);
  if (subject->vector->managed())
    for (Slot s : elements) vm::retain(s);
  ScriptOrder order{call, subject->function, subject->element, subject->direct};
  auto places = sortedPlaces(order, elements);
  if (subject->vector->managed())
    for (Slot s : elements) vm::release(s);
  if (order.failed) return;
  for (uint32_t place : places)
    if (!out->append(Slot::ofCount(place))) return call.fail(outOfMemory);
  call.returnRef(std::move(out));
}

void anySet(NativeCall& call) {
  vm::VectorObject& v = vm::vectorOf(call.any(0).slot);
  for (uint32_t i = 0; i < v.size; ++i)
    if (v.has(i) && v.data[i].boolean()) return call.returnBool(true);
  call.returnBool(false);
}
void allSet(NativeCall& call) {
  vm::VectorObject& v = vm::vectorOf(call.any(0).slot);
  for (uint32_t i = 0; i < v.size; ++i)
    if (!v.has(i) || !v.data[i].boolean()) return call.returnBool(false);
  call.returnBool(true);
}
void resizeVector(NativeCall& call) {
  TypedSlot vector = call.any(0);
  if (!vector.type->is(Tag::vector)) {
    call.warn("resize() operates on vectors");
    return call.returnCount(0);
  }
  uint64_t old = vm::vectorOf(vector.slot).size;
  if (!vm::vectorOf(vector.slot).resize(call.count(1))) return call.fail(outOfMemory);
  call.returnCount(old);
}
constexpr vm::NativeRow rows[] = {
    {"clear_table", "function(v: any)", "Removes all elements of a table or set.", clearTable},
    {"table_keys", "function(t: any): any", "The keys of a table as a set.", tableKeys},
    {"matching_subnets", "function(search: subnet, t: any): subnet_vec",
     "The keys that cover a subnet.", matchingSubnets},
    {"filter_subnet_table", "function(search: subnet, t: any): any",
     "The elements whose keys cover a subnet.", filterSubnets},
    {"check_subnet", "function(search: subnet, t: any): bool",
     "Whether exactly this subnet is a key.", checkSubnet},
    {"sort", "function(v: any, ...): any",
     "Sorts a vector in place: numbers from the least up, other elements by a function of two of "
     "them "
     "whose result is below 0 where the first one comes first. Equal ones keep their places.",
     sortVector},
    {"order", "function(v: any, ...): index_vec",
     "The places of a vector's elements in the order in which sort would bring them.", orderVector},
    {"any_set", "function(v: any): bool", "Whether an element of a vector of bool is T.", anySet},
    {"all_set", "function(v: any): bool", "Whether all elements of a vector of bool are T.",
     allSet},
    {"resize", "function(aggr: any, newsize: count): count",
     "Changes the length of a vector; answers the old one.", resizeVector},
};

}  // namespace

Rows containerRows() { return rows; }

}  // namespace bulkhead::builtins
