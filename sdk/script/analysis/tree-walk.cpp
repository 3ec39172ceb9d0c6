#include "sdk/script/analysis/tree-walk.h"

namespace bulkhead::analysis {

using namespace syntax;  // NOLINT: the tree is what every line here is about

void forEachPart(const Expr* expr, const ExprVisitor& visit) {
  auto one = [&](const Expr* part) {
    if (part != nullptr) visit(part);
  };
  auto all = [&](std::span<Expr* const> parts) {
    for (const Expr* part : parts) one(part);
  };
  switch (expr->kind) {
    case ExprKind::error:
    case ExprKind::name:
    case ExprKind::literal:
    case ExprKind::typeValue:
    case ExprKind::lambda:
      return;
    case ExprKind::unary:
      return one(as<UnaryExpr>(expr)->operand);
    case ExprKind::copy:
      return one(as<CopyExpr>(expr)->operand);
    case ExprKind::coerce:
      return one(as<CoerceExpr>(expr)->operand);
    case ExprKind::cast:
    case ExprKind::is:
    case ExprKind::canConvert:
      return one(as<CastExpr>(expr)->operand);
    case ExprKind::add:
    case ExprKind::remove:
      return one(as<ElementExpr>(expr)->operand);
    case ExprKind::whenLocal:
      return one(as<WhenLocalExpr>(expr)->value);
    case ExprKind::field:
    case ExprKind::hasField:
      return one(as<FieldExpr>(expr)->base);
    case ExprKind::fieldAssign:
      return one(as<FieldAssignExpr>(expr)->value);
    case ExprKind::binary:
      one(as<BinaryExpr>(expr)->left);
      return one(as<BinaryExpr>(expr)->right);
    case ExprKind::assign:
      one(as<AssignExpr>(expr)->value);
      return one(as<AssignExpr>(expr)->target);
    case ExprKind::conditional:
      one(as<ConditionalExpr>(expr)->condition);
      one(as<ConditionalExpr>(expr)->whenTrue);
      return one(as<ConditionalExpr>(expr)->whenFalse);
    case ExprKind::index:
      one(as<IndexExpr>(expr)->base);
      return all(as<IndexExpr>(expr)->indices);
    case ExprKind::slice:
      one(as<SliceExpr>(expr)->base);
      one(as<SliceExpr>(expr)->low);
      return one(as<SliceExpr>(expr)->high);
    case ExprKind::call:
      one(as<CallExpr>(expr)->callee);
      return all(as<CallExpr>(expr)->arguments);
    case ExprKind::list:
      return all(as<ListExpr>(expr)->elements);
    case ExprKind::recordConstructor:
    case ExprKind::tableConstructor:
    case ExprKind::setConstructor:
    case ExprKind::vectorConstructor: {
      const auto* made = as<ConstructorExpr>(expr);
      all(made->elements);
      for (const Attribute* attribute : made->attributes) one(attribute->value);
      return;
    }
    case ExprKind::schedule:
      one(as<ScheduleExpr>(expr)->delay);
      return all(as<ScheduleExpr>(expr)->event->arguments);
  }
}

void forEachBelow(const Expr* expr, const ExprVisitor& visit) {
  if (expr == nullptr) return;
  visit(expr);
  forEachPart(expr, [&](const Expr* part) { forEachBelow(part, visit); });
}

void forEachExpr(const Stmt* stmt, const ExprVisitor& visit,
                 const std::function<void(const EventCall&)>& raised) {
  if (stmt == nullptr) return;
  auto inner = [&](const Stmt* part) { forEachExpr(part, visit, raised); };
  auto expr = [&](const Expr* part) {
    if (part != nullptr) visit(part);
  };
  switch (stmt->kind) {
    case StmtKind::null:
    case StmtKind::breakStmt:
    case StmtKind::next:
    case StmtKind::fallthrough:
      return;
    case StmtKind::block:
      for (const Stmt* each : static_cast<const Block*>(stmt)->statements) inner(each);
      return;
    case StmtKind::expression:
      return expr(static_cast<const ExprStmt*>(stmt)->expr);
    case StmtKind::local: {
      const auto* local = static_cast<const LocalStmt*>(stmt);
      expr(local->value);
      for (const Attribute* attribute : local->attributes) expr(attribute->value);
      return;
    }
    case StmtKind::print:
      for (const Expr* each : static_cast<const PrintStmt*>(stmt)->arguments) expr(each);
      return;
    case StmtKind::ifElse:
      expr(static_cast<const IfStmt*>(stmt)->condition);
      inner(static_cast<const IfStmt*>(stmt)->whenTrue);
      return inner(static_cast<const IfStmt*>(stmt)->whenFalse);
    case StmtKind::whileLoop:
      expr(static_cast<const WhileStmt*>(stmt)->condition);
      return inner(static_cast<const WhileStmt*>(stmt)->body);
    case StmtKind::forLoop:
      expr(static_cast<const ForStmt*>(stmt)->range);
      return inner(static_cast<const ForStmt*>(stmt)->body);
    case StmtKind::switchCase: {
      const auto* choice = static_cast<const SwitchStmt*>(stmt);
      expr(choice->subject);
      for (const SwitchCase& each : choice->cases) {
        for (const Expr* label : each.values) expr(label);
        inner(each.body);
      }
      return;
    }
    case StmtKind::when: {
      const auto* when = static_cast<const WhenStmt*>(stmt);
      expr(when->timeout);
      expr(when->condition);
      inner(when->body);
      return inner(when->timeoutBody);
    }
    case StmtKind::returnStmt:
      return expr(static_cast<const ReturnStmt*>(stmt)->value);
    case StmtKind::event: {
      const auto* event = static_cast<const EventStmt*>(stmt)->event;
      raised(*event);
      for (const Expr* each : event->arguments) expr(each);
      return;
    }
    case StmtKind::assertStmt:
      expr(static_cast<const AssertStmt*>(stmt)->condition);
      return expr(static_cast<const AssertStmt*>(stmt)->message);
  }
}

void forEachIn(const Stmt* stmt, const ExprVisitor& visit,
               const std::function<void(const EventCall&)>& raised) {
  auto whole = [&](const Expr* expr) {
    forEachBelow(expr, [&](const Expr* each) {
      if (const auto* later = as<ScheduleExpr>(each)) raised(*later->event);
      visit(each);
    });
  };
  forEachExpr(stmt, whole, raised);
}

}  // namespace bulkhead::analysis
