#include "sdk/script/syntax/print.h"

#include "sdk/script/syntax/token.h"

#include <charconv>

namespace bulkhead::syntax {
namespace {

std::string real(double value) {
  char buffer[64];
  auto [end, bad] = std::to_chars(buffer, buffer + sizeof buffer, value);
  std::string text(buffer, end);
  if (text.find_first_of(".einf") == std::string::npos) text += ".0";
  return text;
}

template <typename Item>
std::string joined(std::span<Item> items) {
  std::string out;
  for (auto& item : items) {
    if (!out.empty()) out += ", ";
    out += print(item);
  }
  return out;
}

std::string printLiteral(const LiteralExpr& literal) {
  switch (literal.literal) {
    case LiteralKind::boolean:
      return literal.boolean ? "T" : "F";
    case LiteralKind::count:
      return std::to_string(literal.count);
    case LiteralKind::integer:
      return literal.integer < 0 ? std::to_string(literal.integer)
                                 : "+" + std::to_string(literal.integer);
    case LiteralKind::floating:
      return real(literal.real);
    case LiteralKind::interval:
      return real(literal.real) + " sec";
    case LiteralKind::string:
      return quotedText(literal.text);
    case LiteralKind::pattern: {
      std::string out = "/" + std::string(literal.text) + "/";
      if (literal.ignoreCase) out += "i";
      if (literal.singleLine) out += "s";
      return out;
    }
    case LiteralKind::port:
      return literal.port.text();
    case LiteralKind::address:
      return literal.address.isV4() ? literal.address.text() : "[" + literal.address.text() + "]";
    case LiteralKind::subnet: {
      std::string text = literal.address.text();
      if (!literal.address.isV4()) text = "[" + text + "]";
      return text + "/" + std::to_string(literal.width);
    }
    case LiteralKind::enumerator:
      return "enum(" + std::to_string(literal.integer) + ")";
  }
  return "?";
}

std::string printAttributes(std::span<Attribute*> attributes) {
  std::string out;
  for (const Attribute* attribute : attributes) {
    out += " ";
    out += spellingOf(attribute->kind);
    if (attribute->value != nullptr) out += "=" + print(attribute->value);
  }
  return out;
}

std::string printField(const FieldDecl& field) {
  return std::string(field.name) + ": " + print(field.type) + printAttributes(field.attributes);
}

std::string printSignature(const FunctionSignature& signature) {
  std::string out = "(";
  for (size_t i = 0; i < signature.parameters.size(); ++i) {
    if (i > 0) out += ", ";
    out += printField(*signature.parameters[i]);
  }
  out += ")";
  if (signature.result != nullptr) out += ": " + print(signature.result);
  return out;
}

std::string printEnumerators(std::span<EnumeratorDecl*> enumerators) {
  std::string out;
  for (const EnumeratorDecl* enumerator : enumerators) {
    if (!out.empty()) out += ", ";
    out += enumerator->name;
    if (enumerator->hasValue) out += "=" + std::to_string(enumerator->value);
    if (enumerator->deprecated != nullptr) {
      Attribute* one[] = {enumerator->deprecated};
      out += printAttributes(one);
    }
  }
  return out;
}

std::string printFields(std::span<FieldDecl*> fields) {
  std::string out;
  for (const FieldDecl* field : fields) out += printField(*field) + "; ";
  return out;
}

std::string printCaptures(std::span<LambdaCapture> captures) {
  std::string out = "[";
  for (const LambdaCapture& capture : captures) {
    if (out.size() > 1) out += ", ";
    if (capture.deepCopy) out += "copy ";
    out += capture.name;
  }
  return out + "]";
}

std::string_view conversion(CoerceKind kind) {
  switch (kind) {
    case CoerceKind::arithmetic:
      return "<arithmetic>";
    case CoerceKind::record:
      return "<record>";
    case CoerceKind::table:
      return "<table>";
    case CoerceKind::vector:
      return "<vector>";
    case CoerceKind::toAny:
      return "<to-any>";
    case CoerceKind::fromAny:
      return "<from-any>";
    case CoerceKind::toVector:
      return "<to-vector>";
    case CoerceKind::function:
      return "<function>";
  }
  return "<?>";
}

std::string printEvent(const EventCall& event) {
  return std::string(event.name) + "(" + joined(event.arguments) + ")";
}

std::string printLambda(const LambdaExpr& lambda) {
  std::string out = "function";
  if (lambda.hasCaptureList) out += printCaptures(lambda.captures);
  return out + printSignature(*lambda.signature) + " " +
         print(static_cast<const Stmt*>(lambda.body));
}

std::string printConstructor(const ConstructorExpr& made) {
  std::string word = made.kind == ExprKind::tableConstructor    ? "table"
                     : made.kind == ExprKind::setConstructor    ? "set"
                     : made.kind == ExprKind::vectorConstructor ? "vector"
                                                                : "record";
  return word + "(" + joined(made.elements) + ")" + printAttributes(made.attributes);
}

}  // namespace

std::string quotedText(std::string_view bytes) {
  std::string out = "\"";
  for (char c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      static constexpr char digits[] = "0123456789abcdef";
      out += "\\x";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out + "\"";
}

std::string_view spellingOf(BinaryOp op) {
  switch (op) {
    case BinaryOp::add:
      return "+";
    case BinaryOp::subtract:
      return "-";
    case BinaryOp::multiply:
      return "*";
    case BinaryOp::divide:
      return "/";
    case BinaryOp::modulo:
      return "%";
    case BinaryOp::bitAnd:
      return "&";
    case BinaryOp::bitOr:
      return "|";
    case BinaryOp::bitXor:
      return "^";
    case BinaryOp::shiftLeft:
      return "<<";
    case BinaryOp::shiftRight:
      return ">>";
    case BinaryOp::logicalAnd:
      return "&&";
    case BinaryOp::logicalOr:
      return "||";
    case BinaryOp::equal:
      return "==";
    case BinaryOp::notEqual:
      return "!=";
    case BinaryOp::less:
      return "<";
    case BinaryOp::lessEqual:
      return "<=";
    case BinaryOp::greater:
      return ">";
    case BinaryOp::greaterEqual:
      return ">=";
    case BinaryOp::in:
      return "in";
    case BinaryOp::notIn:
      return "!in";
    case BinaryOp::mask:
      return "/";
  }
  return "?";
}

std::string_view spellingOf(UnaryOp op) {
  switch (op) {
    case UnaryOp::logicalNot:
      return "!";
    case UnaryOp::complement:
      return "~";
    case UnaryOp::negate:
      return "-";
    case UnaryOp::plus:
      return "+";
    case UnaryOp::size:
      return "|...|";
    case UnaryOp::increment:
      return "++";
    case UnaryOp::decrement:
      return "--";
  }
  return "?";
}

std::string print(const Expr* expr) {
  if (expr == nullptr) return "";
  switch (expr->kind) {
    case ExprKind::error:
      return "<error>";
    case ExprKind::name:
      return std::string(as<NameExpr>(expr)->name);
    case ExprKind::literal:
      return printLiteral(*as<LiteralExpr>(expr));
    case ExprKind::typeValue:
      return print(as<TypeValueExpr>(expr)->typeExpr);
    case ExprKind::unary: {
      auto* node = as<UnaryExpr>(expr);
      if (node->op == UnaryOp::size) return "|" + print(node->operand) + "|";
      return "(" + std::string(spellingOf(node->op)) + print(node->operand) + ")";
    }
    case ExprKind::binary: {
      auto* node = as<BinaryExpr>(expr);
      return "(" + print(node->left) + " " + std::string(spellingOf(node->op)) + " " +
             print(node->right) + ")";
    }
    case ExprKind::assign: {
      auto* node = as<AssignExpr>(expr);
      std::string_view sign = node->op == AssignOp::set   ? " = "
                              : node->op == AssignOp::add ? " += "
                                                          : " -= ";
      return print(node->target) + std::string(sign) + print(node->value);
    }
    case ExprKind::conditional: {
      auto* node = as<ConditionalExpr>(expr);
      return "(" + print(node->condition) + " ? " + print(node->whenTrue) + " : " +
             print(node->whenFalse) + ")";
    }
    case ExprKind::index: {
      auto* node = as<IndexExpr>(expr);
      return print(node->base) + "[" + joined(node->indices) + "]";
    }
    case ExprKind::slice: {
      auto* node = as<SliceExpr>(expr);
      return print(node->base) + "[" + print(node->low) + ":" + print(node->high) + "]";
    }
    case ExprKind::field:
      return print(as<FieldExpr>(expr)->base) + "$" + std::string(as<FieldExpr>(expr)->name);
    case ExprKind::hasField:
      return print(as<FieldExpr>(expr)->base) + "?$" + std::string(as<FieldExpr>(expr)->name);
    case ExprKind::call: {
      auto* node = as<CallExpr>(expr);
      return (node->viaHook ? "hook " : "") + print(node->callee) + "(" + joined(node->arguments) +
             ")";
    }
    case ExprKind::list: {
      auto* node = as<ListExpr>(expr);
      return (node->braces ? "{" : "[") + joined(node->elements) + (node->braces ? "}" : "]");
    }
    case ExprKind::fieldAssign:
      return "$" + std::string(as<FieldAssignExpr>(expr)->name) + "=" +
             print(as<FieldAssignExpr>(expr)->value);
    case ExprKind::recordConstructor:
    case ExprKind::tableConstructor:
    case ExprKind::setConstructor:
    case ExprKind::vectorConstructor:
      return printConstructor(*as<ConstructorExpr>(expr));
    case ExprKind::lambda:
      return printLambda(*as<LambdaExpr>(expr));
    case ExprKind::schedule:
      return "schedule " + print(as<ScheduleExpr>(expr)->delay) + " { " +
             printEvent(*as<ScheduleExpr>(expr)->event) + " }";
    case ExprKind::copy:
      return "copy(" + print(as<CopyExpr>(expr)->operand) + ")";
    case ExprKind::cast:
    case ExprKind::is:
    case ExprKind::canConvert: {
      auto* node = as<CastExpr>(expr);
      std::string_view word = expr->kind == ExprKind::cast ? " as "
                              : expr->kind == ExprKind::is ? " is "
                                                           : " ?as ";
      return "(" + print(node->operand) + std::string(word) + print(node->typeExpr) + ")";
    }
    case ExprKind::add:
      return "add " + print(as<ElementExpr>(expr)->operand);
    case ExprKind::remove:
      return "delete " + print(as<ElementExpr>(expr)->operand);
    case ExprKind::whenLocal:
      return "local " + std::string(as<WhenLocalExpr>(expr)->name) + " = " +
             print(as<WhenLocalExpr>(expr)->value);
    case ExprKind::coerce:
      return std::string(conversion(as<CoerceExpr>(expr)->coercion)) + "(" +
             print(as<CoerceExpr>(expr)->operand) + ")";
  }
  return "?";
}

std::string print(const TypeExpr* type) {
  if (type == nullptr) return "";
  switch (type->kind) {
    case TypeExprKind::error:
      return "<error>";
    case TypeExprKind::boolean:
      return "bool";
    case TypeExprKind::integer:
      return "int";
    case TypeExprKind::count:
      return "count";
    case TypeExprKind::floating:
      return "double";
    case TypeExprKind::time:
      return "time";
    case TypeExprKind::interval:
      return "interval";
    case TypeExprKind::string:
      return "string";
    case TypeExprKind::pattern:
      return "pattern";
    case TypeExprKind::port:
      return "port";
    case TypeExprKind::address:
      return "addr";
    case TypeExprKind::subnet:
      return "subnet";
    case TypeExprKind::any:
      return "any";
    case TypeExprKind::named:
      return std::string(type->name);
    case TypeExprKind::table:
      return "table[" + joined(type->parameters) + "] of " + print(type->element);
    case TypeExprKind::set:
      return "set[" + joined(type->parameters) + "]";
    case TypeExprKind::vector:
      return "vector of " + print(type->element);
    case TypeExprKind::file:
      return type->element == nullptr ? "file" : "file of " + print(type->element);
    case TypeExprKind::opaque:
      return "opaque of " + std::string(type->name);
    case TypeExprKind::record:
      return "record { " + printFields(type->fields) + "}";
    case TypeExprKind::enumType:
      return "enum { " + printEnumerators(type->enumerators) + " }";
    case TypeExprKind::function:
      return "function" + printSignature(*type->signature);
    case TypeExprKind::event:
      return "event" + printSignature(*type->signature);
    case TypeExprKind::hook:
      return "hook" + printSignature(*type->signature);
  }
  return "?";
}

namespace {

std::string pad(int indent) { return std::string(static_cast<size_t>(indent) * 2, ' '); }

std::string printFor(const ForStmt& loop, int indent) {
  std::string out = pad(indent) + "for ([";
  for (size_t i = 0; i < loop.keys.size(); ++i) {
    if (i > 0) out += ", ";
    out += loop.keys[i].name;
  }
  out += "]";
  if (loop.value != nullptr) out += ", " + std::string(loop.value->name);
  return out + " in " + print(loop.range) + ")\n" + print(loop.body, indent + 1);
}

std::string printSwitch(const SwitchStmt& choice, int indent) {
  std::string out = pad(indent) + "switch " + print(choice.subject) + " {\n";
  for (const SwitchCase& one : choice.cases) {
    std::string label = one.isDefault ? "default" : "case " + joined(one.values);
    for (size_t i = 0; i < one.types.size(); ++i) {
      label += (i > 0 ? ", type " : "type ") + print(one.types[i].typeExpr);
      if (!one.types[i].name.empty()) label += " as " + std::string(one.types[i].name);
    }
    out += pad(indent) + label + ":\n" + print(one.body, indent + 1);
  }
  return out + pad(indent) + "}\n";
}

std::string printWhen(const WhenStmt& when, int indent) {
  std::string out = pad(indent) + (when.isReturn ? "return when " : "when ");
  if (when.hasCaptureList) out += printCaptures(when.captures) + " ";
  out += "(" + print(when.condition) + ")\n" + print(when.body, indent + 1);
  if (when.timeout != nullptr) {
    out += pad(indent) + "timeout " + print(when.timeout) + "\n" +
           print(static_cast<const Stmt*>(when.timeoutBody), indent + 1);
  }
  return out;
}

}  // namespace

std::string print(const Stmt* statement, int indent) {
  if (statement == nullptr) return "";
  switch (statement->kind) {
    case StmtKind::null:
      return pad(indent) + ";\n";
    case StmtKind::block: {
      std::string out = pad(indent) + "{\n";
      for (const Stmt* inner : static_cast<const Block*>(statement)->statements) {
        out += print(inner, indent + 1);
      }
      return out + pad(indent) + "}\n";
    }
    case StmtKind::expression:
      return pad(indent) + print(static_cast<const ExprStmt*>(statement)->expr) + ";\n";
    case StmtKind::local: {
      auto* node = static_cast<const LocalStmt*>(statement);
      std::string out =
          pad(indent) + (node->isConst ? "const " : "local ") + std::string(node->name);
      if (node->typeExpr != nullptr) out += ": " + print(node->typeExpr);
      if (node->value != nullptr) out += " = " + print(node->value);
      return out + printAttributes(node->attributes) + ";\n";
    }
    case StmtKind::print:
      return pad(indent) + "print " + joined(static_cast<const PrintStmt*>(statement)->arguments) +
             ";\n";
    case StmtKind::ifElse: {
      auto* node = static_cast<const IfStmt*>(statement);
      std::string out =
          pad(indent) + "if (" + print(node->condition) + ")\n" + print(node->whenTrue, indent + 1);
      if (node->whenFalse != nullptr)
        out += pad(indent) + "else\n" + print(node->whenFalse, indent + 1);
      return out;
    }
    case StmtKind::whileLoop: {
      auto* node = static_cast<const WhileStmt*>(statement);
      return pad(indent) + "while (" + print(node->condition) + ")\n" +
             print(node->body, indent + 1);
    }
    case StmtKind::forLoop:
      return printFor(*static_cast<const ForStmt*>(statement), indent);
    case StmtKind::switchCase:
      return printSwitch(*static_cast<const SwitchStmt*>(statement), indent);
    case StmtKind::when:
      return printWhen(*static_cast<const WhenStmt*>(statement), indent);
    case StmtKind::returnStmt: {
      auto* node = static_cast<const ReturnStmt*>(statement);
      return pad(indent) + "return" + (node->value != nullptr ? " " + print(node->value) : "") +
             ";\n";
    }
    case StmtKind::breakStmt:
      return pad(indent) + "break;\n";
    case StmtKind::next:
      return pad(indent) + "next;\n";
    case StmtKind::fallthrough:
      return pad(indent) + "fallthrough;\n";
    case StmtKind::event:
      return pad(indent) + "event " + printEvent(*static_cast<const EventStmt*>(statement)->event) +
             ";\n";
    case StmtKind::assertStmt: {
      auto* node = static_cast<const AssertStmt*>(statement);
      std::string out = pad(indent) + "assert " + print(node->condition);
      if (node->message != nullptr) out += ", " + print(node->message);
      return out + ";\n";
    }
  }
  return "?";
}

std::string print(const Decl* decl) {
  std::string lead = decl->exported ? "export " : "";
  std::string name(decl->name);
  switch (decl->kind) {
    case DeclKind::module:
      return "module " + name + ";\n";
    case DeclKind::variable: {
      auto* node = static_cast<const VariableDecl*>(decl);
      static constexpr std::string_view roles[] = {"global ", "const ", "option ", "redef "};
      static constexpr std::string_view signs[] = {"", " = ", " += ", " -= "};
      std::string out = lead + std::string(roles[static_cast<int>(node->role)]) + name;
      if (node->typeExpr != nullptr) out += ": " + print(node->typeExpr);
      out += std::string(signs[static_cast<int>(node->op)]) + print(node->value);
      return out + printAttributes(node->attributes) + ";\n";
    }
    case DeclKind::type: {
      auto* node = static_cast<const TypeDecl*>(decl);
      return lead + "type " + name + ": " + print(node->typeExpr) +
             printAttributes(node->attributes) + ";\n";
    }
    case DeclKind::redefEnum:
      return lead + "redef enum " + name + " += { " +
             printEnumerators(static_cast<const RedefEnumDecl*>(decl)->enumerators) + " };\n";
    case DeclKind::redefRecord: {
      auto* node = static_cast<const RedefRecordDecl*>(decl);
      return lead + "redef record " + name + " += { " + printFields(node->fields) + "}" +
             printAttributes(node->attributes) + ";\n";
    }
    case DeclKind::redefField: {
      auto* node = static_cast<const RedefFieldDecl*>(decl);
      return lead + "redef record " + name + "$" + std::string(node->field) +
             (node->removes ? " -= {" : " += {") + printAttributes(node->attributes) + " };\n";
    }
    case DeclKind::function: {
      auto* node = static_cast<const FunctionDecl*>(decl);
      static constexpr std::string_view flavors[] = {"function ", "event ", "hook "};
      return lead + (node->isRedef ? "redef " : "") +
             std::string(flavors[static_cast<int>(node->flavor)]) + name +
             printSignature(*node->signature) + printAttributes(node->attributes) + "\n" +
             print(static_cast<const Stmt*>(node->body));
    }
    case DeclKind::statement:
      return print(static_cast<const StatementDecl*>(decl)->statement);
  }
  return "?";
}

}  // namespace bulkhead::syntax
