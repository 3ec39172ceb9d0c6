#pragma once
// What evaluate() holds while it walks a program: values, frames, the queue of events.
#include "tests/fuzz/programs/evaluate.h"

#include <map>
#include <memory>
#include <utility>
#include <variant>

namespace bulkhead::programs {

struct Vector;
struct Table;
struct Fields;
struct Closure;
struct Boxed;

using Value = std::variant<std::monostate, bool, uint64_t, int64_t, double, std::string,
                           std::shared_ptr<Vector>, std::shared_ptr<Table>, std::shared_ptr<Fields>,
                           std::shared_ptr<Closure>, std::shared_ptr<Boxed>>;

struct Vector {
  std::vector<Value> elements;
};

struct Entry {
  std::vector<Value> keys;
  Value value;
  bool gone = false;
};

// Of a table or a set. Entries stay where they were put: walking goes by place.
struct Table {
  std::vector<Entry> entries;
  std::map<std::string, size_t> places;
  const Expr* otherwise = nullptr;  // &default
};

struct Fields {
  std::vector<Value> values;
};

struct Closure {
  size_t body = 0;
  std::vector<Value> captured;
};

struct Boxed {
  const Type* type = nullptr;
  Value value;
};

// Why evaluation stops.
struct TooMuch {};
struct Abandoned {};

enum class Flow : uint8_t { on, leave, next, give };

struct Frame {
  const Body* body = nullptr;
  std::vector<Value> locals;
  std::shared_ptr<Closure> closure;
  Value result;
};

struct Queued {
  size_t event = 0;
  std::vector<Value> arguments;
};

class Evaluator {
 public:
  explicit Evaluator(const Program& program) : program_(program) {}

  std::string all();

 private:
  void tick() {
    if (++steps_ > maxSteps) throw TooMuch();
  }
  static void bounded(size_t size) {
    if (size > maxText) throw TooMuch();
  }
  void print(const std::string& text);
  [[noreturn]] static void fail() { throw Abandoned(); }

  // --- values

  // What a variable or a field of this type has without an initial value.
  Value initial(const Type* type);
  Value newRecord(const Type* type);
  static Value literal(const Expr& e);
  static std::string keyText(const std::vector<Value>& keys);
  static Entry* find(Table& table, const std::vector<Value>& keys);
  static void put(Table& table, std::vector<Value> keys, Value value);
  static void erase(Table& table, const std::vector<Value>& keys);

  // What is shared below `value` is shared below its copy.
  Value copy(const Value& value, std::map<const void*, Value>& known);
  void describe(std::string& out, const Type* type, const Value& value);

  // --- calls

  std::vector<size_t> inOrder(const Handlers& handlers) const;
  Value run(const Body& body, std::vector<Value> arguments, std::shared_ptr<Closure> closure);
  Value callHook(size_t index, const std::vector<Value>& arguments);

  // --- variables

  Frame& frame() { return frames_.back(); }
  // Where a local lies: a capture belongs to its closure.
  Value& localPlace(size_t index);
  static Value known(const Value& value);

  // --- expressions

  Value value(const Expr& e);
  std::vector<Value> values(const std::vector<Expr>& args, size_t begin, size_t end);
  Value lambda(const Expr& e);

  // ++ and --.
  Value step(const Expr& e);

  // Where all operands come first.
  Value simple(const Expr& e, std::vector<Value> a);
  static Value size(const Value& of);
  Value arithmetic(Op op, const Value& a, const Value& b);

  // All of them wrap around.
  static Value ofInts(Op op, int64_t left, int64_t right);
  Value at(std::vector<Value> a);
  static Value slice(std::vector<Value> a);
  static Value in(std::vector<Value> a);
  static Value ofSets(Op op, Table& a, Table& b);

  // --- statements

  void assign(const Expr& to, Value value);
  Flow steps(const std::vector<Stmt>& all);
  Flow step(const Stmt& s);
  void addTo(const Stmt& s);
  void remove(const Expr& e);

  // What is put in while a container is walked is not visited; what is taken out is not either.
  Flow each(const Stmt& s);
  Flow select(const Stmt& s);

  const Program& program_;
  std::vector<Value> globals_;
  std::vector<Frame> frames_;
  std::vector<Queued> queue_;
  std::string out_;
  size_t steps_ = 0;
  int line_ = 0;
  Flow flow_ = Flow::on;  // how the last body ended
};

}  // namespace bulkhead::programs
