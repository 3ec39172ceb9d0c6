// Statements.

#include "sdk/script/syntax/parser-impl.h"

#include <utility>

namespace bulkhead::syntax {

void Parser::Impl::endStatement(std::string_view of) {
  expect(Tok::semicolon, std::string("after ") + std::string(of));
}

Stmt* Parser::Impl::simple(StmtKind kind) {
  Token word = take();
  endStatement("\"" + std::string(word.text) + "\"");
  return makeStmt<Stmt>(kind, word.at);
}

Block* Parser::Impl::block(std::string_view of) {
  Token open = expect(Tok::leftBrace, "to begin the body of the " + std::string(of));
  Block* made = statementList(open.at, false);
  Token close = expect(Tok::rightBrace, "to close the " + std::string(of));
  made->end = close.at;
  return made;
}

// Statements up to a closing brace, or to the next label of a switch. Not with it.
Block* Parser::Impl::statementList(Location begin, bool inCase) {
  std::vector<Stmt*> statements;
  while (!at(Tok::rightBrace) && !at(Tok::endOfFile)) {
    if (inCase && (at(Tok::kwCase) || at(Tok::kwDefault))) break;
    if (Stmt* made = statementOrRecover()) statements.push_back(made);
  }
  auto* made = makeStmt<Block>(StmtKind::block, begin);
  made->statements = arena_.list(statements);
  made->end = lastEnd_;
  return made;
}

Stmt* Parser::Impl::statementOrRecover() {
  int savedNesting = nesting_;
  int savedWhen = whenDepth_;
  try {
    return statement();
  } catch (const Abandon&) {
    nesting_ = savedNesting;
    whenDepth_ = savedWhen;
    inSize_ = false;
    ++abandonedStatements_;
    skipTo(false);
    return nullptr;
  }
}

// The statement that an if or a loop is for. An @if in its place would leave none, or several.
Stmt* Parser::Impl::oneStatement() {
  oneStatementNext_ = true;
  peek();
  oneStatementNext_ = false;
  if (std::exchange(sawDirective_, false)) throw Abandon{};
  return statement();
}

Stmt* Parser::Impl::statement() {
  Nested nested(*this);
  Token token = peek();
  switch (token.kind) {
    case Tok::semicolon:
      take();
      return makeStmt<Stmt>(StmtKind::null, token.at);
    case Tok::leftBrace:
      return block("block");
    case Tok::kwLocal:
      return localStatement(false);
    case Tok::kwConst:
      return localStatement(true);
    case Tok::kwIf:
      return ifStatement();
    case Tok::kwFor:
      return forStatement();
    case Tok::kwSwitch:
      return switchStatement();
    case Tok::kwAssert:
      return assertStatement();
    case Tok::kwBreak:
      return simple(StmtKind::breakStmt);
    case Tok::kwNext:
      return simple(StmtKind::next);
    case Tok::kwFallthrough:
      return simple(StmtKind::fallthrough);
    case Tok::kwWhile: {
      take();
      auto* made = makeStmt<WhileStmt>(StmtKind::whileLoop, token.at);
      expect(Tok::leftParen, "after \"while\"");
      made->condition = expression();
      expect(Tok::rightParen, "after the condition");
      made->body = oneStatement();
      return made;
    }
    case Tok::kwPrint: {
      take();
      auto* made = makeStmt<PrintStmt>(StmtKind::print, token.at);
      std::vector<Expr*> values;
      do {
        values.push_back(expression());
      } while (accept(Tok::comma));
      made->arguments = arena_.list(values);
      endStatement("\"print\"");
      return made;
    }
    case Tok::kwEvent: {
      take();
      auto* made = makeStmt<EventStmt>(StmtKind::event, token.at);
      made->event = eventCall();
      endStatement("the event");
      return made;
    }
    case Tok::kwWhen:
      return whenStatement(false, token.at);
    case Tok::kwReturn: {
      take();
      if (at(Tok::kwWhen)) return whenStatement(true, token.at);
      auto* made = makeStmt<ReturnStmt>(StmtKind::returnStmt, token.at);
      if (!at(Tok::semicolon)) made->value = expression();
      endStatement("\"return\"");
      return made;
    }
    case Tok::kwElse:
      fail(token, "\"else\" without \"if\"");
    case Tok::kwCase:
    case Tok::kwDefault:
      fail(token, describe(token) + " outside a switch");
    case Tok::kwGlobal:
    case Tok::kwOption:
    case Tok::kwRedef:
    case Tok::kwModule:
    case Tok::kwExport:
    case Tok::kwType:
      fail(token, describe(token) + " cannot stand inside a function");
    default:
      break;
  }
  auto* made = makeStmt<ExprStmt>(StmtKind::expression, token.at);
  made->expr = expression();
  endStatement("the expression");
  return made;
}

Stmt* Parser::Impl::localStatement(bool isConst) {
  Token word = take();
  auto* made = makeStmt<LocalStmt>(StmtKind::local, word.at);
  Token name = identifier("of a variable");
  if (name.kind == Tok::globalName) fail(name, "this variable is local: its name has no \"::\"");
  made->name = name.text;
  made->nameAt = name.at;
  made->isConst = isConst;
  if (accept(Tok::colon)) made->typeExpr = type();
  if (at(Tok::addAssign) || at(Tok::subtractAssign)) {
    diagnostics_.error(peek().at, "a local variable is initialized with \"=\" only");
    take();
    made->value = initializer();
  } else if (accept(Tok::assign)) {
    made->value = initializer();
  }
  made->attributes = attributes();
  endStatement("the variable");
  return made;
}

Stmt* Parser::Impl::ifStatement() {
  Token word = take();
  auto* made = makeStmt<IfStmt>(StmtKind::ifElse, word.at);
  expect(Tok::leftParen, "after \"if\"");
  made->condition = expression();
  expect(Tok::rightParen, "after the condition");
  made->whenTrue = oneStatement();
  if (accept(Tok::kwElse)) made->whenFalse = oneStatement();
  return made;
}

LoopVariable Parser::Impl::loopVariable() {
  Token name = identifier("of a loop variable");
  return LoopVariable{name.text, name.at, nullptr};
}

Stmt* Parser::Impl::forStatement() {
  Token word = take();
  auto* made = makeStmt<ForStmt>(StmtKind::forLoop, word.at);
  expect(Tok::leftParen, "after \"for\"");
  std::vector<LoopVariable> keys;
  if (accept(Tok::leftBracket)) {
    do {
      keys.push_back(loopVariable());
    } while (accept(Tok::comma));
    expect(Tok::rightBracket, "after the loop variables");
  } else {
    keys.push_back(loopVariable());
  }
  if (accept(Tok::comma)) made->value = arena_.make<LoopVariable>(loopVariable());
  made->keys = arena_.list(keys);
  expect(Tok::kwIn, "after the loop variables");
  made->range = expression();
  expect(Tok::rightParen, "after the range of \"for\"");
  made->body = oneStatement();
  return made;
}

Stmt* Parser::Impl::switchStatement() {
  Token word = take();
  auto* made = makeStmt<SwitchStmt>(StmtKind::switchCase, word.at);
  made->subject = expression();
  expect(Tok::leftBrace, "after the switched value");
  std::vector<SwitchCase> cases;
  while (at(Tok::kwCase) || at(Tok::kwDefault)) cases.push_back(switchCase());
  if (!at(Tok::rightBrace)) failExpected("case", "or \"}\"");
  take();
  made->cases = arena_.list(cases);
  return made;
}

SwitchCase Parser::Impl::switchCase() {
  Token word = take();
  SwitchCase made;
  made.at = word.at;
  made.isDefault = word.kind == Tok::kwDefault;
  if (!made.isDefault) {
    std::vector<Expr*> values;
    std::vector<SwitchTypeLabel> types;
    bool byType = at(Tok::kwType);
    do {
      if (!byType) {
        values.push_back(expression());
        continue;
      }
      SwitchTypeLabel label;
      label.at = expect(Tok::kwType, "before each type").at;
      label.typeExpr = type();
      if (accept(Tok::kwAs)) {
        Token name = identifier("after \"as\"");
        label.name = name.text;
        label.at = name.at;
      }
      types.push_back(label);
    } while (accept(Tok::comma));
    made.values = arena_.list(values);
    made.types = arena_.list(types);
  }
  expect(Tok::colon, "after the label");
  made.body = statementList(word.at, true);
  return made;
}

Stmt* Parser::Impl::whenStatement(bool isReturn, Location begin) {
  take();
  auto* made = makeStmt<WhenStmt>(StmtKind::when, begin);
  made->isReturn = isReturn;
  if (at(Tok::leftBracket)) {
    made->hasCaptureList = true;
    made->captures = arena_.list(captureList());
  }
  expect(Tok::leftParen, "after \"when\"");
  ++whenDepth_;
  made->condition = expression();
  --whenDepth_;
  expect(Tok::rightParen, "after the condition");
  made->body = oneStatement();
  if (accept(Tok::kwTimeout)) {
    made->timeout = expression();
    made->timeoutBody = block("timeout");
  }
  return made;
}

Stmt* Parser::Impl::assertStatement() {
  Token word = take();
  auto* made = makeStmt<AssertStmt>(StmtKind::assertStmt, word.at);
  made->condition = expression();
  if (accept(Tok::comma)) made->message = expression();
  endStatement("\"assert\"");
  return made;
}

}  // namespace bulkhead::syntax
