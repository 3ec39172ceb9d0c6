// Declarations.

#include "sdk/script/syntax/parser-impl.h"

#include <utility>

namespace bulkhead::syntax {

// One declaration, or null after one that leaves no node (the braces of an export section).
Decl* Parser::Impl::declaration() {
  Token token = peek();
  switch (token.kind) {
    case Tok::kwModule:
      return moduleDeclaration();
    case Tok::kwGlobal:
      return variable(VariableRole::global);
    case Tok::kwConst:
      return variable(VariableRole::constant);
    case Tok::kwOption:
      return variable(VariableRole::option);
    case Tok::kwRedef:
      return redef();
    case Tok::kwType:
      return typeDeclaration();
    case Tok::kwExport:
      take();
      if (exportDepth_ > 0) fail(token, "an export section inside another");
      expect(Tok::leftBrace, "after \"export\"");
      exportAt_ = token.at;
      exportDepth_ = 1;
      saidExportOfGlobal_ = false;
      return nullptr;
    case Tok::rightBrace:
      take();
      if (exportDepth_ == 0) {
        diagnostics_.error(token.at, "syntax error: this \"}\" closes nothing");
        return nullptr;
      }
      exportDepth_ = 0;
      return nullptr;
    case Tok::kwFunction:
      if (kind(1) != Tok::identifier && kind(1) != Tok::globalName) return globalStatement();
      return function(FunctionFlavor::function, false, token.at);
    case Tok::kwEvent:
      if (!beginsFunctionBody()) return globalStatement();
      return function(FunctionFlavor::event, false, token.at);
    case Tok::kwHook:
      if (!beginsFunctionBody()) return globalStatement();
      return function(FunctionFlavor::hook, false, token.at);
    case Tok::identifier: {
      // A slip in the first word of a declaration would otherwise be an odd expression.
      if (kind(1) != Tok::identifier) return globalStatement();
      source::NearestName nearest(token.text);
      for (std::string_view word :
           {"module", "export", "global", "const", "option", "redef", "type", "function", "event",
            "hook", "local", "print", "return", "schedule", "delete", "switch", "while"}) {
        nearest.offer(word);
      }
      fail(token, "syntax error: unexpected name " + describe(token) + nearest.suggestion());
    }
    default:
      return globalStatement();
  }
}

// Whether "event f(" or "hook f(" goes on as a body's header does, and not as a call.
bool Parser::Impl::beginsFunctionBody() {
  if (kind(2) != Tok::leftParen) return true;
  if (kind(3) == Tok::rightParen) return kind(4) == Tok::leftBrace || kind(4) == Tok::attribute;
  return kind(3) == Tok::identifier && kind(4) == Tok::colon;
}

Decl* Parser::Impl::moduleDeclaration() {
  Token word = take();
  Token name = identifier("of a module");
  auto* made = makeDecl<Decl>(DeclKind::module, word.at, {});
  made->name = name.text;
  made->nameAt = name.at;
  endStatement("the module's name");
  return made;
}

Decl* Parser::Impl::variable(VariableRole role) {
  Token word = take();
  auto* made = makeDecl<VariableDecl>(DeclKind::variable, word.at, docText(word));
  std::vector<std::string_view> names;
  if (role == VariableRole::redef) qualifiedNames_ = &names;
  Token name = identifier("to declare");
  made->name = name.text;
  made->nameAt = name.at;
  made->role = role;
  if (role != VariableRole::redef) begun_ = made;
  if (exportDepth_ > 0 && name.kind == Tok::globalName && !std::exchange(saidExportOfGlobal_, true))
    diagnostics_.error(name.at, "an export section exports names of its module: write no \"::\"");
  if (role == VariableRole::redef)
    if (std::string_view kind = host_.kindOfType(name.text); !kind.empty()) {
      bool extends = kind == "record" || kind == "enum";
      fail(name, "\"" + std::string(name.text) + "\" is a type" +
                     (extends ? "; write redef " + std::string(kind) + " " +
                                    std::string(name.text) + " += { ... }"
                              : " of kind " + std::string(kind) + ", and cannot be redefined"));
    }
  if (accept(Tok::colon)) made->typeExpr = type();
  switch (kind()) {
    case Tok::assign:
      made->op = InitOp::set;
      break;
    case Tok::addAssign:
      made->op = InitOp::add;
      break;
    case Tok::subtractAssign:
      made->op = InitOp::remove;
      break;
    default:
      break;
  }
  if (made->op != InitOp::none) {
    take();
    made->value = initializer();
  } else if (!at(Tok::semicolon) && !at(Tok::attribute) && role == VariableRole::redef &&
             at(Tok::leftBracket)) {
    // redef t["key"] = value;
    made->value = expression();
    made->op = InitOp::add;
  }
  made->attributes = attributes();
  made->endAt = peek().at;
  qualifiedNames_ = nullptr;
  made->qualifiedNames = arena_.list(names);
  endStatement("the declaration");
  begun_ = nullptr;
  return made;
}

Decl* Parser::Impl::redef() {
  Location begin = peek().at;
  switch (kind(1)) {
    case Tok::kwEnum:
      return redefEnum(begin);
    case Tok::kwRecord:
      return redefRecord(begin);
    case Tok::kwEvent:
      take();
      return function(FunctionFlavor::event, true, begin);
    case Tok::kwHook:
      take();
      return function(FunctionFlavor::hook, true, begin);
    case Tok::kwFunction:
      take();
      return function(FunctionFlavor::function, true, begin);
    default:
      return variable(VariableRole::redef);
  }
}

Decl* Parser::Impl::redefEnum(Location begin) {
  Token word = take();
  take();
  auto* made = makeDecl<RedefEnumDecl>(DeclKind::redefEnum, begin, docText(word));
  Token name = identifier("of an enum");
  made->name = name.text;
  made->nameAt = name.at;
  expect(Tok::addAssign, "after the enum's name");
  expect(Tok::leftBrace, "before the new values");
  made->enumerators = enumerators();
  endStatement("the enum");
  return made;
}

Decl* Parser::Impl::redefRecord(Location begin) {
  Token word = take();
  take();
  Token name = identifier("of a record");
  if (accept(Tok::dollar)) {
    auto* made = makeDecl<RedefFieldDecl>(DeclKind::redefField, begin, docText(word));
    made->name = name.text;
    made->nameAt = name.at;
    Token field = identifier("of a field");
    made->field = field.text;
    made->fieldAt = field.at;
    made->removes = at(Tok::subtractAssign);
    if (!accept(Tok::addAssign) && !accept(Tok::subtractAssign)) {
      failExpected("+=", "or \"-=\" after the field's name");
    }
    expect(Tok::leftBrace, "before the attributes");
    made->attributes = attributes();
    expect(Tok::rightBrace, "after the attributes");
    endStatement("the field");
    return made;
  }
  auto* made = makeDecl<RedefRecordDecl>(DeclKind::redefRecord, begin, docText(word));
  made->name = name.text;
  made->nameAt = name.at;
  expect(Tok::addAssign, "after the record's name");
  expect(Tok::leftBrace, "before the new fields");
  made->fields = recordFields();
  made->attributes = attributes();
  endStatement("the record");
  return made;
}

Decl* Parser::Impl::typeDeclaration() {
  Token word = take();
  auto* made = makeDecl<TypeDecl>(DeclKind::type, word.at, docText(word));
  Token name = identifier("of a type");
  made->name = name.text;
  made->nameAt = name.at;
  expect(Tok::colon, "after the type's name");
  made->typeExpr = type();
  made->attributes = attributes();
  endStatement("the type");
  return made;
}

Decl* Parser::Impl::function(FunctionFlavor flavor, bool isRedef, Location begin) {
  Token word = take();
  auto* made = makeDecl<FunctionDecl>(DeclKind::function, begin, docText(word));
  Token name = identifier("of a function");
  made->name = name.text;
  made->nameAt = name.at;
  made->flavor = flavor;
  made->isRedef = isRedef;
  made->signature = signature(true);
  made->attributes = attributes();
  tallest_ = 0;
  size_t abandoned = abandonedStatements_;
  made->body = block(word.text);
  made->isDamaged = abandonedStatements_ > abandoned;
  return made;
}

Decl* Parser::Impl::globalStatement() {
  Token token = peek();
  auto* made = makeDecl<StatementDecl>(DeclKind::statement, token.at, {});
  made->nameAt = token.at;
  made->statement = statement();
  return made;
}

}  // namespace bulkhead::syntax
