#include "sandbox/policy/bpf-interpreter.h"

#include <cstring>
#include <stdexcept>

namespace bulkhead::sandbox {
namespace {

[[noreturn]] void bad(const char* what) { throw std::invalid_argument(what); }

bool jumps(uint16_t kind, uint32_t accumulator, uint32_t operand) {
  switch (kind) {
    case BPF_JEQ:
      return accumulator == operand;
    case BPF_JGT:
      return accumulator > operand;
    case BPF_JGE:
      return accumulator >= operand;
    case BPF_JSET:
      return (accumulator & operand) != 0;
  }
  bad("unknown jump");
}

uint32_t compute(uint16_t kind, uint32_t a, uint32_t operand) {
  switch (kind) {
    case BPF_ADD:
      return a + operand;
    case BPF_SUB:
      return a - operand;
    case BPF_MUL:
      return a * operand;
    case BPF_DIV:
      return operand == 0 ? 0 : a / operand;
    case BPF_AND:
      return a & operand;
    case BPF_OR:
      return a | operand;
    case BPF_XOR:
      return a ^ operand;
    case BPF_LSH:
      return operand > 31 ? 0 : a << operand;
    case BPF_RSH:
      return operand > 31 ? 0 : a >> operand;
    case BPF_NEG:
      return 0u - a;
  }
  bad("unknown arithmetic");
}

}  // namespace

uint32_t runFilter(std::span<const sock_filter> program, const seccomp_data& call) {
  uint32_t a = 0, x = 0;
  uint32_t scratch[BPF_MEMWORDS] = {};
  size_t at = 0;
  while (at < program.size()) {
    const sock_filter& i = program[at++];
    const uint16_t operandFromX = BPF_SRC(i.code) == BPF_X;
    switch (BPF_CLASS(i.code)) {
      case BPF_LD:
        if (BPF_MODE(i.code) == BPF_ABS) {
          if (i.k % 4 != 0 || i.k + 4 > sizeof(call)) bad("load out of bounds");
          std::memcpy(&a, reinterpret_cast<const char*>(&call) + i.k, 4);
        } else if (BPF_MODE(i.code) == BPF_IMM) {
          a = i.k;
        } else if (BPF_MODE(i.code) == BPF_MEM && i.k < BPF_MEMWORDS) {
          a = scratch[i.k];
        } else if (BPF_MODE(i.code) == BPF_LEN) {
          a = sizeof(call);
        } else {
          bad("unknown load");
        }
        break;
      case BPF_LDX:
        if (BPF_MODE(i.code) == BPF_IMM) {
          x = i.k;
        } else if (BPF_MODE(i.code) == BPF_MEM && i.k < BPF_MEMWORDS) {
          x = scratch[i.k];
        } else {
          bad("unknown load");
        }
        break;
      case BPF_ST:
      case BPF_STX:
        if (i.k >= BPF_MEMWORDS) bad("store out of bounds");
        scratch[i.k] = BPF_CLASS(i.code) == BPF_ST ? a : x;
        break;
      case BPF_ALU:
        a = compute(BPF_OP(i.code), a, operandFromX ? x : i.k);
        break;
      case BPF_JMP: {
        uint32_t step;
        if (BPF_OP(i.code) == BPF_JA) {
          step = i.k;
        } else {
          step = jumps(BPF_OP(i.code), a, operandFromX ? x : i.k) ? i.jt : i.jf;
        }
        if (step >= program.size() - at) bad("jump out of bounds");
        at += step;
        break;
      }
      case BPF_RET:
        return BPF_RVAL(i.code) == BPF_A ? a : i.k;
      case BPF_MISC:
        if (BPF_MISCOP(i.code) == BPF_TAX) {
          x = a;
        } else {
          a = x;
        }
        break;
    }
  }
  bad("program falls off its end");
}

StackVerdict runFilters(std::span<const std::span<const sock_filter>> oldestFirst,
                        const seccomp_data& call) {
  // The action is the high half, compared as a signed number: smaller is stricter.
  const auto strictness = [](uint32_t word) {
    return static_cast<int32_t>(word & SECCOMP_RET_ACTION_FULL);
  };
  StackVerdict verdict;
  for (size_t n = oldestFirst.size(); n-- > 0;) {
    const uint32_t answer = runFilter(oldestFirst[n], call);
    if (strictness(answer) < strictness(verdict.action)) {
      verdict = {answer, static_cast<int>(n)};
    }
  }
  return verdict;
}

}  // namespace bulkhead::sandbox
