#pragma once
// Private to analysis: the state of one analysis, shared by its parts. Each part is a file:
// scopes.cpp (names), load.cpp (files and directives), declare.cpp, type-expr.cpp, expr.cpp,
// operators.cpp, constructors.cpp, calls.cpp, coerce.cpp, statements.cpp, condition.cpp.

#include "sdk/script/analysis/analyzer.h"
#include "sdk/script/analysis/constant.h"
#include "sdk/script/syntax/parser.h"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace bulkhead::analysis {

using namespace syntax;  // NOLINT: the tree is what every line here is about
using types::Tag;
using types::Type;

// One function whose body is being read, with its blocks.
struct Frame {
  Function* function = nullptr;
  Frame* outer = nullptr;
  const types::FuncType* type = nullptr;
  bool inferResult = false;
  const Type* inferred = nullptr;
  std::vector<std::unordered_map<std::string, Symbol*>> blocks;
  int loops = 0;
  int switches = 0;
  bool caseNamesValue = false;  // inside `case type T as name`
  WhenInfo* when = nullptr;
  bool inCondition = false;  // of the `when`
};

class Checker final : public ParserHost {
 public:
  Checker(source::SourceManager& sources, source::SourceProvider& provider,
          source::Diagnostics& diagnostics, Arena& arena, types::TypeTable& types,
          AnalyzerOptions options);

  // load.cpp
  void declareNatives(const std::vector<NativeDeclaration>& natives);
  void readCatalog(std::string name, std::string text);
  void loadTarget(std::string_view target);
  void readText(std::string name, std::string text, source::Origin origin);
  void expectPackages() { packagesBeside_ = true; }
  bool declares(std::string_view fullName) const { return program_->find(fullName) != nullptr; }
  std::unique_ptr<Program> finish();

  bool conditionHolds(Expr* condition) override;
  bool isDefined(std::string_view name) override;
  std::string_view kindOfType(std::string_view name) override;
  void load(std::string_view target, Location at) override;
  void loadSignatures(std::string_view target, Location at) override;
  void loadPlugin(std::string_view target, Location at) override;
  void unload(std::string_view target, Location at) override;
  void prefixes(std::string_view list, bool append, Location at) override;
  void pragma(std::string_view text, Location at) override;
  void deprecatedFile(std::string_view text, Location at) override;

 private:
  // load.cpp
  void loadFrom(std::string_view target, const std::string& from, Location at);
  void readFile(const source::ResolvedFile& file, Location at);
  // Counts what scripts beyond the base library ask for.
  bool mayLoad(Location at);
  void parse(const source::SourceFile& file);
  // Declares the native or the catalog's declaration of that name, if it is still waiting.
  void settle(const std::string& name);
  void settleNative(const std::string& name);

  // scopes.cpp
  std::string fullName(std::string_view name) const;
  Symbol* findGlobalName(std::string_view name, bool sameModuleOnly, Location complainAt);
  Symbol* lookup(std::string_view name, Location at);
  Symbol* localIn(Frame* frame, std::string_view name);
  Symbol* captureFrom(Frame* frame, std::string_view name, Location at);
  Symbol* declareGlobalName(std::string_view name, std::string_view module, SymbolKind kind,
                            Location at, bool exported);
  Symbol* declareLocal(std::string_view name, const Type* type, Location at);
  Symbol* addLocal(Frame& frame, std::string_view name, const Type* type, Location at);
  void unknownName(std::string_view name, Location at);
  Origin originAt(Location at) const { return sources_.originOf(at); }
  void deprecated(const Symbol& symbol, Location at);
  void deprecated(const types::Field& field, Location at);

