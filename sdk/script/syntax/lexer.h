#pragma once
// The Lexer cuts one source file into tokens. Reports what is no token and goes on behind it.
// Private to this room; one thread.
//
// Tokens are made on demand and never ahead of time, since the parser asks the host about @if and
// @load at the place where they stand.

#include "sdk/script/source/diagnostics.h"
#include "sdk/script/source/source-manager.h"
#include "sdk/script/syntax/arena.h"
#include "sdk/script/syntax/token.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace bulkhead::syntax {

class Lexer {
 public:
  Lexer(const source::SourceFile& file, source::Diagnostics& diagnostics, Arena& arena)
      : file_(file), text_(file.text), diagnostics_(diagnostics), arena_(arena) {}

  Token next();
  // A slash where an operand must stand begins a pattern: the token from there to its closing
  // slash.
  Token patternFrom(const Token& slash);
  // Passes over text that an @if turned off. Stops behind the matching @else or @endif, or at the
  // end of the file; `at` is where that begins.
  Tok skipInactive(Location& at);
  // Passes over the rest of the file.
  void skipRest() { at_ = text_.size(); }

 private:
  Location here() const { return file_.at(at_); }
  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool startsWith(std::string_view word) const { return text_.substr(at_, word.size()) == word; }

  void skipBlanks(std::string_view& doc);
  Token finish(Token token, size_t begin, Tok kind);
  Token wordToken(size_t begin);
  Token numberToken(size_t begin);
  Token stringToken(size_t begin);
  Token bracketToken(size_t begin);
  Token directiveToken(size_t begin);
  Token punctuationToken(size_t begin);
  Token subnetOrAddress(size_t begin, const IpAddr& address);
  bool intervalUnit(double& seconds);
  bool portSuffix(Token& token, std::string_view digits);
  size_t hostnameLength(size_t begin) const;
  Token refuseHostname(size_t begin, size_t length);
  char escape(size_t& i, std::string_view body);
  std::string_view word();
  std::string_view restOfLine();

  const source::SourceFile& file_;
  std::string_view text_;
  source::Diagnostics& diagnostics_;
  Arena& arena_;
  size_t at_ = 0;
};

}  // namespace bulkhead::syntax
