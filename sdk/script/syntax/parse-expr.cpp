// Expressions: precedence climbing with the levels that the language has.

#include "sdk/script/syntax/parser-impl.h"

#include <algorithm>

namespace bulkhead::syntax {

void Parser::Impl::setHeight(Expr* node, int height) {
  if (height > kMaxExprHeight) {
    diagnostics_.error(node->at, "expression is too deep (more than " +
                                     std::to_string(kMaxExprHeight) + " levels)");
    throw Abandon{};
  }
  node->height = static_cast<uint16_t>(height);
  tallest_ = std::max(tallest_, height);
}

void Parser::Impl::grow(Expr* node, std::span<Expr*> children) {
  int height = node->height;
  for (const Expr* child : children) height = std::max<int>(height, child->height + 1);
  setHeight(node, height);
}

bool Parser::Impl::binaryOperator(Tok token, Operator& out) {
  switch (token) {
    case Tok::logicalOr:
      out = {BinaryOp::logicalOr, levelOr};
      return true;
    case Tok::logicalAnd:
      out = {BinaryOp::logicalAnd, levelAnd};
      return true;
    case Tok::equal:
      out = {BinaryOp::equal, levelCompare};
      return true;
    case Tok::notEqual:
      out = {BinaryOp::notEqual, levelCompare};
      return true;
    case Tok::less:
      out = {BinaryOp::less, levelCompare};
      return true;
    case Tok::lessEqual:
      out = {BinaryOp::lessEqual, levelCompare};
      return true;
    case Tok::greater:
      out = {BinaryOp::greater, levelCompare};
      return true;
    case Tok::greaterEqual:
      out = {BinaryOp::greaterEqual, levelCompare};
      return true;
    case Tok::kwIn:
      out = {BinaryOp::in, levelIn};
      return true;
    case Tok::kwNotIn:
      out = {BinaryOp::notIn, levelIn};
      return true;
    case Tok::pipe:
      out = {BinaryOp::bitOr, levelBitOr};
      return true;
    case Tok::caret:
      out = {BinaryOp::bitXor, levelBitXor};
      return true;
    case Tok::ampersand:
      out = {BinaryOp::bitAnd, levelBitAnd};
      return true;
    case Tok::shiftLeft:
      out = {BinaryOp::shiftLeft, levelShift};
      return true;
    case Tok::shiftRight:
      out = {BinaryOp::shiftRight, levelShift};
      return true;
    case Tok::plus:
      out = {BinaryOp::add, levelAdd};
      return true;
    case Tok::minus:
      out = {BinaryOp::subtract, levelAdd};
      return true;
    case Tok::star:
      out = {BinaryOp::multiply, levelMultiply};
      return true;
    case Tok::slash:
      out = {BinaryOp::divide, levelMultiply};
      return true;
    case Tok::percent:
      out = {BinaryOp::modulo, levelMultiply};
      return true;
    default:
      return false;
  }
}

Expr* Parser::Impl::expression(int level) {
  Nested nested(*this);
  Expr* left = prefix();
  while (true) {
    const Token& token = peek();
    Operator op{};
    if (binaryOperator(token.kind, op)) {
      if (op.level < level) return left;
      // Inside |...| a bar closes, unless what follows can only be an operand.
      if (token.kind == Tok::pipe && inSize_ && !beginsOperand(peek(1))) return left;
      Token sign = take();
      auto* binary = make<BinaryExpr>(ExprKind::binary, left->at, sign.at);
      binary->op = op.op;
      binary->left = left;
      binary->right = expression(op.level + 1);
      left = grown(binary, binary->left, binary->right);
      if (op.level == levelCompare) {
        Operator second{};
        if (binaryOperator(kind(), second) && second.level == levelCompare &&
            level <= levelCompare) {
          fail(peek(), "comparisons do not chain; put parentheses around one of them");
        }
      }
      continue;
    }
    if (token.kind == Tok::question) {
      if (level > levelTernary) return left;
      Token sign = take();
      auto* choice = make<ConditionalExpr>(ExprKind::conditional, left->at, sign.at);
      choice->condition = left;
      choice->whenTrue = expression();
      expect(Tok::colon, "between the two results of \"?\"");
      choice->whenFalse = expression(levelTernary);
      left = grown(choice, choice->condition, choice->whenTrue, choice->whenFalse);
      continue;
    }
    bool assigns = token.kind == Tok::assign || token.kind == Tok::addAssign ||
                   token.kind == Tok::subtractAssign;
    if (!assigns || level > levelAssign) return left;
    Token sign = take();
    auto* assign = make<AssignExpr>(ExprKind::assign, left->at, sign.at);
    assign->op = sign.kind == Tok::assign      ? AssignOp::set
                 : sign.kind == Tok::addAssign ? AssignOp::add
                                               : AssignOp::subtract;
    assign->target = left;
    auto* keys = as<ListExpr>(left);
    if (keys != nullptr && keys->trailingComma) {
      diagnostics_.error(left->at, "a trailing comma is not allowed in a key list");
    }
    assign->value = initializer();
    left = grown(assign, assign->target, assign->value);
  }
}

// The right side of an assignment: an expression or a list in braces.
Expr* Parser::Impl::initializer() {
  if (!at(Tok::leftBrace)) return expression();
  Nested nested(*this);
  Token open = take();
  bool savedSize = std::exchange(inSize_, false);
  ListExpr* elements = list(open.at, Tok::rightBrace, false);
  elements->braces = true;
  inSize_ = savedSize;
  return elements;
}

bool Parser::Impl::beginsOperand(const Token& token) const {
  switch (token.kind) {
    case Tok::identifier:
    case Tok::globalName:
    case Tok::literal:
    case Tok::kwCopy:
    case Tok::kwFunction:
    case Tok::kwSchedule:
    case Tok::kwRecord:
    case Tok::kwTable:
    case Tok::kwSet:
    case Tok::kwVector:
      return true;
    default:
      return false;
  }
}

Expr* Parser::Impl::unary(UnaryOp op, int level) {
  Token sign = take();
  Expr* operand = expression(level);
  if (op == UnaryOp::negate || op == UnaryOp::plus) {
    if (Expr* folded = foldedSign(op, sign, operand)) return folded;
  }
  auto* node = make<UnaryExpr>(ExprKind::unary, sign.at, sign.at);
  node->op = op;
  node->operand = operand;
  return grown(node, operand);
}

// The sign of a number is part of it: -5 is an int, which no count can become.
Expr* Parser::Impl::foldedSign(UnaryOp op, const Token& sign, Expr* operand) {
  auto* literal = as<LiteralExpr>(operand);
  if (literal == nullptr) return nullptr;
  bool minus = op == UnaryOp::negate;
  switch (literal->literal) {
    case LiteralKind::count: {
      constexpr uint64_t limit = static_cast<uint64_t>(INT64_MAX);
      if (literal->count > limit + (minus ? 1 : 0)) {
        diagnostics_.error(sign.at, "literal is outside the range of int");
        literal->count = 0;
      }
      literal->literal = LiteralKind::integer;
      literal->integer = static_cast<int64_t>(minus ? 0 - literal->count : literal->count);
      break;
    }
    case LiteralKind::integer:
      if (minus && literal->integer != INT64_MIN) literal->integer = -literal->integer;
      break;
    case LiteralKind::floating:
    case LiteralKind::interval:
      if (minus) literal->real = -literal->real;
      break;
    default:
      return nullptr;
  }
  literal->at = sign.at;
  return literal;
}

Expr* Parser::Impl::prefix() {
  switch (kind()) {
    case Tok::bang:
      return unary(UnaryOp::logicalNot, levelUnary);
    case Tok::tilde:
      return unary(UnaryOp::complement, levelUnary);
    case Tok::minus:
      return unary(UnaryOp::negate, levelUnary);
    case Tok::plus:
      return unary(UnaryOp::plus, levelUnary);
    case Tok::increment:
      return unary(UnaryOp::increment, levelIncrement);
    case Tok::decrement:
      return unary(UnaryOp::decrement, levelIncrement);
    case Tok::kwAdd:
    case Tok::kwDelete: {
      Token word = take();
      bool adds = word.kind == Tok::kwAdd;
      auto* node = make<ElementExpr>(adds ? ExprKind::add : ExprKind::remove, word.at, word.at);
      node->operand = expression();
      return grown(node, node->operand);
    }
    case Tok::kwHook: {
      Token word = take();
      Expr* called = expression(levelHook + 1);
      auto* call = as<CallExpr>(called);
      if (call == nullptr) {
        diagnostics_.error(word.at, "\"hook\" must be followed by a call of a hook");
        return called;
      }
      call->viaHook = true;
      call->at = word.at;
      return call;
    }
    case Tok::kwSchedule: {
      Token word = take();
      auto* node = make<ScheduleExpr>(ExprKind::schedule, word.at, word.at);
      bool savedSize = std::exchange(inSize_, false);
      node->delay = expression();
      expect(Tok::leftBrace, "before the scheduled event");
      node->event = eventCall();
      expect(Tok::rightBrace, "after the scheduled event");
      inSize_ = savedSize;
      grown(node, node->delay);
      grow(node, node->event->arguments);
      return node;
    }
    case Tok::kwLocal: {
      if (whenDepth_ == 0) break;
      Token word = take();
      Token name = identifier("after \"local\"");
      auto* node = make<WhenLocalExpr>(ExprKind::whenLocal, word.at, name.at);
      node->name = name.text;
      expect(Tok::assign, "after the name");
      node->value = initializer();
      return grown(node, node->value);
    }
    default:
      break;
  }
  return postfix(primary());
}

Expr* Parser::Impl::primary() {
  Token token = peek();
  switch (token.kind) {
    case Tok::identifier:
    case Tok::globalName: {
      take();
      auto* node = make<NameExpr>(ExprKind::name, token.at, token.at);
      node->name = token.text;
      return node;
    }
    case Tok::literal: {
      take();
      auto* node = make<LiteralExpr>(ExprKind::literal, token.at, token.at);
      *node = token.literal;
      node->kind = ExprKind::literal;
      node->at = node->caret = token.at;
      node->height = 1;
      return node;
    }
    case Tok::slash:
      return patternLiteral();
    case Tok::pipe:
      return sizeOf();
    case Tok::leftBracket:
      return bracketed();
    case Tok::leftParen: {
      take();
      bool savedSize = std::exchange(inSize_, false);
      Expr* inner = expression();
      expect(Tok::rightParen, "to close the parenthesis");
      inSize_ = savedSize;
      inner->parenthesized = true;
      return inner;
    }
    case Tok::kwCopy: {
      take();
      expect(Tok::leftParen, "after \"copy\"");
      auto* node = make<CopyExpr>(ExprKind::copy, token.at, token.at);
      bool savedSize = std::exchange(inSize_, false);
      node->operand = expression();
      inSize_ = savedSize;
      expect(Tok::rightParen, "after the copied value");
      return grown(node, node->operand);
    }
    case Tok::kwFunction:
      return lambda(token.at, false, nullptr);
    case Tok::kwTable:
      if (kind(1) == Tok::leftParen)
        return constructor(ExprKind::tableConstructor, Tok::leftParen, Tok::rightParen);
      break;
    case Tok::kwSet:
      if (kind(1) == Tok::leftParen)
        return constructor(ExprKind::setConstructor, Tok::leftParen, Tok::rightParen);
      break;
    case Tok::kwVector:
      if (kind(1) == Tok::leftParen)
        return constructor(ExprKind::vectorConstructor, Tok::leftParen, Tok::rightParen);
      break;
    case Tok::kwRecord:
      if (kind(1) == Tok::leftParen)
        return constructor(ExprKind::recordConstructor, Tok::leftParen, Tok::rightParen);
      break;
    default:
      break;
  }
  if (beginsSimpleType()) return typeValue();
  failExpected("a value", "here");
}

Expr* Parser::Impl::typeValue() {
  TypeExpr* written = simpleType();
  auto* node = make<TypeValueExpr>(ExprKind::typeValue, written->at, written->at);
  node->typeExpr = written;
  return node;
}

Expr* Parser::Impl::patternLiteral() {
  Token slash = take();
  // Whatever was read ahead was read wrongly.
  aheadCount_ = 0;
  Token token = lexer_.patternFrom(slash);
  lastEnd_ = token.end;
  auto* node = make<LiteralExpr>(ExprKind::literal, token.at, token.at);
  *node = token.literal;
  node->kind = ExprKind::literal;
  node->at = node->caret = token.at;
  return node;
}

Expr* Parser::Impl::sizeOf() {
  Token bar = take();
  auto* node = make<UnaryExpr>(ExprKind::unary, bar.at, bar.at);
  node->op = UnaryOp::size;
  bool saved = std::exchange(inSize_, true);
  node->operand = expression();
  inSize_ = saved;
  expect(Tok::pipe, "to close |...|");
  return grown(node, node->operand);
}

Expr* Parser::Impl::postfix(Expr* base) {
  while (true) {
    Token token = peek();
    switch (token.kind) {
      case Tok::leftBracket:
        base = subscript(base);
        break;
      case Tok::dollar:
      case Tok::hasField: {
        take();
        bool tests = token.kind == Tok::hasField;
        Token name = identifier(tests ? "of a field after \"?$\"" : "of a field after \"$\"");
        auto* node =
            make<FieldExpr>(tests ? ExprKind::hasField : ExprKind::field, base->at, name.at);
        node->base = base;
        node->name = name.text;
        base = grown(node, base);
        break;
      }
      case Tok::leftParen: {
        take();
        auto* node = make<CallExpr>(ExprKind::call, base->at, base->caret);
        node->callee = base;
        bool savedSize = std::exchange(inSize_, false);
        node->arguments = arena_.list(arguments(Tok::rightParen, true, nullptr));
        inSize_ = savedSize;
        grown(node, base);
        grow(node, node->arguments);
        base = node;
        break;
      }
      case Tok::kwAs:
      case Tok::kwIs:
      case Tok::kwCanConvert: {
        take();
        ExprKind made = token.kind == Tok::kwAs   ? ExprKind::cast
                        : token.kind == Tok::kwIs ? ExprKind::is
                                                  : ExprKind::canConvert;
        auto* node = make<CastExpr>(made, base->at, token.at);
        node->operand = base;
        node->typeExpr = type();
        base = grown(node, base);
        break;
      }
      default:
        return base;
    }
  }
}

// base[i, j] or base[low:high], each bound of which may be left out.
Expr* Parser::Impl::subscript(Expr* base) {
  Token open = take();
  bool savedSize = std::exchange(inSize_, false);
  std::vector<Expr*> indices;
  if (!at(Tok::colon)) indices.push_back(expression());
  if (indices.size() <= 1 && at(Tok::colon)) {
    take();
    auto* slice = make<SliceExpr>(ExprKind::slice, base->at, open.at);
    slice->base = base;
    slice->low = indices.empty() ? nullptr : indices.front();
    if (!at(Tok::rightBracket)) slice->high = expression();
    expect(Tok::rightBracket, "to close the slice");
    inSize_ = savedSize;
    return grown(slice, slice->base, slice->low, slice->high);
  }
  while (accept(Tok::comma)) indices.push_back(expression());
  expect(Tok::rightBracket, "to close the index");
  inSize_ = savedSize;
  auto* node = make<IndexExpr>(ExprKind::index, base->at, open.at);
  node->base = base;
  node->indices = arena_.list(indices);
  grown(node, base);
  grow(node, node->indices);
  return node;
}

// [$a=1, $b=2], [] (a record) or [a, b] (a list).
Expr* Parser::Impl::bracketed() {
  Token open = take();
  bool savedSize = std::exchange(inSize_, false);
  ListExpr* elements = list(open.at, Tok::rightBracket, true);
  inSize_ = savedSize;
  bool fields = elements->elements.empty() || elements->elements[0]->kind == ExprKind::fieldAssign;
  if (!fields) return elements;
  auto* record = make<ConstructorExpr>(ExprKind::recordConstructor, open.at, open.at);
  record->elements = elements->elements;
  grow(record, record->elements);
  return record;
}

ListExpr* Parser::Impl::list(Location begin, Tok close, bool allowFields) {
  auto* node = make<ListExpr>(ExprKind::list, begin, begin);
  node->elements = arena_.list(arguments(close, allowFields, &node->trailingComma));
  grow(node, node->elements);
  return node;
}

// Expressions, or fields if the first is one, up to and with the closing token. A trailing comma
// may stand.
std::vector<Expr*> Parser::Impl::arguments(Tok close, bool allowFields, bool* trailingComma) {
  std::vector<Expr*> elements;
  bool fields = allowFields && at(Tok::dollar);
  while (!at(close)) {
    if (at(Tok::dollar) != fields) {
      fail(peek(), fields ? "expected another \"$field=value\""
                          : "\"$field=value\" may stand only beside other fields");
    }
    elements.push_back(fields ? fieldAssign() : expression());
    if (!accept(Tok::comma)) break;
    if (trailingComma != nullptr && at(close)) *trailingComma = true;
  }
  expect(close, "to close the list");
  return elements;
}

// $name=value, or $name(parameters)={ body } for a field that holds a function.
Expr* Parser::Impl::fieldAssign() {
  Token dollar = expect(Tok::dollar, "before a field");
  bool isFunction = kind(1) == Tok::leftParen || kind(1) == Tok::leftBracket;
  std::string_view name;
  Expr* value = nullptr;
  Location caret = peek().at;
  if (isFunction) {
    value = lambda(dollar.at, true, &name);
  } else {
    name = identifier("of a field after \"$\"").text;
    expect(Tok::assign, "after the field's name");
    value = expression();
  }
  auto* node = make<FieldAssignExpr>(ExprKind::fieldAssign, dollar.at, caret);
  node->name = name;
  node->value = value;
  return grown(node, value);
}

std::vector<LambdaCapture> Parser::Impl::captureList() {
  std::vector<LambdaCapture> captures;
  expect(Tok::leftBracket, "before the captures");
  while (!at(Tok::rightBracket)) {
    LambdaCapture capture;
    capture.deepCopy = accept(Tok::kwCopy);
    Token name = identifier("to capture");
    capture.name = name.text;
    capture.at = name.at;
    captures.push_back(capture);
    if (!accept(Tok::comma)) break;
  }
  expect(Tok::rightBracket, "after the captures");
  return captures;
}

// function[captures](parameters): result { body }, and the form that fields have, without the word.
Expr* Parser::Impl::lambda(Location begin, bool fieldForm, std::string_view* fieldName) {
  Nested nested(*this);
  Token word = take();
  if (fieldForm) *fieldName = word.text;
  auto* node = make<LambdaExpr>(ExprKind::lambda, fieldForm ? word.at : begin, word.at);
  if (at(Tok::leftBracket)) {
    node->hasCaptureList = true;
    node->captures = arena_.list(captureList());
  }
  node->signature = signature(true);
  if (fieldForm) {
    expect(Tok::assign, "between the parameters and the body");
    node->inferResult = node->signature->result == nullptr;
  }
  bool savedSize = std::exchange(inSize_, false);
  int savedWhen = std::exchange(whenDepth_, 0);
  int savedTallest = std::exchange(tallest_, 0);
  node->body = block("function");
  int height = tallest_ + 1;
  inSize_ = savedSize;
  whenDepth_ = savedWhen;
  tallest_ = savedTallest;
  setHeight(node, height);
  return node;
}

// table(...), set(...), vector(...), record(...).
Expr* Parser::Impl::constructor(ExprKind made, Tok open, Tok close) {
  Token word = take();
  expect(open, "after the constructor's name");
  auto* node = make<ConstructorExpr>(made, word.at, word.at);
  bool savedSize = std::exchange(inSize_, false);
  node->elements = arena_.list(arguments(close, made == ExprKind::recordConstructor, nullptr));
  inSize_ = savedSize;
  if (made == ExprKind::recordConstructor && !node->elements.empty() &&
      node->elements[0]->kind != ExprKind::fieldAssign) {
    fail(word, "record(...) takes \"$field=value\" only");
  }
  grow(node, node->elements);
  if (made == ExprKind::tableConstructor || made == ExprKind::setConstructor) {
    node->attributes = attributes();
  }
  return node;
}

EventCall* Parser::Impl::eventCall() {
  Token name = identifier("of an event");
  auto* call = arena_.make<EventCall>();
  call->name = name.text;
  call->at = name.at;
  expect(Tok::leftParen, "after the event's name");
  bool savedSize = std::exchange(inSize_, false);
  call->arguments = arena_.list(arguments(Tok::rightParen, false, nullptr));
  inSize_ = savedSize;
  return call;
}

}  // namespace bulkhead::syntax
