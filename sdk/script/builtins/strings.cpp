// Joining, cutting, searching and changing strings.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/support/local-alignment.h"
#include "sdk/script/builtins/support/text.h"

#include <utility>

namespace bulkhead::builtins {

namespace {

void stringCat(NativeCall& call) {
  std::string out;
  for (size_t i = 0; i < call.argumentCount(); ++i) {
    TypedSlot argument = call.any(i);
    if (!argument.type->is(Tag::string)) {
      call.warn("string_cat() requires string arguments");
      return call.returnText("");
    }
    out += vm::textOf(argument.slot);
  }
  call.returnText(out);
}

void joinStringVec(NativeCall& call) {
  const vm::VectorObject& vector = call.vector(0);
  std::string out;
  for (uint32_t i = 0; i < vector.size; ++i) {
    if (i > 0) out += call.text(1);
    if (vector.has(i)) out += vm::textOf(vector.data[i]);
  }
  call.returnText(out);
}

void joinStringSet(NativeCall& call) {
  std::string out;
  bool first = true;
  for (vm::TableWalk walk(call.table(0)); !walk.done(); walk.advance()) {
    if (!first) out += call.text(1);
    first = false;
    out += vm::textOf(walk.keys()[0]);
  }
  call.returnText(out);
}

void editString(NativeCall& call) {
  std::string_view eraser = call.text(1);
  if (eraser.size() != 1)
    complain(call, "not exactly one edit character", {call.any(1).type, call.slot(1)});
  if (eraser.empty()) return call.returnText(call.text(0));
  call.returnText(applyEdits(call.text(0), eraser[0]));
}

void subBytes(NativeCall& call) {
  std::string_view text = call.text(0);
  uint64_t start = call.count(1) > 0 ? call.count(1) - 1 : 0;
  if (start > text.size()) return call.returnText("");
  int64_t length = call.integer(2);
  call.returnText(length < 0 ? text.substr(start)
                             : text.substr(start, static_cast<size_t>(length)));
}

void levenshteinDistance(NativeCall& call) {
  auto distance = editDistance(call.text(0), call.text(1));
  if (!distance) return call.fail("levenshtein_distance: the strings are too long together");
  call.charge(call.text(0).size() * call.text(1).size() / 8);
  call.returnCount(*distance);
}

// What strings resemble each other in, as the base library's sw_substring_vec.
void smithWaterman(NativeCall& call) {
  const vm::RecordObject& how = call.record(2);
  auto shortest = fieldOf(how, "min_strlen"), variant = fieldOf(how, "sw_variant");
  auto parts =
      localAlignments(call.text(0), call.text(1), shortest ? shortest->slot.count : 0,
                      variant && variant->slot.count != 0 ? Alignments::all : Alignments::best);
  if (!parts) return call.fail("str_smith_waterman: the strings are too long together");
  call.charge(call.text(0).size() * call.text(1).size() / 2);
  auto out = resultVector(call);
  if (!out) return;
  for (const CommonPart& part : *parts) {
    RecordBuilder substring(call, out->type->element());
    if (!substring) return;
    substring.text("str", call.text(0).substr(part.first, part.length));
    substring.boolean("new", part.begins);
    auto aligns =
        Ref<vm::VectorObject>::adopt(call.heap().vector(&substring.typeOf("aligns")->asVector()));
    if (!aligns) return call.fail(outOfMemory);
    for (auto [text, index] : {std::pair(call.text(0), part.first), {call.text(1), part.second}}) {
      RecordBuilder align(call, aligns->type->element());
      if (!align) return;
      align.text("str", text);
      align.count("index", index);
      if (call.failed()) return;
      if (!aligns->append(align.take().take())) return call.fail(outOfMemory);
    }
    substring.set("aligns", aligns.take());
    if (call.failed()) return;
    if (!out->append(substring.take().take())) return call.fail(outOfMemory);
  }
  call.returnRef(std::move(out));
}

void compareStrings(NativeCall& call) {
  std::string_view a = call.text(0), b = call.text(1);
  call.returnInt(a < b ? -1 : a == b ? 0 : 1);
}

void findSubstring(NativeCall& call) {
  size_t at = call.text(0).find(call.text(1));
  call.returnCount(at == std::string_view::npos ? 0 : at + 1);
}

void substString(NativeCall& call) {
  call.returnText(replaceAll(call.text(0), call.text(1), call.text(2)));
}

void countSubstr(NativeCall& call) {
  if (call.text(1).empty()) return call.fail("count_substr: the string to look for is empty");
  call.returnCount(countSubstrings(call.text(0), call.text(1)));
}

void findFrom(NativeCall& call, SearchFrom from) {
  int64_t end = call.integer(3);
  uint64_t start = call.count(2);
  if (start <= call.text(0).size() && end != -1 && end < static_cast<int64_t>(start)) {
    call.warn("find_str: end position must be greater than start position");
    return call.returnInt(-1);
  }
  // The reference counts the length of the part by `end`, from `start` on.
  call.returnInt(findPiece(call.text(0), call.text(1), start, end, from,
                           call.boolean(4) ? CaseRule::sensitive : CaseRule::insensitive));
}
void findStr(NativeCall& call) { findFrom(call, SearchFrom::left); }
void rfindStr(NativeCall& call) { findFrom(call, SearchFrom::right); }

void reverseString(NativeCall& call) {
  std::string_view text = call.text(0);
  call.returnText(std::string(text.rbegin(), text.rend()));
}

void lowerString(NativeCall& call) { call.returnText(asciiLower(call.text(0))); }
void upperString(NativeCall& call) { call.returnText(asciiUpper(call.text(0))); }
void swapStringCase(NativeCall& call) { call.returnText(swapCase(call.text(0))); }
void titleString(NativeCall& call) { call.returnText(titleCase(call.text(0))); }

void stripString(NativeCall& call) { call.returnText(stripped(call.text(0))); }
void stripLeft(NativeCall& call) { call.returnText(strippedLeft(call.text(0), call.text(1))); }
void stripRight(NativeCall& call) { call.returnText(strippedRight(call.text(0), call.text(1))); }
void removePrefix(NativeCall& call) { call.returnText(withoutPrefix(call.text(0), call.text(1))); }
void removeSuffix(NativeCall& call) { call.returnText(withoutSuffix(call.text(0), call.text(1))); }

void stringFill(NativeCall& call) {
  int64_t length = call.integer(0);
  if (length < 0) return call.fail("string_fill: negative length");
  if (!call.heap().fits(static_cast<size_t>(length)) ||
      static_cast<size_t>(length) > vm::Heap::maxString)
    return call.fail(outOfMemory);
  call.returnText(filledString(static_cast<size_t>(length), call.text(1)));
}

void strSplitIndices(NativeCall& call) {
  const vm::VectorObject& vector = call.vector(1);
  std::vector<uint64_t> positions;
  for (uint32_t i = 0; i < vector.size; ++i)
    positions.push_back(vector.has(i) ? vector.data[i].count : 0);
  returnTexts(call, splitAt(call.text(0), positions));
}

enum class Side { left, right };
void justify(NativeCall& call, Side side, std::string_view fill) {
  std::string_view text = call.text(0);
  uint64_t width = call.count(1);
  if (width <= text.size()) return call.returnText(text);
  if (width > vm::Heap::maxString || !call.heap().fits(width)) return call.fail(outOfMemory);
  std::string padding(width - text.size(), fill[0]);
  call.returnText(side == Side::left ? std::string(text) + padding : padding + std::string(text));
}

bool oneCharacter(NativeCall& call, const char* function) {
  if (call.text(2).size() == 1) return true;
  call.warn(std::string("Fill string passed to ") + function + "() must be a single character");
  return false;
}

void leftJustify(NativeCall& call) {
  if (oneCharacter(call, "ljust")) justify(call, Side::left, call.text(2));
}
void rightJustify(NativeCall& call) {
  if (oneCharacter(call, "rjust")) justify(call, Side::right, call.text(2));
}
void zeroFill(NativeCall& call) { justify(call, Side::right, "0"); }

constexpr vm::NativeRow rows[] = {
    {"string_cat", "function(...): string", "Its string arguments, one behind the other.",
     stringCat},
    {"join_string_vec", "function(vec: string_vec, sep: string): string",
     "The elements of a vector with `sep` between them; holes count as empty strings.",
     joinStringVec},
    {"join_string_set", "function(ss: string_set, sep: string): string",
     "The elements of a set, in its order, with `sep` between them.", joinStringSet},
    {"edit", "function(arg_s: string, arg_edit_char: string): string",
     "The string as it reads if `arg_edit_char` is a backspace key: each one goes together with "
     "the "
     "character before it.",
     editString},
    {"sub_bytes", "function(s: string, start: count, n: int): string",
     "Up to `n` bytes from position `start`, counted from 1 (0 means 1). A negative `n` takes the "
     "rest; a start past the end gives the empty string.",
     subBytes},
    {"levenshtein_distance", "function(s1: string, s2: string): count",
     "The least number of insertions, deletions and replacements of single bytes that turn one "
     "string into the other.",
     levenshteinDistance},
    {"str_smith_waterman", "function(s1: string, s2: string, params: sw_params): sw_substring_vec",
     "The parts that two strings have in common where they resemble each other most (Smith and "
     "Waterman: equal bytes count 1, others and gaps -1), of `min_strlen` bytes at least. With "
     "`sw_variant` 1 in all places where they do. `new` says that a place begins.",
     smithWaterman},
    {"strcmp", "function(s1: string, s2: string): int",
     "Compares bytes: below 0, 0 or above 0 as `s1` comes before, equals or comes after `s2`.",
     compareStrings},
    {"strstr", "function(big: string, little: string): count",
     "The position, counted from 1, of the first `little` in `big`; 0 if there is none.",
     findSubstring},
    {"subst_string", "function(s: string, from: string, to: string): string",
     "The string with every `from` replaced by `to`, from left to right without overlap.",
     substString},
    {"count_substr", "function(str: string, sub: string): count",
     "How often `sub` occurs without overlap.", countSubstr},
    {"find_str",
     "function(str: string, sub: string, start: count &default=0, end: int &default=-1, "
     "case_sensitive: bool &default=T): int",
     "The position, counted from 0, of the first `sub` at or after `start`; -1 if there is none. "
     "`end` bounds the part that is searched, -1 does not.",
     findStr},
    {"rfind_str",
     "function(str: string, sub: string, start: count &default=0, end: int &default=-1, "
     "case_sensitive: bool &default=T): int",
     "As find_str, for the last `sub`.", rfindStr},
    {"reverse", "function(str: string): string", "The bytes from last to first.", reverseString},
    {"to_lower", "function(str: string): string", "The string with letters A to Z in lower case.",
     lowerString},
    {"to_upper", "function(str: string): string", "The string with letters a to z in upper case.",
     upperString},
    {"swap_case", "function(str: string): string", "Upper case for lower case and the reverse.",
     swapStringCase},
    {"to_title", "function(str: string): string",
     "The string with the first character of each word in upper case; words are parted by spaces.",
     titleString},
    {"strip", "function(str: string): string", "The string without white space at its ends.",
     stripString},
    {"lstrip", "function(str: string, chars: string &default=\" \\t\\n\\r\\v\\f\"): string",
     "The string without any of `chars` at its beginning.", stripLeft},
    {"rstrip", "function(str: string, chars: string &default=\" \\t\\n\\r\\v\\f\"): string",
     "The string without any of `chars` at its end.", stripRight},
    {"remove_prefix", "function(str: string, sub: string): string",
     "The string without `sub` at its beginning, however often it stands there.", removePrefix},
    {"remove_suffix", "function(str: string, sub: string): string",
     "The string without `sub` at its end, however often it stands there.", removeSuffix},
    {"string_fill", "function(len: int, source: string): string",
     "`len` bytes of repeated `source`; the last byte is zero.", stringFill},
    {"str_split_indices", "function(s: string, idx: index_vec): string_vec",
     "The parts between the given positions, the string's beginning included.", strSplitIndices},
    {"ljust", "function(str: string, width: count, fill: string &default=\" \"): string",
     "The string, filled up on the right with the character `fill` to `width` bytes.", leftJustify},
    {"rjust", "function(str: string, width: count, fill: string &default=\" \"): string",
     "The string, filled up on the left with the character `fill` to `width` bytes.", rightJustify},
    {"zfill", "function(str: string, width: count): string",
     "The string, filled up on the left with zeroes to `width` bytes.", zeroFill},
};

void isAscii(NativeCall& call) {
  for (char c : call.text(0))
    if (static_cast<unsigned char>(c) > 127) return call.returnBool(false);
  call.returnBool(true);
}
void isNum(NativeCall& call) { call.returnBool(allDigits(call.text(0))); }
void isAlpha(NativeCall& call) { call.returnBool(allLetters(call.text(0))); }
void isAlnum(NativeCall& call) { call.returnBool(allLettersOrDigits(call.text(0))); }
void startsWith(NativeCall& call) { call.returnBool(call.text(0).starts_with(call.text(1))); }
void endsWith(NativeCall& call) { call.returnBool(call.text(0).ends_with(call.text(1))); }

constexpr vm::NativeRow classRows[] = {
    {"is_ascii", "function(str: string): bool",
     "Whether no byte is above 127. True for the empty string.", isAscii},
    {"is_num", "function(str: string): bool", "Whether the string has digits only, at least one.",
     isNum},
    {"is_alpha", "function(str: string): bool",
     "Whether the string has letters a to z and A to Z only, at least one.", isAlpha},
    {"is_alnum", "function(str: string): bool",
     "Whether the string has letters and digits only, at least one.", isAlnum},
    {"starts_with", "function(str: string, sub: string): bool",
     "Whether the string begins with `sub`.", startsWith},
    {"ends_with", "function(str: string, sub: string): bool", "Whether the string ends with `sub`.",
     endsWith},
};

}  // namespace

Rows stringRows() { return rows; }
Rows stringClassRows() { return classRows; }

}  // namespace bulkhead::builtins
