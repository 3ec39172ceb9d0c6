#include "tests/fuzz/programs/evaluator.h"

#include <algorithm>
#include <cctype>

namespace bulkhead::programs {

Value Evaluator::value(const Expr& e) {
  tick();
  switch (e.op) {
    case Op::literal:
      return literal(e);
    case Op::local:
      return known(localPlace(e.index));
    case Op::global:
      return known(globals_[e.index]);
    case Op::both:
      return std::get<bool>(value(e.args[0])) && std::get<bool>(value(e.args[1]));
    case Op::either:
      return std::get<bool>(value(e.args[0])) || std::get<bool>(value(e.args[1]));
    case Op::choose:
      return value(e.args[std::get<bool>(value(e.args[0])) ? 1 : 2]);
    case Op::increment:
    case Op::decrement:
      return step(e);
    case Op::assign: {
      Value now = value(e.args[1]);
      assign(e.args[0], now);
      return now;
    }
    case Op::addTo: {
      Value old = value(e.args[0]);
      Value now = arithmetic(Op::add, old, value(e.args[1]));
      assign(e.args[0], now);
      return now;
    }
    case Op::hasField: {
      Value record = value(e.args[0]);
      return !std::holds_alternative<std::monostate>(
          std::get<std::shared_ptr<Fields>>(record)->values[e.index]);
    }
    case Op::field: {
      Value record = value(e.args[0]);
      return known(std::get<std::shared_ptr<Fields>>(record)->values[e.index]);
    }
    case Op::call:
      return run(program_.bodies[e.index], values(e.args, 0, e.args.size()), nullptr);
    case Op::callValue: {
      Value function = value(e.args[0]);
      const auto& closure = std::get<std::shared_ptr<Closure>>(function);
      return run(program_.bodies[closure->body], values(e.args, 1, e.args.size()), closure);
    }
    case Op::callHook:
      return callHook(e.index, values(e.args, 0, e.args.size()));
    case Op::named: {
      auto closure = std::make_shared<Closure>();
      closure->body = e.index;
      return closure;
    }
    case Op::lambda:
      return lambda(e);
    case Op::makeRecord: {
      Value made = newRecord(e.type);
      for (size_t i = 0; i < e.args.size(); ++i) {
        Value one = value(e.args[i]);
        std::get<std::shared_ptr<Fields>>(made)->values[e.fields[i]] = std::move(one);
      }
      return made;
    }
    case Op::toAny: {
      Value held = value(e.args[0]);
      return std::make_shared<Boxed>(Boxed{e.args[0].type, std::move(held)});
    }
    case Op::cat: {
      std::vector<Value> parts = values(e.args, 0, e.args.size());
      std::string text;
      for (size_t i = 0; i < parts.size(); ++i) {
        std::string one;
        describe(one, e.args[i].type, parts[i]);
        text += one;
      }
      bounded(text.size());
      return text;
    }
    default:
      return simple(e, values(e.args, 0, e.args.size()));
  }
}

std::vector<Value> Evaluator::values(const std::vector<Expr>& args, size_t begin, size_t end) {
  std::vector<Value> out;
  for (size_t i = begin; i < end; ++i) out.push_back(value(args[i]));
  return out;
}

Value Evaluator::lambda(const Expr& e) {
  auto closure = std::make_shared<Closure>();
  closure->body = e.index;
  for (const Capture& capture : program_.bodies[e.index].captures) {
    Value held = localPlace(capture.outer);
    std::map<const void*, Value> copies;
    closure->captured.push_back(capture.copied ? copy(held, copies) : held);
  }
  return closure;
}

Value Evaluator::step(const Expr& e) {
  const bool up = e.op == Op::increment;
  Value old = value(e.args[0]);
  Value now;
  if (e.type->kind == Kind::count) {
    now = std::get<uint64_t>(old) + (up ? 1 : UINT64_MAX);
  } else {
    now =
        static_cast<int64_t>(static_cast<uint64_t>(std::get<int64_t>(old)) + (up ? 1 : UINT64_MAX));
  }
  assign(e.args[0], now);
  return now;
}

Value Evaluator::simple(const Expr& e, std::vector<Value> a) {
  switch (e.op) {
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::divide:
    case Op::modulo:
    case Op::bitAnd:
    case Op::bitOr:
    case Op::bitXor:
    case Op::shiftLeft:
    case Op::shiftRight:
      return arithmetic(e.op, a[0], a[1]);
    case Op::less:
      return a[0] < a[1];
    case Op::lessEqual:
      return a[0] <= a[1];
    case Op::greater:
      return a[0] > a[1];
    case Op::greaterEqual:
      return a[0] >= a[1];
    case Op::equal:
      return a[0] == a[1];
    case Op::notEqual:
      return a[0] != a[1];
    case Op::negate:
      if (const auto* real = std::get_if<double>(&a[0])) return -*real;
      return static_cast<int64_t>(0 - static_cast<uint64_t>(std::get<int64_t>(a[0])));
    case Op::opposite:
      return !std::get<bool>(a[0]);
    case Op::complement:
      return ~std::get<uint64_t>(a[0]);
    case Op::size:
      return size(a[0]);
    case Op::promote:
      if (const auto* count = std::get_if<uint64_t>(&a[0])) return static_cast<double>(*count);
      return static_cast<double>(std::get<int64_t>(a[0]));
    case Op::copy: {
      std::map<const void*, Value> copies;
      return copy(a[0], copies);
    }
    case Op::toUpper: {
      std::string text = std::get<std::string>(a[0]);
      for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      return text;
    }
    case Op::cast: {
      const Boxed& boxed = *std::get<std::shared_ptr<Boxed>>(a[0]);
      if (boxed.type != e.type) fail();
      return boxed.value;
    }
    case Op::isType:
      return std::get<std::shared_ptr<Boxed>>(a[0])->type == e.which;
    case Op::at:
      return at(std::move(a));
    case Op::slice:
      return slice(std::move(a));
    case Op::in:
      return in(std::move(a));
    case Op::makeVector: {
      auto made = std::make_shared<Vector>();
      made->elements = std::move(a);
      return made;
    }
    case Op::makeSet:
    case Op::makeTable: {
      auto made = std::make_shared<Table>();
      const size_t stride = e.type->parts.size();
      const size_t keys = stride - (e.op == Op::makeTable ? 1 : 0);
      for (size_t i = 0; i < a.size(); i += stride) {
        auto begin = a.begin() + static_cast<ptrdiff_t>(i);
        put(*made, {begin, begin + static_cast<ptrdiff_t>(keys)},
            keys < stride ? a[i + keys] : Value());
      }
      return made;
    }
    default:
      return ofSets(e.op, *std::get<std::shared_ptr<Table>>(a[0]),
                    *std::get<std::shared_ptr<Table>>(a[1]));
  }
}

Value Evaluator::size(const Value& of) {
  if (const auto* text = std::get_if<std::string>(&of)) return uint64_t{text->size()};
  if (const auto* count = std::get_if<uint64_t>(&of)) return *count;
  if (const auto* number = std::get_if<int64_t>(&of))
    return *number < 0 ? 0 - static_cast<uint64_t>(*number) : static_cast<uint64_t>(*number);
  if (const auto* vector = std::get_if<std::shared_ptr<Vector>>(&of))
    return uint64_t{(*vector)->elements.size()};
  return uint64_t{std::get<std::shared_ptr<Table>>(of)->places.size()};
}

Value Evaluator::arithmetic(Op op, const Value& a, const Value& b) {
  if (const auto* left = std::get_if<std::string>(&a)) {
    std::string text = *left + std::get<std::string>(b);
    bounded(text.size());
    return text;
  }
  if (const auto* left = std::get_if<std::shared_ptr<Vector>>(&a)) {
    const auto& right = std::get<std::shared_ptr<Vector>>(b);
    if ((*left)->elements.size() != right->elements.size()) fail();
    auto made = std::make_shared<Vector>();
    for (size_t i = 0; i < right->elements.size(); ++i)
      made->elements.push_back(arithmetic(op, (*left)->elements[i], right->elements[i]));
    return made;
  }
  if (const auto* left = std::get_if<double>(&a)) {
    const double right = std::get<double>(b);
    switch (op) {
      case Op::add:
        return *left + right;
      case Op::subtract:
        return *left - right;
      case Op::multiply:
        return *left * right;
      default:
        if (right == 0) fail();
        return *left / right;
    }
  }
  if (const auto* left = std::get_if<int64_t>(&a)) return ofInts(op, *left, std::get<int64_t>(b));
  const uint64_t left = std::get<uint64_t>(a);
  const uint64_t right = std::get<uint64_t>(b);
  switch (op) {
    case Op::add:
      return left + right;
    case Op::subtract:
      return left - right;
    case Op::multiply:
      return left * right;
    case Op::divide:
      if (right == 0) fail();
      return left / right;
    case Op::modulo:
      if (right == 0) fail();
      return left % right;
    case Op::bitAnd:
      return left & right;
    case Op::bitOr:
      return left | right;
    case Op::bitXor:
      return left ^ right;
    case Op::shiftLeft:
      return right > 63 ? 0 : left << right;
    default:
      return right > 63 ? 0 : left >> right;
  }
}

Value Evaluator::ofInts(Op op, int64_t left, int64_t right) {
  const auto l = static_cast<uint64_t>(left);
  const auto r = static_cast<uint64_t>(right);
  switch (op) {
    case Op::add:
      return static_cast<int64_t>(l + r);
    case Op::subtract:
      return static_cast<int64_t>(l - r);
    case Op::multiply:
      return static_cast<int64_t>(l * r);
    case Op::divide:
      if (right == 0) fail();
      return right == -1 ? static_cast<int64_t>(0 - l) : left / right;
    default:
      if (right == 0) fail();
      return right == -1 ? int64_t{0} : left % right;
  }
}

Value Evaluator::at(std::vector<Value> a) {
  if (const auto* text = std::get_if<std::string>(&a[0])) {
    int64_t index = std::get<int64_t>(a[1]);
    const auto size = static_cast<int64_t>(text->size());
    if (index < 0) index += size;
    return index < 0 || index >= size ? std::string()
                                      : std::string(1, (*text)[static_cast<size_t>(index)]);
  }
  if (const auto* vector = std::get_if<std::shared_ptr<Vector>>(&a[0])) {
    // As an int: what is below zero counts from the end.
    uint64_t index = std::get<uint64_t>(a[1]);
    const size_t size = (*vector)->elements.size();
    if (static_cast<int64_t>(index) < 0) index += size;
    if (index >= size) fail();
    return (*vector)->elements[index];
  }
  auto table = std::get<std::shared_ptr<Table>>(a[0]);
  std::vector<Value> keys(a.begin() + 1, a.end());
  if (const Entry* entry = find(*table, keys)) return entry->value;
  if (table->otherwise == nullptr) fail();
  const Expr& otherwise = *table->otherwise;
  if (otherwise.op != Op::lambda) return literal(otherwise);
  return run(program_.bodies[otherwise.index], keys, nullptr);
}

Value Evaluator::slice(std::vector<Value> a) {
  const auto* text = std::get_if<std::string>(&a[0]);
  const auto size = static_cast<int64_t>(
      text != nullptr ? text->size() : std::get<std::shared_ptr<Vector>>(a[0])->elements.size());
  auto clamp = [&](int64_t index) {
    if (index > size) return size;
    if (index < -size) return int64_t{0};
    return index < 0 ? index + size : index;
  };
  const int64_t from = clamp(std::get<int64_t>(a[1]));
  const int64_t to = clamp(std::get<int64_t>(a[2]));
  const bool any = to > from;
  if (text != nullptr)
    return any ? text->substr(static_cast<size_t>(from), static_cast<size_t>(to - from))
               : std::string();
  auto made = std::make_shared<Vector>();
  const auto& elements = std::get<std::shared_ptr<Vector>>(a[0])->elements;
  if (any) made->elements.assign(elements.begin() + from, elements.begin() + to);
  return made;
}

Value Evaluator::in(std::vector<Value> a) {
  Value container = std::move(a.back());
  a.pop_back();
  if (const auto* text = std::get_if<std::string>(&container))
    return text->find(std::get<std::string>(a[0])) != std::string::npos;
  if (const auto* vector = std::get_if<std::shared_ptr<Vector>>(&container))
    return std::get<uint64_t>(a[0]) < (*vector)->elements.size();
  return find(*std::get<std::shared_ptr<Table>>(container), a) != nullptr;
}

Value Evaluator::ofSets(Op op, Table& a, Table& b) {
  if (op == Op::subset) {
    return std::all_of(a.entries.begin(), a.entries.end(), [&](const Entry& entry) {
      return entry.gone || find(b, entry.keys) != nullptr;
    });
  }
  auto made = std::make_shared<Table>();
  for (const Entry& entry : a.entries) {
    if (entry.gone) continue;
    const bool both = find(b, entry.keys) != nullptr;
    if (op == Op::unite || both == (op == Op::intersect)) put(*made, entry.keys, {});
  }
  if (op == Op::unite)
    for (const Entry& entry : b.entries)
      if (!entry.gone) put(*made, entry.keys, {});
  return made;
}

}  // namespace bulkhead::programs
