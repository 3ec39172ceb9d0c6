#include "tests/fuzz/programs/generator.h"

namespace bulkhead::programs {

void Generator::block(std::vector<Stmt>& steps, size_t count, int depth) {
  const size_t visible = here_->visible.size();
  const size_t constant = here_->constant.size();
  for (size_t i = 0; i < count && nodes_ < maxNodes; ++i) step(steps, depth);
  here_->visible.resize(visible);
  here_->constant.resize(constant);
}

void Generator::step(std::vector<Stmt>& out, int depth) {
  ++nodes_;
  switch (in_.below(depth > 0 ? 20 : 13)) {
    case 0:
    case 1:
      return print(out);
    case 2:
    case 3:
      return declare(out);
    case 4:
    case 5:
      return assign(out);
    case 6:
      return addTo(out);
    case 7:
      return append(out);
    case 8:
      return insert(out);
    case 9:
      return remove(out);
    case 10:
      return increment(out);
    case 11:
      return raise(out);
    case 12:
      return callOnly(out);
    case 13:
    case 14:
      return branch(out, depth);
    case 15:
      return repeat(out, depth);
    case 16:
    case 17:
      return each(out, depth);
    case 18:
      return select(out, depth);
    default:
      return jump(out);
  }
}

void Generator::print(std::vector<Stmt>& out) {
  Stmt s{Step::print};
  for (size_t i = 0, end = 1 + in_.below(3); i < end; ++i) {
    const Type* t = someType();
    s.exprs.push_back(expr(t, exprDepth));
  }
  out.push_back(std::move(s));
}

void Generator::declare(std::vector<Stmt>& out) {
  const Type* t = in_.oneIn(8) ? functionTypes_[in_.below(functionTypes_.size())] : someType();
  Stmt s{Step::declare};
  if (!in_.oneIn(6)) s.exprs.push_back(expr(t, exprDepth));
  // Visible only afterwards.
  s.index = newLocal(t);
  here_->visible.push_back(s.index);
  out.push_back(std::move(s));
}

std::optional<Expr> Generator::target(const Type* t) {
  switch (in_.below(4)) {
    case 0: {
      for (const Type* record : recordTypes_) {
        const auto& fields = program_.records[record->record].fields;
        for (size_t i = 0; i < fields.size(); ++i)
          if (fields[i].type == t)
            if (auto base = variable(record)) return unary(Op::field, t, std::move(*base), i);
      }
      break;
    }
    case 1:
      for (const Type* table : all_)
        if (isTable(table) && table->parts.back() == t)
          if (auto base = variable(table)) return at(std::move(*base), 0);
      break;
    default:
      break;
  }
  return variable(t, true);
}

void Generator::assign(std::vector<Stmt>& out) {
  const Type* t = assignable();
  auto to = target(t);
  if (!to) return declare(out);
  Stmt s{Step::assign};
  s.exprs.push_back(std::move(*to));
  s.exprs.push_back(expr(t, exprDepth));
  out.push_back(std::move(s));
}

void Generator::addTo(std::vector<Stmt>& out) {
  static constexpr size_t kinds = 5;
  const std::array<const Type*, kinds> types = {count_, string_, integer_, real_, countSet_};
  const Type* t = types[in_.below(kinds)];
  auto to = target(t);
  if (!to) return print(out);
  Stmt s{t != string_ && in_.oneIn(3) ? Step::subtractFrom : Step::addTo};
  s.exprs.push_back(std::move(*to));
  s.exprs.push_back(expr(t, exprDepth));
  out.push_back(std::move(s));
}

void Generator::append(std::vector<Stmt>& out) {
  for (const Type* t : all_) {
    if (t->kind != Kind::vector || in_.below(2) == 0) continue;
    // A vector of vectors takes both an element and elements.
    if (t->parts[0]->kind == Kind::vector) continue;
    auto to = variable(t);
    if (!to) continue;
    Stmt s{Step::addTo};
    s.exprs.push_back(std::move(*to));
    // A vector of any takes a vector's elements, though a vector is a value of type any too.
    if (t->parts[0] == any_) {
      s.exprs.push_back(unary(Op::toAny, any_, expr(someScalar(), exprDepth)));
    } else {
      s.exprs.push_back(expr(in_.oneIn(4) ? t : t->parts[0], exprDepth));
    }
    out.push_back(std::move(s));
    return;
  }
  print(out);
}

void Generator::insert(std::vector<Stmt>& out) {
  for (const Type* t : all_) {
    if (t->kind != Kind::set || in_.below(2) == 0) continue;
    auto base = variable(t);
    if (!base) continue;
    Stmt s{Step::insert};
    s.exprs.push_back(keyed(std::move(*base)));
    out.push_back(std::move(s));
    return;
  }
  print(out);
}

Expr Generator::keyed(Expr base) {
  const Type* t = base.type;
  Expr e = unary(Op::at, isTable(t) ? t->parts.back() : nothing_, std::move(base));
  for (size_t i = 0; i < keysOf(t); ++i) e.args.push_back(expr(t->parts[i], 2));
  return e;
}

void Generator::remove(std::vector<Stmt>& out) {
  Stmt s{Step::remove};
  if (in_.below(3) == 0) {
    for (const Type* record : recordTypes_) {
      const auto& fields = program_.records[record->record].fields;
      for (size_t i = 0; i < fields.size(); ++i) {
        if (!fields[i].optional || in_.below(2) == 0) continue;
        auto base = variable(record);
        if (!base) continue;
        s.exprs.push_back(unary(Op::field, fields[i].type, std::move(*base), i));
        out.push_back(std::move(s));
        return;
      }
    }
  }
  for (const Type* t : all_) {
    if ((t->kind != Kind::set && !isTable(t)) || in_.below(2) == 0) continue;
    auto base = variable(t);
    if (!base) continue;
    s.exprs.push_back(in_.oneIn(6) ? std::move(*base) : keyed(std::move(*base)));
    out.push_back(std::move(s));
    return;
  }
  print(out);
}

void Generator::increment(std::vector<Stmt>& out) {
  const Type* t = in_.below(2) == 0 ? count_ : integer_;
  auto to = target(t);
  if (!to) return print(out);
  Stmt s{Step::evaluate};
  s.exprs.push_back(unary(in_.below(2) == 0 ? Op::increment : Op::decrement, t, std::move(*to)));
  out.push_back(std::move(s));
}

void Generator::raise(std::vector<Stmt>& out) {
  if (program_.events.size() < 2) return print(out);
  Stmt s{Step::raise};
  s.index = 1 + in_.below(program_.events.size() - 1);
  for (const Type* t : program_.events[s.index].parameters) s.exprs.push_back(expr(t, 3));
  out.push_back(std::move(s));
}

void Generator::callOnly(std::vector<Stmt>& out) {
  auto called = call(nothing_, 3);
  if (!called) return print(out);
  Stmt s{Step::evaluate};
  s.exprs.push_back(std::move(*called));
  out.push_back(std::move(s));
}

void Generator::branch(std::vector<Stmt>& out, int depth) {
  Stmt s{Step::branch};
  s.exprs.push_back(expr(boolean_, exprDepth));
  block(s.body, 1 + in_.below(3), depth - 1);
  if (in_.oneIn(2)) block(s.otherwise, 1 + in_.below(3), depth - 1);
  out.push_back(std::move(s));
}

void Generator::loopBody(Stmt& s, int depth) {
  const bool inLoop = std::exchange(here_->inLoop, true);
  const bool inSelect = std::exchange(here_->inSelect, false);
  block(s.body, 1 + in_.below(4), depth - 1);
  here_->inLoop = inLoop;
  here_->inSelect = inSelect;
}

void Generator::repeat(std::vector<Stmt>& out, int depth) {
  Stmt start{Step::declare};
  start.index = newLocal(count_);
  start.exprs.push_back(number_(0));
  const size_t counter = start.index;
  out.push_back(std::move(start));
  here_->visible.push_back(counter);
  here_->constant.push_back(counter);
  Stmt s{Step::repeat};
  Expr bound = binary(Op::less, boolean_, local(counter), number_(1 + in_.below(maxWhileTurns)));
  if (in_.oneIn(3)) {
    bound = binary(Op::both, boolean_, std::move(bound), expr(boolean_, 2));
  }
  s.exprs.push_back(std::move(bound));
  Stmt step{Step::evaluate};
  step.exprs.push_back(unary(Op::increment, count_, local(counter)));
  s.body.push_back(std::move(step));
  loopBody(s, depth);
  out.push_back(std::move(s));
}

void Generator::each(std::vector<Stmt>& out, int depth) {
  const Type* t = someType();
  if (!isContainer(t)) t = counts_;
  Stmt s{Step::each};
  s.exprs.push_back(expr(t, 2));
  const size_t visible = here_->visible.size();
  if (t->kind == Kind::vector) {
    s.locals.push_back(newLocal(count_));
  } else {
    for (size_t i = 0; i < keysOf(t); ++i) s.locals.push_back(newLocal(t->parts[i]));
    if (isTable(t)) s.locals.push_back(newLocal(t->parts.back()));
  }
  here_->visible.insert(here_->visible.end(), s.locals.begin(), s.locals.end());
  loopBody(s, depth);
  here_->visible.resize(visible);
  out.push_back(std::move(s));
}

void Generator::select(std::vector<Stmt>& out, int depth) {
  const std::array<const Type*, 3> types = {count_, string_, colour_};
  const Type* t = types[in_.below(types.size())];
  Stmt s{Step::select};
  s.exprs.push_back(expr(t, 3));
  const bool inSelect = std::exchange(here_->inSelect, true);
  std::vector<Expr> used;
  for (size_t i = 0, end = 1 + in_.below(4); i < end; ++i) {
    Case one;
    for (size_t l = 0, last = 1 + in_.below(2); l < last; ++l) {
      Expr label = literal(t);
      const bool known = std::any_of(used.begin(), used.end(), [&](const Expr& other) {
        return other.number == label.number && other.text == label.text;
      });
      if (known) continue;
      used.push_back(label);
      one.labels.push_back(std::move(label));
    }
    if (one.labels.empty()) continue;
    block(one.body, in_.below(3), depth - 1);
    one.falls = in_.oneIn(3);
    s.cases.push_back(std::move(one));
  }
  if (s.cases.empty() || in_.oneIn(2)) {
    Case rest;
    block(rest.body, 1 + in_.below(2), depth - 1);
    s.cases.push_back(std::move(rest));
  }
  s.cases.back().falls = false;
  here_->inSelect = inSelect;
  out.push_back(std::move(s));
}

void Generator::jump(std::vector<Stmt>& out) {
  const Body& body = *here_->body;
  Stmt s;
  const size_t which = in_.below(3);
  if (which == 0 && here_->inLoop) {
    s.step = Step::next;
  } else if (which < 2 && (here_->inLoop || here_->inSelect || body.role == Body::Role::hook)) {
    s.step = Step::leave;
  } else {
    s.step = Step::give;
    if (body.result != nothing_) s.exprs.push_back(expr(body.result, 3));
  }
  // Never alone, so that what follows is not always dead.
  Stmt guard{Step::branch};
  guard.exprs.push_back(expr(boolean_, 3));
  guard.body.push_back(std::move(s));
  out.push_back(std::move(guard));
}

}  // namespace bulkhead::programs
