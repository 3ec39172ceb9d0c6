#include "sdk/script/analysis/canonical.h"

#include "sdk/script/analysis/program.h"
#include "sdk/script/syntax/print.h"

namespace bulkhead::analysis {

using namespace syntax;  // NOLINT: the tree is what every line here is about

namespace {

class Writer {
 public:
  explicit Writer(bool quotes) : quotes_(quotes) {}

  void expression(const Expr* expr);
  void block(const Block& block);
  std::string take() { return std::move(out_); }

 private:
  void statement(const Stmt* stmt);
  void call(std::string_view name, std::span<Expr* const> arguments, char open, char close);
  void separated(std::span<Expr* const> list);
  void binary(const BinaryExpr& expr);
  void literal(const LiteralExpr& literal);
  void event(const EventCall& call) { this->call(call.name, call.arguments, '(', ')'); }
  // `name (condition) `
  void head(std::string_view name, const Expr* condition) {
    out_ += name;
    out_ += " (";
    expression(condition);
    out_ += ") ";
  }

  bool quotes_;
  std::string out_;
};

void Writer::separated(std::span<Expr* const> list) {
  bool first = true;
  for (const Expr* each : list) {
    if (!first) out_ += ", ";
    first = false;
    expression(each);
  }
}

void Writer::call(std::string_view name, std::span<Expr* const> arguments, char open, char close) {
  out_ += name;
  out_ += open;
  separated(arguments);
  out_ += close;
}

void Writer::literal(const LiteralExpr& literal) {
  switch (literal.literal) {
    case LiteralKind::string:
      if (quotes_)
        out_ += quotedText(literal.text);
      else
        out_ += literal.text;
      return;
    case LiteralKind::integer:
      out_ += std::to_string(literal.integer);
      return;
    case LiteralKind::enumerator:
      if (const auto* entry = literal.type->asEnum().findValue(literal.integer)) {
        out_ += entry->name;
        return;
      }
      [[fallthrough]];
    default:
      out_ += print(&literal);
  }
}

// Zeek knows "less" only, and turns what is greater around.
void Writer::binary(const BinaryExpr& expr) {
  const Expr* left = expr.left;
  const Expr* right = expr.right;
  BinaryOp op = expr.op;
  if (op == BinaryOp::greater || op == BinaryOp::greaterEqual) {
    std::swap(left, right);
    op = op == BinaryOp::greater ? BinaryOp::less : BinaryOp::lessEqual;
  }
  if (op == BinaryOp::notIn) {
    out_ += '!';
    op = BinaryOp::in;
  }
  expression(left);
  out_ += ' ';
  out_ += spellingOf(op);
  out_ += ' ';
  expression(right);
}

void Writer::expression(const Expr* expr) {
  if (expr == nullptr) return;
  switch (expr->kind) {
    case ExprKind::name: {
      const auto* name = as<NameExpr>(expr);
      if (name->symbol != nullptr)
        out_ += name->symbol->name;
      else
        out_ += name->name;
      return;
    }
    case ExprKind::literal:
      literal(*as<LiteralExpr>(expr));
      return;
    case ExprKind::unary: {
      const auto* unary = as<UnaryExpr>(expr);
      bool size = unary->op == UnaryOp::size;
      out_ += size ? std::string_view("|") : spellingOf(unary->op);
      expression(unary->operand);
      if (size) out_ += '|';
      return;
    }
    case ExprKind::copy:
      out_ += "copy(";
      expression(as<CopyExpr>(expr)->operand);
      out_ += ')';
      return;
    case ExprKind::binary:
      binary(*as<BinaryExpr>(expr));
      return;
    case ExprKind::assign: {
      const auto* assign = as<AssignExpr>(expr);
      expression(assign->target);
      out_ += assign->op == AssignOp::set ? " = " : assign->op == AssignOp::add ? " += " : " -= ";
      expression(assign->value);
      return;
    }
    case ExprKind::conditional: {
      const auto* choice = as<ConditionalExpr>(expr);
      expression(choice->condition);
      out_ += " ? ";
      expression(choice->whenTrue);
      out_ += " : ";
      expression(choice->whenFalse);
      return;
    }
    case ExprKind::index: {
      const auto* index = as<IndexExpr>(expr);
      expression(index->base);
      call({}, index->indices, '[', ']');
      return;
    }
    case ExprKind::field:
    case ExprKind::hasField: {
      const auto* field = as<FieldExpr>(expr);
      expression(field->base);
      out_ += expr->kind == ExprKind::field ? "$" : "?$";
      out_ += field->name;
      return;
    }
    case ExprKind::call: {
      const auto* made = as<CallExpr>(expr);
      expression(made->callee);
      call({}, made->arguments, '(', ')');
      return;
    }
    case ExprKind::list:
      separated(as<ListExpr>(expr)->elements);
      return;
    case ExprKind::fieldAssign:
      out_ += '$';
      out_ += as<FieldAssignExpr>(expr)->name;
      out_ += '=';
      expression(as<FieldAssignExpr>(expr)->value);
      return;
    case ExprKind::recordConstructor:
      call({}, as<ConstructorExpr>(expr)->elements, '[', ']');
      return;
    case ExprKind::tableConstructor:
      call("table", as<ConstructorExpr>(expr)->elements, '(', ')');
      return;
    case ExprKind::setConstructor:
      call("set", as<ConstructorExpr>(expr)->elements, '(', ')');
      return;
    case ExprKind::vectorConstructor:
      call("vector", as<ConstructorExpr>(expr)->elements, '(', ')');
      return;
    case ExprKind::coerce:
      expression(as<CoerceExpr>(expr)->operand);
      return;
    case ExprKind::cast:
    case ExprKind::is: {
      const auto* cast = as<CastExpr>(expr);
      expression(cast->operand);
      out_ += expr->kind == ExprKind::cast ? " as " : " is ";
      if (cast->target != nullptr) out_ += types::typeText(cast->target);
      return;
    }
    case ExprKind::schedule: {
      const auto* later = as<ScheduleExpr>(expr);
      out_ += "schedule ";
      expression(later->delay);
      out_ += " { ";
      event(*later->event);
      out_ += " }";
      return;
    }
    case ExprKind::add:
    case ExprKind::remove:
      out_ += expr->kind == ExprKind::add ? "add " : "delete ";
      expression(as<ElementExpr>(expr)->operand);
      return;
    case ExprKind::lambda:
      out_ += "lambda";
      return;
    default:
      out_ += print(expr);
  }
}

void Writer::block(const Block& block) {
  out_ += "{ \n";
  for (const Stmt* each : block.statements) {
    statement(each);
    out_ += '\n';
  }
  out_ += '}';
}

void Writer::statement(const Stmt* stmt) {
  if (stmt == nullptr) return;
  switch (stmt->kind) {
    case StmtKind::block:
      block(*static_cast<const Block*>(stmt));
      return;
    case StmtKind::expression:
      expression(static_cast<const ExprStmt*>(stmt)->expr);
      break;
    case StmtKind::local: {
      const auto* local = static_cast<const LocalStmt*>(stmt);
      if (local->value == nullptr) out_ += "init ";
      out_ += local->name;
      if (local->value != nullptr) {
        out_ += " = ";
        expression(local->value);
      }
      break;
    }
    case StmtKind::print:
      out_ += "print ";
      separated(static_cast<const PrintStmt*>(stmt)->arguments);
      break;
    case StmtKind::ifElse: {
      const auto* choice = static_cast<const IfStmt*>(stmt);
      head("if", choice->condition);
      statement(choice->whenTrue);
      if (choice->whenFalse != nullptr) {
        out_ += "\nelse ";
        statement(choice->whenFalse);
      }
      return;
    }
    case StmtKind::whileLoop:
      head("while", static_cast<const WhileStmt*>(stmt)->condition);
      statement(static_cast<const WhileStmt*>(stmt)->body);
      return;
    case StmtKind::returnStmt:
      out_ += "return";
      if (const Expr* value = static_cast<const ReturnStmt*>(stmt)->value) {
        out_ += " (";
        expression(value);
        out_ += ')';
      }
      break;
    case StmtKind::event:
      out_ += "event ";
      event(*static_cast<const EventStmt*>(stmt)->event);
      break;
    case StmtKind::assertStmt: {
      const auto* claim = static_cast<const AssertStmt*>(stmt);
      out_ += "assert " + canonicalText(claim->condition);
      if (claim->message != nullptr) out_ += ", " + canonicalText(claim->message);
      break;
    }
    default: {
      std::string text = print(stmt);
      while (!text.empty() && text.back() == '\n') text.pop_back();
      out_ += text;
      return;
    }
  }
  out_ += ';';
}

}  // namespace

std::string canonicalText(const Expr* expr, bool quotes) {
  Writer writer(quotes);
  writer.expression(expr);
  return writer.take();
}

std::string canonicalText(const Block& block) {
  Writer writer(false);
  writer.block(block);
  return writer.take();
}

}  // namespace bulkhead::analysis
