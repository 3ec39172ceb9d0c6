#include "sdk/script/types/types.h"

#include <set>

namespace bulkhead::types {
namespace {

// Compares two types under the assumption that the pairs in `open` are the same, which is what
// makes recursive records terminate.
bool isAllTags(const Type* type) { return type->name() == "AllAnalyzers::Tag"; }

bool isTag(const Type* type) {
  return type->name() == "Analyzer::Tag" || type->name() == "Files::Tag" ||
         type->name() == "PacketAnalyzer::Tag";
}

class Comparison {
 public:
  // `strict`: `any` is like nothing but itself.
  explicit Comparison(FieldNames names, bool strict = false) : names_(names), strict_(strict) {}

  bool same(const Type* a, const Type* b) {
    if (a == b) return true;
    if (a == nullptr || b == nullptr) return false;
    if (!strict_ &&
        (a->is(Tag::any) || b->is(Tag::any) || a->is(Tag::error) || b->is(Tag::error))) {
      return true;
    }
    if (a->tag() != b->tag()) return false;
    switch (a->tag()) {
      case Tag::enumeration:
        // Every tag of an analyzer is also one of AllAnalyzers::Tag, with the same number.
        return a->name() == b->name() || (isAllTags(a) && isTag(b)) || (isTag(a) && isAllTags(b));
      case Tag::opaque:
        return static_cast<const OpaqueType*>(a)->opaqueName() ==
               static_cast<const OpaqueType*>(b)->opaqueName();
      case Tag::table:
      case Tag::set:
      case Tag::vector:
      case Tag::record:
      case Tag::function:
      case Tag::file:
      case Tag::type:
      case Tag::list:
        break;
      default:
        return true;
    }
    if (!open_.emplace(a, b).second) return true;
    bool result = compound(a, b);
    open_.erase({a, b});
    return result;
  }

 private:
  bool compound(const Type* a, const Type* b) {
    switch (a->tag()) {
      case Tag::table:
      case Tag::set: {
        const auto& x = a->asTable();
        const auto& y = b->asTable();
        if ((x.value() == nullptr) != (y.value() == nullptr)) return false;
        return lists(x.indices(), y.indices()) &&
               (x.value() == nullptr || same(x.value(), y.value()));
      }
      case Tag::vector:
        return same(a->asVector().element(), b->asVector().element());
      case Tag::file:
        return same(static_cast<const FileType*>(a)->element(),
                    static_cast<const FileType*>(b)->element());
      case Tag::type:
        return same(static_cast<const TypeType*>(a)->inner(),
                    static_cast<const TypeType*>(b)->inner());
      case Tag::list:
        return lists(static_cast<const ListType*>(a)->elements(),
                     static_cast<const ListType*>(b)->elements());
      case Tag::record: {
        const auto& x = a->asRecord().fields();
        const auto& y = b->asRecord().fields();
        if (x.size() != y.size()) return false;
        for (size_t i = 0; i < x.size(); ++i) {
          if (names_ == FieldNames::mustMatch && x[i].name != y[i].name) return false;
          if (!same(x[i].type, y[i].type)) return false;
        }
        return true;
      }
      case Tag::function: {
        const auto& x = a->asFunc();
        const auto& y = b->asFunc();
        if (x.flavor() != y.flavor() || x.variadic() != y.variadic() ||
            x.parameters().size() != y.parameters().size()) {
          return false;
        }
        for (size_t i = 0; i < x.parameters().size(); ++i) {
          if (!same(x.parameters()[i].type, y.parameters()[i].type)) return false;
        }
        return same(x.result(), y.result());
      }
      default:
        return true;
    }
  }

  bool lists(const std::vector<const Type*>& a, const std::vector<const Type*>& b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
      if (!same(a[i], b[i])) return false;
    }
    return true;
  }

  FieldNames names_;
  bool strict_;
  std::set<std::pair<const Type*, const Type*>> open_;
};

}  // namespace

bool sameType(const Type* a, const Type* b, FieldNames names) {
  return a == b || Comparison(names).same(a, b);
}

bool sameLayout(const Type* a, const Type* b) {
  return a == b || Comparison(FieldNames::ignored, true).same(a, b);
}

bool isBrokerData(const Type* type) {
  return type->is(Tag::record) && type->name() == "Broker::Data";
}

bool castable(const Type* from, const Type* to) {
  auto isOneOf = [](const Type* type, std::initializer_list<Tag> tags) {
    for (Tag tag : tags)
      if (type->is(tag)) return true;
    return false;
  };
  switch (from->tag()) {
    case Tag::string:
      return isOneOf(to, {Tag::count, Tag::integer, Tag::real, Tag::port, Tag::addr, Tag::subnet});
    case Tag::count:
      return isOneOf(to, {Tag::integer, Tag::real, Tag::time, Tag::interval, Tag::addr});
    case Tag::integer:
      return isOneOf(to, {Tag::count, Tag::real, Tag::time, Tag::interval});
    case Tag::real:
      return isOneOf(to, {Tag::count, Tag::integer, Tag::time, Tag::interval});
    case Tag::time:
    case Tag::interval:
      return to->is(Tag::real);
    case Tag::port:
      return to->is(Tag::count);
    case Tag::enumeration:
      return to->is(Tag::integer);
    case Tag::subnet:
      return to->is(Tag::addr);
    case Tag::vector:
      return to->is(Tag::set) && !from->asVector().unspecified() &&
             to->asTable().indices().size() == 1 &&
             sameLayout(from->asVector().element(), to->asTable().indices()[0]);
    case Tag::set:
      return to->is(Tag::vector) && !to->asVector().unspecified() &&
             from->asTable().indices().size() == 1 &&
             sameLayout(from->asTable().indices()[0], to->asVector().element());
    default:
      return false;
  }
}

}  // namespace bulkhead::types
