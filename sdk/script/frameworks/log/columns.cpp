#include "sdk/script/frameworks/log/columns.h"

#include "sdk/script/vm/pattern.h"

#include <algorithm>
#include <optional>

namespace bulkhead::frameworks {

using types::Tag;
using vm::Slot;

namespace {

// Records inside records, deeper than any log has them; a record type may contain itself.
constexpr size_t maxNesting = 16;

LogValue::Kind kindOf(const types::Type* type) {
  using Kind = LogValue::Kind;
  switch (type->tag()) {
    case Tag::boolean:
      return Kind::boolean;
    case Tag::count:
      return Kind::count;
    case Tag::integer:
      return Kind::integer;
    case Tag::real:
      return Kind::real;
    case Tag::time:
      return Kind::time;
    case Tag::interval:
      return Kind::interval;
    case Tag::string:
      return Kind::string;
    case Tag::pattern:
      return Kind::pattern;
    case Tag::port:
      return Kind::port;
    case Tag::addr:
      return Kind::addr;
    case Tag::subnet:
      return Kind::subnet;
    case Tag::enumeration:
      return Kind::enumeration;
    case Tag::set:
      return Kind::set;
    case Tag::vector:
      return Kind::vector;
    case Tag::function:
      return Kind::function;
    case Tag::file:
      return Kind::file;
    default:
      return Kind::unset;
  }
}

LogColumnOrigin originOf(types::OriginId origin) {
  if (origin == types::originBase) return LogColumnOrigin::base;
  return origin == types::originSite ? LogColumnOrigin::site : LogColumnOrigin::package;
}

struct Walk {
  const ColumnRules& rules;
  std::string& problem;
  std::vector<ColumnPath> out;
  std::vector<uint32_t> fields;

  // `outer` is the weakest origin on the way in: what a package hung a record onto is the
  // package's.
  void record(const types::RecordType& type, const std::string& prefix, const std::string& plain,
              types::OriginId outer, bool optional) {
    for (uint32_t i = 0; i < type.fields().size(); ++i) {
      const types::Field& field = type.field(i);
      if (!field.log) continue;
      fields.push_back(i);
      one(field, prefix + field.name, plain + field.name, std::max(outer, field.origin),
          optional || field.optional);
      fields.pop_back();
    }
  }

