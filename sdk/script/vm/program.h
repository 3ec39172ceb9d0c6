#pragma once
// A Program is what compile makes and a Vm runs: functions, events, globals, constants, attributes.
//
// Built once, then constant; several Vms may share it. It refers to types of the TypeTable that it
// was compiled with, which outlives it. No source text, only file names and lines.

#include "sdk/script/vm/native.h"
#include "sdk/script/vm/table.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bulkhead::vm {

struct Instruction;  // opcodes.h

using EventId = uint32_t;
using types::OriginId;

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
  // Registers: parameters, then managed ones, then plain ones.
  uint32_t parameterCount = 0;
  uint32_t managedEnd = 0;  // registers [parameterCount, managedEnd) hold managed slots
  uint32_t registerCount = 0;
  std::vector<uint8_t> parameterManaged;
  bool anyManaged = false;
};

// One handler of an event or hook, or the body of a function.
struct Body {
  uint32_t code = 0;  // index into Program::codes
  int priority = 0;
  std::string group;  // &group; events of a disabled group do not run
  std::string module;
};

// A name that can be called: function, event or hook.
struct Function {
  std::string name;
  const types::FuncType* type = nullptr;
  OriginId origin = types::originBase;
  const NativeRow* native = nullptr;
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
    uint32_t code;
  };
  std::unordered_map<const types::RecordType*, std::vector<FieldDefault>> fieldDefaults;
  // Types by full name.
  std::unordered_map<std::string, const Type*> namedTypes;
  uint32_t initializer = 0;  // Code that sets the globals

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
