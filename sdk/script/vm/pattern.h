#pragma once
// A pattern of the script language, compiled to RE2.
//
// The language's patterns are bytes, not text: RE2 runs in Latin-1 mode. Differences of syntax are
// translated (quoted parts are literal, `.` excludes the newline unless /s, /i applies to the
// whole). Immutable; any thread. A pattern that is too long, too large once compiled, or malformed
// gives no object but a reason.

#include <memory>
#include <string>
#include <string_view>

namespace bulkhead::vm {

class CompiledPattern {
 public:
  // Of one pattern: what is written, and what RE2 may make of it, in bytes.
  static constexpr size_t maxText = 64 * 1024;
  static constexpr int64_t maxProgramBytes = 8 << 20;

  struct Flags {
    bool ignoreCase = false;  // /i
    bool singleLine = false;  // /s: `.` takes the newline too
  };

  // `text` is what stands between the slashes. Null with the reason in `error`.
  static std::unique_ptr<CompiledPattern> compile(std::string_view text, Flags flags,
                                                  std::string& error);
  // `a | b` and `a & b` of the language.
  static std::unique_ptr<CompiledPattern> either(const CompiledPattern& a, const CompiledPattern& b,
                                                 std::string& error);
  // The first one with the second added, as `+=` does: what either() matches, in another text.
  static std::unique_ptr<CompiledPattern> added(const CompiledPattern& a, const CompiledPattern& b,
                                                std::string& error);
  static std::unique_ptr<CompiledPattern> inSequence(const CompiledPattern& a,
                                                     const CompiledPattern& b, std::string& error);
  ~CompiledPattern();
  std::unique_ptr<CompiledPattern> clone() const;

  // `pattern == text`.
  bool matchesWhole(std::string_view text) const;
  // `pattern in text`.
  bool matchesAnywhere(std::string_view text) const;
  // The leftmost-longest match at or after `from`; false if there is none. An empty match counts.
  bool find(std::string_view text, size_t from, size_t& begin, size_t& end) const;
  // The longest match that begins exactly at `at`; -1 if there is none.
  int64_t longestAt(std::string_view text, size_t at) const;

  // As print shows it: "/^?(foo)$?/".
  const std::string& text() const { return printed_; }
  // The translated expression, for joining with others in an RE2::Set.
  const std::string& expression() const { return expression_; }
  size_t bytes() const;
  // Of RE2's automaton; what compiling took is in proportion to it.
  size_t instructions() const;

 private:
  struct Impl;
  CompiledPattern();
  static std::unique_ptr<CompiledPattern> build(std::string expression, std::string inner,
                                                std::string& error);
  std::unique_ptr<Impl> impl_;
  std::string expression_;
  std::string inner_;    // the printed form without its frame
  std::string literal_;  // what it stands for, if it needs no automaton; otherwise empty
  std::string printed_;
};

}  // namespace bulkhead::vm
