#pragma once
// The instruction set, in one table: name, operands, meaning.
//
// An Instruction is 12 bytes: an opcode, three 16-bit operands and one of 32 bits. Register
// operands name slots of the frame; whether a register is managed (owns a counted reference) is
// fixed for the whole of a Code, so opcodes that write come in two forms: plain, and with an M for
// managed targets, which give up what the register held. A B form puts a borrowed reference into a
// plain register: the compiler uses one only where the very next instruction consumes it.
//
// Operand letters: r register read, w register written (plain), m register written (managed),
// t managed register whose content is taken away, n number, - unused. The last letter is the 32-bit
// operand: j jump target, k constant, g global, s call site, y type, n number, x side table, -
// unused.

#include <cstdint>
#include <string>
#include <string_view>

namespace bulkhead::vm {

// clang-format off
#define BULKHEAD_OPCODES(OP) \
  OP(nop,          "----", "nothing") \
  OP(move,         "wr--", "a = b") \
  OP(moveM,        "mr--", "a = b, counted") \
  OP(takeM,        "mt--", "a = b, leaving b unset") \
  OP(clearM,       "m---", "a = unset") \
  OP(loadK,        "w--k", "a = constant, borrowed") \
  OP(loadKM,       "m--k", "a = constant") \
  OP(loadI,        "w--n", "a = the number, sign-extended") \
  OP(loadFunction, "m--n", "a = the function as a value") \
  /* globals */ \
  OP(getG,         "w--g", "a = global") \
  OP(getGC,        "w--g", "a = global; error if unset") \
  OP(getGM,        "m--g", "a = global; error if unset") \
  OP(getGB,        "w--g", "a = global, borrowed; error if unset") \
  OP(setG,         "r--g", "global = a") \
  OP(setGM,        "r--g", "global = a, counted") \
  OP(setGT,        "t--g", "global = a, taken") \
  OP(loadCapture,  "w--n", "a = capture of the running closure") \
  OP(loadCaptureM, "m--n", "a = capture of the running closure") \
  OP(storeCapture, "r--n", "capture = a") \
  OP(storeCaptureM,"r--n", "capture = a, counted") \
  /* checks */ \
  OP(checkSet,     "r--k", "error that the name is not set, unless the flag a") \
  OP(checkSetM,    "r--k", "error that the name is not set, if a is unset") \
  /* records: c is the field, d its cell counted from the object's start */ \
  OP(getF,         "wrnn", "a = b$c; error if missing") \
  OP(getFM,        "mrnn", "a = b$c; error if missing") \
  OP(getFB,        "wrnn", "a = b$c, borrowed; error if missing") \
  OP(setF,         "rrnn", "a$c = b") \
  OP(setFM,        "rrnn", "a$c = b, counted") \
  OP(setFT,        "rtnn", "a$c = b, taken") \
  OP(hasF,         "wrnn", "a = b?$c of a plain field") \
  OP(hasFM,        "wrnn", "a = b?$c of a managed field") \
  OP(deleteF,      "r-n-", "delete a$c") \
  OP(newRecord,    "m--y", "a = a record with constant defaults only") \
  OP(newRecordAll, "m--y", "a = a record with all defaults") \
  OP(coerceRecord, "mr-x", "a = b as another record type, by record map d") \
  /* numbers; I is signed or does not care, C is count, D is double */ \
  OP(addI,         "wrr-", "a = b + c") \
  OP(addII,        "wr-n", "a = b + d") \
  OP(subI,         "wrr-", "a = b - c") \
  OP(subC,         "wrr-", "a = b - c; warns on underflow") \
  OP(decC,         "wr--", "a = b - 1; warns on underflow") \
  OP(mulI,         "wrr-", "a = b * c") \
  OP(divI,         "wrr-", "a = b / c; error on zero") \
  OP(divC,         "wrr-", "a = b / c; error on zero") \
  OP(modI,         "wrr-", "a = b % c; error on zero") \
  OP(modC,         "wrr-", "a = b % c; error on zero") \
  OP(addD,         "wrr-", "a = b + c") \
  OP(subD,         "wrr-", "a = b - c") \
  OP(mulD,         "wrr-", "a = b * c") \
  OP(divD,         "wrr-", "a = b / c; error on zero") \
  OP(negI,         "wr--", "a = -b") \
  OP(negD,         "wr--", "a = -b") \
  OP(bitAnd,       "wrr-", "a = b & c") \
  OP(bitOr,        "wrr-", "a = b | c") \
  OP(bitXor,       "wrr-", "a = b ^ c") \
  OP(bitNot,       "wr--", "a = ~b") \
  OP(shiftLI,      "wrr-", "a = b << c; error on a negative b") \
  OP(shiftLC,      "wrr-", "a = b << c") \
  OP(shiftRI,      "wrr-", "a = b >> c") \
  OP(shiftRC,      "wrr-", "a = b >> c") \
  OP(notB,         "wr--", "a = !b") \
  OP(absI,         "wr--", "a = |b|") \
  OP(absD,         "wr--", "a = |b|") \
  OP(intToReal,    "wr--", "a = b") \
  OP(countToReal,  "wr--", "a = b") \
  OP(intToCount,   "wr--", "a = b; error if negative") \
  OP(countToInt,   "wr--", "a = b; error if too large") \
  OP(realToInt,    "wr--", "a = b truncated") \
  OP(realToCount,  "wr--", "a = b truncated; error if negative") \
  /* comparisons */ \
  OP(eqI,          "wrr-", "a = b == c by bits") \
  OP(neI,          "wrr-", "a = b != c by bits") \
  OP(ltI,          "wrr-", "a = b < c") \
  OP(leI,          "wrr-", "a = b <= c") \
  OP(ltC,          "wrr-", "a = b < c") \
  OP(leC,          "wrr-", "a = b <= c") \
  OP(eqD,          "wrr-", "a = b == c") \
  OP(neD,          "wrr-", "a = b != c") \
  OP(ltD,          "wrr-", "a = b < c") \
  OP(leD,          "wrr-", "a = b <= c") \
  OP(eqS,          "wrr-", "a = b == c of strings") \
  OP(eqV,          "wrry", "a = b == c of any type") \
  OP(ltV,          "wrry", "a = b < c by the type's order") \
  OP(leV,          "wrry", "a = b <= c by the type's order") \
  /* jumps; a loop counts its instructions against the budget */ \
  OP(jump,         "---j", "go to d") \
  OP(loop,         "n--j", "charge a instructions, go to d") \
  OP(jumpT,        "r--j", "go to d if a") \
  OP(jumpF,        "r--j", "go to d unless a") \
  OP(jumpEqI,      "rr-j", "go to d if a == b by bits") \
  OP(jumpNeI,      "rr-j", "go to d if a != b by bits") \
  OP(jumpLtI,      "rr-j", "go to d if a < b") \
  OP(jumpLeI,      "rr-j", "go to d if a <= b") \
  OP(jumpLtC,      "rr-j", "go to d if a < b") \
  OP(jumpLeC,      "rr-j", "go to d if a <= b") \
  OP(jumpLtD,      "rr-j", "go to d if a < b") \
  OP(jumpNotLtD,   "rr-j", "go to d unless a < b") \
  OP(jumpLeD,      "rr-j", "go to d if a <= b") \
  OP(jumpNotLeD,   "rr-j", "go to d unless a <= b") \
  OP(jumpEqN,      "rn-j", "go to d if a == the number b") \
  OP(jumpNeN,      "rn-j", "go to d if a != the number b") \
  OP(jumpLtIN,     "rn-j", "go to d if a < the number b") \
  OP(jumpGeIN,     "rn-j", "go to d if a >= the number b") \
  OP(jumpLtCN,     "rn-j", "go to d if a < the number b") \
  OP(jumpGeCN,     "rn-j", "go to d if a >= the number b") \
  OP(jumpUnset,    "r--j", "go to d if the managed a is unset") \
  OP(switchI,      "r--x", "go where number table d says for a") \
  OP(switchS,      "r--x", "go where string table d says for a") \
  /* strings, addresses, patterns */ \
  OP(concat,       "mrr-", "a = b + c of strings") \
  OP(stringAt,     "mrr-", "a = b[c] of a string") \
  OP(stringSlice,  "mrr-", "a = b[c : c+1] of a string, bounds in registers c and c+1") \
  OP(stringIn,     "wrr-", "a = b is a part of c") \
  OP(matchWhole,   "wrr-", "a = pattern b == string c") \
  OP(matchIn,      "wrr-", "a = pattern b in string c") \
  OP(patternOr,    "mrr-", "a = b | c") \
  OP(patternAnd,   "mrr-", "a = b & c") \
  OP(patternAdd,   "mrr-", "a = b, and c added to it") \
  OP(addrInSubnet, "wrr-", "a = addr b in subnet c") \
  OP(subnetInSubnet,"wrr-","a = subnet b in subnet c") \
  OP(maskAddr,     "mrr-", "a = b / c, a subnet") \
  OP(sizeOfAny,    "mr--", "a = |b| of what the any b holds, as any") \
  OP(sizeOf,       "wr-y", "a = |b|") \
  /* tables and sets; one key in a register, or the arguments of a call site as keys */ \
  OP(newTable,     "mn-y", "a = an empty table or set with attributes b-1 (0: none)") \
  OP(attachAttributes, "r--n", "give table a the attributes d unless it has some") \
  OP(tableHook, "rr-n", "table a gets b as its default (0), expire function (1), on_change (2)") \
  OP(has1,         "wrr-", "a = key c in table b") \
  OP(hasN,         "wr-s", "a = keys d in table b") \
  OP(get1,         "wrr-", "a = b[c]; default, or error") \
  OP(get1M,        "mrr-", "a = b[c]; default, or error") \
  OP(getN,         "wr-s", "a = b[d]; default, or error") \
  OP(getNM,        "mr-s", "a = b[d]; default, or error") \
  OP(put1,         "rrr-", "a[b] = c") \
  OP(raise1,       "rrr-", "a[b] += c, of whole numbers; default, or error") \
  OP(putN,         "rr-s", "a[d] = b") \
  OP(add1,         "rr--", "add a[b]") \
  OP(addN,         "r--s", "add a[d]") \
  OP(delete1,      "rr--", "delete a[b]") \
  OP(deleteN,      "r--s", "delete a[d]") \
  OP(clearTable,   "r---", "delete all of a") \
  OP(hasAddr,      "wrr-", "a = addr c in subnet-keyed table b") \
  OP(getAddr,      "wrr-", "a = b[c] for an addr c; default, or error") \
  OP(getAddrM,     "mrr-", "a = b[c] for an addr c; default, or error") \
  OP(hasMatch,     "wrr-", "a = string c matches a key of pattern-keyed b") \
  OP(getMatches,   "mrry", "a = vector of the values that string c matches in b") \
  OP(setBinary,    "mrrn", "a = b op c of sets; d is a SetOp") \
  OP(setCompare,   "wrrn", "a = b op c of sets; d is a SetOp") \
  OP(containerAdd, "rr-n", "a += b of tables, sets, vectors; d 1 for -=") \
  /* vectors */ \
  OP(newVector,    "m--y", "a = an empty vector") \
  OP(vecGet,       "wrr-", "a = b[c]; error if missing") \
  OP(vecGetM,      "mrr-", "a = b[c]; error if missing") \
  OP(vecGetAny,    "mrr-", "a = b[c] as any, whatever the vector holds; error if missing") \
  OP(vecPutAny,    "rrr-", "a[b] = the any c, as what the vector holds") \
  OP(vecAppendAny, "rr--", "append the any b to a, as what the vector holds") \
  OP(vecHas,       "wrr-", "a = c in vector b") \
  OP(vecPut,       "rrr-", "a[b] = c, counted") \
  OP(vecAppend,    "rr--", "append b to a, counted") \
  OP(vecSlice,     "mrr-", "a = b[c : c+1]") \
  OP(vecPutSlice,  "rrr-", "a[b : b+1] = c") \
  OP(vecSelect,    "mrr-", "a = the elements of b where the bool vector c is T") \
  OP(vecByIndex,   "mrr-", "a = the elements of b at the indices c") \
  OP(vecBinary,    "mrrx", "a = b op c, element by element, by vector operation d") \
  OP(vecUnary,     "mr-x", "a = op b, element by element, by vector operation d") \
  OP(vecSpread,    "mrry", "a = vector of type d with b in every place of vector c") \
  OP(vecChoose,    "mrrr", "a = b ? c : d, element by element") \
  OP(vecCoerce,    "mr-x", "a = b with every element converted, by vector operation d") \
  /* loops over containers; a is the iterator */ \
  OP(iterate,      "mr--", "a = a walk over b") \
  OP(nextEntry,    "r--j", "advance a over a table, or go to d") \
  OP(nextElement,  "r--j", "advance a over a vector, or go to d") \
  OP(nextByte,     "r--j", "advance a over a string, or go to d") \
  OP(entryKey,     "wrn-", "a = key part c of the entry at b") \
  OP(entryKeyM,    "mrn-", "a = key part c of the entry at b") \
  OP(entryValue,   "wr--", "a = value of the entry at b") \
  OP(entryValueM,  "mr--", "a = value of the entry at b") \
  OP(elementIndex, "wr--", "a = index of the element at b") \
  OP(elementValue, "wr--", "a = the element at b") \
  OP(elementValueM,"mr--", "a = the element at b") \
  OP(elementValueAny,"mr--","a = the element at b as any") \
  OP(byteValue,    "mr--", "a = the byte at b as a string") \
  /* any, types, copies */ \
  OP(box,          "mr-y", "a = b, of type d, as any") \
  OP(unbox,        "wr-y", "a = any b as type d; error if it is another") \
  OP(unboxM,       "mr-y", "a = any b as type d; error if it is another") \
  OP(isType,       "wr-y", "a = any b holds type d") \
  OP(loadType,     "m--y", "a = the type as a value") \
  OP(convert, "wr-x", "a = b by conversion d") \
  OP(convertM, "mr-x", "a = b by conversion d") \
  OP(cast, "wr-x", "a = b written as conversion d says; error if it has no such form") \
  OP(castM, "mr-x", "a = b written as conversion d says; error if it has no such form") \
  OP(canCast, "wr-x", "a = b has a form as conversion d says") \
  OP(copyM,        "mr-y", "a = copy(b)") \
  OP(closure,      "m--x", "a = a closure by closure site d") \
  /* calls; the site names function and arguments, a takes the result (0xffff: dropped) */ \
  OP(call,         "r--s", "a = script function, plain result") \
  OP(callM,        "r--s", "a = script function, managed result") \
  OP(callNative,   "r--s", "a = native function, plain result") \
  OP(callNativeM,  "r--s", "a = native function, managed result") \
  OP(callValue,    "rr-s", "a = function value b, plain result") \
  OP(callValueM,   "rr-s", "a = function value b, managed result") \
  OP(callHook,     "r--s", "a = hook: T unless a body broke") \
  OP(ret,          "r---", "return a") \
  OP(retM,         "r---", "return a, counted") \
  OP(retT,         "t---", "return a, taken") \
  OP(retVoid,      "----", "return") \
  OP(retNone,      "---k", "return without the result that function d has: warns") \
  OP(retBreak,     "----", "leave a hook body with break") \
  OP(retWait,      "----", "the condition of a when does not hold yet") \
  OP(watch,        "r---", "a change of the object a is a reason to look at this when again") \
  OP(whenHolds,    "----", "the condition of a when holds: its body follows") \
  OP(raise,        "---s", "queue an event") \
  OP(raiseValue,   "r--s", "queue the event that the function value a names") \
  OP(schedule,     "r--s", "queue an event after the interval a") \
  OP(when,         "rr-x", "start a when with closure a and timeout b, by when site d") \
  OP(print,        "---s", "print the arguments") \
  OP(printFile,    "r--s", "print the arguments to file a") \
  OP(fail,         "---k", "a run-time error with the constant's text") \
  OP(assertion,    "rr-k", "assertion d holds if a; the hooks and the error have message b") \
  OP(halt,         "----", "never reached")
// clang-format on

enum class Op : uint16_t {
#define BULKHEAD_OP(name, operands, meaning) name,
  BULKHEAD_OPCODES(BULKHEAD_OP)
#undef BULKHEAD_OP
      count_
};

struct Instruction {
  Op op = Op::nop;
  uint16_t a = 0;
  uint16_t b = 0;
  uint16_t c = 0;
  int32_t d = 0;
};
static_assert(sizeof(Instruction) == 12);

constexpr uint16_t noRegister = 0xffff;

enum class SetOp : int32_t { unite, intersect, subtract, equal, subset, properSubset };

struct OpInfo {
  std::string_view name;
  std::string_view operands;
  std::string_view meaning;
};
const OpInfo& opInfo(Op op);

struct Code;
// One line per instruction, for golden tests and people.
std::string disassemble(const Code& code);

}  // namespace bulkhead::vm
