#pragma once
// Declarations of the script language, in the order in which a file has them. Ownership and the
// rules for slots are those of ast.h.
//
// @load, @if and their kin leave no node behind: the parser asks its ParserHost about them as it
// goes.

#include "sdk/script/syntax/ast.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace bulkhead::syntax {

enum class DeclKind : uint8_t {
  module,       // Decl: `name`
  variable,     // VariableDecl: global, const, option, and redef of a value
  type,         // TypeDecl
  redefEnum,    // RedefEnumDecl
  redefRecord,  // RedefRecordDecl
  redefField,   // RedefFieldDecl
  function,     // FunctionDecl: a body of a function, event or hook
  statement,    // StatementDecl: a statement outside every function
};

struct Decl {
  DeclKind kind = DeclKind::module;
  Location at;
  std::string_view name;
  Location nameAt;
  bool exported = false;  // stands in an export section
  std::string_view doc;   // its ## comments, a line each
};

enum class VariableRole : uint8_t { global, constant, option, redef };
enum class InitOp : uint8_t { none, set, add, remove };

struct VariableDecl : Decl {
  VariableRole role = VariableRole::global;
  TypeExpr* typeExpr = nullptr;
  InitOp op = InitOp::none;
  Expr* value = nullptr;
  std::span<Attribute*> attributes;
  Location endAt;          // the semicolon
  bool isDamaged = false;  // by a syntax error: only its name counts
  // Of a redef: each "A::b" that is written in it, in order.
  std::span<std::string_view> qualifiedNames;
};

struct TypeDecl : Decl {
  TypeExpr* typeExpr = nullptr;
  std::span<Attribute*> attributes;
};

// redef enum E += { ... };
struct RedefEnumDecl : Decl {
  std::span<EnumeratorDecl*> enumerators;
};

// redef record R += { ... } &log;
struct RedefRecordDecl : Decl {
  std::span<FieldDecl*> fields;
  std::span<Attribute*> attributes;
};

// redef record R$f += { &log }; and -=
struct RedefFieldDecl : Decl {
  std::string_view field;
  Location fieldAt;
  bool removes = false;
  std::span<Attribute*> attributes;
};

enum class FunctionFlavor : uint8_t { function, event, hook };

struct FunctionDecl : Decl {
  FunctionFlavor flavor = FunctionFlavor::function;
  bool isRedef = false;  // `redef event f(...) { ... }`: replaces the bodies so far
  FunctionSignature* signature = nullptr;
  std::span<Attribute*> attributes;
  Block* body = nullptr;
  bool isDamaged = false;  // by syntax errors: its names would only raise more
};

struct StatementDecl : Decl {
  Stmt* statement = nullptr;
};

}  // namespace bulkhead::syntax
