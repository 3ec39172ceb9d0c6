#pragma once
// The Lowerer writes the Code of one body: it walks the tree once and emits as it goes.
//
// value() gives a register that holds an expression's value for the very next instruction, borrowed
// where that is safe; into() puts an owned value into a given register. A borrowed value survives
// the lowering of a later operand only if that operand is quiet (no calls, no assignments).

#include "sdk/script/compile/emitter.h"
#include "sdk/script/compile/module.h"
#include "sdk/script/syntax/stmt.h"

#include <unordered_map>
#include <vector>

namespace bulkhead::compile {

using analysis::Symbol;
using syntax::Expr;
using syntax::Stmt;

class Lowerer {
 public:
  Lowerer(ModuleCompiler& module, uint32_t code, const analysis::Function* function);

  // ---- Whole Codes
  void functionBody();
  // Of a function that nothing can call: says so if it is called all the same.
  void droppedBody();
  // Condition and body of a `when`.
  void whenBody(const syntax::WhenStmt& when);
  void whenTimeout(const syntax::WhenStmt& when);
  void expressionBody(const Expr* expr, const Type* type);
  // For the initialiser of globals.
  void initStep(const analysis::InitStep& step);
  void begin();
  void finish();

  Emitter& emitter() { return emit_; }

 private:
  friend class ModuleCompiler;

  enum class Jump : uint8_t { breaks, continues };
  struct Target {
    Label* breakTo;
    Label* nextTo;         // null for a switch
    Label* fallthroughTo;  // of a switch
  };

  // ---- Expressions (lower-expr.cpp)
  Reg value(const Expr* expr);
  // As value(), but not borrowed from anything that a later operand could change.
  Reg stable(const Expr* expr);
  Reg valueAs(const Expr* expr, const Type* type);
  Reg stableAs(const Expr* expr, const Type* type);
  void into(const Expr* expr, Reg target);
  void intoAs(const Expr* expr, const Type* type, Reg target);
  // Evaluates for the effects only.
  void effect(const Expr* expr);
  // Two operands in order, the first borrowed if the second is quiet.
  void operands(const Expr* left, const Expr* right, Reg& leftReg, Reg& rightReg);
  void condition(const Expr* expr, bool jumpIf, Label& label);
  static bool quiet(const Expr* expr);
  Reg name(const syntax::NameExpr& expr, bool mustOwn);
  bool failUnset(const Symbol& function);
  void nameInto(const syntax::NameExpr& expr, Reg target);
  void literalInto(const syntax::LiteralExpr& literal, Reg target);
  void fieldInto(const syntax::FieldExpr& field, Reg target);
  void indexInto(const syntax::IndexExpr& index, Reg target);
  void sliceInto(const syntax::SliceExpr& slice, Reg target);
  void sliceBounds(const syntax::SliceExpr& slice, Reg base, Reg pair);
  void coerceInto(const syntax::CoerceExpr& coerce, Reg target);
  void castInto(const syntax::CastExpr& cast, Reg target);
  void convertInto(Reg from, const Type* fromType, const Type* toType, Reg target);
  void lambdaInto(const syntax::LambdaExpr& lambda, Reg target);
  int32_t closureSite(uint32_t function, const std::vector<analysis::Capture>& captures);

  // ---- Operators (lower-operators.cpp)
  void unaryInto(const syntax::UnaryExpr& unary, Reg target);
  void binaryInto(const syntax::BinaryExpr& binary, Reg target);
  void arithmetic(syntax::BinaryOp op, const Type* left, const Type* right, const Type* result,
                  Reg a, Reg b, Reg target, source::Location at);
  void compareInto(const syntax::BinaryExpr& binary, Reg target);
  bool compareJump(const syntax::BinaryExpr& binary, bool jumpIf, Label& label);
  void memberInto(const syntax::BinaryExpr& binary, Reg target);
  void vectorBinaryInto(const syntax::BinaryExpr& binary, Reg target);
  Reg spread(const Expr* operand, Reg vector);
  void incrementInto(const syntax::UnaryExpr& unary, Reg target);
  int32_t vectorOperation(vm::VectorOp op, const Type* operand, const Type* right,
                          const Type* result);

