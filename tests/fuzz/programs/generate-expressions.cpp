#include "tests/fuzz/programs/generator.h"

namespace bulkhead::programs {

Expr Generator::make(Op op, const Type* type, std::vector<Expr> args, size_t index) {
  Expr e;
  e.op = op;
  e.type = type;
  e.args = std::move(args);
  e.index = index;
  return e;
}

Expr Generator::binary(Op op, const Type* type, Expr a, Expr b) {
  Expr e = make(op, type);
  e.args.push_back(std::move(a));
  e.args.push_back(std::move(b));
  return e;
}

Expr Generator::unary(Op op, const Type* type, Expr a, size_t index) {
  Expr e = make(op, type, {}, index);
  e.args.push_back(std::move(a));
  return e;
}

Expr Generator::number_(uint64_t value) {
  Expr e = make(Op::literal, count_);
  e.number = value;
  return e;
}

Expr Generator::literal(const Type* t) {
  static constexpr std::array<uint64_t, 14> counts = {
      0, 1, 2, 3, 5, 7, 10, 64, 255, 32767, 32768, 65536, 4294967295U, 9223372036854775807U};
  static constexpr std::array<double, 9> reals = {0, 1, 0.5, 2.25, 3, 1000, 0.125, 1e6, 7};
  static const std::array<std::string, 9> texts = {"",      "a", "b",  "ab", "abc",
                                                   "Hello", "x", "aa", "key"};
  Expr e = make(Op::literal, t);
  switch (t->kind) {
    case Kind::boolean:
      e.number = in_.below(2);
      break;
    case Kind::integer:
      e.number = counts[in_.below(counts.size())];
      if (in_.oneIn(2)) e.number = 0 - e.number;
      break;
    case Kind::real:
      e.real = reals[in_.below(reals.size())];
      if (in_.oneIn(4)) e.real = -e.real;
      break;
    case Kind::string:
      e.text = texts[in_.below(texts.size())];
      break;
    case Kind::colour:
      e.number = in_.below(colours);
      break;
    default:
      e.number = counts[in_.below(counts.size())];
      break;
  }
  return e;
}

Expr Generator::empty(const Type* t) {
  if (isScalar(t)) return literal(t);
  switch (t->kind) {
    case Kind::vector:
      return make(Op::makeVector, t);
    case Kind::set:
      return make(Op::makeSet, t);
    case Kind::table:
      return make(Op::makeTable, t);
    case Kind::any:
      return unary(Op::toAny, any_, literal(count_));
    case Kind::function:
      return lambda(t, 0);
    default:
      return record(t, 0);
  }
}

Expr Generator::record(const Type* t, int depth) {
  Expr e = make(Op::makeRecord, t);
  const Record& record = program_.records[t->record];
  for (size_t i = 0; i < record.fields.size(); ++i) {
    const Field& field = record.fields[i];
    if ((field.optional || field.hasDefault) && (depth == 0 || in_.below(2) == 0)) continue;
    e.fields.push_back(i);
    e.args.push_back(depth > 0 ? expr(field.type, depth - 1) : empty(field.type));
  }
  return e;
}

std::vector<Expr> Generator::variables(const Type* t, bool toAssign) {
  std::vector<Expr> found;
  if (here_ != nullptr) {
    for (size_t index : here_->visible) {
      if (here_->body->locals[index].type != t) continue;
      const auto& constant = here_->constant;
      if (toAssign && std::find(constant.begin(), constant.end(), index) != constant.end())
        continue;
      found.push_back(local(index));
    }
  }
  for (size_t i = 0; i < program_.globals.size(); ++i) {
    if (program_.globals[i].type != t) continue;
    // What has a &default keeps it: what a new value of a variable has is another matter.
    if (toAssign && program_.globals[i].hasDefault) continue;
    found.push_back(make(Op::global, t, {}, i));
  }
  return found;
}

std::optional<Expr> Generator::variable(const Type* t, bool toAssign) {
  std::vector<Expr> found = variables(t, toAssign);
  if (found.empty()) return std::nullopt;
  return std::move(found[in_.below(found.size())]);
}

Expr Generator::leaf(const Type* t) {
  ++nodes_;
  if (in_.below(4) != 0 || !isScalar(t))
    if (auto found = variable(t)) return std::move(*found);
  return empty(t);
}

Expr Generator::expr(const Type* t, int depth) {
  if (depth <= 0 || ++nodes_ > maxNodes) return leaf(t);
  std::optional<Expr> found;
  switch (in_.below(9)) {
    case 0:
      return leaf(t);
    case 1: {
      if (t == any_) break;
      Expr e = make(Op::choose, t);
      e.args.push_back(expr(boolean_, depth - 1));
      e.args.push_back(expr(t, depth - 1));
      e.args.push_back(expr(t, depth - 1));
      return e;
    }
    case 2:
      found = element(t, depth);
      break;
    case 3:
      found = field(t, depth);
      break;
    case 4:
      found = call(t, depth);
      break;
    case 5:
      if (holdsAny(t) || t->kind == Kind::function) break;
      if (auto from = variable(any_)) {
        Expr is = unary(Op::isType, boolean_, *from);
        is.which = t;
        Expr as = unary(Op::cast, t, std::move(*from));
        // Values of these types are also made of others': conversions are a matter of their own.
        const bool converts = isNumber(t) || t->kind == Kind::vector || t->kind == Kind::set;
        found = converts ? choose(std::move(is), std::move(as), depth)
                         : guarded(std::move(is), std::move(as), depth);
      }
      break;
    case 6: {
      if (t == any_ || t->kind == Kind::function || !in_.oneIn(3)) break;
      auto to = variable(t, true);
      if (!to) break;
      const bool adds = t == string_ || isNumber(t);
      found = binary(adds && in_.oneIn(2) ? Op::addTo : Op::assign, t, std::move(*to),
                     expr(t, depth - 1));
      break;
    }
    default:
      break;
  }
  if (found) return std::move(*found);
  return own(t, depth);
}

std::optional<Expr> Generator::element(const Type* t, int depth) {
  std::vector<const Type*> fitting;
  for (const Type* c : all_)
    if ((c->kind == Kind::vector || isTable(c)) && c->parts.back() == t) fitting.push_back(c);
  if (fitting.empty()) return std::nullopt;
  const Type* container = fitting[in_.below(fitting.size())];
  auto base = variable(container);
  if (!base) return std::nullopt;
  if (in_.oneIn(4)) return at(std::move(*base), depth);
  Expr read = at(std::move(*base), 0);
  return guarded(present(read), read, depth);
}

Expr Generator::guarded(Expr condition, Expr value, int depth) {
  const Type* t = value.type;
  // Two branches of type any have a type of their own.
  if (t == any_ || in_.oneIn(8)) return value;
  return choose(std::move(condition), std::move(value), depth);
}

Expr Generator::choose(Expr condition, Expr value, int depth) {
  const Type* t = value.type;
  Expr e = make(Op::choose, t);
  e.args.push_back(std::move(condition));
  e.args.push_back(std::move(value));
  e.args.push_back(expr(t, depth - 1));
  return e;
}

Expr Generator::present(const Expr& read) {
  Expr e = make(Op::in, boolean_);
  e.args.assign(read.args.begin() + 1, read.args.end());
  e.args.push_back(read.args[0]);
  return e;
}

Expr Generator::at(Expr base, int depth) {
  const Type* container = base.type;
  const bool isVector = container->kind == Kind::vector;
  Expr e = unary(Op::at, container->parts.back(), std::move(base));
  if (isVector) {
    e.args.push_back(depth > 0 && in_.oneIn(2) ? expr(count_, depth - 1) : number_(in_.below(3)));
  } else {
    for (size_t i = 0; i < keysOf(container); ++i)
      e.args.push_back(expr(container->parts[i], depth - 1));
  }
  return e;
}

std::optional<Expr> Generator::field(const Type* t, int depth) {
  for (const Type* record : recordTypes_) {
    const auto& fields = program_.records[record->record].fields;
    for (size_t i = 0; i < fields.size(); ++i)
      if (fields[i].type == t && in_.below(2) == 0) {
        if (!fields[i].optional) return unary(Op::field, t, fieldBase(record, depth), i);
        Expr base = fieldBase(record, 0);
        Expr has = unary(Op::hasField, boolean_, base, i);
        return guarded(std::move(has), unary(Op::field, t, std::move(base), i), depth);
      }
  }
  return std::nullopt;
}

Expr Generator::fieldBase(const Type* record, int depth) {
  if (depth > 1 && in_.oneIn(2)) {
    if (auto from = element(record, depth - 1)) return std::move(*from);
    if (auto from = call(record, depth - 1)) return std::move(*from);
  }
  if (auto from = variable(record)) return std::move(*from);
  return unary(Op::copy, record, empty(record));
}

std::optional<Expr> Generator::call(const Type* t, int depth) {
  std::vector<size_t> fitting;
  for (size_t index : program_.functions)
    if (program_.bodies[index].result == t) fitting.push_back(index);
  if (!fitting.empty() && in_.below(3) != 0) {
    const size_t index = fitting[in_.below(fitting.size())];
    const Body& callee = program_.bodies[index];
    const bool counting =
        std::find(countsDown_.begin(), countsDown_.end(), index) != countsDown_.end();
    // Of itself only from the function's own body: its first parameter counts.
    if (self_ == index && here_->body != &callee) return std::nullopt;
    Expr e = make(Op::call, t, {}, index);
    for (size_t i = 0; i < callee.parameters; ++i) {
      if (i == 0 && counting) {
        e.args.push_back(self_ == index ? binary(Op::subtract, count_, local(0), number_(1))
                                        : number_(in_.below(5)));
      } else {
        e.args.push_back(expr(callee.locals[i].type, depth - 1));
      }
    }
    return e;
  }
  for (const Type* function : functionTypes_) {
    if (function->parts.back() != t) continue;
    auto value = variable(function);
    if (!value) continue;
    Expr e = unary(Op::callValue, t, std::move(*value));
    for (size_t i = 0; i + 1 < function->parts.size(); ++i)
      e.args.push_back(expr(function->parts[i], depth - 1));
    return e;
  }
  return std::nullopt;
}

Expr Generator::own(const Type* t, int depth) {
  switch (t->kind) {
    case Kind::boolean:
      return condition(depth);
    case Kind::count:
      return ofCount(depth);
    case Kind::integer:
    case Kind::real:
      return arithmetic(t, depth);
    case Kind::string:
      return ofString(depth);
    case Kind::colour:
      return leaf(t);
    case Kind::any:
      return unary(Op::toAny, any_, plain(depth));
    case Kind::function:
      return ofFunction(t, depth);
    case Kind::record:
      return in_.oneIn(4) ? unary(Op::copy, t, expr(t, depth - 1)) : record(t, depth);
    default:
      return ofContainer(t, depth);
  }
}

Expr Generator::plain(int depth) {
  const Type* t = someType();
  return expr(holdsAny(t) ? count_ : t, depth - 1);
}

Expr Generator::arithmetic(const Type* t, int depth) {
  static constexpr Op ops[] = {Op::add, Op::subtract, Op::multiply, Op::divide, Op::modulo};
  if (in_.oneIn(6)) return unary(Op::negate, t, expr(t, depth - 1));
  const Op op = ops[in_.below(t == real_ ? 4 : 5)];
  Expr a = expr(t, depth - 1);
  Expr b = divisor(op, t, depth);
  if (t == real_ && in_.oneIn(3)) {
    Expr& one = in_.below(2) == 0 ? a : b;
    one = unary(Op::promote, real_, expr(in_.below(2) == 0 ? count_ : integer_, depth - 1));
  }
  return binary(op, t, std::move(a), std::move(b));
}

Expr Generator::ofCount(int depth) {
  static constexpr Op ops[] = {Op::bitAnd, Op::bitOr, Op::bitXor, Op::shiftLeft, Op::shiftRight};
  switch (in_.below(6)) {
    case 0: {
      const Type* t = someType();
      if (t->kind == Kind::boolean || t->kind == Kind::real || t->kind == Kind::colour ||
          t->kind == Kind::any || t->kind == Kind::record)
        t = string_;
      return unary(Op::size, count_, expr(t, depth - 1));
    }
    case 1: {
      auto target = variable(count_, true);
      if (!target) break;
      return unary(in_.below(3) == 0 ? Op::decrement : Op::increment, count_, std::move(*target));
    }
    case 2:
      return unary(Op::complement, count_, expr(count_, depth - 1));
    case 3:
      return binary(ops[in_.below(5)], count_, expr(count_, depth - 1), expr(count_, depth - 1));
    default:
      break;
  }
  static constexpr Op four[] = {Op::add, Op::subtract, Op::multiply, Op::divide, Op::modulo};
  const Op op = four[in_.below(5)];
  Expr a = expr(count_, depth - 1);
  return binary(op, count_, std::move(a), divisor(op, count_, depth));
}

Expr Generator::divisor(Op op, const Type* t, int depth) {
  if ((op != Op::divide && op != Op::modulo) || in_.oneIn(6)) return expr(t, depth - 1);
  Expr e = make(Op::literal, t);
  e.number = 1 + in_.below(9);
  e.real = static_cast<double>(e.number);
  return e;
}

Expr Generator::ofString(int depth) {
  switch (in_.below(5)) {
    case 0: {
      Expr e = make(Op::cat, string_);
      for (size_t i = 0, end = 1 + in_.below(3); i < end; ++i) {
        // No sets or tables: a print says the ends of their lines in another way.
        e.args.push_back(expr(in_.oneIn(4) ? counts_ : someScalar(), depth - 1));
      }
      return e;
    }
    case 1:
      return unary(Op::toUpper, string_, expr(string_, depth - 1));
    case 2: {
      Expr base = variable(string_).value_or(literal(string_));
      Expr e = unary(Op::at, string_, std::move(base));
      e.args.push_back(expr(integer_, depth - 1));
      return e;
    }
    case 3:
      return slice(variable(string_).value_or(literal(string_)), depth);
    default: {
      Expr a = expr(string_, depth - 1);
      return binary(Op::add, string_, std::move(a), expr(string_, depth - 1));
    }
  }
}

Expr Generator::slice(Expr base, int depth) {
  const Type* t = base.type;
  Expr e = unary(Op::slice, t, std::move(base));
  for (int i = 0; i < 2; ++i) e.args.push_back(expr(integer_, depth - 2));
  return e;
}

Expr Generator::condition(int depth) {
  static constexpr Op ops[] = {Op::less,         Op::lessEqual, Op::greater,
                               Op::greaterEqual, Op::equal,     Op::notEqual};
  switch (in_.below(8)) {
    case 0: {
      const Op op = in_.below(2) == 0 ? Op::both : Op::either;
      Expr a = expr(boolean_, depth - 1);
      return binary(op, boolean_, std::move(a), expr(boolean_, depth - 1));
    }
    case 1:
      return unary(Op::opposite, boolean_, expr(boolean_, depth - 1));
    case 2:
      return membership(depth);
    case 3: {
      const Type* record = recordTypes_[in_.below(recordTypes_.size())];
      const auto& fields = program_.records[record->record].fields;
      return unary(Op::hasField, boolean_, fieldBase(record, depth), in_.below(fields.size()));
    }
    case 4: {
      auto from = variable(any_);
      if (!from) break;
      Expr e = unary(Op::isType, boolean_, std::move(*from));
      e.which = someType();
      if (holdsAny(e.which)) e.which = string_;
      return e;
    }
    case 5: {
      if (hooks_ == 0) break;
      const size_t index = in_.below(hooks_);
      Expr e = make(Op::callHook, boolean_, {}, index);
      for (const Type* t : program_.hooks[index].parameters) e.args.push_back(expr(t, depth - 1));
      return e;
    }
    case 6: {
      Expr a = expr(countSet_, depth - 1);
      return binary(Op::subset, boolean_, std::move(a), expr(countSet_, depth - 1));
    }
    default:
      break;
  }
  const Type* t = someScalar();
  const bool ordered = isNumber(t) || t == string_;
  const Op op = ops[ordered ? in_.below(6) : 4 + in_.below(2)];
  Expr a = expr(t, depth - 1);
  return binary(op, boolean_, std::move(a), expr(t, depth - 1));
}

Expr Generator::membership(int depth) {
  const Type* t = someType();
  Expr e = make(Op::in, boolean_);
  if (t->kind == Kind::set || isTable(t)) {
    for (size_t i = 0; i < keysOf(t); ++i) e.args.push_back(expr(t->parts[i], depth - 1));
  } else if (t->kind == Kind::vector) {
    e.args.push_back(expr(count_, depth - 1));
  } else {
    t = string_;
    e.args.push_back(expr(string_, depth - 1));
  }
  e.args.push_back(expr(t, depth - 1));
  return e;
}

Expr Generator::ofContainer(const Type* t, int depth) {
  if (t->kind == Kind::set && in_.oneIn(3)) {
    static constexpr Op ops[] = {Op::unite, Op::intersect, Op::without};
    Expr a = expr(t, depth - 1);
    return binary(ops[in_.below(3)], t, std::move(a), expr(t, depth - 1));
  }
  if (t->kind == Kind::vector && in_.oneIn(4))
    if (auto from = variable(t)) return slice(std::move(*from), depth);
  if (t == counts_ && in_.oneIn(3)) {
    static constexpr Op ops[] = {Op::add, Op::multiply, Op::bitXor};
    Expr a = expr(t, depth - 1);
    return binary(ops[in_.below(2)], t, std::move(a), expr(t, depth - 1));
  }
  if (in_.oneIn(4)) return unary(Op::copy, t, expr(t, depth - 1));
  // Elements of type any would say another type of the constructor.
  if (t->parts.back() == any_) return empty(t);
  Expr e = make(t->kind == Kind::vector ? Op::makeVector
                : t->kind == Kind::set  ? Op::makeSet
                                        : Op::makeTable,
                t);
  for (size_t i = 0, end = in_.below(4); i < end; ++i)
    for (const Type* part : t->parts) e.args.push_back(expr(part, depth - 2));
  return e;
}

Expr Generator::ofFunction(const Type* t, int depth) {
  for (size_t index : program_.functions) {
    const Body& body = program_.bodies[index];
    if (self_ == index || body.result != t->parts.back() || body.parameters + 1 != t->parts.size())
      continue;
    bool same = true;
    for (size_t i = 0; i < body.parameters; ++i) same = same && body.locals[i].type == t->parts[i];
    const bool counting =
        std::find(countsDown_.begin(), countsDown_.end(), index) != countsDown_.end();
    if (same && !counting && in_.below(2) == 0) return make(Op::named, t, {}, index);
  }
  return lambda(t, depth);
}

Expr Generator::lambda(const Type* t, int depth) {
  size_t index = 0;
  Body& body = newBody(Body::Role::lambda, "", t->parts.back(), index);
  Place place{&body, {}, {}};
  Place* around = here_;
  here_ = &place;
  parameters({t->parts.begin(), t->parts.end() - 1}, true);
  if (around != nullptr && depth > 0) {
    for (size_t outer : around->visible) {
      if (in_.below(2) == 0) continue;
      const Local& from = around->body->locals[outer];
      const size_t own = newLocal(from.type, from.name);
      body.captures.push_back({outer, own, in_.oneIn(3)});
      place.visible.push_back(own);
      // A function could come to hold itself.
      const auto& constant = around->constant;
      if (from.type->kind == Kind::function ||
          std::find(constant.begin(), constant.end(), outer) != constant.end())
        place.constant.push_back(own);
    }
  }
  if (depth > 0) block(body.steps, in_.below(4), 2);
  ending(body);
  here_ = around;
  // What is captured must be used.
  std::erase_if(body.captures,
                [&](const Capture& capture) { return !uses(body.steps, capture.own); });
  return make(Op::lambda, t, {}, index);
}

bool Generator::uses(const Expr& e, size_t local) const {
  if (e.op == Op::local && e.index == local) return true;
  if (e.op == Op::lambda)
    for (const Capture& capture : program_.bodies[e.index].captures)
      if (capture.outer == local) return true;
  return std::any_of(e.args.begin(), e.args.end(),
                     [&](const Expr& arg) { return uses(arg, local); });
}

bool Generator::uses(const std::vector<Stmt>& steps, size_t local) const {
  return std::any_of(steps.begin(), steps.end(), [&](const Stmt& s) {
    return std::any_of(s.exprs.begin(), s.exprs.end(),
                       [&](const Expr& e) { return uses(e, local); }) ||
           uses(s.body, local) || uses(s.otherwise, local) ||
           std::any_of(s.cases.begin(), s.cases.end(),
                       [&](const Case& one) { return uses(one.body, local); });
  });
}

}  // namespace bulkhead::programs
