#pragma once
// The Emitter writes one Code: instructions, registers, jumps, lines.
//
// Registers are counted by class while a function is lowered and get their final numbers at the
// end: parameters, then managed ones, then plain ones. Temporaries are a stack: mark(), use,
// release().

#include "sdk/script/source/location.h"
#include "sdk/script/vm/program.h"

#include <cstdint>
#include <vector>

namespace bulkhead::compile {

using vm::Instruction;
using vm::Op;

// A register before its final number is known.
struct Reg {
  uint16_t bits = vm::noRegister;
  bool none() const { return bits == vm::noRegister; }
  bool operator==(const Reg&) const = default;
};
constexpr Reg noReg{};

struct Label {
  int32_t target = -1;
  std::vector<uint32_t> uses;  // instructions whose d waits for the target
};

class Emitter {
 public:
  static constexpr uint16_t managedBase = 0x4000;
  static constexpr uint16_t plainBase = 0x8000;
  static constexpr uint32_t maxOfClass = 0x3ff0;

  explicit Emitter(vm::Code& code) : code_(code) {}

  Reg parameter(uint32_t index) const { return Reg{static_cast<uint16_t>(index)}; }
  // A register for the whole of the function. Only before any temporary is in use.
  Reg fixed(bool managed);
  Reg temporary(bool managed);
  // Two plain temporaries with consecutive numbers; the first one.
  Reg temporaryPair();

  struct Mark {
    uint32_t managed, plain;
  };
  Mark mark() const { return {managedUsed_, plainUsed_}; }
  void release(Mark mark) {
    managedUsed_ = mark.managed;
    plainUsed_ = mark.plain;
  }
  // Whether `reg` is a temporary that nobody names: its content may be taken.
  bool isTemporary(Reg reg) const;

  uint32_t emit(Op op, Reg a = noReg, Reg b = noReg, Reg c = noReg, int32_t d = 0);
  // For operands that are numbers.
  uint32_t emitRaw(Op op, uint16_t a, uint16_t b, uint16_t c, int32_t d);
  uint32_t here() const { return static_cast<uint32_t>(code_.instructions.size()); }
  Instruction& at(uint32_t pc) { return code_.instructions[pc]; }

  void bind(Label& label);
  // Emits a jump of any kind to a label.
  void jump(Label& label, Op op = Op::jump, Reg a = noReg, Reg b = noReg);
  void jumpNumber(Label& label, Op op, Reg a, uint16_t number);
  // A jump back to `target`, charged for what lies between.
  void loopTo(uint32_t target);

  void line(uint32_t file, uint32_t line, uint32_t column);

  // Numbers the registers. False if there are too many.
  bool finish();
  vm::Code& code() { return code_; }

 private:
  uint16_t number(uint16_t bits) const;

  vm::Code& code_;
  uint32_t managedUsed_ = 0, managedMost_ = 0, managedFixed_ = 0;
  uint32_t plainUsed_ = 0, plainMost_ = 0, plainFixed_ = 0;
};

}  // namespace bulkhead::compile
