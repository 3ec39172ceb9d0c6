#pragma once
// The text of expressions and bodies as Zeek prints them: in reports, for function values, for the
// assertion hooks, in the text of types. Not as written: what analysis found is in it, such as the
// defaults of arguments that a call leaves out.
//
// Reads analysed trees only; any thread that may read the tree.

#include "sdk/script/syntax/ast.h"

#include <string>

namespace bulkhead::analysis {

// With `quotes` strings are literals, else their bytes alone.
std::string canonicalText(const syntax::Expr* expr, bool quotes = true);
// "{ ", a line for each statement, "}".
std::string canonicalText(const syntax::Block& block);

}  // namespace bulkhead::analysis
