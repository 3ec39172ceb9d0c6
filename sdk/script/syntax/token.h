#pragma once
// The tokens of the script language. Values live in the token; text views point into the source
// file or the arena. Private to this room.

#include "sdk/script/syntax/ast.h"

#include <cstdint>
#include <string_view>

namespace bulkhead::syntax {

enum class Tok : uint8_t {
  endOfFile,
  invalid,     // already reported
  identifier,  // also "A::b"
  globalName,  // "::x"
  literal,     // LiteralExpr fields in `literal`
  attribute,   // `attribute`
  // Punctuation, spelt as its first letters.
  leftParen,
  rightParen,
  leftBracket,
  rightBracket,
  leftBrace,
  rightBrace,
  semicolon,
  colon,
  comma,
  dollar,
  question,
  hasField,  // ?$
  ellipsis,  // ...
  plus,
  minus,
  star,
  slash,
  percent,
  bang,
  tilde,
  ampersand,
  pipe,
  caret,
  assign,
  addAssign,
  subtractAssign,
  equal,
  notEqual,
  less,
  lessEqual,
  greater,
  greaterEqual,
  logicalAnd,
  logicalOr,
  shiftLeft,
  shiftRight,
  increment,
  decrement,
  // Keywords.
  kwAdd,
  kwAddr,
  kwAny,
  kwAs,
  kwAssert,
  kwBool,
  kwBreak,
  kwCanConvert,  // ?as
  kwCase,
  kwConst,
  kwCopy,
  kwCount,
  kwDefault,
  kwDelete,
  kwDouble,
  kwElse,
  kwEnum,
  kwEvent,
  kwExport,
  kwFallthrough,
  kwFile,
  kwFor,
  kwFunction,
  kwGlobal,
  kwHook,
  kwIf,
  kwIn,
  kwInt,
  kwInterval,
  kwIs,
  kwLocal,
  kwModule,
  kwNext,
  kwNotIn,  // !in
  kwOf,
  kwOpaque,
  kwOption,
  kwPattern,
  kwPort,
  kwPrint,
  kwRecord,
  kwRedef,
  kwReturn,
  kwSchedule,
  kwSet,
  kwString,
  kwSubnet,
  kwSwitch,
  kwTable,
  kwTime,
  kwTimeout,
  kwType,
  kwVector,
  kwWhen,
  kwWhile,
  // Directives; `text` is what follows on the line where the directive takes it from there.
  atIf,
  atIfdef,
  atIfndef,
  atElse,
  atEndif,
  atLoad,
  atLoadSigs,
  atLoadPlugin,
  atUnload,
  atPrefixes,
  atPragma,
  atDeprecated,
};

struct Token {
  Tok kind = Tok::endOfFile;
  Location at;
  Location end;
  std::string_view text;  // as written
  LiteralExpr literal;
  AttributeKind attribute = AttributeKind::optional;
  std::string_view doc;  // the ## comments right before the token, unread
};

// The keyword that a word is, or Tok::identifier.
Tok keywordOf(std::string_view word);
// How a token reads in a message: `";"`, `"local"`, `identifier "x"`, `end of file`.
std::string_view spellingOf(Tok kind);
// Whether the word after "&" names an attribute.
bool attributeOf(std::string_view word, AttributeKind& kind);
// With its ampersand: "&default".
std::string_view spellingOf(AttributeKind kind);
bool takesValue(AttributeKind kind);

}  // namespace bulkhead::syntax
