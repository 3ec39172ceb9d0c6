#pragma once
// How generate() makes a program: names, types and limits that its parts share.
#include "tests/fuzz/programs/program.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <utility>

namespace bulkhead::programs {

constexpr int maxNodes = 150;  // expressions and statements of a body
constexpr int exprDepth = 4;
constexpr int stepDepth = 4;
constexpr size_t maxWhileTurns = 6;

class Choices {
 public:
  explicit Choices(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  size_t below(size_t end) {
    if (at_ == bytes_.size() || end < 2) return 0;
    return bytes_[at_++] % end;
  }
  bool oneIn(size_t n) { return below(n) == n - 1; }

 private:
  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
};

// Where code is being made: what it may name and where it may jump.
struct Place {
  Body* body = nullptr;
  std::vector<size_t> visible;   // locals
  std::vector<size_t> constant;  // of these, what must not be assigned
  bool inLoop = false;
  bool inSelect = false;
};

class Generator {
 public:
  explicit Generator(std::span<const uint8_t> bytes) : in_(bytes) {}

  Program all();

 private:
  // --- types

  const Type* type(Kind kind, std::vector<const Type*> parts = {}, size_t record = 0);
  void basicTypes();
  void records();
  void containers();
  static bool isScalar(const Type* t) {
    return t->kind >= Kind::boolean && t->kind <= Kind::colour;
  }
  static bool isNumber(const Type* t) { return t->kind >= Kind::count && t->kind <= Kind::real; }
  static bool isTable(const Type* t) { return t->kind == Kind::table; }
  static bool isContainer(const Type* t) {
    return t->kind >= Kind::vector && t->kind <= Kind::table;
  }
  // Every type is such a type to a cast: a matter of its own.
  bool holdsAny(const Type* t) const;
  static size_t keysOf(const Type* t) { return t->parts.size() - (isTable(t) ? 1 : 0); }

  const Type* someType() { return all_[in_.below(all_.size())]; }
  const Type* someScalar() { return scalars_[in_.below(scalars_.size())]; }
  std::vector<const Type*> parameterTypes();

  // --- declarations

  void globals();
  Body& newBody(Body::Role role, std::string name, const Type* result, size_t& index);
  size_t newLocal(const Type* type, std::string name = {});
  void parameters(const std::vector<const Type*>& types, bool unique);
  void function(size_t number);

  // What a function with a result ends with.
  void ending(Body& body);
  void handlers(Handlers& handlers, Body::Role role);

  // A first zeek_init that gives the globals something to hold.
  void filling();
  Expr defaultFunction(const Type* table);

  // --- expressions

  static Expr make(Op op, const Type* type, std::vector<Expr> args = {}, size_t index = 0);
  static Expr binary(Op op, const Type* type, Expr a, Expr b);
  static Expr unary(Op op, const Type* type, Expr a, size_t index = 0);
  Expr number_(uint64_t value);
  Expr local(size_t index) { return make(Op::local, here_->body->locals[index].type, {}, index); }

  Expr literal(const Type* t);

  // Without a choice that could go deeper.
  Expr empty(const Type* t);
  Expr record(const Type* t, int depth);

  // All that `t` can be read from, of one kind of name each.
  std::vector<Expr> variables(const Type* t, bool toAssign);
  std::optional<Expr> variable(const Type* t, bool toAssign = false);
  Expr leaf(const Type* t);
  Expr expr(const Type* t, int depth);

  // container[keys], as a value of `t`.
  std::optional<Expr> element(const Type* t, int depth);

  // Most of what may fail is asked for first, or programs would end before they did much.
  Expr guarded(Expr condition, Expr value, int depth);
  Expr choose(Expr condition, Expr value, int depth);
  // Whether the element is there; nothing in `read` has an effect.
  Expr present(const Expr& read);
  Expr at(Expr base, int depth);
  std::optional<Expr> field(const Type* t, int depth);
  // A constructor or a condition before a `$` would want brackets: a name, an element or a call.
  Expr fieldBase(const Type* record, int depth);
  std::optional<Expr> call(const Type* t, int depth);
  Expr own(const Type* t, int depth);

  // What an any is to hold.
  Expr plain(int depth);
  Expr arithmetic(const Type* t, int depth);
  Expr ofCount(int depth);

  // The right operand: mostly not zero where that would be an error.
  Expr divisor(Op op, const Type* t, int depth);
  Expr ofString(int depth);
  Expr slice(Expr base, int depth);
  Expr condition(int depth);
  Expr membership(int depth);
  Expr ofContainer(const Type* t, int depth);
  Expr ofFunction(const Type* t, int depth);
  Expr lambda(const Type* t, int depth);
  bool uses(const Expr& e, size_t local) const;
  bool uses(const std::vector<Stmt>& steps, size_t local) const;

  // --- statements

  void block(std::vector<Stmt>& steps, size_t count, int depth);
  void step(std::vector<Stmt>& out, int depth);
  void print(std::vector<Stmt>& out);
  void declare(std::vector<Stmt>& out);

  // A variable, an element or a field; nothing in it has an effect.
  std::optional<Expr> target(const Type* t);
  const Type* assignable() {
    return in_.oneIn(10) ? functionTypes_[in_.below(functionTypes_.size())] : someType();
  }

  void assign(std::vector<Stmt>& out);
  void addTo(std::vector<Stmt>& out);
  void append(std::vector<Stmt>& out);
  void insert(std::vector<Stmt>& out);
  Expr keyed(Expr base);
  void remove(std::vector<Stmt>& out);
  void increment(std::vector<Stmt>& out);
  void raise(std::vector<Stmt>& out);
  void callOnly(std::vector<Stmt>& out);
  void branch(std::vector<Stmt>& out, int depth);
  void loopBody(Stmt& s, int depth);
  void repeat(std::vector<Stmt>& out, int depth);
  void each(std::vector<Stmt>& out, int depth);
  void select(std::vector<Stmt>& out, int depth);
  void jump(std::vector<Stmt>& out);

  Choices in_;
  Program program_;
  Place* here_ = nullptr;
  std::optional<size_t> self_;      // the function being made, if it calls itself
  std::vector<size_t> countsDown_;  // functions that do
  size_t hooks_ = 0;                // that may be called from here
  size_t names_ = 0;
  int nodes_ = 0;
  const Type* nothing_ = nullptr;
  const Type* boolean_ = nullptr;
  const Type* count_ = nullptr;
  const Type* integer_ = nullptr;
  const Type* real_ = nullptr;
  const Type* string_ = nullptr;
  const Type* colour_ = nullptr;
  const Type* any_ = nullptr;
  const Type* counts_ = nullptr;
  const Type* strings_ = nullptr;
  const Type* countSet_ = nullptr;
  const Type* named_ = nullptr;  // table[string] of count
  std::vector<const Type*> scalars_;
  std::vector<const Type*> recordTypes_;
  std::vector<const Type*> all_;
  std::vector<const Type*> functionTypes_;
};

}  // namespace bulkhead::programs
