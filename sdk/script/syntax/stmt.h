#pragma once
// Statements of the script language. Ownership and the rules for slots are those of ast.h.

#include "sdk/script/syntax/ast.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace bulkhead::syntax {

enum class StmtKind : uint8_t {
  null,         // Stmt: a lone semicolon, or what could not be parsed
  block,        // Block
  expression,   // ExprStmt
  local,        // LocalStmt: `local` and `const` inside a function
  print,        // PrintStmt
  ifElse,       // IfStmt
  whileLoop,    // WhileStmt
  forLoop,      // ForStmt
  switchCase,   // SwitchStmt
  when,         // WhenStmt
  returnStmt,   // ReturnStmt
  breakStmt,    // Stmt: leaves a loop or a switch case; in a hook, stops the hook
  next,         // Stmt
  fallthrough,  // Stmt
  event,        // EventStmt
  assertStmt,   // AssertStmt
};

struct Stmt {
  StmtKind kind = StmtKind::null;
  Location at;
};

struct Block : Stmt {
  std::span<Stmt*> statements;
  Location end;  // of the closing brace
};

struct ExprStmt : Stmt {
  Expr* expr = nullptr;
};

struct LocalStmt : Stmt {
  std::string_view name;
  Location nameAt;
  bool isConst = false;
  TypeExpr* typeExpr = nullptr;  // null: taken from `value`
  Expr* value = nullptr;         // null: none written; containers and records then start empty
  std::span<Attribute*> attributes;
  analysis::Symbol* symbol = nullptr;
};

struct PrintStmt : Stmt {
  // After analysis: if the first one is a file, the rest goes there.
  std::span<Expr*> arguments;
};

struct IfStmt : Stmt {
  Expr* condition = nullptr;
  Stmt* whenTrue = nullptr;
  Stmt* whenFalse = nullptr;  // may be null
};

struct WhileStmt : Stmt {
  Expr* condition = nullptr;
  Stmt* body = nullptr;
};

struct LoopVariable {
  std::string_view name;  // "_" takes nothing
  Location at;
  analysis::Symbol* symbol = nullptr;
};

// `for (k in t)`, `for ([i, j] in t)`, `for (k, v in t)`, `for ([i, j], v in t)`; over tables,
// sets, vectors (the index, and with a second variable the element) and strings (each byte as a
// string).
struct ForStmt : Stmt {
  std::span<LoopVariable> keys;
  LoopVariable* value = nullptr;
  Expr* range = nullptr;
  Stmt* body = nullptr;
};

struct SwitchTypeLabel {
  TypeExpr* typeExpr = nullptr;
  std::string_view name;  // `type T as name`; empty without
  Location at;
  const types::Type* type = nullptr;
  analysis::Symbol* symbol = nullptr;
};

struct SwitchCase {
  Location at;
  std::span<Expr*> values;           // value labels
  std::span<SwitchTypeLabel> types;  // or type labels
  bool isDefault = false;
  Block* body = nullptr;
};

struct SwitchStmt : Stmt {
  Expr* subject = nullptr;
  std::span<SwitchCase> cases;
};

// `return when [captures] (condition) body timeout t { ... }`.
struct WhenStmt : Stmt {
  bool isReturn = false;
  bool hasCaptureList = false;
  std::span<LambdaCapture> captures;
  Expr* condition = nullptr;
  Stmt* body = nullptr;
  Expr* timeout = nullptr;       // null: no timeout
  Block* timeoutBody = nullptr;  // null exactly if `timeout` is
  analysis::WhenInfo* info = nullptr;
};

struct ReturnStmt : Stmt {
  Expr* value = nullptr;  // null: none
};

struct EventStmt : Stmt {
  EventCall* event = nullptr;
};

struct AssertStmt : Stmt {
  Expr* condition = nullptr;
  Expr* message = nullptr;  // null: none
};

}  // namespace bulkhead::syntax
