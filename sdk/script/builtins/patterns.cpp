// Splitting, replacing and finding with patterns. Matches are the leftmost, and of those the
// longest, as the reference has it.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/services.h"
#include "sdk/script/builtins/support/escape.h"
#include "sdk/script/vm/pattern.h"

namespace bulkhead::builtins {

namespace {

struct Match {
  size_t begin, end;
};

// Whether `^` may match where the search begins, although text was consumed before.
enum class LineStart { no, yes };

// The first match of at least one byte at or after `from`.
std::optional<Match> nextMatch(const vm::CompiledPattern& pattern, std::string_view text,
                               size_t from, LineStart lineStart) {
  if (lineStart == LineStart::yes && from < text.size()) {
    int64_t length = pattern.longestAt(text.substr(from), 0);
    if (length > 0) return Match{from, from + static_cast<size_t>(length)};
    ++from;
  }
  size_t begin = 0, end = 0;
  while (from < text.size() && pattern.find(text, from, begin, end)) {
    if (end > begin) return Match{begin, end};
    // Empty matches do not part anything; there may be a longer one further on.
    from = begin + 1;
  }
  return std::nullopt;
}

enum class Separators { left_out, kept };

void split(NativeCall& call, Separators separators, uint64_t maximum) {
  std::string_view text = call.text(0);
  const vm::CompiledPattern& pattern = call.pattern(1);
  auto out = resultVector(call);
  size_t from = 0;
  for (uint64_t done = 0; maximum == 0 || done < maximum; ++done) {
    auto match = nextMatch(pattern, text, from, from == 0 ? LineStart::yes : LineStart::no);
    if (!match) break;
    if (!appendText(call, *out, text.substr(from, match->begin - from))) return;
    if (separators == Separators::kept &&
        !appendText(call, *out, text.substr(match->begin, match->end - match->begin)))
      return;
    from = match->end;
  }
  if (!appendText(call, *out, text.substr(from))) return;
  call.returnRef(std::move(out));
}

void splitString(NativeCall& call) { split(call, Separators::left_out, 0); }
void splitString1(NativeCall& call) { split(call, Separators::left_out, 1); }
void splitStringAll(NativeCall& call) { split(call, Separators::kept, 0); }
void splitStringN(NativeCall& call) {
  split(call, call.boolean(2) ? Separators::kept : Separators::left_out, call.count(3));
}

std::string replaced(const vm::CompiledPattern& pattern, std::string_view text,
                     std::string_view replacement, bool all) {
  std::string out;
  size_t from = 0;
  // `^` keeps matching as long as nothing but matches was consumed, as in the reference.
  LineStart lineStart = LineStart::yes;
  while (from < text.size()) {
    auto match = nextMatch(pattern, text, from, lineStart);
    if (!match) break;
    if (match->begin > from) lineStart = LineStart::no;
    out.append(text, from, match->begin - from).append(replacement);
    from = match->end;
    if (!all) break;
  }
  return out.append(text, from);
}

void substituteFirst(NativeCall& call) {
  call.returnText(replaced(call.pattern(1), call.text(0), call.text(2), false));
}
void substituteAll(NativeCall& call) {
  call.returnText(replaced(call.pattern(1), call.text(0), call.text(2), true));
}

// For the find functions every position is a line start, and each match is as long as can be.
template <typename Visit>
void eachMatch(NativeCall& call, std::string_view text, Visit visit) {
  const vm::CompiledPattern& pattern = call.pattern(1);
  // Without `^` one pass of the matcher finds the next match, with it each position is tried.
  constexpr size_t frame = 4;  // "/^?(" of the printed form
  bool hasCaret = pattern.text().find('^', frame) != std::string::npos;
  for (size_t at = 0; at < text.size();) {
    size_t begin = at, end = at;
    if (hasCaret) {
      int64_t length = pattern.longestAt(text.substr(at), 0);
      call.charge((text.size() - at) / 8);
      if (length < 0) {
        ++at;
        continue;
      }
      end = at + static_cast<size_t>(length);
    } else if (!pattern.find(text, at, begin, end)) {
      return;
    }
    if (begin == text.size()) return;  // an empty match behind the last byte
    if (!visit(text.substr(begin, end - begin))) return;
    at = end > begin ? end : begin + 1;
  }
}

bool tooLong(NativeCall& call) {
  int64_t maximum = call.integer(2);
  bool ofConstant = maximum < 0;
  if (ofConstant)
    maximum = static_cast<int64_t>(countGlobal(call.vm(), "max_find_all_string_length", 0));
  if (maximum <= 0 || call.text(0).size() <= static_cast<uint64_t>(maximum)) return false;
  vm::Place place = call.vm().currentPlace();
  std::string where = place.line == 0
                          ? ""
                          : std::string(place.file) + ", line " + std::to_string(place.line) + ": ";
  raiseNetWeird(call.vm(), "max_find_all_string_length_exceeded",
                where + "length " + std::to_string(call.text(0).size()) + " exceeded " +
                    std::to_string(maximum) +
                    (ofConstant ? " (from constant max_find_all_string_length)" : ""));
  return true;
}

void findAll(NativeCall& call) {
  auto out = resultTable(call);
  if (!tooLong(call))
    eachMatch(call, call.text(0), [&](std::string_view hit) { return addText(call, *out, hit); });
  if (!call.failed()) call.returnRef(std::move(out));
}

void findAllOrdered(NativeCall& call) {
  auto out = resultVector(call);
  if (!tooLong(call))
    eachMatch(call, call.text(0),
              [&](std::string_view hit) { return appendText(call, *out, hit); });
  if (!call.failed()) call.returnRef(std::move(out));
}

void findFirst(NativeCall& call) {
  std::string_view text = call.text(0);
  std::string_view hit;
  if (call.count(2) < text.size())
    eachMatch(call, text.substr(call.count(2)), [&](std::string_view match) {
      hit = match;
      return false;
    });
  call.returnText(hit);
}

void findLast(NativeCall& call) {
  std::string_view text = call.text(0);
  for (size_t at = text.size(); at-- > call.count(2);) {
    int64_t length = call.pattern(1).longestAt(text.substr(at), 0);
    call.charge((text.size() - at) / 8);
    if (length >= 0) return call.returnText(text.substr(at, static_cast<size_t>(length)));
  }
  call.returnText("");
}

void convertForPattern(NativeCall& call) { call.returnText(patternQuoted(call.text(0))); }

void stringToPattern(NativeCall& call) {
  std::string text = call.boolean(1) ? patternQuoted(call.text(0)) : std::string(call.text(0));
  std::string error;
  auto compiled = vm::CompiledPattern::compile(text, {}, error);
  if (!compiled) return call.fail("error compiling pattern /" + text + "/: " + error);
  call.returnObject(call.heap().pattern(std::move(compiled)));
}

constexpr vm::NativeRow rows[] = {
    {"split_string", "function(str: string, re: pattern): string_vec",
     "The parts of the string between matches of the pattern. Always one part more than matches.",
     splitString},
    {"split_string1", "function(str: string, re: pattern): string_vec",
     "As split_string, cut once at most.", splitString1},
    {"split_string_all", "function(str: string, re: pattern): string_vec",
     "As split_string, with the matches in their places between the parts.", splitStringAll},
    {"split_string_n",
     "function(str: string, re: pattern, incl_sep: bool, max_num_sep: count): string_vec",
     "As split_string (or, with `incl_sep`, split_string_all), cut `max_num_sep` times at most; 0 "
     "sets no bound.",
     splitStringN},
    {"sub", "function(str: string, re: pattern, repl: string): string",
     "The string with the first match replaced.", substituteFirst},
    {"gsub", "function(str: string, re: pattern, repl: string): string",
     "The string with all matches replaced.", substituteAll},
    {"find_all", "function(str: string, re: pattern, max_str_size: int &default=-1): string_set",
     "The set of matches. A string longer than `max_str_size` is not searched: -1 takes "
     "max_find_all_string_length, 0 sets no bound.",
     findAll},
    {"find_all_ordered",
     "function(str: string, re: pattern, max_str_size: int &default=-1): string_vec",
     "The matches in their order, repetitions included; bounded as find_all.", findAllOrdered},
    {"find_first", "function(str: string, re: pattern, offset: count &default=0): string",
     "The first match at or after `offset`; empty if there is none.", findFirst},
    {"find_last", "function(str: string, re: pattern, offset: count &default=0): string",
     "The match that begins last, at or after `offset`; empty if there is none.", findLast},
    {"convert_for_pattern", "function(s: string): string",
     "The text of a pattern that matches the string itself.", convertForPattern},
    {"string_to_pattern", "function(s: string, convert: bool): pattern",
     "The pattern whose text the string is; with `convert`, a pattern that matches the string.",
     stringToPattern},
};

}  // namespace

Rows patternRows() { return rows; }

}  // namespace bulkhead::builtins
