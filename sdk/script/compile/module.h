#pragma once
// The ModuleCompiler turns one analysed program into one vm::Program and keeps what its functions
// share: constants, function numbers, attribute sets, defaults.

#include "sdk/script/compile/compile.h"
#include "sdk/script/syntax/ast.h"

#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>

namespace bulkhead::compile {

using types::Tag;
using types::Type;

class ModuleCompiler {
 public:
  ModuleCompiler(const analysis::Program& program, const source::SourceManager& sources,
                 std::span<const vm::NativeRow* const> natives, source::Diagnostics& diagnostics);

  std::unique_ptr<vm::Program> run();

  const analysis::Program& program() const { return program_; }
  types::TypeTable& types() { return program_.types; }
  vm::Program& out() { return *out_; }

  // `vector()` whose element type nothing ever said holds values of any type.
  const Type* vectorType(const Type* type) {
    return type->asVector().unspecified() ? types().vector(types().basic(Tag::any)) : type;
  }

  // ---- Constants, by value.
  int32_t stringConstant(std::string_view text);
  int32_t constant(const syntax::LiteralExpr& literal);

  // ---- Functions
  // The vm::Function of a callable symbol.
  uint32_t functionOf(const analysis::Symbol& symbol) const { return symbol.index; }
  // A nameless function for a lambda; its Code is lowered on first request.
  uint32_t lambda(const analysis::Function& function);
  // A nameless function that only gives closures of a `when` a result type.
  uint32_t whenFunction(const analysis::Function& function, const Type* result);
  // The function is used as a value: prepares what it prints as.
  void show(uint32_t function);
  uint32_t newCode(std::string name, types::OriginId origin);
  // A Code without parameters that evaluates `expr` as `type`.
  int32_t expressionCode(const syntax::Expr* expr, const Type* type, std::string name,
                         types::OriginId origin);

  // ---- Attributes; the index into Program::attributes plus one, 0 for none.
  uint16_t attributes(const analysis::AttributeSet* set, const Type* table);
  uint16_t attributes(std::span<syntax::Attribute* const> written, const Type* table);

  // Of an attribute set's expressions those that a table gets when it is made: 0 default, 1 expire
  // function, 2 on_change.
  const std::vector<std::pair<int32_t, const syntax::Expr*>>& hooksGivenWhenMade(uint16_t index) {
    return hooks_[index];
  }

  // ---- Record defaults
  // The literal default of a field, or null.
  const syntax::LiteralExpr* literalDefault(const types::Field& field) const;
  const syntax::Expr* defaultOf(const types::Field& field) const;
  // Whether a field without a default still begins as an empty container or record.
  static bool startsEmpty(const types::Field& field);
  uint16_t fieldAttributes(const types::Field& field);

  bool hasInitializer(const analysis::Symbol& global) const {
    return initialized_.contains(&global);
  }

  void place(source::Location at, uint32_t& file, uint32_t& line, uint32_t& column);
  void error(source::Location at, std::string message);

 private:
  void functions();
  void bodies();
  void body(const analysis::Function& function, vm::Body& out);
  void initializer();
  void recordDefaults();
  void forGlobalIds();

  const analysis::Program& program_;
  const source::SourceManager& sources_;
  std::span<const vm::NativeRow* const> natives_;
  source::Diagnostics& diagnostics_;
  std::unique_ptr<vm::Program> out_;
  std::unordered_map<std::string, int32_t> strings_;
  std::map<std::pair<uint64_t, const Type*>, int32_t> plain_;
  std::map<std::pair<std::string, int>, int32_t> patterns_;
  size_t patternInstructions_ = 0;
  std::unordered_map<const analysis::Function*, uint32_t> lambdas_;
  std::map<std::pair<const analysis::AttributeSet*, const Type*>, uint16_t> attributeSets_;
  std::unordered_map<uint16_t, std::vector<std::pair<int32_t, const syntax::Expr*>>> hooks_;
  std::unordered_map<const source::SourceFile*, uint32_t> files_;
  std::unordered_set<const analysis::Symbol*> initialized_;
};

}  // namespace bulkhead::compile
