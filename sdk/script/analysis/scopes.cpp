// Names: modules, exports, locals, captures.

#include "sdk/script/analysis/checker.h"

namespace bulkhead::analysis {

namespace {

bool isQualified(std::string_view name) { return name.find("::") != std::string_view::npos; }

std::string_view moduleOf(std::string_view full) {
  size_t at = full.rfind("::");
  return at == std::string_view::npos ? std::string_view("GLOBAL") : full.substr(0, at);
}

// "GLOBAL::x" and "::x" are names of the global module.
std::string_view withoutGlobal(std::string_view name) {
  if (name.starts_with("::")) return name.substr(2);
  if (name.starts_with("GLOBAL::")) return name.substr(8);
  return name;
}

}  // namespace

std::string Checker::fullName(std::string_view name) const {
  std::string_view bare = withoutGlobal(name);
  if (bare.size() != name.size() || isQualified(bare) || module_ == "GLOBAL")
    return std::string(bare);
  return module_ + "::" + std::string(bare);
}

Symbol* Checker::findGlobalName(std::string_view name, bool sameModuleOnly, Location complainAt) {
  std::string_view bare = withoutGlobal(name);
  bool forced = bare.size() != name.size();
  if (!forced && !isQualified(bare) && module_ != "GLOBAL") {
    std::string inModule = module_ + "::" + std::string(bare);
    settle(inModule);
    if (Symbol* found = program_->find(inModule)) {
      sawForeignName_ |= found->origin != source::originBase;
      return found;
    }
    if (sameModuleOnly) return nullptr;
  }
  settle(std::string(bare));
  Symbol* found = program_->find(bare);
  sawForeignName_ |= found != nullptr && found->origin != source::originBase;
  if (found != nullptr && isQualified(bare) && !found->exported && moduleOf(bare) != module_ &&
      complainAt.known())
    error(complainAt, "\"" + std::string(bare) + "\" is not exported by its module");
  return found;
}

Symbol* Checker::localIn(Frame* frame, std::string_view name) {
  std::string key(name);
  for (auto block = frame->blocks.rbegin(); block != frame->blocks.rend(); ++block)
    if (auto found = block->find(key); found != block->end()) return found->second;
  return nullptr;
}

// A name that a function around this one has: taken along where that is allowed.
Symbol* Checker::captureFrom(Frame* frame, std::string_view name, Location at) {
  if (frame == nullptr || frame->outer == nullptr) return nullptr;
  Symbol* outer = localIn(frame->outer, name);
  if (outer == nullptr) outer = captureFrom(frame->outer, name, at);
  if (outer == nullptr) return nullptr;
  if (!isError(outer->type))
    error(at, "\"" + std::string(name) +
                  "\" belongs to the function around this one; list it as a capture: [" +
                  std::string(name) + "]");
  Symbol* inner = addLocal(*frame, name, outer->type, at);
  inner->assigned = inner->used = true;
  inner->mayBeUnset = outer->mayBeUnset;
  outer->used = true;
  frame->blocks.front()[std::string(name)] = inner;
  frame->function->captures.push_back({outer, inner, false});
  return inner;
}

Symbol* Checker::lookup(std::string_view name, Location at) {
  if (name == "_" || name.ends_with("::_")) {
    error(at, "\"_\" stands for a value that is not wanted and cannot be read");
    return nullptr;
  }
  if (frame_ != nullptr && !isQualified(name)) {
    if (Symbol* local = localIn(frame_, name)) return local;
    if (Symbol* captured = captureFrom(frame_, name, at)) return captured;
  }
  return findGlobalName(name, false, at);
}

Symbol* Checker::declareGlobalName(std::string_view name, std::string_view module, SymbolKind kind,
                                   Location at, bool exported) {
  std::string_view bare = withoutGlobal(name);
  std::string full = bare.size() != name.size() || isQualified(bare) || module == "GLOBAL"
                         ? std::string(bare)
                         : std::string(module) + "::" + std::string(bare);
  Symbol& symbol = program_->symbols.emplace_back();
  symbol.kind = kind;
  symbol.name = full;
  symbol.module = std::string(moduleOf(full));
  symbol.at = at;
  symbol.origin = originAt(at);
  // Names of the global module are everybody's.
  symbol.exported = exported || symbol.module == "GLOBAL";
  program_->byName[full] = &symbol;
  return &symbol;
}

Symbol* Checker::addLocal(Frame& frame, std::string_view name, const Type* type, Location at) {
  Symbol& symbol = program_->symbols.emplace_back();
  symbol.kind = SymbolKind::local;
  symbol.name = std::string(name);
  symbol.type = type;
  symbol.at = at;
  symbol.origin = originAt(at);
  symbol.owner = frame.function;
  symbol.index = static_cast<uint32_t>(frame.function->locals.size());
  frame.function->locals.push_back(&symbol);
  return &symbol;
}

Symbol* Checker::declareLocal(std::string_view name, const Type* type, Location at) {
  auto& scope = frame_->blocks.back();
  if (name == "_") return addLocal(*frame_, name, type, at);  // nobody can read it
  if (auto found = scope.find(std::string(name)); found != scope.end() && !found->second->ofLoop) {
    error(at, "\"" + std::string(name) + "\" is declared twice in this block");
    return found->second;
  }
  // The outermost block of a body shares its names with the parameters and captures.
  if (frame_->blocks.size() == 2)
    if (auto found = frame_->blocks.front().find(std::string(name));
        found != frame_->blocks.front().end() && found->second->at.known())
      error(at, "\"" + std::string(name) + "\" is already declared in this function")
          .notes.push_back({found->second->at, "declared here"});
  if (frame_->blocks.size() == 2)
    if (auto found = frame_->blocks.front().find(std::string(name));
        found != frame_->blocks.front().end())
      found->second->used = true;
  Symbol* symbol = addLocal(*frame_, name, type, at);
  scope[symbol->name] = symbol;
  return symbol;
}

namespace {

// Functions that the language once had and that packages still call, with what there is now.
struct Removed {
  std::string_view name, instead;
};
constexpr Removed removedFunctions[] = {
    {"bro_version", "zeek_version"},
    {"get_local_event_peer", ""},
    {"log_reporter", "Reporter::info and its kind"},
    {"lookup_asn", "lookup_autonomous_system"},
    {"open_log_file", "open"},
    {"record_type_to_vector", "record_fields"},
    {"request_remote_events", "Broker::subscribe"},
    {"resume_state_updates", ""},
    {"send_id", "Broker::publish_id"},
    {"split", "split_string"},
    {"split1", "split_string1"},
    {"suspend_state_updates", ""},
};

std::string removal(std::string_view name) {
  for (const Removed& each : removedFunctions) {
    if (each.name != name) continue;
    return "; it was taken out of the language" +
           (each.instead.empty() ? std::string() : ", use " + std::string(each.instead));
  }
  return {};
}

}  // namespace

void Checker::unknownName(std::string_view name, Location at) {
  if (name == "_" || name.ends_with("::_")) return;  // said by lookup()
  if (frame_ != nullptr)
    for (const Symbol* local : frame_->function->locals)
      if (local->name == name) {
        error(at, "\"" + std::string(name) +
                      "\" is out of its block here; declare it in a block around both")
            .notes.push_back({local->at, "declared here"});
        return;
      }
  if (std::string gone = removal(name); !gone.empty()) {
    error(at, "unknown name \"" + std::string(name) + "\"" + gone).missing = name;
    return;
  }
  // For a name of one module, a like name of another would mislead, unless the module is misspelt.
  std::string module;
  if (auto colons = name.find("::"); colons != std::string_view::npos) {
    module = name.substr(0, colons);
    if (module != "GLOBAL" && !modules_.contains(module)) {
      source::NearestName like(module);
      if (maySuggest(modules_.size()))
        for (const std::string& each : modules_) like.offer(each);
      std::string meant = like.best() ? *like.best() + std::string(name.substr(colons)) : "";
      error(at, "unknown name \"" + std::string(name) + "\"; " +
                    (program_->byName.contains(meant) ? "did you mean \"" + meant + "\"?"
                                                      : "there is no module " + module))
          .missing = name;
      return;
    }
  }
  source::NearestName nearest(name);
  size_t others = program_->byName.size() * (module_ == "GLOBAL" ? 1 : 2);
  if (frame_ != nullptr)
    for (const auto& block : frame_->blocks) others += block.size();
  if (!maySuggest(others)) {
    error(at, "unknown name \"" + std::string(name) + "\"").missing = fullName(name);
    return;
  }
  if (frame_ != nullptr)
    for (const auto& block : frame_->blocks)
      for (const auto& [local, symbol] : block) nearest.offer(local);
  for (const auto& [full, symbol] : program_->byName) {
    if (module.empty() || symbol->module == module) nearest.offer(full);
    if (module_ != "GLOBAL" && symbol->module == module_)
      nearest.offer(std::string_view(full).substr(std::min(full.size(), module_.size() + 2)));
  }
  error(at, "unknown name \"" + std::string(name) + "\"" + nearest.suggestion()).missing =
      fullName(name);
}

void Checker::deprecated(const types::Field& field, Location at) {
  if (!field.deprecated.empty() && !isQuiet(at))
    diagnostics_.warning(at, "the field \"" + field.name + "\" is deprecated: " + field.deprecated);
}

void Checker::deprecated(const Symbol& symbol, Location at) {
  if (!symbol.isDeprecated || isQuiet(at)) return;
  diagnostics_.warning(at, "\"" + symbol.name + "\" is deprecated" +
                               (symbol.deprecation.empty() ? "" : ": " + symbol.deprecation));
}

}  // namespace bulkhead::analysis
