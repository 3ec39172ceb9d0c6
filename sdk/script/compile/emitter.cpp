#include "sdk/script/compile/emitter.h"

#include <algorithm>
#include <cassert>

namespace bulkhead::compile {

Reg Emitter::fixed(bool managed) {
  if (managed) {
    assert(managedUsed_ == managedFixed_);
    managedFixed_ = ++managedUsed_;
    managedMost_ = std::max(managedMost_, managedUsed_);
    return Reg{static_cast<uint16_t>(managedBase + std::min(managedUsed_ - 1, maxOfClass))};
  }
  assert(plainUsed_ == plainFixed_);
  plainFixed_ = ++plainUsed_;
  plainMost_ = std::max(plainMost_, plainUsed_);
  return Reg{static_cast<uint16_t>(plainBase + std::min(plainUsed_ - 1, maxOfClass))};
}

Reg Emitter::temporary(bool managed) {
  uint32_t& used = managed ? managedUsed_ : plainUsed_;
  uint32_t& most = managed ? managedMost_ : plainMost_;
  uint32_t index = used++;
  most = std::max(most, used);
  uint16_t base = managed ? managedBase : plainBase;
  return Reg{static_cast<uint16_t>(base + std::min(index, maxOfClass))};
}

Reg Emitter::temporaryPair() {
  Reg first = temporary(false);
  temporary(false);
  return first;
}

bool Emitter::isTemporary(Reg reg) const {
  if (reg.bits >= plainBase) return reg.bits - plainBase >= static_cast<int>(plainFixed_);
  if (reg.bits >= managedBase) return reg.bits - managedBase >= static_cast<int>(managedFixed_);
  return false;
}

uint32_t Emitter::emit(Op op, Reg a, Reg b, Reg c, int32_t d) {
  return emitRaw(op, a.bits, b.bits, c.bits, d);
}

uint32_t Emitter::emitRaw(Op op, uint16_t a, uint16_t b, uint16_t c, int32_t d) {
  code_.instructions.push_back({op, a, b, c, d});
  return here() - 1;
}

void Emitter::bind(Label& label) {
  label.target = static_cast<int32_t>(here());
  for (uint32_t use : label.uses) at(use).d = label.target - static_cast<int32_t>(use);
  label.uses.clear();
}

void Emitter::jump(Label& label, Op op, Reg a, Reg b) {
  uint32_t pc = emit(op, a, b);
  if (label.target >= 0) {
    at(pc).d = label.target - static_cast<int32_t>(pc);
  } else {
    label.uses.push_back(pc);
  }
}

void Emitter::jumpNumber(Label& label, Op op, Reg a, uint16_t number) {
  uint32_t pc = emitRaw(op, a.bits, number, 0, 0);
  if (label.target >= 0) {
    at(pc).d = label.target - static_cast<int32_t>(pc);
  } else {
    label.uses.push_back(pc);
  }
}

void Emitter::loopTo(uint32_t target) {
  uint32_t length = std::min<uint32_t>(here() - target + 1, 0xffff);
  uint32_t pc = emitRaw(Op::loop, static_cast<uint16_t>(length), 0, 0, 0);
  at(pc).d = static_cast<int32_t>(target) - static_cast<int32_t>(pc);
}

void Emitter::line(uint32_t file, uint32_t line, uint32_t column) {
  if (!code_.lines.empty()) {
    vm::Code::Line& last = code_.lines.back();
    if (last.file == file && last.line == line && last.column == column) return;
    if (last.pc == here()) {
      last = {here(), file, line, column};
      return;
    }
  }
  code_.lines.push_back({here(), file, line, column});
}

uint16_t Emitter::number(uint16_t bits) const {
  if (bits == vm::noRegister || bits < managedBase) return bits;
  uint32_t index = bits < plainBase ? code_.parameterCount + (bits - managedBase)
                                    : code_.parameterCount + managedMost_ + (bits - plainBase);
  return static_cast<uint16_t>(index);
}

bool Emitter::finish() {
  if (managedMost_ > maxOfClass || plainMost_ > maxOfClass) return false;
  code_.managedEnd = code_.parameterCount + managedMost_;
  code_.registerCount = code_.managedEnd + plainMost_;
  // Long straight code costs more, but a big switch is not all executed.
  constexpr size_t maxCallCharge = 64;
  code_.callCharge = static_cast<int32_t>(std::min(code_.instructions.size(), maxCallCharge));
  for (Instruction& i : code_.instructions) {
    std::string_view operands = vm::opInfo(i.op).operands;
    auto isRegister = [](char c) { return c == 'r' || c == 'w' || c == 'm' || c == 't'; };
    if (isRegister(operands[0])) i.a = number(i.a);
    if (isRegister(operands[1])) i.b = number(i.b);
    if (isRegister(operands[2])) i.c = number(i.c);
    if (isRegister(operands[3])) i.d = number(static_cast<uint16_t>(i.d));
  }
  for (vm::CallSite& site : code_.callSites) {
    for (vm::Argument& argument : site.arguments) argument.reg = number(argument.reg);
  }
  for (vm::ClosureSite& site : code_.closureSites) {
    for (vm::Argument& capture : site.captures) capture.reg = number(capture.reg);
  }
  return true;
}

}  // namespace bulkhead::compile
