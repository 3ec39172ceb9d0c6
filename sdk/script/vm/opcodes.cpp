#include "sdk/script/vm/opcodes.h"

#include "sdk/script/vm/program.h"

#include <array>

namespace bulkhead::vm {
namespace {

constexpr std::array<OpInfo, static_cast<size_t>(Op::count_)> table = {{
#define BULKHEAD_OP(name, operands, meaning) {#name, operands, meaning},
    BULKHEAD_OPCODES(BULKHEAD_OP)
#undef BULKHEAD_OP
}};

}  // namespace

const OpInfo& opInfo(Op op) { return table[static_cast<size_t>(op)]; }

std::string disassemble(const Code& code) {
  std::string out = code.name + ": " + std::to_string(code.parameterCount) + " parameters, " +
                    std::to_string(code.registerCount) + " registers\n";
  for (size_t pc = 0; pc < code.instructions.size(); ++pc) {
    const Instruction& i = code.instructions[pc];
    const OpInfo& info = opInfo(i.op);
    std::string line = std::to_string(pc);
    line.resize(std::max<size_t>(line.size(), 5), ' ');
    line += info.name;
    const uint16_t operands[] = {i.a, i.b, i.c};
    bool first = true;
    auto next = [&] {
      if (first) line.resize(std::max<size_t>(line.size(), 20), ' ');
      line += first ? "" : ", ";
      first = false;
    };
    for (size_t o = 0; o < 3; ++o) {
      char kind = info.operands[o];
      if (kind == '-') continue;
      next();
      if (kind == 'n') {
        line += std::to_string(operands[o]);
      } else if (operands[o] == noRegister) {
        line += '_';
      } else {
        line += "r" + std::to_string(operands[o]);
      }
    }
    char kind = info.operands[3];
    if (kind != '-') {
      next();
      switch (kind) {
        case 'j':
          line += "-> ";
          break;
        case 'k':
          line += "constant ";
          break;
        case 'g':
          line += "global ";
          break;
        case 'y':
          line += "type ";
          break;
        case 's':
          line += "site ";
          break;
        case 'r':
          line += "r";
          break;
        default:
          break;
      }
      line += std::to_string(i.d);
      if (kind == 's') {
        const CallSite& site = code.callSites[static_cast<size_t>(i.d)];
        line += " f" + std::to_string(site.function) + "(";
        for (size_t n = 0; n < site.arguments.size(); ++n) {
          if (n > 0) line += ", ";
          line += (site.arguments[n].take ? "take r" : "r") + std::to_string(site.arguments[n].reg);
        }
        line += ")";
      }
    }
    out += line + "\n";
  }
  return out;
}

}  // namespace bulkhead::vm
