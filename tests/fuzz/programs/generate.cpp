#include "tests/fuzz/programs/generate.h"

#include "tests/fuzz/programs/generator.h"

namespace bulkhead::programs {

Program Generator::all() {
  basicTypes();
  records();
  containers();
  program_.events.push_back({"zeek_init", {}, {}});
  for (size_t i = 0, end = in_.below(3); i < end; ++i)
    program_.events.push_back({"e" + std::to_string(i), parameterTypes(), {}});
  for (size_t i = 0, end = in_.below(3); i < end; ++i)
    program_.hooks.push_back({"h" + std::to_string(i), parameterTypes(), {}});
  globals();
  for (size_t i = 0, end = in_.below(5); i < end; ++i) function(i);
  for (hooks_ = 0; hooks_ < program_.hooks.size(); ++hooks_)
    handlers(program_.hooks[hooks_], Body::Role::hook);
  for (Handlers& event : program_.events) handlers(event, Body::Role::event);
  filling();
  return std::move(program_);
}

const Type* Generator::type(Kind kind, std::vector<const Type*> parts, size_t record) {
  for (const Type& known : program_.types)
    if (known.kind == kind && known.parts == parts && known.record == record) return &known;
  return &program_.types.emplace_back(Type{kind, std::move(parts), record});
}

void Generator::basicTypes() {
  nothing_ = type(Kind::nothing);
  boolean_ = type(Kind::boolean);
  count_ = type(Kind::count);
  integer_ = type(Kind::integer);
  real_ = type(Kind::real);
  string_ = type(Kind::string);
  colour_ = type(Kind::colour);
  any_ = type(Kind::any);
  counts_ = type(Kind::vector, {count_});
  strings_ = type(Kind::vector, {string_});
  countSet_ = type(Kind::set, {count_});
  named_ = type(Kind::table, {string_, count_});
  scalars_ = {count_, boolean_, integer_, real_, string_, colour_};
}

void Generator::records() {
  const std::vector<const Type*> fields = {count_, string_, counts_, integer_,  real_,
                                           named_, colour_, any_,    countSet_, boolean_};
  for (size_t r = 0, end = 1 + in_.below(2); r < end; ++r) {
    Record record{"R" + std::to_string(r), {}};
    for (size_t f = 0, last = 1 + in_.below(5); f < last; ++f) {
      Field field{"f" + std::to_string(f), fields[in_.below(fields.size())]};
      // A record in a record: of those before.
      if (r > 0 && in_.oneIn(3)) field.type = recordTypes_[0];
      const size_t attribute = in_.below(3);
      if (attribute == 1 || field.type == any_) {
        field.optional = true;
      } else if (attribute == 2 && isScalar(field.type)) {
        field.hasDefault = true;
        field.initial = literal(field.type);
      }
      record.fields.push_back(std::move(field));
    }
    program_.records.push_back(std::move(record));
    recordTypes_.push_back(type(Kind::record, {}, r));
  }
}

void Generator::containers() {
  const Type* record = recordTypes_.back();
  all_ = {count_,
          string_,
          counts_,
          boolean_,
          integer_,
          real_,
          colour_,
          strings_,
          countSet_,
          named_,
          any_,
          record,
          recordTypes_[0],
          type(Kind::vector, {record}),
          type(Kind::vector, {any_}),
          type(Kind::vector, {real_}),
          type(Kind::vector, {counts_}),
          type(Kind::set, {string_}),
          type(Kind::set, {colour_}),
          type(Kind::set, {count_, string_}),
          type(Kind::table, {count_, count_}),
          type(Kind::table, {count_, record}),
          type(Kind::table, {string_, counts_}),
          type(Kind::table, {colour_, string_}),
          type(Kind::table, {integer_, any_}),
          type(Kind::table, {count_, string_, real_}),
          type(Kind::table, {string_, countSet_})};
  functionTypes_ = {type(Kind::function, {count_, count_}),
                    type(Kind::function, {string_, counts_, string_}),
                    type(Kind::function, {record, nothing_})};
}

bool Generator::holdsAny(const Type* t) const {
  if (t->kind == Kind::any) return true;
  if (t->kind == Kind::record) {
    const auto& fields = program_.records[t->record].fields;
    return std::any_of(fields.begin(), fields.end(),
                       [this](const Field& field) { return holdsAny(field.type); });
  }
  return std::any_of(t->parts.begin(), t->parts.end(),
                     [this](const Type* part) { return holdsAny(part); });
}

std::vector<const Type*> Generator::parameterTypes() {
  std::vector<const Type*> types;
  for (size_t i = 0, end = in_.below(4); i < end; ++i) types.push_back(someType());
  return types;
}

void Generator::globals() {
  for (size_t i = 0, end = 2 + in_.below(10); i < end; ++i) {
    Global global{"g" + std::to_string(i), someType()};
    if (isScalar(global.type)) {
      global.hasInitial = !in_.oneIn(10);
      if (global.hasInitial) global.initial = literal(global.type);
    }
    if (isTable(global.type) && isScalar(global.type->parts.back()) && in_.oneIn(2)) {
      global.hasDefault = true;
      global.otherwise =
          in_.below(2) == 0 ? literal(global.type->parts.back()) : defaultFunction(global.type);
    }
    program_.globals.push_back(std::move(global));
  }
  for (const Type* function : functionTypes_)
    if (in_.oneIn(2))
      program_.globals.push_back({"g" + std::to_string(program_.globals.size()), function});
}

Body& Generator::newBody(Body::Role role, std::string name, const Type* result, size_t& index) {
  index = program_.bodies.size();
  Body& body = program_.bodies.emplace_back();
  body.role = role;
  body.name = std::move(name);
  body.result = result;
  return body;
}

size_t Generator::newLocal(const Type* type, std::string name) {
  Body& body = *here_->body;
  if (name.empty()) name = "v" + std::to_string(names_++);
  body.locals.push_back({type, std::move(name)});
  return body.locals.size() - 1;
}

void Generator::parameters(const std::vector<const Type*>& types, bool unique) {
  for (size_t i = 0; i < types.size(); ++i) {
    size_t local = newLocal(types[i], unique ? "" : "p" + std::to_string(i));
    here_->visible.push_back(local);
  }
  here_->body->parameters = types.size();
}

void Generator::function(size_t number) {
  size_t index = 0;
  const Type* result = in_.oneIn(4) ? nothing_ : someType();
  Body& body = newBody(Body::Role::function, "f" + std::to_string(number), result, index);
  Place place{&body, {}, {}};
  here_ = &place;
  nodes_ = 0;
  std::vector<const Type*> types = parameterTypes();
  // One that calls itself counts down.
  const bool recursive = in_.oneIn(3);
  if (recursive) types.insert(types.begin(), count_);
  parameters(types, false);
  if (recursive) {
    place.constant.push_back(0);
    Stmt guard{Step::branch};
    guard.exprs.push_back(binary(Op::equal, boolean_, local(0), number_(0)));
    Stmt give{Step::give};
    if (result != nothing_) give.exprs.push_back(leaf(result));
    guard.body.push_back(std::move(give));
    body.steps.push_back(std::move(guard));
    countsDown_.push_back(index);
    program_.functions.push_back(index);
    self_ = index;
  }
  block(body.steps, 1 + in_.below(5), stepDepth);
  ending(body);
  self_.reset();
  if (!recursive) program_.functions.push_back(index);
  here_ = nullptr;
}

void Generator::ending(Body& body) {
  if (body.result == nothing_) return;
  Stmt give{Step::give};
  give.exprs.push_back(expr(body.result, 2));
  body.steps.push_back(std::move(give));
}

void Generator::handlers(Handlers& handlers, Body::Role role) {
  for (size_t i = 0, end = 1 + in_.below(2); i < end; ++i) {
    size_t index = 0;
    Body& body = newBody(role, handlers.name, nothing_, index);
    body.priority = static_cast<int>(in_.below(3)) - 1;
    Place place{&body, {}, {}};
    here_ = &place;
    nodes_ = 0;
    parameters(handlers.parameters, false);
    block(body.steps, 2 + in_.below(7), stepDepth);
    here_ = nullptr;
    handlers.bodies.push_back(index);
  }
}

void Generator::filling() {
  size_t index = 0;
  Body& body = newBody(Body::Role::event, "zeek_init", nothing_, index);
  body.priority = 10;
  Place place{&body, {}, {}};
  here_ = &place;
  nodes_ = 0;
  for (size_t i = 0; i < program_.globals.size(); ++i) {
    const Global& global = program_.globals[i];
    if (global.hasInitial || global.hasDefault || in_.oneIn(8)) continue;
    Stmt s{Step::assign};
    s.exprs.push_back(make(Op::global, global.type, {}, i));
    s.exprs.push_back(own(global.type, 3));
    body.steps.push_back(std::move(s));
  }
  here_ = nullptr;
  program_.events[0].bodies.push_back(index);
}

Expr Generator::defaultFunction(const Type* table) {
  std::vector<const Type*> parts = table->parts;
  return lambda(type(Kind::function, parts), 1);
}

Program generate(std::span<const uint8_t> bytes) { return Generator(bytes).all(); }

}  // namespace bulkhead::programs
