#pragma once
// Which kinds each node struct of ast.h serves: the table behind as<T>(). Included by ast.h.

#include "sdk/script/syntax/ast.h"

namespace bulkhead::syntax::detail {

template <typename T, ExprKind... kinds>
T* castIf(Expr* expr) {
  if (expr != nullptr && ((expr->kind == kinds) || ...)) return static_cast<T*>(expr);
  return nullptr;
}

}  // namespace bulkhead::syntax::detail

namespace bulkhead::syntax {

#define BULKHEAD_AST_CAST(NODE, ...)                              \
  template <>                                                     \
  inline NODE* as<NODE>(Expr * expr) {                            \
    using enum ExprKind;                                          \
    return detail::castIf<NODE __VA_OPT__(, ) __VA_ARGS__>(expr); \
  }

BULKHEAD_AST_CAST(NameExpr, name)
BULKHEAD_AST_CAST(LiteralExpr, literal)
BULKHEAD_AST_CAST(TypeValueExpr, typeValue)
BULKHEAD_AST_CAST(UnaryExpr, unary)
BULKHEAD_AST_CAST(CopyExpr, copy)
BULKHEAD_AST_CAST(BinaryExpr, binary)
BULKHEAD_AST_CAST(AssignExpr, assign)
BULKHEAD_AST_CAST(ConditionalExpr, conditional)
BULKHEAD_AST_CAST(IndexExpr, index)
BULKHEAD_AST_CAST(SliceExpr, slice)
BULKHEAD_AST_CAST(FieldExpr, field, hasField)
BULKHEAD_AST_CAST(CallExpr, call)
BULKHEAD_AST_CAST(ListExpr, list)
BULKHEAD_AST_CAST(FieldAssignExpr, fieldAssign)
BULKHEAD_AST_CAST(ConstructorExpr, recordConstructor, tableConstructor, setConstructor,
                  vectorConstructor)
BULKHEAD_AST_CAST(LambdaExpr, lambda)
BULKHEAD_AST_CAST(ScheduleExpr, schedule)
BULKHEAD_AST_CAST(CastExpr, cast, is, canConvert)
BULKHEAD_AST_CAST(ElementExpr, add, remove)
BULKHEAD_AST_CAST(WhenLocalExpr, whenLocal)
BULKHEAD_AST_CAST(CoerceExpr, coerce)
#undef BULKHEAD_AST_CAST

}  // namespace bulkhead::syntax
