// Values as text: cat, fmt and their kind.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/support/escape.h"
#include "sdk/script/builtins/support/time-format.h"
#include "sdk/script/vm/describe.h"
#include "sdk/script/vm/host.h"

#include <cinttypes>
#include <cstdio>

namespace bulkhead::builtins {

namespace {

void concatenate(NativeCall& call) {
  std::string out;
  for (size_t i = 0; i < call.argumentCount(); ++i) out += call.vm().describe(call.any(i));
  call.returnText(out);
}

// The types of its first arguments are looked at when it is called, as in Zeek.
void concatenateSeparated(NativeCall& call) {
  if (call.argumentCount() < 2)
    return call.fail("cat_sep() takes at least 2 arguments, got " +
                     std::to_string(call.argumentCount()));
  for (size_t i = 0; i < 2; ++i)
    if (!call.any(i).type->is(Tag::string))
      return call.fail(std::string("expected type string for ") + (i == 0 ? "sep" : "def") +
                       ", got " + types::typeText(call.any(i).type));
  std::string_view separator = vm::textOf(call.any(0).slot), empty = vm::textOf(call.any(1).slot);
  std::string out;
  for (size_t i = 2; i < call.argumentCount(); ++i) {
    if (i > 2) out += separator;
    TypedSlot argument = call.any(i);
    bool isEmpty = argument.type->is(Tag::string) && vm::textOf(argument.slot).empty();
    if (isEmpty)
      out += empty;
    else
      out += call.vm().describe(argument);
  }
  call.returnText(out);
}

void printRaw(NativeCall& call) {
  std::string out;
  for (size_t i = 0; i < call.argumentCount(); ++i) out += call.vm().describe(call.any(i));
  call.vm().host().print(out);
  call.returnBool(true);
}

constexpr int maxWidth = 128;  // of fields and precisions, as the reference says

// One conversion specification behind its '%'.
struct Specification {
  bool left = false, zero = false;
  int width = -1, precision = -1;
  char conversion = '\0';
};

int takeNumber(std::string_view& rest) {
  int number = 0;
  while (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
    if (number <= maxWidth) number = number * 10 + (rest[0] - '0');
    rest.remove_prefix(1);
  }
  return number;
}

bool takeCharacter(std::string_view& rest, char c) {
  if (rest.empty() || rest[0] != c) return false;
  rest.remove_prefix(1);
  return true;
}

Specification takeSpecification(std::string_view& rest) {
  Specification out;
  out.left = takeCharacter(rest, '-');
  if (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
    out.zero = takeCharacter(rest, '0');
    out.width = takeNumber(rest);
  }
  if (takeCharacter(rest, '.')) out.precision = takeNumber(rest);
  if (!rest.empty()) {
    out.conversion = rest[0];
    rest.remove_prefix(1);
  }
  return out;
}

// The C format of a number, with `suffix` as its conversion ("lld").
std::string numberFormat(const Specification& spec, const char* suffix) {
  std::string out = "%";
  if (spec.width >= 0) {
    if (spec.left)
      out += '-';
    else if (spec.zero)
      out += '0';
    out += std::to_string(spec.width);
  }
  if (spec.precision >= 0) out += "." + std::to_string(spec.precision);
  return out + suffix;
}

template <typename Number>
std::string formatNumber(const Specification& spec, const char* suffix, Number number) {
  // A width and a precision of at most 128, and up to 309 digits of a double.
  char buffer[1024];
  std::snprintf(buffer, sizeof buffer, numberFormat(spec, suffix).c_str(), number);
  return buffer;
}

std::string hexOfAddress(const IpAddr& address) {
  std::string_view bytes(reinterpret_cast<const char*>(address.bytes.data()), 16);
  return hexDigits(address.isV4() ? bytes.substr(12) : bytes);
}

// The text of one argument; empty with a message if it does not fit the conversion.
std::string formatOne(NativeCall& call, const Specification& spec, TypedSlot argument) {
  Tag tag = argument.type->tag();
  if (spec.precision >= 0 && spec.conversion != 'e' && spec.conversion != 'f' &&
      spec.conversion != 'g')
    call.warn("precision specified for non-floating point");
  switch (spec.conversion) {
    case 'D':
    case 'T':
      if (tag != Tag::time) {
        complain(call, "bad type for Date/Time format", argument);
        return {};
      }
      return spec.conversion == 'D' ? dateText(argument.slot.real)
                                    : dateTextWithFraction(argument.slot.real);
    case 'd':
    case 'x': {
      bool hex = spec.conversion == 'x';
      switch (tag) {
        case Tag::addr:
          if (!hex) break;
          return hexOfAddress(vm::addrOf(argument.slot));
        case Tag::count:
          return formatNumber(spec, hex ? "llx" : "llu",
                              static_cast<unsigned long long>(argument.slot.count));
        case Tag::port:
          return formatNumber(spec, hex ? "llx" : "llu",
                              static_cast<unsigned long long>(argument.slot.port().number));
        case Tag::boolean:
        case Tag::integer:
        case Tag::enumeration:
          return formatNumber(spec, hex ? "llx" : "lld",
                              static_cast<long long>(argument.slot.integer));
        default:
          break;
      }
      complain(call, "bad type for %d/%x format", argument);
      return {};
    }
    case 's':
      return call.vm().describe(argument);
    case 'e':
    case 'f':
    case 'g': {
      if (tag != Tag::real && tag != Tag::time && tag != Tag::interval) {
        complain(call, "bad type for floating-point format", argument);
        return {};
      }
      const char suffix[2] = {spec.conversion, '\0'};
      return formatNumber(spec, suffix, argument.slot.real);
    }
    default:
      call.warn("bad format");
      return {};
  }
}

void appendFormatted(NativeCall& call, std::string& out, const Specification& spec,
                     TypedSlot argument) {
  if (spec.width > maxWidth || spec.precision > maxWidth) {
    call.warn("excessive field width or precision");
    return;
  }
  std::string text = formatOne(call, spec, argument);
  auto width = static_cast<size_t>(spec.width > 0 ? spec.width : 0);
  size_t padding = text.size() < width ? width - text.size() : 0;
  if (!spec.left) out.append(padding, ' ');
  out += text;
  if (spec.left) out.append(padding, ' ');
}

void format(NativeCall& call) {
  if (call.argumentCount() == 0) return call.returnText("");
  TypedSlot first = call.any(0);
  if (!first.type->is(Tag::string)) {
    // A lone value of another type is its own text, as in cat().
    if (call.argumentCount() == 1) return call.returnText(call.vm().describe(first));
    call.warn("first argument to fmt() must be a string");
    return call.returnText("");
  }
  std::string_view rest = vm::textOf(first.slot);
  std::string out;
  size_t used = 0;
  bool tooFew = false;
  while (!rest.empty()) {
    size_t percent = rest.find('%');
    out += rest.substr(0, percent);
    if (percent == std::string_view::npos) break;
    rest.remove_prefix(percent + 1);
    if (takeCharacter(rest, '%')) {
      out += '%';
      continue;
    }
    if (++used >= call.argumentCount()) {
      tooFew = true;
      break;
    }
    appendFormatted(call, out, takeSpecification(rest), call.any(used));
  }
  if (tooFew || used + 1 < call.argumentCount()) {
    complain(call, tooFew ? "too few arguments for format" : "too many arguments for format",
             first);
    return call.returnText("");
  }
  call.returnText(out);
}

constexpr vm::NativeRow rows[] = {
    {"cat", "function(...): string", "The texts of all arguments, one behind the other.",
     concatenate},
    {"cat_sep", "function(...): string",
     "The texts of the arguments behind the first two, `sep` and `def`, with `sep` between them; "
     "an "
     "empty string shows as `def`.",
     concatenateSeparated},
    {"fmt", "function(...): string",
     "The first argument with each `%` specification replaced by the text of the next one: `%d` "
     "and "
     "`%x` for whole numbers (and addresses in hex), `%e`, `%f`, `%g` for double, time and "
     "interval, "
     "`%s` for any value, `%D` and `%T` for a time as date, `%%` for a percent sign; between: `-` "
     "to "
     "align left, a width (with a leading 0 to fill with zeroes) and a precision, each at most "
     "128. "
     "With too few or too many arguments the result is empty and an error is reported.",
     format},
    {"print_raw", "function(...): bool",
     "Prints the texts of all arguments without separators, line end or escapes. Always true.",
     printRaw},
};

}  // namespace

Rows formatRows() { return rows; }

}  // namespace bulkhead::builtins