  // ---- Constructors (lower-construct.cpp)
  void constructInto(const syntax::ConstructorExpr& constructor, const Type* type, Reg target,
                     uint16_t attributes);
  void recordInto(const syntax::ConstructorExpr& constructor, const types::RecordType& type,
                  Reg target);
  void emptyInto(const Type* type, Reg target, uint16_t attributes);
  void newRecordInto(const types::RecordType& type, Reg target, const std::vector<bool>& given);
  void fieldDefaultInto(const types::RecordType& type, uint32_t field, Reg record);
  void putEach(Reg container, std::span<Expr* const> parts, const types::TableType& table,
               const Expr* value, std::vector<vm::Argument>& given);
  void setField(Reg record, const types::RecordType& type, uint32_t field, Reg from);
  void giveHooks(Reg table, uint16_t attributes);
  void emptyLocals();
  // A constructor of a container that may carry attributes of the variable that it goes to.
  bool constructWithAttributes(const Expr* expr, const Type* type, Reg target, uint16_t attributes);

  // ---- Assignment (lower-assign.cpp)
  void assign(const syntax::AssignExpr& assign, Reg result);
  void store(const Expr* target, Reg from);
  void storeLocal(const Symbol& symbol, Reg from);
  void storeGlobal(const Symbol& symbol, Reg from);
  void assignTo(const Symbol& symbol, const Expr* value);
  void addTo(const Expr* target, const Expr* value, syntax::AssignOp op, Reg result);
  bool containerAddTo(const Expr* target, const Expr* value, syntax::AssignOp op, Reg result);
  bool raiseElement(const Expr* target, const Expr* value, int32_t step);
  static bool changes(const Expr* value, const Symbol& symbol);
  void combine(const Type* type, Reg left, const Expr* value, syntax::AssignOp op, Reg result);
  void deleteElement(const Expr* operand);
  void addElement(const Expr* operand);
  void storeElement(const syntax::IndexExpr& index, Reg from);
  void storeField(const syntax::FieldExpr& field, Reg from);
  void storeSlice(const syntax::SliceExpr& slice, Reg from);

  // ---- Calls (lower-call.cpp)
  void callInto(const syntax::CallExpr& call, Reg target);
  int32_t callSite(uint32_t function, std::span<Expr* const> arguments, const types::FuncType* type,
                   bool native);
  int32_t keySite(std::span<Expr* const> keys, const types::TableType& table);
  int32_t siteOf(uint32_t function, std::vector<vm::Argument> arguments);
  void raise(const syntax::EventCall& event, Reg delay);

  // ---- Statements (lower-stmt.cpp)
  void statement(const Stmt* stmt);
  void block(const syntax::Block& block);
  void local(const syntax::LocalStmt& stmt);
  void print(const syntax::PrintStmt& stmt);
  void ifElse(const syntax::IfStmt& stmt);
  void whileLoop(const syntax::WhileStmt& stmt);
  void forLoop(const syntax::ForStmt& stmt);
  void switchCase(const syntax::SwitchStmt& stmt);
  void when(const syntax::WhenStmt& stmt);
  void returns(const syntax::ReturnStmt& stmt);
  void assertion(const syntax::AssertStmt& stmt);
  void fallOff();
  void prologue();

  // ---- Small things
  static bool managed(const Type* type) { return type->isManaged(); }
  Reg temporary(const Type* type) { return emit_.temporary(managed(type)); }
  void move(Reg from, Reg to, bool isManaged);
  void at(source::Location location);
  Reg localReg(const Symbol& symbol);
  Reg flagOf(const Symbol& symbol);
  void checkSet(const Symbol& symbol);
  int32_t typeId(const Type* type) const { return static_cast<int32_t>(type->id()); }
  vm::Code& code() { return emit_.code(); }
  bool isHook() const;

  ModuleCompiler& module_;
  uint32_t codeIndex_;
  const analysis::Function* function_;  // null for a Code without locals
  Emitter emit_;
  std::vector<Reg> locals_;
  std::vector<Reg> flags_;  // of plain locals that may be unset
  // Where a captured variable lies in the closure, and the flag that says that it has a value.
  struct CaptureSlots {
    int32_t value = 0;
    int32_t flag = -1;
  };
  std::unordered_map<const Symbol*, CaptureSlots> captures_;
  // An attribute names a function before it has a body: it is missed when it is called.
  bool ofAttribute_ = false;
  std::vector<Target> targets_;
  bool inCondition_ = false;  // of a `when`
  int recordsInside_ = 0;     // one another, as their defaults are lowered
  // Calls of native functions for a value in the statement at hand, without those within it.
  uint32_t nativeValues_ = 0;
  void endStatement(const Stmt& stmt, uint32_t begin);
  // In such a condition: a change of what `reg` holds is a reason to look again.
  void watch(const Type* type, Reg reg);
  const Type* resultOverride_ = nullptr;  // of a `when`, whose function has no type of its own
};

}  // namespace bulkhead::compile