  // declare.cpp
  void declare(Decl* decl);
  void declareVariable(VariableDecl* decl);
  void redefVariable(VariableDecl* decl);
  std::optional<SiteRedef> siteRedef(const VariableDecl& decl) const;
  bool keepPackageRedef(const VariableDecl& decl);
  void keepStandardRedef(const VariableDecl& decl, const Symbol& symbol);
  void declareType(TypeDecl* decl);
  bool sameEnum(const Type* type, const TypeExpr* expr) const;
  void redefEnum(RedefEnumDecl* decl);
  void redefRecord(RedefRecordDecl* decl);
  void redefField(RedefFieldDecl* decl);
  void defineFunction(FunctionDecl* decl);
  void topStatement(StatementDecl* decl);
  void addEnumerators(types::EnumType& type, std::span<EnumeratorDecl*> from, bool redef,
                      std::string_view module, bool exported);
  // Records that hold themselves by fields that are always there, so that none could be made.
  void checkRecordsEnd();
  void addField(types::RecordType& record, FieldDecl* field, bool allLog);
  void applyFieldAttribute(types::RecordType& record, uint32_t offset, Attribute* attribute,
                           bool remove);
  AttributeSet* attributes(std::span<Attribute*> from, const Type* type, AttributeSet* base);
  bool givesDefaultOf(const types::FuncType& function, const types::TableType& table);
  bool expires(const Expr* value, const Type* container, Location at);
  void applyAttribute(AttributeSet& set, Attribute* attribute, const Type* type);
  Callable& callable(Symbol* symbol);
  NameExpr* nameOf(Symbol* symbol, Location at);
  void warnOfDeprecated(const Callable& target, const std::vector<types::Parameter>& own,
                        Location at);
  static bool sameParameterCount(const Callable& target, const FunctionSignature* signature);
  void takeDefaults(Callable& target, FunctionSignature* signature);
  Symbol* declareCallable(Symbol* symbol, const types::FuncType* type, bool declared,
                          Location at = {}, std::string deprecation = {});
  // Parameters of type any that a body names as something narrower, until its body is read.
  struct Narrowing {
    std::string_view hidden;  // the parameter itself
    syntax::FieldDecl* written;
  };
  std::vector<Narrowing> narrowings_;
  void readBody(Function& function, FunctionSignature* signature, Block* body, Frame& frame);
  void bindParameters(Function& function, FunctionSignature* signature, Callable& target,
                      Location at);
  bool valuesThere(const Expr* value);
  void initialize(Symbol* symbol, InitOp op, Expr* value, AttributeSet* attributes, Location at);
  bool needsEmpty(const Type* type) const;

  // type-expr.cpp
  const Type* resolve(TypeExpr* expr, std::string_view nameIt = {});
  types::FuncType* resolveSignature(FunctionSignature* signature, types::Flavor flavor,
                                    bool inferResult = false);
  const Type* namedType(std::string_view name, Location at);

  // expr.cpp: checks `expr` in place (the pointer may be changed) and answers its type. `expected`
  // is what the context wants, if it says; the caller still coerces.
  const Type* check(Expr*& expr, const Type* expected = nullptr);
  // check() and coerce(): false if it does not fit (reported).
  bool checkAs(Expr*& expr, const Type* wanted, std::string_view what);
  bool checkCondition(Expr*& expr, std::string_view what);
  const Type* checkName(Expr*& expr);
  const Type* checkUnary(UnaryExpr* expr);
  const Type* checkAssign(Expr*& expr);
  void takeApart(const syntax::ListExpr& targets, Expr*& value);
  const Type* checkConditional(ConditionalExpr* expr, const Type* expected);
  const Type* checkIndex(Expr*& expr, bool forWrite);
  const Type* checkSlice(SliceExpr* expr);
  const Type* checkField(FieldExpr* expr);
  const Type* checkElement(ElementExpr* expr);
  const Type* checkCast(CastExpr* expr);
  const Type* checkSchedule(ScheduleExpr* expr);
  const Type* checkWhenLocal(WhenLocalExpr* expr);
  bool assignable(Expr* target);
  void makeVariable(Symbol& function);
  enum class KeyUse : uint8_t { index, in, constructor };
  bool checkKeys(Expr* at, std::span<Expr*>& keys, const types::TableType& table, KeyUse use);

  // operators.cpp
  const Type* checkBinary(Expr*& expr);
  const Type* checkIn(BinaryExpr* expr);
  const Type* arithmetic(BinaryExpr* expr, const Type* left, const Type* right);
  const Type* comparison(BinaryExpr* expr, const Type* left, const Type* right);
  const Type* setOperation(BinaryExpr* expr, const Type* left, const Type* right);
  const Type* operatorMismatch(BinaryExpr* expr, const Type* left, const Type* right);

  // constructors.cpp
  const Type* checkList(Expr*& expr, const Type* expected);
  void shapeUntyped(Expr*& value);
  // These may replace the node: {a_set, x} becomes a union.
  const Type* checkConstructor(Expr*& expr, const Type* expected);
  const Type* checkRecord(ConstructorExpr* expr, const types::RecordType* expected);
  const Type* checkTable(ConstructorExpr* expr, const Type* expected);
  const Type* checkSet(Expr*& expr, const Type* expected);
  const Type* checkVector(ConstructorExpr* expr, const Type* expected);
  void noteEnums(const Type* a, const Type* b);
  const Type* checkLambda(LambdaExpr* expr, const Type* expected);
  Expr* constructorOf(CallExpr* call, const Type* type);

  // calls.cpp
  const Type* checkCall(Expr*& expr);
  const Type* checkArguments(std::span<Expr*>& arguments, const types::FuncType& type, Location at,
                             std::string_view name);
  bool checkEventCall(EventCall* call);

