#include "sdk/runner/value-writer.h"

#include "schemas/wire/log-wire.h"
#include "sdk/script/vm/pattern.h"

#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::runner {

using types::Tag;
using vm::Slot;
using vm::TypedSlot;

namespace {

constexpr std::string_view analyzerArgs = "Files::AnalyzerArgs";

capnp::Data::Reader bytesOf(std::string_view text) {
  return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
}

// Names of scripts are identifiers, without a NUL.
kj::String name(std::string_view text) { return kj::heapString(text.data(), text.size()); }

class Writer {
 public:
  explicit Writer(const vm::Program& program) : program_(program) {}

  void write(schemas::Value::Builder to, TypedSlot from, unsigned depth) const {
    from = vm::unboxed(from);
    if (from.type == nullptr || depth > schemas::MAX_NESTING ||
        (from.type->isManaged() && from.slot.isUnset())) {
      to.setAbsent();
      return;
    }
    switch (from.type->tag()) {
      case Tag::boolean:
        return to.setBoolean(from.slot.boolean());
      case Tag::count:
        return to.setCount(from.slot.count);
      case Tag::integer:
        return to.setInteger(from.slot.integer);
      case Tag::real:
        return to.setReal(from.slot.real);
      case Tag::time:
        return to.setTime(from.slot.real);
      case Tag::interval:
        return to.setInterval(from.slot.real);
      case Tag::string:
        return to.setText(bytesOf(vm::textOf(from.slot)));
      case Tag::addr:
        return wire::writeAddress(to.initAddr(), vm::addrOf(from.slot));
      case Tag::port:
        return to.setPort(wire::packPort(from.slot.port()));
      case Tag::subnet: {
        Subnet subnet = vm::subnetOf(from.slot);
        auto group = to.initSubnet();
        wire::writeAddress(group.initPrefix(), subnet.prefix);
        return group.setWidth(subnet.width);
      }
      case Tag::enumeration: {
        const auto* entry = from.type->asEnum().findValue(from.slot.integer);
        return entry != nullptr ? to.setEnumName(name(entry->name)) : to.setAbsent();
      }
      case Tag::pattern:
        return to.setPattern(bytesOf(vm::patternOf(from.slot).pattern->text()));
      case Tag::function:
        return to.setText(bytesOf(program_.functions[vm::functionOf(from.slot).function].name));
      case Tag::file:
        return to.setText(bytesOf(vm::fileOf(from.slot).name->view()));
      case Tag::record:
        return record(to, from, depth);
      case Tag::vector: {
        const auto& vector = vm::vectorOf(from.slot);
        auto list = to.initList(vector.size);
        for (unsigned i = 0; i < vector.size; ++i)
          if (vector.has(i)) write(list[i], {vector.type->element(), vector.data[i]}, depth + 1);
        return;
      }
      case Tag::set:
      case Tag::table:
        return container(to, vm::tableOf(from.slot), depth);
      default:
        return to.setAbsent();
    }
  }

 private:
  void record(schemas::Value::Builder to, TypedSlot from, unsigned depth) const {
    const auto& type = from.type->asRecord();
    const auto& object = vm::recordOf(from.slot);
    const auto count = static_cast<unsigned>(type.fields().size());
    if (type.name() != analyzerArgs) {
      auto list = to.initList(count);
      for (unsigned i = 0; i < count; ++i)
        if (object.has(i)) write(list[i], {type.field(i).type, object.get(i)}, depth + 1);
      return;
    }
    std::vector<unsigned> fields;
    for (unsigned i = 0; i < count; ++i)
      if (object.has(i)) fields.push_back(i);
    auto table = to.initTable(static_cast<unsigned>(2 * fields.size()));
    for (unsigned i = 0; i < fields.size(); ++i) {
      table[2 * i].setText(bytesOf(type.field(fields[i]).name));
      write(table[2 * i + 1], {type.field(fields[i]).type, object.get(fields[i])}, depth + 1);
    }
  }

  void container(schemas::Value::Builder to, vm::TableObject& table, unsigned depth) const {
    const auto& type = *table.info->type;
    const bool isTable = type.value() != nullptr;
    auto list = isTable ? to.initTable(2 * table.size()) : to.initList(table.size());
    unsigned at = 0;
    for (vm::TableWalk walk(table); !walk.done() && at < list.size(); walk.advance()) {
      const auto& indices = type.indices();
      auto key = list[at++];
      if (indices.size() == 1) {
        write(key, {indices[0], walk.keys()[0]}, depth + 1);
      } else {
        auto parts = key.initList(static_cast<unsigned>(indices.size()));
        for (unsigned k = 0; k < indices.size(); ++k)
          write(parts[k], {indices[k], walk.keys()[k]}, depth + 2);
      }
      if (isTable) write(list[at++], {type.value(), walk.value()}, depth + 1);
    }
  }

  const vm::Program& program_;
};

}  // namespace

void writeValue(schemas::Value::Builder to, TypedSlot from, const vm::Program& program) {
  Writer(program).write(to, from, 0);
}

void writeValues(capnp::List<schemas::Value>::Builder to, std::span<const TypedSlot> from,
                 const vm::Program& program) {
  for (unsigned i = 0; i < from.size(); ++i) writeValue(to[i], from[i], program);
}

}  // namespace bulkhead::runner
