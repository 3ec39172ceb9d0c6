#pragma once
// The text of values, exactly as `print`, `cat` and `fmt("%s")` show them.
//
// Nesting deeper than maxDescribeDepth is cut with "<...>", a value that contains itself shows
// "<cycle>"; nothing here allocates on the script heap or fails.

#include "sdk/script/vm/value.h"

#include <string>

namespace bulkhead::vm {

class Vm;

constexpr int maxDescribeDepth = 200;

struct DescribeOptions {
  // Bytes of strings that are not printable ASCII become "\x00".
  bool escape = true;
  // Lines inside a table begin with a tab per level.
  bool indent = false;
  // Tables and sets on one line: "{ a, b }".
  bool oneLine = false;
  // Only fields with &log.
  bool onlyLogged = false;
};
// What cat(), fmt("%s") and a raw file show. The default options are those of print.
constexpr DescribeOptions describeRaw{.escape = false, .indent = true};

// `program` names the functions; null shows none.
class Program;
void describe(std::string& out, const Program* program, const Type* type, Slot value,
              const DescribeOptions& options = {});
std::string describe(const Program* program, TypedSlot value, const DescribeOptions& options = {});

// "1.5", "1e+20", "3.0": a double with the language's rule for a visible fraction.
std::string realText(double value);
// "1.0 day 2.0 hrs 3.0 secs".
std::string intervalText(double seconds);
// A time as print shows it: seconds with six digits.
std::string timeText(double seconds);

}  // namespace bulkhead::vm
