#pragma once
// A Program is what compile makes and a Vm runs: functions, events, globals, constants, attributes.
//
// Built once, then constant; several Vms may share it. It refers to types of the TypeTable that it
// was compiled with, which outlives it. No source text, only file names and lines.

#include "sdk/script/vm/native.h"
#include "sdk/script/vm/opcodes.h"
#include "sdk/script/vm/table.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bulkhead::vm {

using EventId = uint32_t;
using types::OriginId;

// What an instruction reads as arguments, keys or captures.
struct Argument {
  uint16_t reg;
  bool managed;
  bool take;         // a temporary that is not used again
  const Type* type;  // static type at the call
};

// A table has no more index types than this; compile says so.
constexpr size_t maxTableKeys = 32;

struct CallSite {
  uint32_t function = 0;  // index into Program::functions; unused for keys and call by value
  std::vector<Argument> arguments;
  // What a call by value counts on; the function that is called may say `any` where the call does
  // not, and the other way round.
  const Type* result = nullptr;
  // Of a call by value: the last type of function that takes these arguments, and gives this
  // result, without conversion. The Vm's, which is the only one that runs the Program.
  mutable const types::FuncType* fits = nullptr;
};

struct ClosureSite {
  uint32_t function = 0;
  // Managed captures first.
  std::vector<Argument> captures;
  std::vector<const Type*> captureTypes;
  std::vector<bool> deepCopy;
  uint32_t managedCaptures = 0;
};

struct WhenSite {
  uint32_t body = 0;                 // Code: tests the condition, then runs the body
  int32_t timeoutBody = noFunction;  // Code
  bool returns = false;              // `return when`
  std::vector<uint32_t> globals;     // looked at when one of these changes
  bool alwaysLook = false;           // depends on what cannot be watched: look after every event
};

// How to make a record of one type from one of another.
struct RecordMap {
  const types::RecordType* target = nullptr;
  static constexpr int32_t fromDefault = -1;
  struct Part {
    int32_t source;          // field of the source, or fromDefault
    const Type* sourceType;  // differs from the target field's type: converted by Vm::convert
  };
  std::vector<Part> parts;  // one for each target field
};

enum class VectorOp : uint8_t {
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
  negate,
  logicalNot,
  complement,
  convert,
};

struct VectorOperation {
  VectorOp op = VectorOp::add;
  const Type* operand = nullptr;  // element type of the operands
  const Type* right = nullptr;    // of the second one
  const types::VectorType* result = nullptr;
};

struct Conversion {
  const Type* from = nullptr;
  const Type* to = nullptr;
};

// One piece of bytecode: a function body, an event or hook body, a lambda, an attribute expression.
struct Code {
  std::string name;  // for the script stack
  OriginId origin = types::originBase;
  std::vector<Instruction> instructions;
  struct Line {
    uint32_t pc;  // first instruction of the run
    uint32_t file;
    uint32_t line;
    uint32_t column;
  };
  std::vector<Line> lines;  // by pc
  // The statements that call native functions for a value, inner ones first: one that cannot have
  // its value goes on at `next`, or at the last instruction, or takes its handler with it.
  struct Statement {
    static constexpr uint32_t atEnd = UINT32_MAX, nowhere = UINT32_MAX - 1;
    uint32_t begin, end;  // the instructions
    uint32_t next;
  };
  std::vector<Statement> statements;
  // Registers: parameters, then managed ones, then plain ones.
  uint32_t parameterCount = 0;
  uint32_t managedEnd = 0;  // registers [parameterCount, managedEnd) hold managed slots
  uint32_t registerCount = 0;
  // What a call costs of the instruction budget; the instructions themselves are not counted.
  int32_t callCharge = 8;
  std::vector<uint8_t> parameterManaged;
  bool anyManagedParameter = false;
  const Type* resultType = nullptr;

