#include "sdk/script/compile/module.h"

#include "sdk/script/analysis/canonical.h"
#include "sdk/script/compile/lower.h"
#include "sdk/script/syntax/token.h"
#include "sdk/script/vm/describe.h"
#include "sdk/script/vm/pattern.h"

#include <algorithm>
#include <cassert>

namespace bulkhead::compile {

using syntax::as;
using syntax::LiteralKind;

ModuleCompiler::ModuleCompiler(const analysis::Program& program,
                               const source::SourceManager& sources,
                               std::span<const vm::NativeRow* const> natives,
                               source::Diagnostics& diagnostics)
    : program_(program),
      sources_(sources),
      natives_(natives),
      diagnostics_(diagnostics),
      out_(std::make_unique<vm::Program>()) {}

namespace {

constexpr size_t maxQuotedPattern = 80;  // bytes of one in a message

}  // namespace

std::unique_ptr<vm::Program> ModuleCompiler::run() {
  functions();
  bodies();
  recordDefaults();
  initializer();
  if (program_.statements != nullptr && program_.statements->body != nullptr) {
    uint32_t code = newCode("<statements>", program_.statements->origin);
    Lowerer(*this, code, program_.statements).functionBody();
    out_->statements = static_cast<int32_t>(code);
  }
  for (const auto& [name, symbol] : program_.byName) {
    if (symbol->kind == analysis::SymbolKind::type && symbol->type != nullptr) {
      out_->namedTypes.emplace(symbol->name, symbol->type);
    }
  }
  out_->scriptsAskedFor = program_.scriptsAskedFor;
  if (program_.find("global_ids") != nullptr) forGlobalIds();
  out_->seal();
  return std::move(out_);
}

void ModuleCompiler::forGlobalIds() {
  out_->modules = program_.modules;
  for (const analysis::Global& global : program_.globals) {
    if (global.attributes.empty()) continue;
    auto& written = out_->writtenAttributes[global.symbol->name];
    for (const syntax::Attribute* attribute : global.attributes) {
      const auto* literal = as<syntax::LiteralExpr>(attribute->value);
      const bool interval = literal != nullptr && literal->literal == LiteralKind::interval;
      written.push_back({syntax::spellingOf(attribute->kind),
                         interval ? vm::intervalText(literal->real)
                                  : analysis::canonicalText(attribute->value, false)});
    }
  }
}

// ---- Constants

int32_t ModuleCompiler::stringConstant(std::string_view text) {
  auto [it, fresh] = strings_.try_emplace(std::string(text), 0);
  if (fresh) {
    it->second = static_cast<int32_t>(out_->constants.size());
    vm::Constant& constant = out_->constants.emplace_back();
    constant.type = types().basic(Tag::string);
    constant.text = text;
  }
  return it->second;
}

int32_t ModuleCompiler::constant(const syntax::LiteralExpr& literal) {
  vm::Slot slot = vm::Slot::unset();
  switch (literal.literal) {
    case LiteralKind::string:
      // A script that looks is shown that each literal is an object of its own.
      if (program_.find("same_object") != nullptr) strings_.erase(std::string(literal.text));
      return stringConstant(literal.text);
    case LiteralKind::pattern: {
      int flags = (literal.ignoreCase ? 1 : 0) | (literal.singleLine ? 2 : 0);
      auto [it, fresh] = patterns_.try_emplace({std::string(literal.text), flags}, 0);
      if (fresh) {
        std::string why;
        if (patternInstructions_ > maxPatternInstructions) {
          error(literal.at, "the patterns of this run take more than " +
                                std::to_string(maxPatternInstructions) +
                                " instructions of their automata together");
          return 0;
        }
        auto pattern = vm::CompiledPattern::compile(literal.text,
                                                    {literal.ignoreCase, literal.singleLine}, why);
        if (pattern == nullptr) {
          bool isLong = literal.text.size() > maxQuotedPattern;
          error(literal.at, why + " (in pattern /" +
                                std::string(literal.text.substr(0, maxQuotedPattern)) +
                                (isLong ? "..." : "") + "/)");
        } else {
          patternInstructions_ += pattern->instructions();
        }
        it->second = static_cast<int32_t>(out_->constants.size());
        vm::Constant& constant = out_->constants.emplace_back();
        constant.type = types().basic(Tag::pattern);
        constant.text = literal.text;
        constant.patternFlags = static_cast<uint8_t>(flags);
      }
      return it->second;
    }
    case LiteralKind::address:
    case LiteralKind::subnet: {
      auto index = static_cast<int32_t>(out_->constants.size());
      vm::Constant& constant = out_->constants.emplace_back();
      constant.type =
          types().basic(literal.literal == LiteralKind::address ? Tag::addr : Tag::subnet);
      constant.address = literal.address;
      constant.width = literal.width;
      return index;
    }
    case LiteralKind::boolean:
      slot = vm::Slot::ofBool(literal.boolean);
      break;
    case LiteralKind::count:
      slot = literal.type->is(Tag::real) ? vm::Slot::ofReal(static_cast<double>(literal.count))
                                         : vm::Slot::ofCount(literal.count);
      break;
    case LiteralKind::integer:
      slot = literal.type->is(Tag::real) ? vm::Slot::ofReal(static_cast<double>(literal.integer))
                                         : vm::Slot::ofInt(literal.integer);
      break;
    case LiteralKind::enumerator:
      slot = vm::Slot::ofInt(literal.integer);
      break;
    case LiteralKind::floating:
    case LiteralKind::interval:
      slot = vm::Slot::ofReal(literal.real);
      break;
    case LiteralKind::port:
      slot = vm::Slot::ofPort(literal.port);
      break;
  }
  auto [it, fresh] = plain_.try_emplace({slot.bits, literal.type}, 0);
  if (fresh) {
    it->second = static_cast<int32_t>(out_->constants.size());
    vm::Constant& constant = out_->constants.emplace_back();
    constant.type = literal.type;
    constant.plain = slot;
  }
  return it->second;
}

// ---- Functions

uint32_t ModuleCompiler::newCode(std::string name, types::OriginId origin) {
  vm::Code& code = out_->codes.emplace_back();
  code.name = std::move(name);
  code.origin = origin;
  return static_cast<uint32_t>(out_->codes.size() - 1);
}

void ModuleCompiler::functions() {
  for (const analysis::Callable& callable : program_.callables) {
    vm::Function& function = out_->functions.emplace_back();
    function.name = callable.symbol->name;
    function.type = callable.type;
    function.origin = callable.symbol->origin;
    if (callable.native >= 0) function.native = natives_[static_cast<size_t>(callable.native)];
    if (callable.type->flavor() == types::Flavor::event) {
      function.event = static_cast<int32_t>(out_->events.size());
      out_->events.push_back({function.name, static_cast<uint32_t>(out_->functions.size() - 1)});
    }
  }
  for (const analysis::Global& global : program_.globals) {
    const analysis::Symbol& symbol = *global.symbol;
    vm::Global& out = out_->globals.emplace_back();
    out.name = symbol.name;
    out.type = symbol.type;
    out.origin = symbol.origin;
    out.isConst = symbol.isConst;
    out.isOption = symbol.isOption;
    out.isExported = symbol.exported;
  }
  for (const analysis::InitStep& step : program_.initializers) initialized_.insert(step.target);
}

void ModuleCompiler::bodies() {
  for (size_t i = 0; i < program_.callables.size(); ++i) {
    for (const analysis::Function* function : program_.callables[i].bodies) {
      // A function that is called must be there; of events and hooks there are as many bodies as
      // run.
      if (function->dropped && program_.callables[i].type->flavor() != types::Flavor::function)
        continue;
      vm::Body body;
      this->body(*function, body);
      out_->functions[i].bodies.push_back(std::move(body));
    }
  }
  for (size_t i = 0; i < program_.globals.size(); ++i) {
    const analysis::Symbol& symbol = *program_.globals[i].symbol;
    uint16_t index = attributes(symbol.attributes, symbol.type);
    if (index != 0) out_->globals[i].attributes = &out_->attributes[index - 1u];
  }
}

void ModuleCompiler::body(const analysis::Function& function, vm::Body& out) {
  out.code = newCode(function.name, function.origin);
  out.priority = function.priority;
  out.groups = function.groups;
  out.module = function.module;
  Lowerer lowerer(*this, out.code, &function);
  if (function.dropped) {
    lowerer.droppedBody();
  } else {
    lowerer.functionBody();
  }
}

void ModuleCompiler::show(uint32_t index) {
  if (index >= program_.callables.size()) return;
  const analysis::Callable& callable = program_.callables[index];
  vm::Function& function = out_->functions[index];
  if (callable.symbol->origin == types::originBase || !function.shown.empty() ||
      callable.type->flavor() != types::Flavor::function || callable.bodies.empty() ||
      callable.bodies.front()->body == nullptr)
    return;
  function.shown = function.name + ": " + types::typeText(function.type) + "\n" +
                   analysis::canonicalText(*callable.bodies.front()->body);
}

uint32_t ModuleCompiler::lambda(const analysis::Function& function) {
  auto [it, fresh] = lambdas_.try_emplace(&function, 0);
  if (!fresh) return it->second;
  auto index = static_cast<uint32_t>(out_->functions.size());
  it->second = index;
  vm::Function& entry = out_->functions.emplace_back();
  entry.name = function.name;
  entry.type = function.type;
  entry.origin = function.origin;
  vm::Body body;
  this->body(function, body);
  out_->functions[index].bodies.push_back(std::move(body));
  return index;
}

uint32_t ModuleCompiler::whenFunction(const analysis::Function& function, const Type* result) {
  auto [it, fresh] = lambdas_.try_emplace(&function, 0);
  if (!fresh) return it->second;
  it->second = static_cast<uint32_t>(out_->functions.size());
  vm::Function& entry = out_->functions.emplace_back();
  entry.name = "when";
  entry.type = &types().function(types::Flavor::function, {}, result);
  entry.origin = function.origin;
  return it->second;
}

int32_t ModuleCompiler::expressionCode(const Expr* expr, const Type* type, std::string name,
                                       types::OriginId origin) {
  uint32_t code = newCode(std::move(name), origin);
  Lowerer(*this, code, nullptr).expressionBody(expr, type);
  return static_cast<int32_t>(code);
}

// ---- Attributes

namespace {

bool readsLocals(const Expr* expr) {
  if (expr == nullptr) return false;
  switch (expr->kind) {
    case syntax::ExprKind::name:
      return as<syntax::NameExpr>(expr)->symbol != nullptr &&
             as<syntax::NameExpr>(expr)->symbol->kind == analysis::SymbolKind::local;
    case syntax::ExprKind::literal:
    case syntax::ExprKind::typeValue:
      return false;
    case syntax::ExprKind::lambda:
      return !as<syntax::LambdaExpr>(expr)->function->captures.empty();
    case syntax::ExprKind::unary:
      return readsLocals(as<syntax::UnaryExpr>(expr)->operand);
    case syntax::ExprKind::copy:
      return readsLocals(as<syntax::CopyExpr>(expr)->operand);
    case syntax::ExprKind::coerce:
      return readsLocals(as<syntax::CoerceExpr>(expr)->operand);
    case syntax::ExprKind::field:
    case syntax::ExprKind::hasField:
      return readsLocals(as<syntax::FieldExpr>(expr)->base);
    case syntax::ExprKind::fieldAssign:
      return readsLocals(as<syntax::FieldAssignExpr>(expr)->value);
    case syntax::ExprKind::binary:
      return readsLocals(as<syntax::BinaryExpr>(expr)->left) ||
             readsLocals(as<syntax::BinaryExpr>(expr)->right);
    case syntax::ExprKind::conditional: {
      const auto* choice = as<syntax::ConditionalExpr>(expr);
      return readsLocals(choice->condition) || readsLocals(choice->whenTrue) ||
             readsLocals(choice->whenFalse);
    }
    case syntax::ExprKind::assign:
      return readsLocals(as<syntax::AssignExpr>(expr)->target) ||
             readsLocals(as<syntax::AssignExpr>(expr)->value);
    case syntax::ExprKind::list: {
      for (const Expr* element : as<syntax::ListExpr>(expr)->elements) {
        if (readsLocals(element)) return true;
      }
      return false;
    }
    case syntax::ExprKind::recordConstructor:
    case syntax::ExprKind::tableConstructor:
    case syntax::ExprKind::setConstructor:
    case syntax::ExprKind::vectorConstructor: {
      for (const Expr* element : as<syntax::ConstructorExpr>(expr)->elements) {
        if (readsLocals(element)) return true;
      }
      return false;
    }
    case syntax::ExprKind::call: {
      const auto* call = as<syntax::CallExpr>(expr);
      for (const Expr* argument : call->arguments) {
        if (readsLocals(argument)) return true;
      }
      return readsLocals(call->callee);
    }
    case syntax::ExprKind::index: {
      const auto* index = as<syntax::IndexExpr>(expr);
      for (const Expr* part : index->indices) {
        if (readsLocals(part)) return true;
      }
      return readsLocals(index->base);
    }
    case syntax::ExprKind::cast:
      return readsLocals(as<syntax::CastExpr>(expr)->operand);
    default:
      // Nothing else can stand in an attribute without reading where it stands.
      return true;
  }
}

}  // namespace

uint16_t ModuleCompiler::attributes(const analysis::AttributeSet* set, const Type* table) {
  if (set == nullptr || !table->isTableOrSet() || !set->forContainer() || set->dropped) return 0;
  auto found = attributeSets_.find({set, table});
  if (found != attributeSets_.end()) return found->second;
  out_->attributes.emplace_back();
  auto index = static_cast<uint16_t>(out_->attributes.size());
  attributeSets_[{set, table}] = index;
  vm::TableAttributes made;
  const Type* valueType = table->asTable().value();
  auto own = [&](const Expr* expr, const char* name, int32_t hook) {
    if (expr == nullptr) return vm::noFunction;
    if (readsLocals(expr)) {
      hooks_[index].emplace_back(hook, expr);
      return vm::givenWhenMade;
    }
    return expressionCode(expr, expr->type, name, types::originBase);
  };
  auto useDefault = [&](const Expr* expr, bool isFunction) {
    if (expr == nullptr) return;
    made.defaultIsFunction = isFunction;
    const Type* type = isFunction || valueType == nullptr ? expr->type : valueType;
    made.defaultType = type;
    if (readsLocals(expr)) {
      hooks_[index].emplace_back(0, expr);
      made.defaultFunction = vm::givenWhenMade;
      return;
    }
    made.defaultFunction = expressionCode(expr, type, "&default", types::originBase);
  };
  useDefault(set->defaultValue, set->defaultIsFunction);
  if (set->defaultInsert != nullptr) {
    useDefault(set->defaultInsert, set->defaultInsertIsFunction);
    made.insertDefault = true;
  }
  const Expr* interval = nullptr;
  if (set->createExpire != nullptr) {
    made.expiry = vm::TableAttributes::Expiry::create;
    interval = set->createExpire;
  } else if (set->readExpire != nullptr) {
    made.expiry = vm::TableAttributes::Expiry::read;
    interval = set->readExpire;
  } else if (set->writeExpire != nullptr) {
    made.expiry = vm::TableAttributes::Expiry::write;
    interval = set->writeExpire;
  }
  if (interval != nullptr) {
    made.expiryInterval =
        expressionCode(interval, types().basic(Tag::interval), "&expire", types::originBase);
  }
  made.expireFunction = own(set->expireFunc, "&expire_func", 1);
  made.onChange = own(set->onChange, "&on_change", 2);
  made.ordered = set->ordered;
  out_->attributes[index - 1u] = made;
  return index;
}

uint16_t ModuleCompiler::attributes(std::span<syntax::Attribute* const> written,
                                    const Type* table) {
  if (written.empty()) return 0;
  analysis::AttributeSet set = analysis::attributesAsWritten(written);
  // In a table of functions a function is the value itself.
  auto isFunction = [table](const syntax::Expr* given) {
    return given != nullptr && given->type->is(Tag::function) &&
           table->asTable().value() != nullptr && !table->asTable().value()->is(Tag::function);
  };
  set.defaultIsFunction = isFunction(set.defaultValue);
  set.defaultInsertIsFunction = isFunction(set.defaultInsert);
  // The set lives on the stack: it must not be found again under its address.
  uint16_t index = attributes(&set, table);
  attributeSets_.erase({&set, table});
  return index;
}

uint16_t ModuleCompiler::fieldAttributes(const types::Field& field) {
  if (field.attributes == types::noIndex) return 0;
  return attributes(program_.fieldAttributes[static_cast<size_t>(field.attributes)], field.type);
}

// ---- Record defaults

const Expr* ModuleCompiler::defaultOf(const types::Field& field) const {
  return field.defaultExpr == types::noIndex
             ? nullptr
             : program_.defaults[static_cast<size_t>(field.defaultExpr)].value;
}

const syntax::LiteralExpr* ModuleCompiler::literalDefault(const types::Field& field) const {
  const auto* literal = as<syntax::LiteralExpr>(defaultOf(field));
  return literal != nullptr && types::sameLayout(literal->type, field.type) ? literal : nullptr;
}

bool ModuleCompiler::startsEmpty(const types::Field& field) {
  if (field.optional || field.defaultExpr != types::noIndex) return false;
  return field.type->isTableOrSet() || field.type->is(Tag::vector) || field.type->is(Tag::record);
}

void ModuleCompiler::recordDefaults() {
  // Lowering a default may name types, not make records: the table does not grow meanwhile by any
  // that matters here.
  size_t count = types().size();
  for (uint32_t id = 0; id < count; ++id) {
    const Type* type = types().byId(id);
    if (!type->is(Tag::record)) continue;
    const auto& record = type->asRecord();
    for (uint32_t i = 0; i < record.fields().size(); ++i) {
      const types::Field& field = record.field(i);
      const Expr* expr = defaultOf(field);
      if (expr == nullptr && !startsEmpty(field)) continue;
      auto& defaults = out_->fieldDefaults[&record];
      if (const auto* literal = literalDefault(field)) {
        defaults.push_back({i, constant(*literal), vm::noFunction});
        continue;
      }
      types::OriginId origin =
          expr == nullptr ? field.origin
                          : program_.defaults[static_cast<size_t>(field.defaultExpr)].origin;
      uint32_t code = newCode("default of $" + field.name, origin);
      Lowerer lowerer(*this, code, nullptr);
      out_->codes[code].resultType = field.type;
      Reg reg = lowerer.temporary(field.type);
      uint16_t attributes = fieldAttributes(field);
      if (expr == nullptr) {
        lowerer.emptyInto(field.type, reg, attributes);
      } else {
        lowerer.at(expr->at);
        if (!lowerer.constructWithAttributes(expr, field.type, reg, attributes)) {
          lowerer.intoAs(expr, field.type, reg);
          if (attributes != 0 && field.type->isTableOrSet()) {
            lowerer.emitter().emit(Op::attachAttributes, reg, noReg, noReg, attributes - 1);
          }
        }
      }
      lowerer.emitter().emit(field.type->isManaged() ? Op::retT : Op::ret, reg);
      lowerer.finish();
      defaults.push_back({i, vm::noFunction, static_cast<int32_t>(code)});
    }
  }
}

void ModuleCompiler::initializer() {
  out_->initializer = newCode("<globals>", types::originBase);
  Lowerer lowerer(*this, out_->initializer, nullptr);
  out_->codes[out_->initializer].resultType = types().basic(Tag::void_);
  for (const analysis::InitStep& step : program_.initializers) {
    vm::Code::Line& begin = out_->initialValues.emplace_back();
    begin.pc = lowerer.emitter().here();
    place(step.at, begin.file, begin.line, begin.column);
    lowerer.initStep(step);
  }
  lowerer.emitter().emit(Op::retVoid);
  lowerer.finish();
}

// ---- Places

void ModuleCompiler::place(source::Location at, uint32_t& file, uint32_t& line, uint32_t& column) {
  source::Position position = sources_.position(at);
  if (position.file == nullptr) {
    file = line = column = 0;
    if (out_->files.empty()) out_->files.emplace_back("<none>");
    return;
  }
  auto [it, fresh] = files_.try_emplace(position.file, static_cast<uint32_t>(out_->files.size()));
  if (fresh) out_->files.push_back(position.file->name);
  file = it->second;
  line = position.line;
  column = position.column;
}

void ModuleCompiler::error(source::Location at, std::string message) {
  diagnostics_.error(at, std::move(message));
}

std::unique_ptr<vm::Program> compile(const analysis::Program& program,
                                     const source::SourceManager& sources,
                                     std::span<const vm::NativeRow* const> natives,
                                     source::Diagnostics& diagnostics) {
  return ModuleCompiler(program, sources, natives, diagnostics).run();
}

}  // namespace bulkhead::compile
