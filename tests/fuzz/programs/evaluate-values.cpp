#include "sdk/script/vm/describe.h"
#include "tests/fuzz/programs/evaluator.h"

namespace bulkhead::programs {

Value Evaluator::initial(const Type* type) {
  switch (type->kind) {
    case Kind::vector:
      return std::make_shared<Vector>();
    case Kind::set:
    case Kind::table:
      return std::make_shared<Table>();
    case Kind::record:
      return newRecord(type);
    default:
      return {};
  }
}

Value Evaluator::newRecord(const Type* type) {
  auto made = std::make_shared<Fields>();
  for (const Field& field : program_.records[type->record].fields) {
    if (field.hasDefault) {
      made->values.push_back(literal(field.initial));
    } else if (field.optional) {
      made->values.emplace_back();
    } else {
      made->values.push_back(initial(field.type));
    }
  }
  return made;
}

Value Evaluator::literal(const Expr& e) {
  switch (e.type->kind) {
    case Kind::boolean:
      return e.number != 0;
    case Kind::integer:
      return static_cast<int64_t>(e.number);
    case Kind::real:
      return e.real;
    case Kind::string:
      return e.text;
    default:
      return e.number;
  }
}

std::string Evaluator::keyText(const std::vector<Value>& keys) {
  std::string text;
  for (const Value& key : keys) {
    std::string one;
    if (const auto* number = std::get_if<uint64_t>(&key)) one = std::to_string(*number);
    if (const auto* number = std::get_if<int64_t>(&key)) one = std::to_string(*number);
    if (const auto* string = std::get_if<std::string>(&key)) one = *string;
    text += std::to_string(one.size()) + ":" + one;
  }
  return text;
}

Entry* Evaluator::find(Table& table, const std::vector<Value>& keys) {
  auto it = table.places.find(keyText(keys));
  return it == table.places.end() ? nullptr : &table.entries[it->second];
}

void Evaluator::put(Table& table, std::vector<Value> keys, Value value) {
  bounded(table.entries.size());
  if (Entry* entry = find(table, keys)) {
    entry->value = std::move(value);
    return;
  }
  table.places[keyText(keys)] = table.entries.size();
  table.entries.push_back({std::move(keys), std::move(value), false});
}

void Evaluator::erase(Table& table, const std::vector<Value>& keys) {
  auto it = table.places.find(keyText(keys));
  if (it == table.places.end()) return;
  table.entries[it->second].gone = true;
  table.places.erase(it);
}

Value Evaluator::copy(const Value& value, std::map<const void*, Value>& known) {
  tick();
  return std::visit(
      [&](const auto& held) -> Value {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::shared_ptr<Vector>>) {
          if (auto it = known.find(held.get()); it != known.end()) return it->second;
          auto made = std::make_shared<Vector>();
          known[held.get()] = made;
          for (const Value& one : held->elements) made->elements.push_back(copy(one, known));
          return made;
        } else if constexpr (std::is_same_v<Held, std::shared_ptr<Table>>) {
          if (auto it = known.find(held.get()); it != known.end()) return it->second;
          auto made = std::make_shared<Table>();
          known[held.get()] = made;
          made->otherwise = held->otherwise;
          for (const Entry& entry : held->entries)
            if (!entry.gone) put(*made, entry.keys, copy(entry.value, known));
          return made;
        } else if constexpr (std::is_same_v<Held, std::shared_ptr<Fields>>) {
          if (auto it = known.find(held.get()); it != known.end()) return it->second;
          auto made = std::make_shared<Fields>();
          known[held.get()] = made;
          for (const Value& one : held->values) made->values.push_back(copy(one, known));
          return made;
        } else if constexpr (std::is_same_v<Held, std::shared_ptr<Boxed>>) {
          return std::make_shared<Boxed>(Boxed{held->type, copy(held->value, known)});
        } else {
          return held;
        }
      },
      value);
}

void Evaluator::describe(std::string& out, const Type* type, const Value& value) {
  tick();
  bounded(out.size());
  auto put = [&](const std::string& text) { out += text; };
  if (std::holds_alternative<std::monostate>(value)) return put("<uninitialized>");
  switch (type->kind) {
    case Kind::boolean:
      return put(std::get<bool>(value) ? "T" : "F");
    case Kind::count:
      return put(std::to_string(std::get<uint64_t>(value)));
    case Kind::integer:
      return put(std::to_string(std::get<int64_t>(value)));
    case Kind::real:
      return put(vm::realText(std::get<double>(value)));
    case Kind::string:
      out += std::get<std::string>(value);
      return;
    case Kind::colour: {
      static const char* const names[colours] = {"RED", "GREEN", "BLUE"};
      return put(names[std::get<uint64_t>(value)]);
    }
    case Kind::any: {
      const Boxed& boxed = *std::get<std::shared_ptr<Boxed>>(value);
      return describe(out, boxed.type, boxed.value);
    }
    case Kind::vector: {
      put("[");
      const auto& elements = std::get<std::shared_ptr<Vector>>(value)->elements;
      for (size_t i = 0; i < elements.size(); ++i) {
        if (i > 0) put(", ");
        describe(out, type->parts[0], elements[i]);
      }
      return put("]");
    }
    case Kind::record: {
      put("[");
      const auto& fields = program_.records[type->record].fields;
      const auto& values = std::get<std::shared_ptr<Fields>>(value)->values;
      for (size_t i = 0; i < fields.size(); ++i) {
        put((i > 0 ? ", " : "") + fields[i].name + "=");
        describe(out, fields[i].type, values[i]);
      }
      return put("]");
    }
    case Kind::set:
    case Kind::table: {
      put("{");
      const bool isTable = type->kind == Kind::table;
      const size_t keys = type->parts.size() - (isTable ? 1 : 0);
      const bool brackets = isTable || keys > 1;
      bool first = true;
      for (const Entry& entry : std::get<std::shared_ptr<Table>>(value)->entries) {
        if (entry.gone) continue;
        if (!first) put(",");
        first = false;
        out += "\n";
        if (brackets) put("[");
        for (size_t i = 0; i < keys; ++i) {
          if (i > 0) put(", ");
          describe(out, type->parts[i], entry.keys[i]);
        }
        if (brackets) put("]");
        if (isTable) {
          put(" = ");
          describe(out, type->parts.back(), entry.value);
        }
      }
      out += first ? "\n\n" : "\n";
      return put("}");
    }
    default:
      throw TooMuch();  // functions have names that are the engine's own
  }
}

}  // namespace bulkhead::programs
