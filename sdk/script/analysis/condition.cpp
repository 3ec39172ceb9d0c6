// What an @if asks, worked out while reading: constants as declared and redefined so far, and calls
// of functions that do no more than choose among such values. What cannot be worked out is an error
// at the directive.

#include "common/version.h"
#include "sdk/script/analysis/checker.h"

namespace bulkhead::analysis {

namespace {

constexpr int maxDepth = 64;
// Looking past so many initial values, or taking so many bytes of a string, is a step.
constexpr size_t lookedAtAStep = 64;

std::optional<uint64_t> parseVersion(std::string_view text) {
  uint64_t parts[3] = {0, 0, 0};
  size_t part = 0, digits = 0;
  for (char c : text) {
    if (c >= '0' && c <= '9') {
      if (++digits > 6) return std::nullopt;
      parts[part] = parts[part] * 10 + static_cast<uint64_t>(c - '0');
    } else if (c == '.' && part < 2) {
      ++part;
      digits = 0;
    } else {
      break;
    }
  }
  return parts[0] * 10000 + parts[1] * 100 + parts[2];
}

// What Version::info will hold: it is parsed by a script, which has not run yet.
std::optional<Constant> versionPart(std::string_view field) {
  if (field == "version_number") return Constant{scriptVersionNumber};
  if (field == "major") return Constant{scriptVersionNumber / 10000};
  if (field == "minor") return Constant{scriptVersionNumber / 100 % 100};
  if (field == "patch") return Constant{scriptVersionNumber % 100};
  if (field == "commit") return Constant{uint64_t{0}};
  if (field == "beta" || field == "debug") return Constant{false};
  if (field == "version_string") return Constant{std::string(scriptVersion)};
  return std::nullopt;
}

}  // namespace

// Whether nothing that has been read so far puts anything into a table or set.
bool Checker::isEmptySoFar(const Expr* container) {
  const auto* name = as<NameExpr>(container);
  if (name == nullptr || name->symbol == nullptr || name->symbol->kind != SymbolKind::global ||
      isError(name->symbol->type) || !name->symbol->type->isTableOrSet())
    return false;
  conditionSteps_ += program_->initializers.size() / lookedAtAStep;
  for (const InitStep& step : program_->initializers) {
    if (step.target != name->symbol || step.kind == InitKind::empty) continue;
    const Expr* value = step.value;
    while (const auto* coerced = as<CoerceExpr>(value)) value = coerced->operand;
    const auto* made = as<ConstructorExpr>(value);
    if (made == nullptr || !made->elements.empty()) return false;
  }
  return true;
}

const std::string& Checker::scriptAt(const std::string& name, Location at) {
  auto [found, fresh] = program_->scriptsAskedFor.try_emplace(name);
  if (fresh && !name.empty() && name[0] != '.' && name[0] != '/' && mayLoad(at))
    if (auto file = provider_.resolve(name, {}, source::LoadKind::script))
      found->second = file->path;
  return found->second;
}

// Where scripts lie is known only as they are read.
void Checker::noteScriptAskedFor(CallExpr& call) {
  conditionSteps_ = 0;
  auto name = call.arguments.size() == 1 ? evaluate(call.arguments[0], 0) : std::nullopt;
  allConditionSteps_ += conditionSteps_;
  const auto* text = name ? std::get_if<std::string>(&name->value) : nullptr;
  if (text != nullptr) scriptAt(*text, call.at);
}

std::optional<Constant> Checker::evaluateGlobal(Symbol* symbol, int depth) {
  conditionSteps_ += program_->initializers.size() / lookedAtAStep;
  for (auto step = program_->initializers.rbegin(); step != program_->initializers.rend(); ++step)
    if (step->target == symbol) {
      if (step->kind != InitKind::set) return std::nullopt;
      return evaluate(step->value, depth + 1);
    }
  return std::nullopt;
}

std::optional<Constant> Checker::evaluate(Expr* expr, int depth) {
  if (expr == nullptr || depth > maxDepth || ++conditionSteps_ > kMaxConditionSteps ||
      allConditionSteps_ + conditionSteps_ > kMaxAllConditionSteps)
    return std::nullopt;
  if (auto* literal = as<LiteralExpr>(expr)) {
    switch (literal->literal) {
      case LiteralKind::boolean:
        return Constant{literal->boolean};
      case LiteralKind::count:
        return Constant{literal->count};
      case LiteralKind::integer:
      case LiteralKind::enumerator:
        return Constant{literal->integer};
      case LiteralKind::floating:
      case LiteralKind::interval:
        return Constant{literal->real};
      case LiteralKind::string:
        conditionSteps_ += literal->text.size() / lookedAtAStep;
        return Constant{std::string(literal->text)};
      default:
        return std::nullopt;
    }
  }
  if (auto* name = as<NameExpr>(expr)) {
    if (name->symbol == nullptr) return std::nullopt;
    if (name->symbol->kind == SymbolKind::local) {
      for (auto bound = bound_.rbegin(); bound != bound_.rend(); ++bound)
        if (bound->first == name->symbol) return bound->second;
      return std::nullopt;
    }
    if (name->symbol->kind != SymbolKind::global) return std::nullopt;
    return evaluateGlobal(name->symbol, depth);
  }
  if (auto* coerced = as<CoerceExpr>(expr)) return evaluate(coerced->operand, depth + 1);
  if (auto* field = as<FieldExpr>(expr); field != nullptr && expr->kind == ExprKind::field) {
    auto* base = as<NameExpr>(field->base);
    if (base == nullptr || base->symbol == nullptr || base->symbol->name != "Version::info")
      return std::nullopt;
    return versionPart(field->name);
  }
  if (auto* unary = as<UnaryExpr>(expr)) {
    auto operand = evaluate(unary->operand, depth + 1);
    if (!operand) return std::nullopt;
    if (unary->op == UnaryOp::logicalNot) return Constant{!operand->truth()};
    if (unary->op == UnaryOp::negate && operand->number()) return Constant{-*operand->number()};
    if (unary->op == UnaryOp::size)
      if (const auto* text = std::get_if<std::string>(&operand->value))
        return Constant{static_cast<uint64_t>(text->size())};
    return std::nullopt;
  }
  if (auto* conditional = as<ConditionalExpr>(expr)) {
    auto condition = evaluate(conditional->condition, depth + 1);
    if (!condition) return std::nullopt;
    return evaluate(condition->truth() ? conditional->whenTrue : conditional->whenFalse, depth + 1);
  }
  if (auto* binary = as<BinaryExpr>(expr)) {
    if ((binary->op == BinaryOp::in || binary->op == BinaryOp::notIn) &&
        isEmptySoFar(binary->right))
      return Constant{binary->op == BinaryOp::notIn};
    auto left = evaluate(binary->left, depth + 1);
    if (!left) return std::nullopt;
    if (binary->op == BinaryOp::logicalAnd && !left->truth()) return Constant{false};
    if (binary->op == BinaryOp::logicalOr && left->truth()) return Constant{true};
    auto right = evaluate(binary->right, depth + 1);
    if (!right) return std::nullopt;
    if (binary->op == BinaryOp::logicalAnd || binary->op == BinaryOp::logicalOr)
      return Constant{right->truth()};
    const auto* a = std::get_if<std::string>(&left->value);
    const auto* b = std::get_if<std::string>(&right->value);
    if (a != nullptr && b != nullptr) {
      switch (binary->op) {
        case BinaryOp::equal:
          return Constant{*a == *b};
        case BinaryOp::notEqual:
          return Constant{*a != *b};
        case BinaryOp::add:
          return Constant{*a + *b};
        case BinaryOp::in:
          return Constant{b->find(*a) != std::string::npos};
        case BinaryOp::notIn:
          return Constant{b->find(*a) == std::string::npos};
        default:
          return std::nullopt;
      }
    }
    if (std::holds_alternative<bool>(left->value) && std::holds_alternative<bool>(right->value)) {
      if (binary->op == BinaryOp::equal) return Constant{left->truth() == right->truth()};
      if (binary->op == BinaryOp::notEqual) return Constant{left->truth() != right->truth()};
      return std::nullopt;
    }
    auto x = left->number(), y = right->number();
    if (!x || !y) return std::nullopt;
    switch (binary->op) {
      case BinaryOp::equal:
        return Constant{*x == *y};
      case BinaryOp::notEqual:
        return Constant{*x != *y};
      case BinaryOp::less:
        return Constant{*x < *y};
      case BinaryOp::lessEqual:
        return Constant{*x <= *y};
      case BinaryOp::greater:
        return Constant{*x > *y};
      case BinaryOp::greaterEqual:
        return Constant{*x >= *y};
      case BinaryOp::add:
        return Constant{*x + *y};
      case BinaryOp::subtract:
        return Constant{*x - *y};
      case BinaryOp::multiply:
        return Constant{*x * *y};
      default:
        return std::nullopt;
    }
  }
  if (auto* call = as<CallExpr>(expr)) {
    auto* name = as<NameExpr>(call->callee);
    if (name == nullptr || name->symbol == nullptr || name->symbol->kind != SymbolKind::callable)
      return std::nullopt;
    const Callable& target = callable(name->symbol);
    if (name->symbol->name == "Version::at_least" && call->arguments.size() == 1) {
      auto wanted = evaluate(call->arguments[0], depth + 1);
      const auto* text = wanted ? std::get_if<std::string>(&wanted->value) : nullptr;
      auto number = text != nullptr ? parseVersion(*text) : std::nullopt;
      if (!number) return std::nullopt;
      return Constant{scriptVersionNumber >= *number};
    }
    if (name->symbol->name == "find_in_zeekpath" && call->arguments.size() == 1) {
      auto wanted = evaluate(call->arguments[0], depth + 1);
      const auto* text = wanted ? std::get_if<std::string>(&wanted->value) : nullptr;
      if (text == nullptr) return std::nullopt;
      return Constant{scriptAt(*text, call->at)};
    }
    if (name->symbol->name == "getenv")
      return Constant{std::string()};  // a compartment has no environment
    if (name->symbol->name == "zeek_version") return Constant{std::string(scriptVersion)};
    if (name->symbol->name == "reading_traces" || name->symbol->name == "reading_live_traffic")
      return std::nullopt;
    if (target.bodies.size() != 1 || target.bodies[0]->body == nullptr) return std::nullopt;
    const Function& body = *target.bodies[0];
    std::vector<std::pair<Symbol*, Constant>> arguments;
    for (size_t i = 0; i < call->arguments.size() && i < body.parameterCount; ++i) {
      auto argument = evaluate(call->arguments[i], depth + 1);
      if (!argument) return std::nullopt;
      arguments.emplace_back(body.locals[i], *argument);
    }
    size_t outer = bound_.size();
    bound_.insert(bound_.end(), arguments.begin(), arguments.end());
    auto result = evaluateBody(body, depth);
    bound_.resize(outer);
    return result;
  }
  return std::nullopt;
}

// A function that returns at once, or chooses what to return.
std::optional<Constant> Checker::evaluateBody(const Function& body, int depth) {
  std::vector<Stmt*> rest(body.body->statements.rbegin(), body.body->statements.rend());
  while (!rest.empty()) {
    Stmt* next = rest.back();
    rest.pop_back();
    if (next == nullptr || next->kind == StmtKind::null) continue;
    if (next->kind == StmtKind::returnStmt)
      return evaluate(static_cast<ReturnStmt*>(next)->value, depth + 1);
    if (next->kind == StmtKind::block) {
      auto* b = static_cast<Block*>(next);
      rest.insert(rest.end(), b->statements.rbegin(), b->statements.rend());
    } else if (next->kind == StmtKind::ifElse) {
      auto* choice = static_cast<IfStmt*>(next);
      auto condition = evaluate(choice->condition, depth + 1);
      if (!condition) return std::nullopt;
      rest.push_back(condition->truth() ? choice->whenTrue : choice->whenFalse);
    } else {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

bool Checker::conditionHolds(Expr* condition) {
  Frame* frame = frame_;
  const Type* type = check(condition, nullptr);
  frame_ = frame;
  if (isError(type)) return false;
  conditionSteps_ = 0;
  auto value = evaluate(condition, 0);
  allConditionSteps_ += conditionSteps_;
  if (!value && conditionSteps_ > kMaxConditionSteps) {
    error(condition->at,
          "this @if takes more than " + std::to_string(kMaxConditionSteps) + " steps to decide");
    return false;
  }
  if (!value && allConditionSteps_ > kMaxAllConditionSteps) {
    error(condition->at, "the @ifs of this run take more than " +
                             std::to_string(kMaxAllConditionSteps) + " steps to decide");
    return false;
  }
  if (!value) {
    error(condition->at,
          "this @if cannot be decided while the scripts are read: use constants, options and "
          "functions of them");
    return false;
  }
  return value->truth();
}

}  // namespace bulkhead::analysis
