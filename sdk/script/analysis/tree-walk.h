#pragma once
// The direct parts of expressions and statements, whatever their kind.

#include "sdk/script/syntax/ast.h"

#include <functional>

namespace bulkhead::analysis {

using ExprVisitor = std::function<void(const syntax::Expr*)>;

// Calls `visit` for each child, in the order of evaluation; never with null. The body of a lambda
// is no child: it is a function of its own.
void forEachPart(const syntax::Expr* expr, const ExprVisitor& visit);

// `expr` and everything below it.
void forEachBelow(const syntax::Expr* expr, const ExprVisitor& visit);

// The outermost expressions of a statement and of those in it, the arguments of its event
// statements among them: with forEachPart() all there is. `raised` hears of the events.
void forEachExpr(const syntax::Stmt* stmt, const ExprVisitor& visit,
                 const std::function<void(const syntax::EventCall&)>& raised);

// Every expression in a statement and below, and what `schedule` raises too. Bodies of a `when` are
// functions of their own, but stand in no other place than this: they are visited too.
void forEachIn(const syntax::Stmt* stmt, const ExprVisitor& visit,
               const std::function<void(const syntax::EventCall&)>& raised);

}  // namespace bulkhead::analysis
