#include "sdk/script/vm/cast.h"

#include "sdk/script/vm/table.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

namespace bulkhead::vm {

using types::Tag;

namespace {

constexpr double countEnd = 18446744073709551616.0, intEnd = 9223372036854775808.0;

std::string_view trimmed(std::string_view text) {
  auto isSpace = [](char c) { return c == ' ' || c == '\t' || c == '\n'; };
  while (!text.empty() && isSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && isSpace(text.back())) text.remove_suffix(1);
  return text;
}

template <typename Number>
std::optional<Number> decimal(std::string_view text) {
  Number out = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::optional<uint64_t> countOf(std::string_view text) {
  text = trimmed(text);
  bool negative = text.starts_with('-');  // wraps, as in C
  if (negative) text.remove_prefix(1);
  auto number = decimal<uint64_t>(text);
  return number && negative ? 0 - *number : number;
}

std::optional<double> realOf(std::string_view from) {
  std::string text(from);
  char* end = nullptr;
  double out = std::strtod(text.c_str(), &end);
  if (text.empty() || end != text.c_str() + text.size()) return std::nullopt;
  return out;
}

// 001.002.003.004 is 1.2.3.4.
std::optional<IpAddr> addressOf(std::string_view text) {
  if (text.find(':') != text.npos) return IpAddr::parse(text);
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    bool leading = (i == 0 || text[i - 1] == '.') && text[i] == '0';
    while (leading && i + 1 < text.size() && text[i] == '0' && text[i + 1] >= '0' &&
           text[i + 1] <= '9')
      ++i;
    plain += text[i];
  }
  return IpAddr::parse(plain);
}

// A width behind an IPv4 address in its IPv6 form counts from the IPv6 top.
std::optional<Subnet> networkOf(std::string_view text) {
  size_t slash = text.rfind('/');
  if (slash == text.npos) return std::nullopt;
  auto address = addressOf(text.substr(0, slash));
  auto width = decimal<uint8_t>(text.substr(slash + 1));
  if (!address || !width) return std::nullopt;
  bool asV6 = text.find(':') != text.npos;
  if (*width > (address->isV4() && !asV6 ? 32 : 128)) return std::nullopt;
  if (address->isV4() && asV6) {
    if (*width < 96) {
      IpAddr top;
      for (int bit = 0; bit < *width; ++bit)
        top.bytes[static_cast<size_t>(bit / 8)] |=
            address->bytes[static_cast<size_t>(bit / 8)] & (0x80 >> (bit % 8));
      return Subnet{top, *width};
    }
    *width = static_cast<uint8_t>(*width - 96);
  }
  return Subnet{address->masked(*width), *width};
}

std::optional<Port> portOf(std::string_view text) {
  size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  auto number = decimal<uint16_t>(text.substr(0, slash));
  std::string_view name = text.substr(slash + 1);
  if (!number) return std::nullopt;
  for (auto [transport, known] :
       {std::pair{Transport::tcp, "tcp"}, {Transport::udp, "udp"}, {Transport::icmp, "icmp"}})
    if (name == known) return Port{*number, transport};
  return std::nullopt;
}

std::optional<Slot> fromText(Heap& heap, std::string_view text, const Type* to) {
  auto slot = [](const auto& found, auto make) -> std::optional<Slot> {
    if (!found) return std::nullopt;
    return make(*found);
  };
  switch (to->tag()) {
    case Tag::count:
      return slot(countOf(text), [](uint64_t v) { return Slot::ofCount(v); });
    case Tag::integer:
      return slot(decimal<int64_t>(trimmed(text)), [](int64_t v) { return Slot::ofInt(v); });
    case Tag::real:
      return slot(realOf(text), [](double v) { return Slot::ofReal(v); });
    case Tag::port:
      return slot(portOf(text), [](Port v) { return Slot::ofPort(v); });
    case Tag::addr:
      return slot(addressOf(text), [&](const IpAddr& v) { return heap.addr(v); });
    case Tag::subnet:
      return slot(networkOf(text), [&](const Subnet& v) { return heap.subnet(v); });
    default:
      return std::nullopt;
  }
}

std::optional<Slot> fromNumber(TypedSlot value, const Type* to) {
  Tag from = value.type->tag();
  Slot s = value.slot;
  switch (to->tag()) {
    case Tag::real:
    case Tag::time:
    case Tag::interval:
      if (from == Tag::count) return Slot::ofReal(static_cast<double>(s.count));
      if (from == Tag::integer) return Slot::ofReal(static_cast<double>(s.integer));
      return s;
    case Tag::count: {
      if (from == Tag::port) return Slot::ofCount(s.port().number);
      if (from == Tag::integer)
        return s.integer < 0 ? std::nullopt : std::optional(Slot::ofCount(s.count));
      double nearest = std::rint(s.real);
      if (!(nearest >= 0 && nearest < countEnd)) return std::nullopt;
      return Slot::ofCount(static_cast<uint64_t>(nearest));
    }
    case Tag::integer: {
      if (from == Tag::enumeration) return s;
      if (from == Tag::count)
        return s.integer < 0 ? std::nullopt : std::optional(Slot::ofInt(s.integer));
      double nearest = std::rint(s.real);
      if (!(nearest >= -intEnd && nearest < intEnd)) return std::nullopt;
      return Slot::ofInt(static_cast<int64_t>(nearest));
    }
    case Tag::addr:
      if (s.count > UINT32_MAX) return std::nullopt;
      return Slot::ofV4(static_cast<uint32_t>(s.count));
    default:
      return std::nullopt;
  }
}

Slot counted(const Type* type, Slot slot) {
  if (type->isManaged()) retain(slot);
  return slot;
}

// A set of the vector's elements, or the other way about. False if the heap refuses.
bool vectorToSet(Heap& heap, VectorObject& from, const Type* to, Slot& out) {
  auto made = Ref<TableObject>::adopt(heap.table(&to->asTable()));
  for (uint32_t i = 0; i < from.size; ++i) {
    if (!from.has(i)) continue;
    Slot key = counted(from.type->element(), from.data[i]);
    if (made->insert(&key, Slot::unset()) == TableObject::none) return false;
  }
  out = made.take();
  return true;
}
bool setToVector(Heap& heap, TableObject& from, const Type* to, Slot& out) {
  auto made = Ref<VectorObject>::adopt(heap.vector(&to->asVector()));
  for (TableWalk walk(from); !walk.done(); walk.advance())
    if (!made->append(counted(from.info->keyTypes[0], walk.keys()[0]))) return false;
  out = made.take();
  return true;
}

}  // namespace

Value castValue(Heap& heap, TypedSlot value, const Type* to, std::string& error) {
  std::optional<Slot> made;
  switch (value.type->tag()) {
    case Tag::string:
      made = fromText(heap, textOf(value.slot), to);
      break;
    case Tag::subnet:
      made = heap.addr(subnetOf(value.slot).prefix);
      break;
    case Tag::vector:
    case Tag::set: {
      Slot out;
      bool good = value.type->is(Tag::vector) ? vectorToSet(heap, vectorOf(value.slot), to, out)
                                              : setToVector(heap, tableOf(value.slot), to, out);
      if (!good) {
        error = "memory limit reached";
        return {};
      }
      made = out;
      break;
    }
    default:
      made = fromNumber(value, to);
  }
  if (made) return Value::adopt(to, *made);
  error = "this " + types::typeText(value.type) + " has no form as " + types::typeText(to);
  return {};
}

}  // namespace bulkhead::vm