  // coerce.cpp
  bool coerce(Expr*& expr, const Type* wanted);
  // True if a value of type `have` can stand where `wanted` is; `kind` says how. Same: nothing to
  // do.
  enum class Fit : uint8_t { no, same, coerce };
  Fit fit(const Type* have, const Type* wanted, CoerceKind& kind, std::string* why = nullptr,
          int depth = 0);
  std::set<std::pair<const Type*, const Type*>> fitted_;  // records looked at by the fit() at work
  Expr* wrap(Expr* expr, const Type* to, CoerceKind kind);
  static bool isAnonymousRecord(const Type* type) {
    return type->is(Tag::record) && type->name().empty();
  }
  const Type* mergedRecord(const types::RecordType& a, const types::RecordType& b);
  const Type* commonType(const Type* a, const Type* b);
  bool literalFits(Expr*& expr, const Type* wanted);

  // statements.cpp
  void statement(Stmt* statement);
  void block(Block* block);
  void localStatement(LocalStmt* s);
  void forStatement(ForStmt* s);
  void switchStatement(SwitchStmt* s);
  void whenStatement(WhenStmt* s);
  void returnStatement(ReturnStmt* s);
  void captures(Frame& frame, std::span<LambdaCapture> list);
  void captureUses(const Function& function, std::span<LambdaCapture> list, Location end);

  // condition.cpp
  // Where find_in_zeekpath() finds a script; empty if nowhere. Kept for when the call runs.
  const std::string& scriptAt(const std::string& name, Location at);
  void noteScriptAskedFor(CallExpr& call);
  std::optional<Constant> evaluate(Expr* expr, int depth);
  bool isEmptySoFar(const Expr* container);
  std::optional<Constant> evaluateGlobal(Symbol* symbol, int depth);
  std::optional<Constant> evaluateBody(const Function& body, int depth);

  // Messages.
  source::Diagnostic& error(Location at, std::string message) {
    return diagnostics_.error(at, std::move(message));
  }
  const Type* bad(Expr* expr, Location at, std::string message);
  const Type* errorType() const { return types_.basic(Tag::error); }
  const Type* basic(Tag tag) const { return types_.basic(tag); }
  // An empty table(), set() or vector() that nothing around it gives a type.
  static bool isOfNoType(const Type* type) {
    return !isError(type) && ((type->isTableOrSet() && type->asTable().unspecified()) ||
                              (type->is(Tag::vector) && type->asVector().unspecified()));
  }
  static bool isError(const Type* type) { return type == nullptr || type->is(Tag::error); }
  std::string text(const Type* type) const { return types::typeText(type); }

  using Diagnostic = source::Diagnostic;

  source::SourceManager& sources_;
  source::SourceProvider& provider_;
  source::Diagnostics& diagnostics_;
  Arena& arena_;
  types::TypeTable& types_;
  AnalyzerOptions options_;
  std::unique_ptr<Program> program_;

  std::string module_ = "GLOBAL";
  // A global name of no base script was looked up.
  bool sawForeignName_ = false;
  bool packagesBeside_ = false;
  Frame* frame_ = nullptr;
  std::unordered_set<std::string> modules_;  // that some `module` declaration names
  std::unordered_set<std::string> loaded_;
  std::unordered_set<std::string> unloaded_;
  std::vector<std::string> prefixes_;
  std::vector<std::string> currentPath_;  // files being read, outermost first
  // Open `@pragma push`es, those of the files around first, and places where no deprecation is
  // told.
  struct Pragma {
    std::string value;
    Location at;
  };
  struct Quiet {
    uint32_t begin, end;
  };
  std::vector<Pragma> pragmas_;
  size_t pragmasBefore_ = 0;  // of the files around this one
  std::vector<Quiet> quiet_;
  bool pragmasBroken_ = false;
  void endQuiet(const Pragma& pragma, Location at);
  bool isQuiet(Location at) const;
  struct Native {
    std::string prototype;
    int32_t row;
  };
  std::unordered_map<std::string, Native> natives_;  // not yet declared
  struct Waiting {
    Decl* decl;
    std::string module;
  };
  // Not yet declared; several for an event with alternate prototypes, first one first.
  std::unordered_map<std::string, std::vector<Waiting>> catalog_;
  std::unique_ptr<Frame> statementsFrame_;
  std::vector<Stmt*> statements_;                    // outside functions
  std::vector<std::pair<Symbol*, Constant>> bound_;  // parameters, while an @if calls a function
  uint64_t conditionSteps_ = 0;  // of this @if; over the limit it cannot be decided
  uint64_t allConditionSteps_ = 0;
  // ---- What counts towards the limits of a run (analyzer.h)
  size_t loads_ = 0;
  size_t pushes_ = 0;
  size_t comparedNames_ = 0;
  bool tooManyNames_ = false;
  // Whether a misspelt name may be compared with so many others.
  bool maySuggest(size_t others) { return (comparedNames_ += others) <= kMaxComparedNames; }
};

}  // namespace bulkhead::analysis
