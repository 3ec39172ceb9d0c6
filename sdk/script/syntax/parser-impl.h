#pragma once
// The recursive-descent parser behind parser.h, one file per kind of construct: parse-expr,
// parse-stmt, parse-type, parse-decl; parser.cpp has the token stream and the directives. Private
// to this room.

#include "sdk/script/syntax/lexer.h"
#include "sdk/script/syntax/parser.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace bulkhead::syntax {

class Parser::Impl {
 public:
  Impl(const source::SourceFile& file, source::Diagnostics& diagnostics, Arena& arena,
       ParserHost& host)
      : file_(file),
        diagnostics_(diagnostics),
        arena_(arena),
        host_(host),
        lexer_(file, diagnostics, arena) {}

  Decl* next();

 private:
  // Thrown after an error was reported; caught where parsing can go on. Never leaves this class.
  struct Abandon {};
  VariableDecl* begun_ = nullptr;  // a declaration that is not at its end yet

  // Counts one more construct inside another.
  class Nested {
   public:
    explicit Nested(Impl& parser);
    ~Nested() { --parser_.nesting_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

   private:
    Impl& parser_;
  };

  // ---- Tokens (parser.cpp). The next one is read when it is looked at, never earlier.
  const Token& peek(size_t ahead = 0);
  Tok kind(size_t ahead = 0) { return peek(ahead).kind; }
  bool at(Tok wanted) { return kind() == wanted; }
  Token take();
  bool accept(Tok wanted);
  // Takes a token of this kind; `where` completes "expected ";" ...".
  Token expect(Tok wanted, std::string_view where);
  [[noreturn]] void fail(const Token& token, std::string message);
  [[noreturn]] void failExpected(std::string_view expected, std::string_view where);
  std::string describe(const Token& token) const;
  Token identifier(std::string_view where);
  std::string_view docText(const Token& token);
  void skipTo(bool declaration);

  // ---- Directives (parser.cpp).
  Token fetch();
  bool directive(const Token& token);
  void conditional(const Token& token);
  bool condition(const Token& token);
  void skipBranch(Location at);

  // ---- Expressions (parse-expr.cpp).
  enum Level : int {
    levelAssign = 1,
    levelTernary,
    levelOr,
    levelAnd,
    levelHook,
    levelCompare,
    levelIn,
    levelBitOr,
    levelBitXor,
    levelBitAnd,
    levelShift,
    levelAdd,
    levelMultiply,
    levelIncrement,
    levelUnary,
  };
  struct Operator {
    BinaryOp op;
    int level;
  };
  static bool binaryOperator(Tok token, Operator& out);
  Expr* expression(int level = levelAssign);
  Expr* prefix();
  Expr* primary();
  Expr* postfix(Expr* base);
  Expr* subscript(Expr* base);
  Expr* bracketed();
  Expr* sizeOf();
  Expr* patternLiteral();
  Expr* typeValue();
  Expr* lambda(Location begin, bool fieldForm, std::string_view* fieldName);
  Expr* fieldAssign();
  Expr* constructor(ExprKind made, Tok open, Tok close);
  Expr* unary(UnaryOp op, int level);
  Expr* foldedSign(UnaryOp op, const Token& sign, Expr* operand);
  Expr* initializer();
  ListExpr* list(Location begin, Tok close, bool allowFields);
  std::vector<Expr*> arguments(Tok close, bool allowFields, bool* trailingComma);
  EventCall* eventCall();
  std::vector<LambdaCapture> captureList();
  bool beginsOperand(const Token& token) const;

  template <typename T>
  T* make(ExprKind kind, Location begin, Location caret) {
    T* node = arena_.make<T>();
    node->kind = kind;
    node->at = begin;
    node->caret = caret;
    return node;
  }
  // Sets the height from the children and checks it.
  template <typename T, typename... Children>
  T* grown(T* node, Children... children) {
    int height = 0;
    ((height = std::max<int>(height, children != nullptr ? children->height : 0)), ...);
    setHeight(node, height + 1);
    return node;
  }
  void grow(Expr* node, std::span<Expr*> children);
  void setHeight(Expr* node, int height);

  // ---- Types (parse-type.cpp).
  bool beginsSimpleType();
  TypeExpr* type();
  TypeExpr* simpleType();
  TypeExpr* makeType(TypeExprKind kind, Location begin);
  std::vector<TypeExpr*> typeList();
  std::span<FieldDecl*> recordFields();
  std::span<EnumeratorDecl*> enumerators();
  FunctionSignature* signature(bool mayReturn);
  std::span<Attribute*> attributes();

  // ---- Statements (parse-stmt.cpp).
  Stmt* statement();
  Stmt* oneStatement();
  Stmt* statementOrRecover();
  Block* block(std::string_view of);
  Block* statementList(Location begin, bool inCase);
  Stmt* localStatement(bool isConst);
  Stmt* ifStatement();
  Stmt* forStatement();
  Stmt* switchStatement();
  SwitchCase switchCase();
  Stmt* whenStatement(bool isReturn, Location begin);
  Stmt* assertStatement();
  Stmt* simple(StmtKind kind);
  LoopVariable loopVariable();
  void endStatement(std::string_view of);

  template <typename T>
  T* makeStmt(StmtKind kind, Location begin) {
    T* node = arena_.make<T>();
    node->kind = kind;
    node->at = begin;
    return node;
  }

  // ---- Declarations (parse-decl.cpp).
  Decl* declaration();
  Decl* variable(VariableRole role);
  Decl* redef();
  Decl* redefEnum(Location begin);
  Decl* redefRecord(Location begin);
  Decl* typeDeclaration();
  Decl* function(FunctionFlavor flavor, bool isRedef, Location begin);
  Decl* moduleDeclaration();
  Decl* globalStatement();
  bool beginsFunctionBody();

  template <typename T>
  T* makeDecl(DeclKind kind, Location begin, std::string_view doc) {
    T* node = arena_.make<T>();
    node->kind = kind;
    node->at = begin;
    node->exported = exportDepth_ > 0;
    node->doc = doc;
    return node;
  }

  const source::SourceFile& file_;
  source::Diagnostics& diagnostics_;
  Arena& arena_;
  ParserHost& host_;
  Lexer lexer_;

  std::array<Token, 8> ahead_;
  size_t aheadCount_ = 0;
  Location lastEnd_;
  // Where the names of a redef are noted; null elsewhere.
  std::vector<std::string_view>* qualifiedNames_ = nullptr;

  struct Conditional {
    Location at;
    bool sawElse = false;
  };
  std::vector<Conditional> conditionals_;
  Location exportAt_;
  int exportDepth_ = 0;
  int nesting_ = 0;
  int tallest_ = 0;  // the greatest height of an expression in the function body being read
  int whenDepth_ = 0;
  size_t abandonedStatements_ = 0;
  bool saidExportOfGlobal_ = false;  // in this export section: one error speaks for the others
  // While the next token has to begin the statement of an if or loop; and a directive came instead.
  bool oneStatementNext_ = false, sawDirective_ = false;
  // The conditional directive that was read last there, or that ended what was passed over.
  Location lastDirective_;
  bool inSize_ = false;  // inside |...|, not inside further brackets
  bool ended_ = false;
};

}  // namespace bulkhead::syntax
