#pragma once
// The syntax tree of the script language: expressions and type expressions, with the headers for
// statements and declarations behind it.
//
// Nodes live in an Arena (arena.h) and are written by the parser alone. Two things are filled in
// afterwards by analysis, and by nobody else:
//   - the slots named `type`, `symbol`, `function`, `fieldIndex`, ...: what a name means, what type
//   an
//     expression has;
//   - child pointers, when analysis puts a Coerce node between parent and child, or turns a Call of
//   a
//     type name into the constructor that it is.
// After analysis without errors every Expr has a type (a void call has the void type), and the
// kinds that the list below marks "source only" do not occur any more.
//
// Names are views into the Arena, as written: "x", "Conn::Info" or "::x". No ownership, one thread.
// The language is the one of https://docs.zeek.org/en/master/script-reference/.

#include "common/net-types.h"
#include "sdk/script/source/location.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace bulkhead::types {
class Type;
}
namespace bulkhead::analysis {
struct Symbol;
struct Function;
struct WhenInfo;
}  // namespace bulkhead::analysis

namespace bulkhead::syntax {

using source::Location;

struct Expr;
struct TypeExpr;
struct Stmt;
struct Block;
struct FunctionSignature;

// ---- Expressions

enum class ExprKind : uint8_t {
  error,              // what the parser or checker could not make sense of; already reported
  name,               // NameExpr
  literal,            // LiteralExpr
  typeValue,          // TypeValueExpr: a type used as a value
  unary,              // UnaryExpr
  binary,             // BinaryExpr
  assign,             // AssignExpr: = += -=
  conditional,        // ConditionalExpr: a ? b : c
  index,              // IndexExpr: a[i, j]
  slice,              // SliceExpr: a[i:j]
  field,              // FieldExpr: a$b
  hasField,           // FieldExpr: a?$b
  call,               // CallExpr
  list,               // ListExpr: source only, except as an index key and in a table constructor
  fieldAssign,        // FieldAssignExpr: $f=x, an element of a record constructor
  recordConstructor,  // ConstructorExpr
  tableConstructor,   // ConstructorExpr: elements are AssignExpr with a ListExpr at the left
  setConstructor,     // ConstructorExpr: elements are ListExpr (one key each, after analysis)
  vectorConstructor,  // ConstructorExpr
  lambda,             // LambdaExpr
  schedule,           // ScheduleExpr
  copy,               // UnaryLikeExpr: copy(x)
  cast,               // CastExpr: x as T
  is,                 // CastExpr: x is T
  canConvert,         // CastExpr: x ?as T
  add,                // ElementExpr: add s[i]
  remove,             // ElementExpr: delete t[i], delete r$f, delete t
  whenLocal,          // WhenLocalExpr: `local x = e` inside the condition of a when
  coerce,             // CoerceExpr: made by analysis only
};

struct Expr {
  ExprKind kind = ExprKind::error;
  bool parenthesized = false;
  // How many nodes deep the tree below is, bodies of lambdas included; bounded by the parser, so
  // that whoever walks the tree may recurse.
  uint16_t height = 1;
  // Where the expression begins; `caret` is where its operator or its name stands.
  Location at;
  Location caret;
  const types::Type* type = nullptr;
};

// What a literal can be. Negative counts are folded into integers by the parser, as Zeek does.
enum class LiteralKind : uint8_t {
  boolean,
  count,
  integer,
  floating,
  interval,  // seconds, in `real`
  string,    // raw bytes, in `text`
  pattern,   // the source between the slashes, in `text`
  port,
  address,
  subnet,
  enumerator,  // made by analysis: `integer` is the value, the type is the enum
};

struct LiteralExpr : Expr {
  LiteralKind literal = LiteralKind::boolean;
  bool ignoreCase = false;  // pattern: /.../i
  bool singleLine = false;  // pattern: /.../s
  bool boolean = false;
  uint64_t count = 0;
  int64_t integer = 0;
  double real = 0;
  std::string_view text;
  Port port;
  IpAddr address;  // also the prefix of a subnet
  uint8_t width = 0;

