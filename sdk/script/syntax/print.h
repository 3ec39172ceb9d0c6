#pragma once
// Writes a tree as canonical source text: one statement a line, every operator in parentheses,
// every conversion that analysis put in shown as `<kind>(x)`. For tests and for people who look at
// what the front half made of a script. Reads only; any thread that may read the tree.

#include "sdk/script/syntax/ast.h"

#include <string>

namespace bulkhead::syntax {

std::string print(const Expr* expr);
std::string print(const TypeExpr* type);
std::string print(const Stmt* statement, int indent = 0);
std::string print(const Decl* decl);

// The bytes of a string literal with quotes and escapes.
std::string quotedText(std::string_view bytes);
std::string_view spellingOf(BinaryOp op);
std::string_view spellingOf(UnaryOp op);

}  // namespace bulkhead::syntax
