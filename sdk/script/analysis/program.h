#pragma once
// What the front half makes of a run's scripts, and compile consumes: symbols, functions with their
// frames, globals with their initializers, attributes. The trees hanging off it (syntax/ast.h) have
// all slots filled and all conversions written out as CoerceExpr nodes.
//
// A Program owns symbols and functions; it refers to nodes of an Arena and types of a TypeTable
// that outlive it. It is complete and constant once analysis reported no error; with errors it must
// not be compiled. One thread.
//
// How the tree is to be read after analysis:
// - Both operands of arithmetic, bit and comparison operators have the same type; the exceptions
// are
//   time - time, time +- interval, interval * double, interval / double, interval / interval, and
//   pattern == string (either way round). Vectors are combined element by element; beside a vector
//   a scalar stands in a CoerceExpr toVector.
// - `x in y`: y is a string (x: string or pattern), subnet (x: addr or subnet), table or set (x:
// the key,
//   or a ListExpr of the keys in their types), or vector (x: count).
// - An IndexExpr of a table or set has one expression for each index type. A table or set with one
//   pattern (subnet) index may be indexed with a string (addr) as the language says; the expression
//   then keeps its own type.
// - Elements of a table constructor are AssignExpr(ListExpr keys, value), of a set constructor
// ListExpr
//   keys, of a vector constructor values, of a record constructor FieldAssignExpr; all coerced.
//   Fields that a record constructor leaves out take their default when the record is made.
// - An AssignExpr whose target is a ListExpr assigns element by element.
// - A call has one argument per parameter, defaults filled in (such an expression is shared between
//   calls); only a variadic callee has more.
// - Locals live as long as their function: one slot each. A LocalStmt without a value does nothing
//   where it stands; Function::emptyAtEntry says which locals begin as an empty container or
//   record.

#include "sdk/script/source/origin.h"
#include "sdk/script/syntax/ast.h"
#include "sdk/script/types/types.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bulkhead::analysis {

using source::Location;
using source::Origin;

struct AttributeSet;
struct Callable;
struct Function;

enum class SymbolKind : uint8_t {
  global,      // global, const, option: `index` into Program::globals
  callable,    // function, event, hook: `index` into Program::callables
  type,        // `type` is the type named
  enumerator,  // `value`; `type` is the enum
  local,       // a local, parameter, loop variable or capture: `index` is the slot in its function
};

struct Symbol {
  SymbolKind kind = SymbolKind::global;
  std::string name;  // with its module: "Conn::LOG"; a bare name for GLOBAL and for locals
  std::string module;
  const types::Type* type = nullptr;
  // Of a type: what it is as a value, if that is not `type` (TypeTable::standIn).
  const types::Type* standIn = nullptr;
  Location at;
  Origin origin = source::originBase;
  uint32_t index = 0;
  int64_t value = 0;
  bool exported = false;
  bool isConst = false;
  bool isOption = false;
  bool redefinable = false;
  bool isDeprecated = false;
  std::string deprecation;
  AttributeSet* attributes = nullptr;  // of a variable; null without any

  // Of a local.
  Function* owner = nullptr;
  bool isParameter = false;
  bool ofLoop = false;  // may be declared anew behind its loop
  bool used = false;
  bool assigned = false;
  // Declared without a value and of a type that has none by itself, or the capture of such a one.
  bool mayBeUnset = false;

  bool initialized = false;  // of a variable: some InitStep gives it a value

  const types::Type* typeAsValue() const { return standIn != nullptr ? standIn : type; }
};

// What attributes say about a variable, a record field or a type of container. Expressions are
// coerced to what they must be; null where the attribute is absent.
struct AttributeSet {
  syntax::Expr* defaultValue =
      nullptr;  // of a table: what a missing key yields, or a function of the key
  bool defaultIsFunction = false;
  syntax::Expr* defaultInsert = nullptr;  // as defaultValue, and the result is put into the table
  bool defaultInsertIsFunction = false;
  syntax::Expr* createExpire = nullptr;  // interval
  syntax::Expr* readExpire = nullptr;
  syntax::Expr* writeExpire = nullptr;
  syntax::Expr* expireFunc = nullptr;
  syntax::Expr* onChange = nullptr;
  syntax::Expr* addFunc = nullptr;
  syntax::Expr* deleteFunc = nullptr;
  syntax::Expr* backend = nullptr;
  syntax::Expr* brokerStore = nullptr;
  syntax::Expr* typeColumn = nullptr;
  bool ordered = false;
  bool rawOutput = false;
  bool log = false;
  bool optional = false;
  bool errorHandler = false;
  bool isAssigned = false;
  bool isUsed = false;
  bool allowComplex = false;
  bool dropped = false;  // by prune: nothing that is kept uses the container

  bool forContainer() const {
    return defaultValue || defaultInsert || createExpire || readExpire || writeExpire ||
           expireFunc || onChange || backend || brokerStore || ordered;
  }
};

// What the attributes of a container's constructor say; whether a default is a function is left
// open.
AttributeSet attributesAsWritten(std::span<syntax::Attribute* const> written);

// A value that a lambda or a `when` takes along from the function around it when it is made.
struct Capture {
  Symbol* outer = nullptr;
  Symbol* inner = nullptr;  // a local of the capturing function
  bool deepCopy = false;    // else the reference is copied
};

