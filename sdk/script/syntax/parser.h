#pragma once
// The Parser reads one script file, a declaration at a time.
//
// A file is parsed in step with its meaning, as the language demands: whether the text behind an
// @if counts depends on the declarations before it. So the caller takes one declaration, gives it
// its meaning, and asks for the next; directives go to a ParserHost as they come up.
//
// Syntax errors go into Diagnostics; parsing goes on at the next statement or declaration, and what
// was understood is kept. Source is foreign: nesting, tree size and number lengths are bounded. One
// thread. Nodes are made in the Arena and refer to the file's text.

#include "sdk/script/source/diagnostics.h"
#include "sdk/script/source/source-manager.h"
#include "sdk/script/syntax/arena.h"
#include "sdk/script/syntax/ast.h"

#include <cstddef>
#include <memory>
#include <string_view>

namespace bulkhead::syntax {

// Statements, types, blocks and parentheses inside each other.
constexpr int kMaxNesting = 400;
// The height of one expression's tree.
constexpr int kMaxExprHeight = 1000;
// @if, @ifdef and @ifndef inside each other, in one file.
constexpr int kMaxConditionals = 100;
// Of a number, in characters.
constexpr size_t kMaxNumberLength = 400;
// What the trees of a run may take, in bytes, those of the base library among them.
constexpr size_t kMaxTreeBytes = 96u << 20;

// Who answers a file's directives. Called in the middle of parsing; a load may parse other files
// with other Parsers before it returns.
class ParserHost {
 public:
  virtual ~ParserHost() = default;

  // @if: whether the text that follows counts.
  virtual bool conditionHolds(Expr* condition) = 0;
  // @ifdef and @ifndef: whether the name is known here.
  virtual bool isDefined(std::string_view name) = 0;
  // "record", "enum" or another kind of type, if the name is one of a type.
  virtual std::string_view kindOfType(std::string_view) { return {}; }
  virtual void load(std::string_view target, Location at) = 0;
  virtual void loadSignatures(std::string_view target, Location at) = 0;
  virtual void loadPlugin(std::string_view target, Location at) = 0;
  virtual void unload(std::string_view target, Location at) = 0;
  // @prefixes: "a:b", added to the present ones or in their place.
  virtual void prefixes(std::string_view list, bool append, Location at) = 0;
  // "push ignore-deprecations", "pop".
  virtual void pragma(std::string_view text, Location at) = 0;
  // @deprecated: the file says so of itself.
  virtual void deprecatedFile(std::string_view text, Location at) = 0;
};

class Parser {
 public:
  // All arguments outlive the parser; the arena and the file outlive the tree.
  Parser(const source::SourceFile& file, source::Diagnostics& diagnostics, Arena& arena,
         ParserHost& host);
  ~Parser();

  // The next declaration, or null at the end of the file.
  Decl* next();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace bulkhead::syntax
