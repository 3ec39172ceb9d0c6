// Types, parameters and attributes.

#include "sdk/script/syntax/parser-impl.h"

namespace bulkhead::syntax {
namespace {

bool basicType(Tok token, TypeExprKind& kind) {
  switch (token) {
    case Tok::kwBool:
      kind = TypeExprKind::boolean;
      return true;
    case Tok::kwInt:
      kind = TypeExprKind::integer;
      return true;
    case Tok::kwCount:
      kind = TypeExprKind::count;
      return true;
    case Tok::kwDouble:
      kind = TypeExprKind::floating;
      return true;
    case Tok::kwTime:
      kind = TypeExprKind::time;
      return true;
    case Tok::kwInterval:
      kind = TypeExprKind::interval;
      return true;
    case Tok::kwString:
      kind = TypeExprKind::string;
      return true;
    case Tok::kwPattern:
      kind = TypeExprKind::pattern;
      return true;
    case Tok::kwPort:
      kind = TypeExprKind::port;
      return true;
    case Tok::kwAddr:
      kind = TypeExprKind::address;
      return true;
    case Tok::kwSubnet:
      kind = TypeExprKind::subnet;
      return true;
    case Tok::kwAny:
      kind = TypeExprKind::any;
      return true;
    default:
      return false;
  }
}

}  // namespace

TypeExpr* Parser::Impl::makeType(TypeExprKind kind, Location begin) {
  auto* node = arena_.make<TypeExpr>();
  node->kind = kind;
  node->at = begin;
  return node;
}

bool Parser::Impl::beginsSimpleType() {
  TypeExprKind basic{};
  if (basicType(kind(), basic)) return true;
  switch (kind()) {
    case Tok::kwTable:
    case Tok::kwSet:
    case Tok::kwRecord:
    case Tok::kwEnum:
    case Tok::kwVector:
    case Tok::kwFile:
    case Tok::kwOpaque:
      return true;
    default:
      return false;
  }
}

TypeExpr* Parser::Impl::type() {
  Nested nested(*this);
  Token token = peek();
  TypeExpr* made = nullptr;
  switch (token.kind) {
    case Tok::identifier:
    case Tok::globalName:
      take();
      made = makeType(TypeExprKind::named, token.at);
      made->name = token.text;
      break;
    case Tok::kwFunction:
      take();
      made = makeType(TypeExprKind::function, token.at);
      made->signature = signature(true);
      break;
    case Tok::kwHook:
    case Tok::kwEvent:
      take();
      made =
          makeType(token.kind == Tok::kwHook ? TypeExprKind::hook : TypeExprKind::event, token.at);
      made->signature = signature(false);
      break;
    default:
      if (!beginsSimpleType()) failExpected("a type", "here");
      made = simpleType();
      break;
  }
  made->end = lastEnd_;
  return made;
}

TypeExpr* Parser::Impl::simpleType() {
  Nested nested(*this);
  Token word = take();
  TypeExprKind basic{};
  if (basicType(word.kind, basic)) return makeType(basic, word.at);
  TypeExpr* made = nullptr;
  switch (word.kind) {
    case Tok::kwTable:
      made = makeType(TypeExprKind::table, word.at);
      made->parameters = arena_.list(typeList());
      expect(Tok::kwOf, "after the index types of a table");
      made->element = type();
      break;
    case Tok::kwSet:
      made = makeType(TypeExprKind::set, word.at);
      made->parameters = arena_.list(typeList());
      break;
    case Tok::kwVector:
      made = makeType(TypeExprKind::vector, word.at);
      expect(Tok::kwOf, "after \"vector\"");
      made->element = type();
      break;
    case Tok::kwFile:
      made = makeType(TypeExprKind::file, word.at);
      if (accept(Tok::kwOf)) made->element = type();
      break;
    case Tok::kwOpaque:
      made = makeType(TypeExprKind::opaque, word.at);
      expect(Tok::kwOf, "after \"opaque\"");
      made->name = identifier("of an opaque type").text;
      break;
    case Tok::kwRecord:
      made = makeType(TypeExprKind::record, word.at);
      expect(Tok::leftBrace, "after \"record\"");
      made->fields = recordFields();
      break;
    case Tok::kwEnum:
      made = makeType(TypeExprKind::enumType, word.at);
      expect(Tok::leftBrace, "after \"enum\"");
      made->enumerators = enumerators();
      break;
    default:
      fail(word, "expected a type, found " + describe(word));
  }
  made->end = lastEnd_;
  return made;
}

std::vector<TypeExpr*> Parser::Impl::typeList() {
  std::vector<TypeExpr*> types;
  expect(Tok::leftBracket, "before the index types");
  do {
    types.push_back(type());
  } while (accept(Tok::comma));
  expect(Tok::rightBracket, "after the index types");
  return types;
}

// The fields of a record up to and with the closing brace. A field that cannot be read is passed
// over.
std::span<FieldDecl*> Parser::Impl::recordFields() {
  std::vector<FieldDecl*> fields;
  while (!at(Tok::rightBrace)) {
    if (at(Tok::endOfFile)) failExpected("}", "to close the record");
    try {
      Token name = identifier("of a field");
      auto* field = arena_.make<FieldDecl>();
      field->name = name.text;
      field->at = name.at;
      field->doc = docText(name);
      expect(Tok::colon, "after the field's name");
      field->type = type();
      field->attributes = attributes();
      expect(Tok::semicolon, "after the field");
      fields.push_back(field);
    } catch (const Abandon&) {
      skipTo(false);
    }
  }
  expect(Tok::rightBrace, "to close the record");
  return arena_.list(fields);
}

std::span<EnumeratorDecl*> Parser::Impl::enumerators() {
  std::vector<EnumeratorDecl*> made;
  while (!at(Tok::rightBrace)) {
    Token name = identifier("of an enum value");
    auto* enumerator = arena_.make<EnumeratorDecl>();
    enumerator->name = name.text;
    enumerator->at = name.at;
    enumerator->doc = docText(name);
    if (accept(Tok::assign)) {
      Token value = take();
      if (value.kind == Tok::minus && at(Tok::literal)) take();
      if (value.kind != Tok::literal || value.literal.literal != LiteralKind::count) {
        diagnostics_.error(value.at, "the value of an enumerator must be a count constant");
      } else if (value.literal.count > static_cast<uint64_t>(INT64_MAX)) {
        diagnostics_.error(value.at, "the value of an enumerator must fit an int");
      } else {
        enumerator->hasValue = true;
        enumerator->value = value.literal.count;
      }
    }
    for (Attribute* attribute : attributes()) {
      if (attribute->kind == AttributeKind::deprecated) {
        enumerator->deprecated = attribute;
      } else {
        diagnostics_.error(attribute->at, "an enumerator can only be &deprecated");
      }
    }
    made.push_back(enumerator);
    if (!accept(Tok::comma)) break;
  }
  expect(Tok::rightBrace, "to close the enum");
  return arena_.list(made);
}

// (a: count, b: string &default="x"): result. Parameters end with a comma or a semicolon.
FunctionSignature* Parser::Impl::signature(bool mayReturn) {
  Token open = expect(Tok::leftParen, "before the parameters");
  auto* made = arena_.make<FunctionSignature>();
  made->at = open.at;
  std::vector<FieldDecl*> parameters;
  while (!at(Tok::rightParen)) {
    if (at(Tok::ellipsis)) {
      // Only native functions have it, and only last.
      Token rest = take();
      auto* parameter = arena_.make<FieldDecl>();
      parameter->name = arena_.text("...");
      parameter->at = rest.at;
      parameters.push_back(parameter);
      break;
    }
    Token name = identifier("of a parameter");
    if (name.kind == Tok::globalName) fail(name, "a parameter is local: its name has no \"::\"");
    auto* parameter = arena_.make<FieldDecl>();
    parameter->name = name.text;
    parameter->at = name.at;
    expect(Tok::colon, "after the parameter's name");
    parameter->type = type();
    parameter->attributes = attributes();
    parameters.push_back(parameter);
    if (accept(Tok::comma)) {
      if (at(Tok::rightParen)) failExpected("a name", "of a parameter");
    } else if (!accept(Tok::semicolon)) {
      break;
    }
  }
  expect(Tok::rightParen, "after the parameters");
  made->parameters = arena_.list(parameters);
  if (at(Tok::colon)) {
    if (!mayReturn) fail(peek(), "events and hooks have no result type");
    take();
    made->result = type();
  }
  return made;
}

std::span<Attribute*> Parser::Impl::attributes() {
  if (!at(Tok::attribute)) return {};
  std::vector<Attribute*> made;
  while (at(Tok::attribute)) {
    Token token = take();
    auto* attribute = arena_.make<Attribute>();
    attribute->kind = token.attribute;
    attribute->at = token.at;
    bool mayTake = token.attribute == AttributeKind::deprecated;
    if (takesValue(token.attribute)) {
      expect(Tok::assign, "after " + std::string(token.text));
      attribute->value = expression(levelTernary);
    } else if (mayTake && accept(Tok::assign)) {
      Token text = peek();
      if (text.kind != Tok::literal || text.literal.literal != LiteralKind::string) {
        fail(text, "&deprecated takes a string literal");
      }
      attribute->value = primary();
    }
    made.push_back(attribute);
  }
  return arena_.list(made);
}

}  // namespace bulkhead::syntax