// One body with a frame of its own: of a function, event or hook, of a lambda, of a `when`, or the
// statements outside functions.
struct Function {
  std::string name;    // of the callable, "lambda", "when" or "<statements>"
  std::string module;  // in force where the body stands; for event groups by module
  const types::FuncType* type = nullptr;
  Location at;
  Location end;
  Origin origin = source::originBase;
  // Slots, parameters first. For a body of an alternate prototype the parameters are those of the
  // first one, in its order; those that the alternate leaves out have an unspeakable name.
  std::vector<Symbol*> locals;
  uint32_t parameterCount = 0;
  std::vector<Capture> captures;  // inner symbols are among the locals
  std::vector<Symbol*> emptyAtEntry;
  syntax::Block* body = nullptr;  // null for a `when`: see WhenInfo
  int priority = 0;
  std::vector<std::string> groups;  // &group
  Function* enclosing = nullptr;    // of a lambda or a `when`
  bool isLambda = false;
  // By prune: nobody can notice that it does not run. It is not lowered.
  bool dropped = false;
};

// A `when`: condition, body and timeout body of the WhenStmt run in the frame of `function`, which
// is made with the captures. The timeout expression is evaluated in the frame around it.
struct WhenInfo {
  Function* function = nullptr;
  // Globals that the condition reads: a change of one is a reason to look at it again. A condition
  // without any, without calls and without captured containers is looked at when time moves.
  std::vector<Symbol*> globals;
  bool callsFunctions = false;
};

// A named function, event or hook.
struct Callable {
  Symbol* symbol = nullptr;
  const types::FuncType* type = nullptr;
  // Row number in the NativeCatalog, or -1 for one written in script.
  int32_t native = -1;
  // In running order: higher priority first, then order of definition. A function has at most one.
  std::vector<Function*> bodies;
  // Declared by the event catalog or by a script; false for an event that only handlers mention.
  bool declared = false;
};

struct Global {
  Symbol* symbol = nullptr;
  // As declared and redefined; of one kind the last.
  std::vector<syntax::Attribute*> attributes = {};
};

enum class InitKind : uint8_t {
  set,      // target = value
  add,      // target += value, as the language defines it for the target's type
  remove,   // target -= value
  empty,    // a container or record without an initializer: made empty
  addFunc,  // += through &add_func: target = func(target, value)
  deleteFunc,
};

// Executed in this order before anything else, each one with what the ones before it left behind.
struct InitStep {
  InitKind kind = InitKind::set;
  Symbol* target = nullptr;
  syntax::Expr* value = nullptr;  // coerced; null for `empty`
  Location at;
  Origin origin = source::originBase;
};

// The default of a record field (types::Field::defaultExpr) or of a parameter.
struct DefaultExpr {
  syntax::Expr* value = nullptr;  // coerced to the field's type
  Location at;
  Origin origin = source::originBase;
};

struct LoadedFile {
  std::string path;
  std::string withinRoot;
  Origin origin = source::originBase;
  int depth = 0;  // of the load that brought it in
};

// An `@load` as it is written.
struct LoadDirective {
  std::string target;
  Location at;
  Origin origin = source::originBase;
  bool signatures = false;  // @load-sigs
  bool ofLibrary = false;   // found in the base library, or nowhere
};

// A `redef` of a variable that the operator's scripts make and that can be said again in another
// program: one in names of the base library alone, or in names that this program does not know.
struct SiteRedef {
  std::string module;  // in which it stands
  std::string text;    // as written, to its semicolon
  std::string file;
  uint32_t line = 0;
  // Those that are not known here; with any, the redef has no effect here.
  std::vector<std::string> unknownNames;
  std::string complaint;  // then: the rendered error, if the names turn out to be nobody's
};

class Program {
 public:
  explicit Program(types::TypeTable& table) : types(table) {}
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  types::TypeTable& types;

  std::deque<Symbol> symbols;
  std::deque<AttributeSet> attributeSets;
  std::deque<Function> functions;
  std::deque<Callable> callables;
  std::deque<WhenInfo> whens;
  std::vector<Global> globals;
  std::vector<InitStep> initializers;
  std::vector<DefaultExpr> defaults;
  // Attribute sets of record fields, by types::Field::attributes.
  std::vector<AttributeSet*> fieldAttributes;
  // Statements outside functions, in order; null without any.
  Function* statements = nullptr;

  std::vector<LoadedFile> files;
  std::vector<LoadDirective> loads;         // in order
  std::vector<std::string> signatureFiles;  // of @load-sigs, in order
  std::vector<std::string> plugins;         // of @load-plugin
  std::vector<std::string> modules;
  // By what find_in_zeekpath() is asked for: the path, or nothing.
  std::unordered_map<std::string, std::string> scriptsAskedFor;
  std::vector<SiteRedef> siteRedefs;  // in order

  // By full name; null if there is none.
  Symbol* find(std::string_view fullName) const {
    auto found = byName.find(std::string(fullName));
    return found == byName.end() ? nullptr : found->second;
  }
  std::unordered_map<std::string, Symbol*> byName;
};

}  // namespace bulkhead::analysis