  // What the 32-bit operands of letters s and x refer to.
  std::vector<CallSite> callSites;
  std::vector<ClosureSite> closureSites;
  std::vector<WhenSite> whenSites;
  std::vector<RecordMap> recordMaps;
  std::vector<VectorOperation> vectorOperations;
  std::vector<Conversion> conversions;
  struct NumberSwitch {
    std::unordered_map<int64_t, int32_t> targets;
    int32_t otherwise = 0;
  };
  struct StringSwitch {
    std::unordered_map<std::string, int32_t> targets;
    int32_t otherwise = 0;
  };
  std::vector<NumberSwitch> numberSwitches;
  std::vector<StringSwitch> stringSwitches;
};

// One handler of an event or hook, or the body of a function.
struct Body {
  uint32_t code = 0;  // index into Program::codes
  int priority = 0;
  std::vector<std::string> groups;  // &group; a body of a disabled group does not run
  std::string module;
};

// A name that can be called: function, event or hook.
struct Function {
  std::string name;
  const types::FuncType* type = nullptr;
  OriginId origin = types::originBase;
  const NativeRow* native = nullptr;
  // As a value of it prints; empty: by its name. Of functions that scripts outside the base library
  // define and use as values.
  std::string shown;
  // In running order: higher priority first, then order of definition. A function has one or none.
  std::vector<Body> bodies;
  int32_t event = noFunction;  // index into Program::events for an event
};

struct Event {
  std::string name;
  uint32_t function;
};

struct Global {
  std::string name;
  const Type* type = nullptr;
  OriginId origin = types::originBase;
  bool isConst = false;
  bool isOption = false;
  bool isExported = false;
  // Attributes for table values assigned to it, or null.
  const TableAttributes* attributes = nullptr;
};

// A constant with its type. Managed ones are made by the Vm when it starts.
struct Constant {
  const Type* type = nullptr;
  Slot plain = Slot::unset();  // unmanaged and immediate ones
  std::string text;            // string; pattern source
  uint8_t patternFlags = 0;    // 1 /i, 2 /s
  IpAddr address;              // IPv6 addr, subnet
  uint8_t width = 0;
  uint32_t function = 0;  // function value
  bool isFunction = false;
};

class Program {
 public:
  Program();
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::deque<Code> codes;
  std::vector<Function> functions;
  std::vector<Event> events;
  std::vector<Global> globals;
  std::vector<Constant> constants;
  std::vector<std::string> files;
  std::deque<TableAttributes> attributes;
  // Record defaults by type id: pairs of field and a Code without parameters.
  struct FieldDefault {
    uint32_t field;
    int32_t constant;  // into `constants`, or noFunction
    int32_t code;      // a Code without parameters, or noFunction
  };
  std::unordered_map<const types::RecordType*, std::vector<FieldDefault>> fieldDefaults;
  // Types by full name.
  std::unordered_map<std::string, const Type*> namedTypes;
  // Of what find_in_zeekpath() is asked as the scripts are read: by name the path, or nothing.
  std::unordered_map<std::string, std::string> scriptsAskedFor;
  // What global_ids() tells beyond the above; empty where no script names that function.
  struct WrittenAttribute {
    std::string_view name;
    std::string value;  // empty without one
  };
  std::unordered_map<std::string, std::vector<WrittenAttribute>> writtenAttributes;  // by global
  std::vector<std::string> modules;
  uint32_t initializer = 0;  // Code that sets the globals
  // Where the variable stands whose value the initializer computes from that instruction on, in
  // order.
  std::vector<Code::Line> initialValues;
  int32_t statements = noFunction;  // Code of the statements outside functions

  // Empty if there is none of that name.
  const Function* findFunction(std::string_view name) const;
  std::optional<EventId> findEvent(std::string_view name) const;
  std::optional<uint32_t> findGlobal(std::string_view name) const;
  const Type* findType(std::string_view name) const;
  bool hasHandlers(EventId event) const {
    return !functions[events[event].function].bodies.empty();
  }

  // Builds the name indices; call once everything is in.
  void seal();

 private:
  std::unordered_map<std::string, uint32_t> functionsByName_;
  std::unordered_map<std::string, uint32_t> eventsByName_;
  std::unordered_map<std::string, uint32_t> globalsByName_;
};

}  // namespace bulkhead::vm
