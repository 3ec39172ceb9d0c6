#include "sdk/script/types/types.h"

#include <utility>

namespace bulkhead::types {
namespace {

constexpr size_t maxTextDepth = 64;  // a type that nests deeper is cut with "..."

// Spells a type. A named type is spelt by its name, which is also what ends recursion: an
// anonymous type cannot contain itself.
class Speller {
 public:
  void spell(const Type* type) {
    if (type == nullptr) return;
    if (!type->name().empty()) {
      out_ += type->name();
    } else {
      shape(type);
    }
  }

  void shape(const Type* type) {
    if (depth_ >= maxTextDepth) {
      out_ += "...";
      return;
    }
    ++depth_;
    parts(type);
    --depth_;
  }

  std::string take() { return std::move(out_); }

 private:
  void parts(const Type* type) {
    switch (type->tag()) {
      case Tag::enumeration:
        out_ += type->name().empty() ? "enum" : type->name();
        return;
      case Tag::table:
      case Tag::set: {
        const auto& table = type->asTable();
        out_ += type->is(Tag::set) ? "set" : "table";
        if (table.unspecified()) {
          out_ += "()";
          return;
        }
        out_ += '[';
        separated(table.indices());
        out_ += ']';
        if (table.value() != nullptr) {
          out_ += " of ";
          spell(table.value());
        }
        return;
      }
      case Tag::vector:
        if (type->asVector().unspecified()) {
          out_ += "vector()";
          return;
        }
        out_ += "vector of ";
        spell(type->asVector().element());
        return;
      case Tag::record:
        out_ += "record { ";
        if (type->asRecord().fields().empty()) out_ += ' ';
        for (const Field& field : type->asRecord().fields()) {
          out_ += field.name + ":";
          spell(field.type);
          out_ += "; ";
        }
        out_ += '}';
        return;
      case Tag::function: {
        const auto& function = type->asFunc();
        switch (function.flavor()) {
          case Flavor::function:
            out_ += "function(";
            break;
          case Flavor::event:
            out_ += "event(";
            break;
          case Flavor::hook:
            out_ += "hook(";
            break;
        }
        bool first = true;
        for (const Parameter& parameter : function.parameters()) {
          if (!first) out_ += ", ";
          first = false;
          out_ += parameter.name + ":";
          spell(parameter.type);
          // What has a default may be left out: Zeek says both.
          if (!parameter.defaultText.empty())
            out_ += " &default=" + parameter.defaultText + ", &optional";
        }
        if (function.variadic()) out_ += first ? "..." : ", ...";
        out_ += ')';
        if (function.flavor() != Flavor::event && function.result() != nullptr) {
          out_ += " : ";
          spell(function.result());
        }
        return;
      }
      case Tag::file:
        out_ += "file of ";
        spell(static_cast<const FileType*>(type)->element());
        return;
      case Tag::opaque:
        out_ += "opaque of " + static_cast<const OpaqueType*>(type)->opaqueName();
        return;
      case Tag::type:
        out_ += "type";
        return;
      case Tag::list:
        out_ += "list of ";
        separated(static_cast<const ListType*>(type)->elements());
        return;
      default:
        out_ += tagText(type->tag());
    }
  }

  void separated(const std::vector<const Type*>& list) {
    for (size_t i = 0; i < list.size(); ++i) {
      if (i > 0) out_ += ',';
      spell(list[i]);
    }
  }

  std::string out_;
  size_t depth_ = 0;
};

}  // namespace

std::string typeText(const Type* type) {
  Speller speller;
  speller.spell(type);
  return speller.take();
}

std::string typeShape(const Type* type) {
  Speller speller;
  speller.shape(type);
  return speller.take();
}

std::string_view tagText(Tag tag) {
  switch (tag) {
    case Tag::error:
      return "error";
    case Tag::void_:
      return "void";
    case Tag::boolean:
      return "bool";
    case Tag::count:
      return "count";
    case Tag::integer:
      return "int";
    case Tag::real:
      return "double";
    case Tag::time:
      return "time";
    case Tag::interval:
      return "interval";
    case Tag::string:
      return "string";
    case Tag::pattern:
      return "pattern";
    case Tag::port:
      return "port";
    case Tag::addr:
      return "addr";
    case Tag::subnet:
      return "subnet";
    case Tag::enumeration:
      return "enum";
    case Tag::table:
      return "table";
    case Tag::set:
      return "set";
    case Tag::vector:
      return "vector";
    case Tag::record:
      return "record";
    case Tag::function:
      return "func";
    case Tag::file:
      return "file";
    case Tag::opaque:
      return "opaque";
    case Tag::any:
      return "any";
    case Tag::type:
      return "type";
    case Tag::list:
      return "list";
  }
  return "?";
}

std::string valueText(const EnumType& type, const EnumType::Entry& entry) {
  if (type.name() == "AllAnalyzers::Tag") {
    constexpr std::string_view gathered = "AllAnalyzers::";
    constexpr std::pair<std::string_view, std::string_view> homes[] = {
        {"ANALYZER_", "Analyzer::"},
        {"FILES_", "Files::"},
        {"PACKETANALYZER_", "PacketAnalyzer::"}};
    std::string_view name = entry.name;
    if (name.starts_with(gathered)) name.remove_prefix(gathered.size());
    for (auto [prefix, home] : homes)
      if (name.starts_with(prefix))
        return std::string(home) + std::string(name.substr(prefix.size()));
  }
  return entry.name;
}

}  // namespace bulkhead::types
