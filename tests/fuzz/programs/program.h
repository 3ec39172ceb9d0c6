#pragma once
// Programs in a typed part of the script language, as trees that the script engine never sees. Made
// by generate(), they go two ways: write() gives their text, which the engine runs, and evaluate()
// walks the tree and says what must be printed. The two ways share no parser, no analysis and no
// virtual machine, so a fault of one of these shows as a difference.
//
// One thread; every value owns what it holds, but types and records are borrowed from their
// Program. The meaning of each construct is that of Zeek's interpreter (docs.zeek.org, script
// reference).

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace bulkhead::programs {

enum class Kind : uint8_t {
  nothing,  // the result of a function without one
  boolean,
  count,
  integer,
  real,
  string,
  colour,  // the one enum of a program: RED, GREEN, BLUE
  any,
  vector,
  set,
  table,
  record,
  function,
};

constexpr size_t colours = 3;

struct Type {
  Kind kind = Kind::nothing;
  // Of a vector its element; of a set its keys; of a table its keys, then its value; of a function
  // its parameters, then its result.
  std::vector<const Type*> parts = {};
  size_t record = 0;  // of a record: which of Program::records
};

enum class Op : uint8_t {
  literal,  // number, real or text
  local,    // index
  global,   // index
  // Two operands of one type, of which promote() may be one.
  add,
  subtract,
  multiply,
  divide,
  modulo,
  bitAnd,
  bitOr,
  bitXor,
  shiftLeft,
  shiftRight,
  less,
  lessEqual,
  greater,
  greaterEqual,
  equal,
  notEqual,
  both,
  either,
  // One operand.
  negate,
  opposite,
  complement,
  size,
  increment,  // of a variable or a field
  decrement,
  assign,  // to a variable, as a value
  addTo,
  promote,  // a count or an int to a double: no text of its own
  copy,
  toUpper,
  toAny,   // no text of its own
  cast,    // from any, to `type`
  isType,  // of any: `which` type
  hasField,
  field,  // index

  choose,     // condition, then, else
  call,       // index of a function; arguments
  callValue,  // the function, then arguments
  callHook,   // index of a hook; arguments
  named,      // index of a function: itself
  lambda,     // index of a function
  cat,        // any number of operands
  at,         // a container or a string, then the keys
  slice,      // a vector or string, from, to
  in,         // the keys, then the container
  makeVector,
  makeSet,     // keys of each element
  makeTable,   // keys and value of each element
  makeRecord,  // values of `fields`
  unite,
  intersect,
  without,
  subset,
};

struct Expr {
  Op op = Op::literal;
  const Type* type = nullptr;
  std::vector<Expr> args = {};
  size_t index = 0;
  uint64_t number = 0;  // the bits of an int
  double real = 0;
  std::string text = {};
  const Type* which = nullptr;
  std::vector<size_t> fields = {};
};

enum class Step : uint8_t {
  print,         // exprs
  evaluate,      // exprs[0]
  declare,       // local `index`, exprs[0] if any
  assign,        // exprs[0] = exprs[1]
  addTo,         // exprs[0] += exprs[1]
  subtractFrom,  // exprs[0] -= exprs[1]
  insert,        // add exprs[0]
  remove,        // delete exprs[0]
  branch,        // if (exprs[0]) body, else otherwise
  repeat,        // while (exprs[0]) body
  each,          // for (locals in exprs[0]) body; of a table the last local is its value
  select,        // switch (exprs[0]) cases
  give,          // return exprs[0] if any
  leave,         // break
  next,
  raise,  // event `index` with exprs
};

struct Stmt;

struct Case {
  std::vector<Expr> labels;  // none: the default
  std::vector<Stmt> body;
  bool falls = false;
};

struct Stmt {
  Step step = Step::print;
  std::vector<Expr> exprs = {};
  std::vector<Stmt> body = {};
  std::vector<Stmt> otherwise = {};
  std::vector<size_t> locals = {};
  std::vector<Case> cases = {};
  size_t index = 0;
  int line = 0;  // of its first line, set by write()
};

struct Field {
  std::string name;
  const Type* type = nullptr;
  bool optional = false;
  bool hasDefault = false;
  Expr initial = {};  // a literal
};

struct Record {
  std::string name;
  std::vector<Field> fields;
};

struct Capture {
  size_t outer = 0;  // a local of the function around
  size_t own = 0;
  bool copied = false;
};

// A capture and what it captures share their name.
struct Local {
  const Type* type = nullptr;
  std::string name;
};

// A function, a lambda, or one body of an event or a hook.
struct Body {
  enum class Role : uint8_t { function, lambda, event, hook };
  Role role = Role::function;
  std::string name;
  size_t parameters = 0;  // the first of `locals`
  std::vector<Local> locals;
  const Type* result = nullptr;
  std::vector<Capture> captures = {};
  std::vector<Stmt> steps = {};
  int priority = 0;
};

struct Global {
  std::string name;
  const Type* type = nullptr;
  bool hasInitial = false;
  Expr initial = {};
  // Of a table: &default. A literal, or a function of its keys.
  bool hasDefault = false;
  Expr otherwise = {};
};

// An event or a hook, with its bodies in the order of their text.
struct Handlers {
  std::string name;
  std::vector<const Type*> parameters;
  std::vector<size_t> bodies;
};

struct Program {
  std::deque<Type> types;
  std::vector<Record> records;
  std::vector<Global> globals;
  std::deque<Body> bodies;
  std::vector<size_t> functions;  // of bodies, in the order of their text
  std::vector<Handlers> events;   // the first is zeek_init
  std::vector<Handlers> hooks;
};

}  // namespace bulkhead::programs