  void one(const types::Field& field, const std::string& name, const std::string& plain,
           types::OriginId origin, bool optional) {
    if (field.type->is(Tag::record)) {
      if (fields.size() < maxNesting)
        record(field.type->asRecord(), name + rules.scopeSeparator, plain + ".", origin, optional);
      return;
    }
    if (rules.wanted && !rules.wanted(name)) return;
    ColumnPath path{.fields = fields, .type = field.type};
    path.column.type = kindOf(field.type);
    const types::Type* element = nullptr;
    if (field.type->is(Tag::set)) {
      const auto& indices = field.type->asTable().indices();
      element = indices.size() == 1 ? indices[0] : nullptr;
    } else if (field.type->is(Tag::vector)) {
      element = field.type->asVector().element();
    }
    if (path.column.type == LogValue::Kind::set || path.column.type == LogValue::Kind::vector) {
      path.column.elementType = element ? kindOf(element) : LogValue::Kind::unset;
      bool nested = path.column.elementType == LogValue::Kind::set ||
                    path.column.elementType == LogValue::Kind::vector;
      if (nested || path.column.elementType == LogValue::Kind::unset)
        path.column.type = LogValue::Kind::unset;
    }
    if (path.column.type == LogValue::Kind::unset) {
      problem = name;
      return;
    }
    path.column.name = rules.rename ? rules.rename(name) : name;
    path.column.optional = optional;
    path.column.origin = originOf(origin);
    path.column.identifying = path.column.origin == LogColumnOrigin::base && identifiesRow(plain);
    out.push_back(std::move(path));
  }
};

}  // namespace

std::vector<ColumnPath> columnsOf(const types::RecordType& record, const ColumnRules& rules,
                                  std::string& problem) {
  Walk walk{rules, problem, {}, {}};
  walk.record(record, "", "", types::originBase, false);
  return std::move(walk.out);
}

std::string RowMaker::bounded(std::string_view text) {
  uint64_t room = std::min(orUnlimited(limits_.fieldString), stringsLeft_);
  if (text.size() > room) {
    text = text.substr(0, room);
    ++cutStrings_;
  }
  stringsLeft_ -= text.size();
  return std::string(text);
}

uint64_t RowMaker::boundedSize(uint64_t size) {
  uint64_t room = std::min(orUnlimited(limits_.fieldElements), elementsLeft_);
  if (size > room) {
    size = room;
    ++cutContainers_;
  }
  elementsLeft_ -= size;
  return size;
}

LogValue RowMaker::convert(const types::Type* type, Slot slot) {
  using Kind = LogValue::Kind;
  switch (type->tag()) {
    case Tag::boolean:
      return LogValue::ofBool(slot.boolean());
    case Tag::count:
      return LogValue::ofCount(slot.count);
    case Tag::integer:
      return LogValue::ofInt(slot.integer);
    case Tag::real:
      return LogValue::ofReal(slot.real);
    case Tag::time:
      return LogValue::ofTime(slot.real);
    case Tag::interval:
      return LogValue::ofInterval(slot.real);
    case Tag::port:
      return LogValue::ofPort(slot.port());
    case Tag::enumeration: {
      const auto* entry = type->asEnum().findValue(slot.integer);
      return LogValue::ofEnum(entry ? entry->name : std::string());
    }
    case Tag::addr:
      return LogValue::ofAddr(vm::addrOf(slot));
    case Tag::subnet:
      return LogValue::ofSubnet(vm::subnetOf(slot));
    case Tag::string:
      return LogValue::ofString(bounded(vm::textOf(slot)));
    case Tag::pattern:
      return {Kind::pattern, bounded(vm::patternOf(slot).pattern->text())};
    case Tag::function:
      return {Kind::function, vm_.program().functions[vm::functionOf(slot).function].name};
    case Tag::file:
      return {Kind::file, bounded(vm::fileOf(slot).name->view())};
    case Tag::set: {
      vm::TableObject& table = vm::tableOf(slot);
      const types::Type* element = table.info->keyTypes.at(0);
      uint64_t room = boundedSize(table.size());
      LogValue::Elements elements;
      elements.reserve(room);
      for (vm::TableWalk walk(table); !walk.done() && elements.size() < room; walk.advance())
        elements.push_back(convert(element, walk.keys()[0]));
      return LogValue::ofSet(std::move(elements));
    }
    case Tag::vector: {
      vm::VectorObject& vector = vm::vectorOf(slot);
      const types::Type* element = type->asVector().element();
      uint64_t room = boundedSize(vector.size);
      LogValue::Elements elements;
      elements.reserve(room);
      for (uint32_t i = 0; i < room; ++i)
        elements.push_back(vector.has(i) ? convert(element, vector.data[i]) : LogValue{});
      return LogValue::ofVector(std::move(elements));
    }
    default:
      return {};
  }
}

namespace {

// What a column's path leads to, if all of it is there.
std::optional<Slot> slotAt(const vm::RecordObject& record, const ColumnPath& path) {
  const vm::RecordObject* at = &record;
  for (size_t i = 0;; ++i) {
    if (!at->has(path.fields[i])) return std::nullopt;
    Slot slot = at->get(path.fields[i]);
    if (i + 1 == path.fields.size()) return slot;
    at = &vm::recordOf(slot);
  }
}

}  // namespace

LogValue RowMaker::value(const vm::RecordObject& record, const ColumnPath& path) {
  auto slot = slotAt(record, path);
  return slot ? convert(path.type, *slot) : LogValue{};
}

bool RowMaker::touchedByPackage(const vm::RecordObject& record, const ColumnPath& path) {
  if (!path.type->is(Tag::set)) return false;
  auto slot = slotAt(record, path);
  return slot && vm::tableOf(*slot).touchedByPackage();
}

}  // namespace bulkhead::frameworks