  Subnet subnet() const { return Subnet{address, width}; }
};

struct NameExpr : Expr {
  std::string_view name;
  // The variable, function, type or enumerator meant. A name of an enumerator becomes a
  // LiteralExpr.
  analysis::Symbol* symbol = nullptr;
};

struct TypeValueExpr : Expr {
  TypeExpr* typeExpr = nullptr;
  const types::Type* value = nullptr;
};

enum class UnaryOp : uint8_t { logicalNot, complement, negate, plus, size, increment, decrement };

// `increment` and `decrement` are prefix operators that change their operand and yield the new
// value.
struct UnaryExpr : Expr {
  UnaryOp op = UnaryOp::logicalNot;
  Expr* operand = nullptr;
};

struct CopyExpr : Expr {
  Expr* operand = nullptr;
};

enum class BinaryOp : uint8_t {
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
  logicalAnd,
  logicalOr,
  equal,
  notEqual,
  less,
  lessEqual,
  greater,
  greaterEqual,
  in,
  notIn,
  mask,  // made by analysis: addr / count
};

// After analysis the operator's meaning follows from the operands' types, which are already
// coerced: for arithmetic both are the same type, or a vector of it, or one of each (`time - time`,
// `interval * double` and the like keep theirs).
struct BinaryExpr : Expr {
  BinaryOp op = BinaryOp::add;
  Expr* left = nullptr;
  Expr* right = nullptr;
};

enum class AssignOp : uint8_t { set, add, subtract };

// `target` is a name, index, slice, field, or a list of names to take a list apart.
struct AssignExpr : Expr {
  AssignOp op = AssignOp::set;
  Expr* target = nullptr;
  Expr* value = nullptr;
};

struct ConditionalExpr : Expr {
  Expr* condition = nullptr;
  Expr* whenTrue = nullptr;
  Expr* whenFalse = nullptr;
};

struct IndexExpr : Expr {
  Expr* base = nullptr;
  std::span<Expr*> indices;
};

struct SliceExpr : Expr {
  Expr* base = nullptr;
  Expr* low = nullptr;   // null: from the start
  Expr* high = nullptr;  // null: to the end
};

// a$b and a?$b.
struct FieldExpr : Expr {
  Expr* base = nullptr;
  std::string_view name;
  int fieldIndex = -1;
};

struct CallExpr : Expr {
  Expr* callee = nullptr;
  std::span<Expr*> arguments;  // after analysis: complete, &default arguments filled in
  bool viaHook = false;        // written as `hook f(...)`
  bool tooMany = false;        // more arguments than the function takes: fails when it is reached
};

// [a, b], {a, b} and the key lists of constructors.
struct ListExpr : Expr {
  std::span<Expr*> elements;
  bool braces = false;
  bool trailingComma = false;
};

struct FieldAssignExpr : Expr {
  std::string_view name;
  Expr* value = nullptr;
  int fieldIndex = -1;
};

struct Attribute;

// table(...), set(...), vector(...), record(...), [$a=..], and T(...) for a type T of those kinds.
// recordConstructor: elements are FieldAssignExpr. For the element forms of the others see
// ExprKind.
struct ConstructorExpr : Expr {
  std::span<Expr*> elements;
  std::span<Attribute*> attributes;
};

struct LambdaCapture {
  std::string_view name;
  bool deepCopy = false;
  Location at;
};

struct LambdaExpr : Expr {
  FunctionSignature* signature = nullptr;
  std::span<LambdaCapture> captures;
  bool hasCaptureList = false;
  // `$f(args) = { ... }` in a record constructor leaves the result type to be inferred.
  bool inferResult = false;
  Block* body = nullptr;
  analysis::Function* function = nullptr;
};

// A call of an event by name, in `event f(x);` and `schedule 5sec { f(x) }`.
struct EventCall {
  std::string_view name;
  Location at;
  std::span<Expr*> arguments;
  analysis::Symbol* symbol = nullptr;
};

struct ScheduleExpr : Expr {
  Expr* delay = nullptr;
  EventCall* event = nullptr;
};

// For `as`, `is` and `?as`.
struct CastExpr : Expr {
  Expr* operand = nullptr;
  TypeExpr* typeExpr = nullptr;
  const types::Type* target = nullptr;
};

// `add` and `delete`: the operand is an index, a field (delete) or a whole container (delete).
struct ElementExpr : Expr {
  Expr* operand = nullptr;
};

struct WhenLocalExpr : Expr {
  std::string_view name;
  Expr* value = nullptr;
  analysis::Symbol* symbol = nullptr;
};

// Implicit conversions, made explicit by analysis. Source and target are `operand->type` and
// `type`.
enum class CoerceKind : uint8_t {
  arithmetic,  // between count, int and double (and time/interval from double where Zeek allows it)
  record,      // to another record type: fields by name, missing ones from &default or left unset
  table,       // table() or {} of no type yet, to the table or set type wanted
  vector,      // vector() of no type yet, to the vector type wanted
  toAny,       // box
  fromAny,     // checked at run time
  toVector,    // one scalar operand beside a vector operand: applied to every element
  function,    // between function types that agree but for the names of parameters
};

struct CoerceExpr : Expr {
  CoerceKind coercion = CoerceKind::arithmetic;
  Expr* operand = nullptr;
};

// ---- Attributes

enum class AttributeKind : uint8_t {
  addFunc,
  backend,
  brokerAllowComplexType,
  brokerStore,
  createExpire,
  defaultValue,
  defaultInsert,
  deleteFunc,
  deprecated,
  errorHandler,
  expireFunc,
  group,
  isAssigned,
  isUsed,
  log,
  noCppOpt,
  noZamOpt,
  onChange,
  optional,
  ordered,
  priority,
  publishOnChange,
  rawOutput,
  readExpire,
  redef,
  typeColumn,
  writeExpire,
};

struct Attribute {
  AttributeKind kind = AttributeKind::optional;
  Location at;
  Expr* value = nullptr;  // null where the attribute takes none
};

// ---- Type expressions

enum class TypeExprKind : uint8_t {
  error,
  boolean,
  integer,
  count,
  floating,
  time,
  interval,
  string,
  pattern,
  port,
  address,
  subnet,
  any,
  named,     // `name`
  table,     // `parameters` are the index types, `element` what it yields
  set,       // `parameters`
  vector,    // `element`
  file,      // `element`, or null for file of string
  opaque,    // `name`
  record,    // `fields`
  enumType,  // `enumerators`
  function,  // `signature`
  event,     // `signature`
  hook,      // `signature`
};

struct FieldDecl {
  std::string_view name;
  Location at;
  TypeExpr* type = nullptr;
  std::span<Attribute*> attributes;
  std::string_view doc;  // of the ## comments before and the ##< comments behind it
};

struct EnumeratorDecl {
  std::string_view name;
  Location at;
  bool hasValue = false;
  uint64_t value = 0;
  Attribute* deprecated = nullptr;
  std::string_view doc;
};

struct TypeExpr {
  TypeExprKind kind = TypeExprKind::error;
  Location at;
  Location end;
  std::string_view name;
  std::span<TypeExpr*> parameters;
  TypeExpr* element = nullptr;
  std::span<FieldDecl*> fields;
  std::span<EnumeratorDecl*> enumerators;
  FunctionSignature* signature = nullptr;
};

// The parameters and result of a function, event or hook. A null result means none was written.
struct FunctionSignature {
  Location at;
  std::span<FieldDecl*> parameters;
  TypeExpr* result = nullptr;
};

// A checked downcast: as<NameExpr>(e) is null unless `e` has one of that node's kinds.
template <typename T>
T* as(Expr* expr);
template <typename T>
const T* as(const Expr* expr) {
  return as<T>(const_cast<Expr*>(expr));
}

}  // namespace bulkhead::syntax

#include "sdk/script/syntax/ast-cast.h"  // IWYU pragma: export
#include "sdk/script/syntax/decl.h"      // IWYU pragma: export
#include "sdk/script/syntax/stmt.h"      // IWYU pragma: export
