// The slow parts of instructions: whatever allocates, fails, converts or walks containers.

#include "sdk/script/vm/cast.h"
#include "sdk/script/vm/describe.h"
#include "sdk/script/vm/pattern.h"
#include "sdk/script/vm/vm-impl.h"

#include <algorithm>
#include <cmath>

namespace bulkhead::vm {

using types::Tag;

namespace {

// Bounds of slices count from the end when negative and stop at the ends.
int64_t sliceIndex(int64_t index, int64_t length) {
  if (index > length) return length;
  if (index < -length) return 0;
  return index < 0 ? index + length : index;
}

// Negative indices count from the end; one that goes before the beginning is too large.
uint64_t fromTheEnd(Slot index, const VectorObject& vector) {
  return index.integer < 0 ? index.count + vector.size : index.count;
}

constexpr int maxConvertDepth = 100;

}  // namespace

// ---- Records

bool Vm::Impl::missingField(const RecordObject& record, uint32_t field, Slot& value) {
  const RecordLayout& layout = *record.layout;
  if (layout.image[field].bits != 0 ||
      (layout.imagePresence[field / 64] >> (field % 64) & 1) != 0) {
    value = layout.image[field];
    if (layout.isManaged(field)) retain(value);
    return true;
  }
  for (const auto& initial : layout.defaults) {
    if (initial.field != field) continue;
    RunResult result = execute(program.codes[initial.code], {}, nullptr);
    status = result.status == RunStatus::done ? status : result.status;
    value = result.value;
    return result.status == RunStatus::done;
  }
  return fail("field value missing ($" + layout.type->field(field).name + ")");
}

// A field with a default has it again afterwards.
bool Vm::Impl::deleteField(RecordObject& record, uint32_t field) {
  auto keep = Ref<RecordObject>::share(&record);
  record.clear(field);
  const RecordLayout& layout = *record.layout;
  bool constant =
      layout.image[field].bits != 0 || (layout.imagePresence[field / 64] >> (field % 64) & 1) != 0;
  bool computed = false;
  for (const auto& initial : layout.defaults) computed = computed || initial.field == field;
  if (!constant && !computed) return true;
  Slot value;
  if (!missingField(record, field, value)) return false;
  record.set(field, value);
  return true;
}

bool Vm::Impl::computeDefaults(RecordObject& record) {
  for (const auto& initial : record.layout->defaults) {
    if (record.has(initial.field)) continue;
    RunResult result = execute(program.codes[initial.code], {}, nullptr);
    if (result.status != RunStatus::done) {
      status = result.status;
      return false;
    }
    record.set(initial.field, result.value);
  }
  return true;
}

bool Vm::Impl::makeRecord(const types::RecordType* type, Slot& value) {
  auto record = Ref<RecordObject>::adopt(heap.record(heap.layout(type)));
  if (!record->layout->defaults.empty() && !computeDefaults(*record)) return false;
  value = record.take();
  return true;
}

bool Vm::Impl::coerceRecord(const RecordMap& map, RecordObject& from, Slot& value) {
  auto keep = Ref<RecordObject>::share(&from);
  auto to = Ref<RecordObject>::adopt(heap.record(heap.layout(map.target)));
  for (uint32_t i = 0; i < map.parts.size(); ++i) {
    const RecordMap::Part& part = map.parts[i];
    if (part.source == RecordMap::fromDefault) continue;
    auto source = static_cast<uint32_t>(part.source);
    if (!from.has(source)) continue;
    const Type* wanted = map.target->field(i).type;
    if (types::sameLayout(part.sourceType, wanted)) {
      Slot slot = from.get(source);
      if (wanted->isManaged()) retain(slot);
      to->set(i, slot);
      continue;
    }
    std::string error;
    Value converted = convert({part.sourceType, from.get(source)}, wanted, error, maxConvertDepth);
    if (converted.empty()) return fail(error);
    to->set(i, converted.take());
  }
  if (!computeDefaults(*to)) return false;
  value = to.take();
  return true;
}

// ---- Strings

bool Vm::Impl::concat(Slot a, Slot b, Slot& value) {
  std::string_view x = textOf(a);
  std::string_view y = textOf(b);
  StringObject* string = heap.uninitializedString(x.size() + y.size());
  if (string == nullptr) return fail("memory limit reached");
  if (!x.empty()) std::memcpy(string->bytes(), x.data(), x.size());
  if (!y.empty()) std::memcpy(string->bytes() + x.size(), y.data(), y.size());
  budget -= static_cast<int64_t>(string->size / 256);
  value = Slot::ofObject(string);
  return true;
}

bool Vm::Impl::stringAt(Slot string, int64_t index, Slot& value) {
  std::string_view text = textOf(string);
  auto length = static_cast<int64_t>(text.size());
  if (index < 0) index += length;
  value = Slot::ofObject(index < 0 || index >= length
                             ? heap.emptyString()
                             : heap.string(text.substr(static_cast<size_t>(index), 1)));
  return !value.isUnset() || fail("memory limit reached");
}

bool Vm::Impl::stringSlice(Slot string, int64_t low, int64_t high, Slot& value) {
  std::string_view text = textOf(string);
  auto length = static_cast<int64_t>(text.size());
  int64_t first = sliceIndex(low, length);
  int64_t last = sliceIndex(high, length);
  value =
      Slot::ofObject(last <= first ? heap.emptyString()
                                   : heap.string(text.substr(static_cast<size_t>(first),
                                                             static_cast<size_t>(last - first))));
  return !value.isUnset() || fail("memory limit reached");
}

bool Vm::Impl::joinPatterns(Slot a, Slot b, PatternJoin* join, Slot& value) {
  std::string error;
  const CompiledPattern& x = *patternOf(a).pattern;
  const CompiledPattern& y = *patternOf(b).pattern;
  auto joined = join(x, y, error);
  if (joined == nullptr) return fail("cannot join patterns: " + error);
  value = Slot::ofObject(heap.pattern(std::move(joined)));
  return true;
}

Value Vm::Impl::copyOf(const Type* type, Slot value) {
  if (value.isUnset()) return deepCopy(heap, type, value);
  Object* made = nullptr;
  if (type->is(types::Tag::string)) {
    made = heap.string(textOf(value));
  } else if (type->is(types::Tag::pattern)) {
    made = heap.pattern(patternOf(value).pattern->clone());
  } else {
    return deepCopy(heap, type, value);
  }
  return made == nullptr ? Value() : Value::adopt(type, Slot::ofObject(made));
}

bool Vm::Impl::maskAddr(Slot addr, uint64_t width, Slot& value) {
  IpAddr address = addrOf(addr);
  uint64_t most = address.isV4() ? 32 : 128;
  if (width > most) {
    return fail("bad IPv" + std::string(address.isV4() ? "4" : "6") +
                " subnet prefix length: " + std::to_string(width));
  }
  value = heap.subnet({address.masked(static_cast<int>(width)), static_cast<uint8_t>(width)});
  return true;
}

Slot Vm::Impl::sizeOf(const Type* type, Slot value) {
  switch (type->tag()) {
    case Tag::integer:
    case Tag::enumeration:
      return Slot::ofCount(value.integer < 0 ? 0 - value.count : value.count);
    case Tag::boolean:
    case Tag::count:
      return Slot::ofCount(value.count);
    case Tag::port:
      // Its number, with the protocol's above it: 65616 for 80/tcp.
      return Slot::ofCount(uint64_t{static_cast<uint8_t>(value.port().transport)} << 16 |
                           value.port().number);
    case Tag::real:
    case Tag::time:
    case Tag::interval:
      return Slot::ofReal(std::fabs(value.real));
    case Tag::string:
      return Slot::ofCount(stringOf(value).size);
    case Tag::addr:
      return Slot::ofCount(addrOf(value).isV4() ? 32 : 128);
    case Tag::subnet:
      return Slot::ofReal(std::pow(2.0, 128 - subnetOf(value).width128()));
    case Tag::table:
    case Tag::set:
      return Slot::ofCount(tableOf(value).size());
    case Tag::vector:
      return Slot::ofCount(vectorOf(value).size);
    case Tag::record:
      return Slot::ofCount(recordOf(value).layout->fieldCount);
    case Tag::function:
      return Slot::ofCount(functionOf(value).type->parameters().size());
    case Tag::file:
      return Slot::ofReal(static_cast<double>(fileOf(value).written));
    case Tag::any: {
      TypedSlot inner = unboxed({type, value});
      return inner.type->is(Tag::any) ? Slot::ofCount(0) : sizeOf(inner.type, inner.slot);
    }
    default:
      return Slot::ofCount(0);
  }
}

// ---- Vectors

bool Vm::Impl::vectorGet(VectorObject& vector, Slot index, Slot& value) {
  uint64_t i = fromTheEnd(index, vector);
  if (i >= vector.size || !vector.has(static_cast<uint32_t>(i))) return fail("no such index");
  value = vector.data[i];
  return true;
}

bool Vm::Impl::vectorPut(VectorObject& vector, Slot index, Slot value) {
  uint64_t i = fromTheEnd(index, vector);
  if (!vector.set(i, value)) return fail("vector index is too large or memory limit reached");
  return true;
}

Slot Vm::Impl::boxElement(VectorObject& vector, Slot element) {
  const Type* type = vector.type->element();
  if (vector.managed()) retain(element);
  return type->is(Tag::any) ? element : heap.box(type, element);
}

bool Vm::Impl::elementOf(VectorObject& vector, Slot any, Slot& value) {
  const Type* type = vector.type->element();
  if (type->is(Tag::any)) {
    value = any;
    retain(value);
    return true;
  }
  std::string error;
  Value converted = convert({types.basic(Tag::any), any}, type, error, maxConvertDepth);
  if (converted.empty()) return fail(error);
  value = converted.take();
  return true;
}

bool Vm::Impl::slice(const VectorObject& vector, int64_t low, int64_t high, Slot& value) {
  auto result = Ref<VectorObject>::adopt(heap.vector(vector.type));
  int64_t first = sliceIndex(low, vector.size);
  int64_t last = sliceIndex(high, vector.size);
  for (int64_t i = first; i < last; ++i) {
    auto at = static_cast<uint32_t>(i);
    bool ok;
    if (vector.has(at)) {
      if (vector.managed()) retain(vector.data[at]);
      ok = result->append(vector.data[at]);
    } else {
      ok = result->resize(uint64_t{result->size} + 1);
    }
    if (!ok) return fail("memory limit reached");
  }
  value = result.take();
  return true;
}

bool Vm::Impl::putSlice(VectorObject& vector, int64_t low, int64_t high, VectorObject& value) {
  auto keep = Ref<VectorObject>::share(&value);
  if (!types::sameLayout(vector.type->element(), value.type->element())) {
    std::string error;
    Value converted =
        convert({value.type, Slot::ofObject(&value)}, vector.type, error, maxConvertDepth);
    if (converted.empty()) return fail(error);
    return putSlice(vector, low, high, vectorOf(converted.slot()));
  }
  int64_t first = sliceIndex(low, vector.size);
  int64_t last = sliceIndex(high, vector.size);
  std::vector<Slot> inserted(value.data, value.data + value.size);  // `value` may be `vector`
  for (Slot slot : inserted) {
    if (value.managed()) retain(slot);
  }
  if (last > first) vector.erase(static_cast<uint32_t>(first), static_cast<uint32_t>(last));
  for (size_t i = 0; i < inserted.size(); ++i) {
    if (vector.insert(static_cast<uint32_t>(first) + static_cast<uint32_t>(i), inserted[i]))
      continue;
    for (size_t rest = i + 1; rest < inserted.size(); ++rest) {
      if (value.managed()) release(inserted[rest]);
    }
    return fail("memory limit reached");
  }
  return true;
}

bool Vm::Impl::scalarOperation(const VectorOperation& op, Slot a, Slot b, Slot& value) {
  const Type* type = op.operand;
  bool real = type->is(Tag::real) || type->is(Tag::time) || type->is(Tag::interval);
  bool isSigned = type->is(Tag::integer);
  auto compare = [&] { return compareValues(type, a, b); };
  switch (op.op) {
    case VectorOp::add:
      if (type->is(Tag::string)) return concat(a, b, value);
      value = real ? Slot::ofReal(a.real + b.real) : Slot::ofCount(a.count + b.count);
      return true;
    case VectorOp::subtract:
      value = real ? Slot::ofReal(a.real - b.real) : Slot::ofCount(a.count - b.count);
      return true;
    case VectorOp::multiply:
      value = real ? Slot::ofReal(a.real * b.real) : Slot::ofCount(a.count * b.count);
      return true;
    case VectorOp::divide:
      if (real) {
        if (b.real == 0) return fail("division by zero");
        value = Slot::ofReal(a.real / b.real);
      } else if (b.bits == 0) {
        return fail("division by zero");
      } else if (isSigned) {
        value = b.integer == -1 ? Slot::ofCount(0 - a.count) : Slot::ofInt(a.integer / b.integer);
      } else {
        value = Slot::ofCount(a.count / b.count);
      }
      return true;
    case VectorOp::modulo:
      if (b.bits == 0) return fail("modulo by zero");
      if (isSigned) {
        value = b.integer == -1 ? Slot::ofInt(0) : Slot::ofInt(a.integer % b.integer);
      } else {
        value = Slot::ofCount(a.count % b.count);
      }
      return true;
    case VectorOp::bitAnd:
      value = Slot(a.bits & b.bits);
      return true;
    case VectorOp::bitOr:
      value = Slot(a.bits | b.bits);
      return true;
    case VectorOp::bitXor:
      value = Slot(a.bits ^ b.bits);
      return true;
    case VectorOp::shiftLeft:
      if (isSigned && a.integer < 0) {
        return fail("left shifting a negative number is undefined");
      }
      value = Slot::ofCount(b.count > 63 ? 0 : a.count << b.count);
      return true;
    case VectorOp::shiftRight:
      value = isSigned ? Slot::ofInt(a.integer >> std::min<uint64_t>(b.count, 63))
                       : Slot::ofCount(b.count > 63 ? 0 : a.count >> b.count);
      return true;
    case VectorOp::logicalAnd:
      value = Slot::ofBool(a.boolean() && b.boolean());
      return true;
    case VectorOp::logicalOr:
      value = Slot::ofBool(a.boolean() || b.boolean());
      return true;
    case VectorOp::equal:
      value = Slot::ofBool(equalValues(type, a, b));
      return true;
    case VectorOp::notEqual:
      value = Slot::ofBool(!equalValues(type, a, b));
      return true;
    case VectorOp::less:
      value = Slot::ofBool(compare() < 0);
      return true;
    case VectorOp::lessEqual:
      value = Slot::ofBool(compare() <= 0);
      return true;
    case VectorOp::greater:
      value = Slot::ofBool(compare() > 0);
      return true;
    case VectorOp::greaterEqual:
      value = Slot::ofBool(compare() >= 0);
      return true;
    case VectorOp::negate:
      value = real ? Slot::ofReal(-a.real) : Slot::ofCount(0 - a.count);
      return true;
    case VectorOp::logicalNot:
      value = Slot::ofBool(!a.boolean());
      return true;
    case VectorOp::complement:
      value = Slot(~a.bits);
      return true;
    case VectorOp::convert: {
      std::string error;
      Value converted = convert({type, a}, op.result->element(), error, maxConvertDepth);
      if (converted.empty()) return fail(error);
      value = converted.take();
      return true;
    }
  }
  return fail("vector operation is not known");
}

bool Vm::Impl::vectorBinary(const VectorOperation& op, VectorObject& a, VectorObject& b,
                            Slot& value) {
  if (a.size != b.size) return fail("vector operands are of different sizes");
  auto result = Ref<VectorObject>::adopt(heap.vector(op.result));
  for (uint32_t i = 0; i < a.size; ++i) {
    Slot element;
    bool ok;
    if (a.has(i) && b.has(i)) {
      if (!scalarOperation(op, a.data[i], b.data[i], element)) return false;
      ok = result->append(element);
    } else {
      ok = result->resize(uint64_t{i} + 1);
    }
    if (!ok) return fail("memory limit reached");
  }
  value = result.take();
  return true;
}

bool Vm::Impl::vectorUnary(const VectorOperation& op, VectorObject& a, Slot& value) {
  auto result = Ref<VectorObject>::adopt(heap.vector(op.result));
  for (uint32_t i = 0; i < a.size; ++i) {
    Slot element;
    bool ok;
    bool holds = a.has(i);
    if (holds && !scalarOperation(op, a.data[i], Slot::unset(), element)) {
      // An element that cannot be converted is reported and leaves a hole.
      if (op.op != VectorOp::convert) return false;
      status = RunStatus::done;
      holds = false;
    }
    if (holds) {
      ok = result->append(element);
    } else {
      ok = result->resize(uint64_t{i} + 1);
    }
    if (!ok) return fail("memory limit reached");
  }
  value = result.take();
  return true;
}

bool Vm::Impl::vectorSelect(VectorObject& a, VectorObject& mask, Slot& value) {
  if (a.size != mask.size) return fail("size mismatch, boolean index and vector");
  auto result = Ref<VectorObject>::adopt(heap.vector(a.type));
  for (uint32_t i = 0; i < a.size; ++i) {
    if (!mask.has(i) || !mask.data[i].boolean()) continue;
    bool ok;
    if (a.has(i)) {
      if (a.managed()) retain(a.data[i]);
      ok = result->append(a.data[i]);
    } else {
      ok = result->resize(uint64_t{result->size} + 1);
    }
    if (!ok) return fail("memory limit reached");
  }
  value = result.take();
  return true;
}

bool Vm::Impl::vectorByIndex(VectorObject& a, VectorObject& indices, Slot& value) {
  auto result = Ref<VectorObject>::adopt(heap.vector(a.type));
  for (uint32_t i = 0; i < indices.size; ++i) {
    if (!indices.has(i)) {
      if (!result->resize(uint64_t{result->size} + 1)) return fail("memory limit reached");
      continue;
    }
    Slot element;
    if (!vectorGet(a, indices.data[i], element)) return false;
    if (a.managed()) retain(element);
    if (!result->append(element)) return fail("memory limit reached");
  }
  value = result.take();
  return true;
}

bool Vm::Impl::vectorChoose(VectorObject& mask, VectorObject& a, VectorObject& b, Slot& value) {
  if (mask.size != a.size || mask.size != b.size) {
    return fail("vector operands are of different sizes");
  }
  auto result = Ref<VectorObject>::adopt(heap.vector(a.type));
  for (uint32_t i = 0; i < mask.size; ++i) {
    bool ok;
    VectorObject& from = mask.has(i) && mask.data[i].boolean() ? a : b;
    if (mask.has(i) && from.has(i)) {
      if (from.managed()) retain(from.data[i]);
      ok = result->append(from.data[i]);
    } else {
      ok = result->resize(uint64_t{i} + 1);
    }
    if (!ok) return fail("memory limit reached");
  }
  value = result.take();
  return true;
}

// ---- Sets and containers

bool Vm::Impl::setBinary(TableObject& a, TableObject& b, SetOp op, Slot& value) {
  auto result = Ref<TableObject>::adopt(heap.table(a.info->type));
  budget -= static_cast<int64_t>(a.size()) + b.size();
  result->flags |= (a.flags | b.flags) & tableTouched;
  if (op == SetOp::unite) result->reserve(std::max(a.size(), b.size()));
  for (TableWalk walk(a); !walk.done(); walk.advance()) {
    uint32_t e = walk.entry();
    bool inBoth = op != SetOp::unite && b.findFrom(a, e) != TableObject::none;
    if (op == SetOp::unite || inBoth == (op == SetOp::intersect)) {
      if (result->insertFrom(a, e, true) == TableObject::none) return fail("memory limit reached");
    }
  }
  if (op == SetOp::unite) {
    for (TableWalk walk(b); !walk.done(); walk.advance()) {
      if (result->insertFrom(b, walk.entry(), false) == TableObject::none)
        return fail("memory limit reached");
    }
  }
  value = result.take();
  return true;
}

bool Vm::Impl::setCompare(TableObject& a, TableObject& b, SetOp op) {
  if (op == SetOp::equal && a.info->hasValue) {
    return equalValues(a.info->type, Slot::ofObject(&a), Slot::ofObject(&b));
  }
  if (op == SetOp::equal && a.size() != b.size()) return false;
  if (op == SetOp::properSubset && a.size() >= b.size()) return false;
  if (a.size() > b.size()) return false;
  for (uint32_t e = a.next(0); e != TableObject::none; e = a.next(e + 1)) {
    if (b.find(a.keysOf(e)) == TableObject::none) return false;
  }
  return true;
}

bool Vm::Impl::containerAdd(Slot target, Slot source, bool removes) {
  if (target.isUnset() || source.isUnset()) return fail("value used but not set");
  switch (target.object->kind) {
    case Kind::vector: {
      VectorObject& to = vectorOf(target);
      auto from = Ref<VectorObject>::share(&vectorOf(source));
      uint32_t size = from->size;
      bool alike = types::sameLayout(to.type->element(), from->type->element());
      for (uint32_t i = 0; i < size; ++i) {
        bool ok;
        if (from->has(i) && !alike) {
          std::string error;
          Value element = convert({from->type->element(), from->data[i]}, to.type->element(), error,
                                  maxConvertDepth);
          if (element.empty()) {
            // As in Zeek the handler goes on, without what does not fit.
            reportHere(Severity::error, error, true);
            return true;
          }
          ok = to.append(element.take());
        } else if (from->has(i)) {
          if (to.managed()) retain(from->data[i]);
          ok = to.append(from->data[i]);
        } else {
          ok = to.resize(uint64_t{to.size} + 1);
        }
        if (!ok) return fail("memory limit reached");
      }
      return true;
    }
    case Kind::table: {
      TableObject& to = tableOf(target);
      TableWalk walk(tableOf(source));
      for (; !walk.done(); walk.advance()) {
        bool ok = removes
                      ? erase(to, walk.keys())
                      : insert(to, walk.keys(), to.info->hasValue ? walk.value() : Slot::unset());
        if (!ok) return false;
      }
      return true;
    }
    default:
      return fail("+= and -= need a container");
  }
}

// ---- any, conversion

// What is in a Broker::Data, if another type is wanted; of type `any` if there is nothing. All else
// stays what it is.
TypedSlot Vm::Impl::inside(TypedSlot value, const Type* wanted) const {
  if (value.type == nullptr || !types::isBrokerData(value.type) ||
      types::sameType(value.type, wanted))
    return value;
  const RecordObject& data = recordOf(value.slot);
  const TypedSlot nothing{types.basic(Tag::any), Slot::unset()};
  auto field = data.layout->type->offsetOf("data");
  if (!field || !data.has(*field)) return nothing;
  return unboxed({data.layout->type->field(*field).type, data.get(*field)});
}

bool Vm::Impl::isOfType(TypedSlot value, const Type* type) {
  if (type->is(Tag::any)) return true;
  value = inside(value, type);
  return value.type != nullptr && !value.type->is(Tag::any) && types::sameType(value.type, type);
}

bool Vm::Impl::unbox(Slot any, const Type* type, Slot& value) {
  TypedSlot inner = unboxed({types.basic(Tag::any), any});
  if (inner.type->is(Tag::any)) return fail("value used but not set");
  const Type* given = inner.type;
  inner = inside(inner, type);
  auto refuse = [&](const char* why) {
    return fail("invalid cast of value with type '" + types::typeText(given) + "' to type '" +
                types::typeText(type) + "'" + why);
  };
  if (inner.type->is(Tag::any)) return refuse(": there is nothing in it");
  if (types::sameLayout(inner.type, type)) {
    value = inner.slot;
    if (type->isManaged()) retain(value);
    return true;
  }
  if (isOfType(inner, type)) {
    std::string error;
    Value converted = convert(inner, type, error, maxConvertDepth);
    if (!converted.empty()) {
      value = converted.take();
      return true;
    }
  }
  given = inner.type;
  return refuse("");
}

Value Vm::Impl::convert(TypedSlot value, const Type* to, std::string& error, int depth) {
  if (value.type == to || types::sameLayout(value.type, to)) return Value::share(to, value.slot);
  if (value.type->is(Tag::any)) {
    value = unboxed(value);
    if (value.type->is(Tag::any)) {
      error = "value used but not set";
      return {};
    }
    if (types::sameLayout(value.type, to)) return Value::share(to, value.slot);
  }
  if (depth <= 0) {
    error = "value is nested too deep";
    return {};
  }
  if (to->is(Tag::any)) {
    if (value.type->isManaged()) retain(value.slot);
    return Value::adopt(to, heap.box(value.type, value.slot));
  }
  auto mismatch = [&]() -> Value {
    error = "type mismatch: " + types::typeText(value.type) + " where " + types::typeText(to) +
            " is wanted";
    return {};
  };
  Slot s = value.slot;
  Tag from = value.type->tag();
  switch (to->tag()) {
    case Tag::real:
      if (from == Tag::count) return Value::adopt(to, Slot::ofReal(static_cast<double>(s.count)));
      if (from == Tag::integer) {
        return Value::adopt(to, Slot::ofReal(static_cast<double>(s.integer)));
      }
      return mismatch();
    case Tag::time:
    case Tag::interval:
      if (from == Tag::real) return Value::adopt(to, s);
      return mismatch();
    case Tag::integer:
      if (from == Tag::count) {
        if (s.integer < 0) {
          error = "overflow promoting from unsigned/double to signed arithmetic value";
          return {};
        }
        return Value::adopt(to, s);
      }
      return mismatch();
    case Tag::count:
      if (from == Tag::integer) {
        if (s.integer < 0) {
          error = "overflow promoting from signed/double to unsigned arithmetic value";
          return {};
        }
        return Value::adopt(to, s);
      }
      return mismatch();
    case Tag::record: {
      if (from != Tag::record) return mismatch();
      const auto& target = to->asRecord();
      RecordObject& source = recordOf(s);
      auto record = Ref<RecordObject>::adopt(heap.record(heap.layout(&target)));
      for (uint32_t i = 0; i < target.fields().size(); ++i) {
        auto offset = source.layout->type->offsetOf(target.field(i).name);
        if (!offset || !source.has(*offset)) continue;
        Value part = convert({source.layout->type->field(*offset).type, source.get(*offset)},
                             target.field(i).type, error, depth - 1);
        if (part.empty()) return {};
        record->set(i, part.take());
      }
      if (!computeDefaults(*record)) {
        error = "a default could not be computed";
        return {};
      }
      return Value::adopt(to, record.take());
    }
    case Tag::vector: {
      if (from != Tag::vector) return mismatch();
      VectorObject& source = vectorOf(s);
      auto vector = Ref<VectorObject>::adopt(heap.vector(&to->asVector()));
      for (uint32_t i = 0; i < source.size; ++i) {
        if (!source.has(i)) {
          if (!vector->resize(uint64_t{i} + 1)) break;
          continue;
        }
        Value part = convert({source.type->element(), source.data[i]}, to->asVector().element(),
                             error, depth - 1);
        if (part.empty()) return {};
        if (!vector->append(part.take())) break;
      }
      if (vector->size != source.size) {
        error = "memory limit reached";
        return {};
      }
      return Value::adopt(to, vector.take());
    }
    case Tag::table:
    case Tag::set: {
      if (!value.type->isTableOrSet()) return mismatch();
      TableObject& source = tableOf(s);
      auto table = Ref<TableObject>::adopt(heap.table(&to->asTable()));
      if (source.size() > 0 && (source.info->keyCount != table->info->keyCount ||
                                source.info->hasValue != table->info->hasValue)) {
        return mismatch();
      }
      table->flags |= source.flags & tableTouched;
      TableWalk walk(source);
      for (; !walk.done(); walk.advance()) {
        std::vector<Value> keys;
        std::vector<Slot> slots;
        for (uint32_t k = 0; k < source.info->keyCount; ++k) {
          Value key = convert({source.info->keyTypes[k], walk.keys()[k]}, table->info->keyTypes[k],
                              error, depth - 1);
          if (key.empty()) return {};
          slots.push_back(key.slot());
          keys.push_back(std::move(key));
        }
        Value part;
        if (source.info->hasValue) {
          part = convert({source.info->type->value(), walk.value()}, table->info->type->value(),
                         error, depth - 1);
          if (part.empty()) return {};
        }
        if (!insert(*table, slots.data(), part.slot())) {
          error = "memory limit reached";
          return {};
        }
      }
      return Value::adopt(to, table.take());
    }
    case Tag::function:
      if (from == Tag::function) return Value::share(to, s);
      return mismatch();
    default:
      if (types::sameType(value.type, to)) return Value::share(to, s);
      return mismatch();
  }
}

bool Vm::Impl::convertBy(const Conversion& conversion, Slot from, Slot& value) {
  std::string error;
  Value converted = convert({conversion.from, from}, conversion.to, error, maxConvertDepth);
  if (converted.empty()) return fail(error);
  value = converted.take();
  return true;
}

void Vm::Impl::putInOrder(IteratorObject& iterator) {
  auto order = heap.walkOrder(*static_cast<TableObject*>(iterator.subject));
  if (!order) return;
  iterator.order = new std::vector<uint32_t>(std::move(*order));
  iterator.orderAt = 0;
  heap.charge(iterator.order->size() * sizeof(uint32_t));
}

uint32_t Vm::Impl::nextInOrder(IteratorObject& iterator) {
  const auto& table = *static_cast<TableObject*>(iterator.subject);
  while (iterator.orderAt < iterator.order->size()) {
    uint32_t entry = (*iterator.order)[iterator.orderAt++];
    if (table.isLive(entry)) return entry;
  }
  return TableObject::none;
}

// What an any holds is taken as it is if it is of the type, and in another form if there is one.
bool Vm::Impl::changesForm(const Conversion& conversion, TypedSlot& from) {
  if (!conversion.from->is(Tag::any)) return true;
  TypedSlot inner = unboxed(from);
  if (inner.type->is(Tag::any) || isOfType(inner, conversion.to) ||
      !types::castable(inner.type, conversion.to)) {
    return false;
  }
  from = inner;
  return true;
}

bool Vm::Impl::castBy(const Conversion& conversion, Slot from, Slot& value) {
  TypedSlot given{conversion.from, from};
  if (!changesForm(conversion, given)) return unbox(from, conversion.to, value);
  std::string error;
  Value made = castValue(heap, given, conversion.to, error);
  if (made.empty()) {
    return fail("invalid cast of value with type '" + types::typeText(given.type) + "' to type '" +
                types::typeText(conversion.to) + "': " + error);
  }
  value = made.take();
  return true;
}

bool Vm::Impl::canCast(const Conversion& conversion, Slot from) {
  TypedSlot given{conversion.from, from};
  if (!changesForm(conversion, given)) return isOfType(unboxed(given), conversion.to);
  std::string error;
  return !castValue(heap, given, conversion.to, error).empty();
}

// ---- Closures, print, messages

bool Vm::Impl::makeClosure(const ClosureSite& site, const Slot* r, Slot& value) {
  const types::FuncType* type = program.functions[site.function].type;
  auto closure = Ref<FunctionObject>::adopt(
      heap.function(type, site.function, static_cast<uint32_t>(site.captures.size()),
                    site.managedCaptures, site.captureTypes.data()));
  for (size_t i = 0; i < site.captures.size(); ++i) {
    const Argument& capture = site.captures[i];
    Slot slot = r[capture.reg];
    if (capture.managed) {
      if (site.deepCopy[i] && !slot.isUnset()) {
        Value copy = deepCopy(heap, capture.type, slot);
        if (copy.empty()) return fail("captured value is too large or too deep to copy");
        slot = copy.take();
      } else {
        retain(slot);
      }
    }
    closure->captures()[i] = slot;
  }
  value = closure.take();
  return true;
}

bool Vm::Impl::print(const CallSite& site, const Slot* r, FileObject* file) {
  if (file != nullptr && !file->open) return true;
  if (printTap) {
    std::vector<TypedSlot> values;
    for (const Argument& argument : site.arguments)
      values.push_back(unboxed({argument.type, r[argument.reg]}));
    if (printTap(file, values)) return true;
  }
  bool raw = file != nullptr && file->raw;
  printBuffer.clear();
  bool first = true;
  for (const Argument& argument : site.arguments) {
    if (!first && !raw) printBuffer += ", ";
    first = false;
    bulkhead::vm::describe(printBuffer, &program, argument.type, r[argument.reg],
                           raw ? describeRaw : DescribeOptions{});
  }
  if (!raw) printBuffer += '\n';
  budget -= static_cast<int64_t>(printBuffer.size() / 64);
  if (file == nullptr) {
    host.print(printBuffer);
  } else if (!host.writeFile(file->handle, printBuffer)) {
    reportHere(Severity::error, "cannot write to " + std::string(file->name->view()), false);
  } else {
    file->written += printBuffer.size();
  }
  return true;
}

bool Vm::Impl::overBudget() {
  if (heap.pastHardLimit()) return fail("memory limit reached");
  ++counters.budgetExceeded;
  budget = 0;
  return fail("instruction budget exceeded");
}

bool Vm::Impl::fail(std::string message) {
  status = RunStatus::failed;
  reportHere(Severity::error, std::move(message), true);
  return false;
}

void Vm::Impl::reportHere(Severity severity, std::string message, bool expression) {
  Report report;
  report.severity = severity;
  report.message = std::move(message);
  report.place = vm.currentPlace();
  report.stack = vm.scriptStack();
  report.expression = expression;
  host.report(report);
}

void Vm::Impl::reportAt(Place place, std::string message) {
  Report report;
  report.severity = Severity::error;
  report.message = std::move(message);
  report.place = place;
  report.stack = vm.scriptStack();
  report.expression = true;
  host.report(report);
}

Place Vm::Impl::placeOfFunction(uint32_t function) const {
  const auto& bodies = program.functions[function].bodies;
  if (bodies.empty()) return {};
  const Code& code = program.codes[bodies[0].code];
  return placeOf(code, code.instructions.data());
}

Place Vm::Impl::placeOf(const Code& code, const Instruction* pc) const {
  auto offset = static_cast<uint32_t>(pc - code.instructions.data());
  auto after = std::upper_bound(code.lines.begin(), code.lines.end(), offset,
                                [](uint32_t o, const Code::Line& line) { return o < line.pc; });
  if (after == code.lines.begin()) return {};
  const Code::Line& line = *--after;
  return {program.files[line.file], line.line, line.column};
}

}  // namespace bulkhead::vm
