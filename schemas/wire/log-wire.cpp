#include "schemas/wire/log-wire.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace bulkhead::wire {

namespace {

using Kind = LogValue::Kind;

uint64_t bigEndian(const uint8_t* bytes) {
  uint64_t out = 0;
  for (int i = 0; i < 8; ++i) out = out << 8 | bytes[i];
  return out;
}

void toBigEndian(uint64_t value, uint8_t* bytes) {
  for (int i = 7; i >= 0; --i, value >>= 8) bytes[i] = static_cast<uint8_t>(value);
}

capnp::Data::Reader data(const std::string& text) {
  return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
}

std::string bytes(capnp::Data::Reader from) {
  return {reinterpret_cast<const char*>(from.begin()), from.size()};
}

std::string text(capnp::Text::Reader from) { return {from.cStr(), from.size()}; }

std::optional<Kind> kindOf(std::string_view name) {
  for (int k = 0; k <= static_cast<int>(Kind::vector); ++k)
    if (logKindName(static_cast<Kind>(k)) == name) return static_cast<Kind>(k);
  return std::nullopt;
}

// "set[addr]" -> set, addr; "count" -> count, unset.
bool parseType(std::string_view type, LogColumn& column) {
  size_t bracket = type.find('[');
  auto outer = kindOf(type.substr(0, bracket));
  if (!outer || *outer == Kind::unset) return false;
  column.type = *outer;
  bool container = *outer == Kind::set || *outer == Kind::vector;
  if (container != (bracket != std::string_view::npos)) return false;
  if (!container) return true;
  if (type.back() != ']') return false;
  auto inner = kindOf(type.substr(bracket + 1, type.size() - bracket - 2));
  // An empty vector constant has elements of no type; Zeek's header says so too.
  if (!inner || *inner == Kind::set || *inner == Kind::vector) return false;
  column.elementType = *inner;
  return true;
}

// Reads one scalar of the declared kind.
bool readScalar(schemas::Value::Reader from, Kind kind, LogValue& to) {
  using V = schemas::Value;
  auto which = from.which();
  if (which == V::ABSENT) {
    to = {};
    return true;
  }
  switch (kind) {
    case Kind::boolean:
      if (which != V::BOOLEAN) return false;
      to = LogValue::ofBool(from.getBoolean());
      return true;
    case Kind::integer:
      if (which != V::INTEGER) return false;
      to = LogValue::ofInt(from.getInteger());
      return true;
    case Kind::count:
      if (which != V::COUNT) return false;
      to = LogValue::ofCount(from.getCount());
      return true;
    case Kind::real:
      if (which != V::REAL) return false;
      to = LogValue::ofReal(from.getReal());
      return true;
    case Kind::time:
      if (which != V::TIME) return false;
      to = LogValue::ofTime(from.getTime());
      return true;
    case Kind::interval:
      if (which != V::INTERVAL) return false;
      to = LogValue::ofInterval(from.getInterval());
      return true;
    case Kind::enumeration:
      if (which != V::ENUM_NAME) return false;
      to = LogValue::ofEnum(text(from.getEnumName()));
      return true;
    case Kind::pattern:
      if (which != V::PATTERN) return false;
      to = {Kind::pattern, bytes(from.getPattern())};
      return true;
    case Kind::string:
    case Kind::function:
    case Kind::file:
      if (which != V::TEXT) return false;
      to = {kind, bytes(from.getText())};
      return true;
    case Kind::addr:
      if (which != V::ADDR) return false;
      to = LogValue::ofAddr(readAddress(from.getAddr()));
      return true;
    case Kind::subnet: {
      if (which != V::SUBNET) return false;
      IpAddr prefix = readAddress(from.getSubnet().getPrefix());
      uint8_t width = from.getSubnet().getWidth();
      if (width > (prefix.isV4() ? 32 : 128)) return false;
      to = LogValue::ofSubnet({prefix, width});
      return true;
    }
    case Kind::port:
      if (which != V::PORT || from.getPort() >> 16 > 3) return false;
      to = LogValue::ofPort(unpackPort(from.getPort()));
      return true;
    case Kind::unset:
    case Kind::set:
    case Kind::vector:
      break;
  }
  return false;
}

}  // namespace

void writeAddress(schemas::Address::Builder to, const IpAddr& from) {
  to.setHigh(bigEndian(from.bytes.data()));
  to.setLow(bigEndian(from.bytes.data() + 8));
}

IpAddr readAddress(schemas::Address::Reader from) {
  IpAddr out;
  toBigEndian(from.getHigh(), out.bytes.data());
  toBigEndian(from.getLow(), out.bytes.data() + 8);
  return out;
}

uint32_t packPort(Port port) { return static_cast<uint32_t>(port.transport) << 16 | port.number; }

Port unpackPort(uint32_t packed) {
  return {static_cast<uint16_t>(packed), static_cast<Transport>(packed >> 16 & 3)};
}

void write(schemas::Value::Builder to, const LogValue& from) {
  switch (from.kind) {
    case Kind::unset:
      to.setAbsent();
      break;
    case Kind::boolean:
      to.setBoolean(std::get<bool>(from.data));
      break;
    case Kind::integer:
      to.setInteger(std::get<int64_t>(from.data));
      break;
    case Kind::count:
      to.setCount(std::get<uint64_t>(from.data));
      break;
    case Kind::real:
      to.setReal(from.real());
      break;
    case Kind::time:
      to.setTime(from.real());
      break;
    case Kind::interval:
      to.setInterval(from.real());
      break;
    case Kind::string:
    case Kind::function:
    case Kind::file:
      to.setText(data(from.text()));
      break;
    case Kind::enumeration:
      to.setEnumName(kj::StringPtr(from.text().c_str(), from.text().size()));
      break;
    case Kind::pattern:
      to.setPattern(data(from.text()));
      break;
    case Kind::addr:
      writeAddress(to.initAddr(), std::get<IpAddr>(from.data));
      break;
    case Kind::subnet: {
      const auto& subnet = std::get<Subnet>(from.data);
      auto group = to.initSubnet();
      writeAddress(group.initPrefix(), subnet.prefix);
      group.setWidth(subnet.width);
      break;
    }
    case Kind::port:
      to.setPort(packPort(std::get<Port>(from.data)));
      break;
    case Kind::set:
    case Kind::vector: {
      const auto& elements = from.elements();
      auto list = to.initList(static_cast<unsigned>(elements.size()));
      for (unsigned i = 0; i < elements.size(); ++i) write(list[i], elements[i]);
      break;
    }
  }
}

void write(schemas::LogDescriptor::Builder to, uint32_t id, const LogDescriptor& from) {
  auto put = [](const std::string& s) { return kj::StringPtr(s.c_str(), s.size()); };
  to.setId(id);
  to.setStream(put(from.stream));
  to.setFilter(put(from.filter));
  to.setPath(put(from.path));
  to.setWriter(put(from.writer));
  auto config = to.initConfig(static_cast<unsigned>(from.config.size()));
  for (unsigned i = 0; i < from.config.size(); ++i) {
    config[i].setKey(put(from.config[i].first));
    config[i].setValue(put(from.config[i].second));
  }
  auto columns = to.initColumns(static_cast<unsigned>(from.columns.size()));
  for (unsigned i = 0; i < from.columns.size(); ++i) {
    const auto& column = from.columns[i];
    columns[i].setName(put(column.name));
    columns[i].setType(put(logTypeText(column)));
    columns[i].setOrigin(static_cast<schemas::Origin>(column.origin));
    columns[i].setOptional(column.optional);
    columns[i].setIdentifying(column.identifying);
  }
  to.setStandard(from.standard);
  to.setRotationInterval(from.rotationInterval);
  to.setPostprocessor(put(from.postprocessor));
  to.setStandardStream(from.standardStream);
  if (!from.standardStream || from.standard) return;
  auto names = to.initNames();
  auto texts = [&](capnp::List<capnp::Text>::Builder list, const std::vector<std::string>& all) {
    for (unsigned i = 0; i < all.size(); ++i) list.set(i, put(all[i]));
  };
  names.setRestricted(from.names.restricted);
  texts(names.initInclude(static_cast<unsigned>(from.names.include.size())), from.names.include);
  texts(names.initExclude(static_cast<unsigned>(from.names.exclude.size())), from.names.exclude);
  auto renames = names.initRenames(static_cast<unsigned>(from.names.renames.size()));
  for (unsigned i = 0; i < renames.size(); ++i) {
    renames[i].setKey(put(from.names.renames[i].first));
    renames[i].setValue(put(from.names.renames[i].second));
  }
  names.setScopeSeparator(put(from.names.scopeSeparator));
}

std::string read(schemas::LogDescriptor::Reader from, LogDescriptor& to) {
  auto columns = from.getColumns();
  if (columns.size() > schemas::MAX_COLUMNS) return "a log with more than 1024 columns";
  to = {};
  to.stream = text(from.getStream());
  to.filter = text(from.getFilter());
  to.path = text(from.getPath());
  to.writer = text(from.getWriter());
  for (auto option : from.getConfig())
    to.config.emplace_back(text(option.getKey()), text(option.getValue()));
  for (auto each : columns) {
    LogColumn column{.name = text(each.getName())};
    if (!parseType(text(each.getType()), column))
      return "a log column of the unknown type \"" + text(each.getType()) + "\"";
    if (each.getOrigin() > schemas::Origin::PACKAGE) return "a log column of unknown origin";
    // Separators in a name would break the header into more columns.
    for (char c : column.name)
      if (static_cast<unsigned char>(c) < 0x20)
        return "a log column with a control character in its name";
    column.origin = static_cast<LogColumnOrigin>(each.getOrigin());
    column.optional = each.getOptional();
    column.identifying = each.getIdentifying();
    to.columns.push_back(std::move(column));
  }
  to.standard = from.getStandard();
  to.rotationInterval = from.getRotationInterval();
  to.postprocessor = text(from.getPostprocessor());
  to.standardStream = from.getStandardStream();
  if (!from.hasNames()) return {};
  auto names = from.getNames();
  if (names.getInclude().size() > schemas::MAX_NAME_RULES ||
      names.getExclude().size() > schemas::MAX_NAME_RULES ||
      names.getRenames().size() > schemas::MAX_NAME_RULES)
    return "a filter with more than 4096 names";
  to.names.restricted = names.getRestricted();
  for (auto each : names.getInclude()) to.names.include.push_back(text(each));
  for (auto each : names.getExclude()) to.names.exclude.push_back(text(each));
  for (auto each : names.getRenames())
    to.names.renames.emplace_back(text(each.getKey()), text(each.getValue()));
  to.names.scopeSeparator = text(names.getScopeSeparator());
  // In the order that look-ups go by, whatever the sender's was.
  std::sort(to.names.include.begin(), to.names.include.end());
  std::sort(to.names.exclude.begin(), to.names.exclude.end());
  std::sort(to.names.renames.begin(), to.names.renames.end());
  return {};
}

std::string read(capnp::List<schemas::Value>::Reader from, const std::vector<LogColumn>& columns,
                 std::vector<LogValue>& to) {
  if (from.size() != columns.size()) return "a row with a wrong number of columns";
  to.assign(columns.size(), {});
  for (unsigned i = 0; i < from.size(); ++i) {
    const auto& column = columns[i];
    auto value = from[i];
    bool good;
    if (column.type == Kind::set || column.type == Kind::vector) {
      good = value.isAbsent() || value.isList();
      if (value.isList()) {
        LogValue::Elements elements;
        for (auto each : value.getList()) {
          good = good && readScalar(each, column.elementType, elements.emplace_back());
          if (!good) break;
        }
        to[i] = {column.type, std::move(elements)};
      }
    } else {
      good = readScalar(value, column.type, to[i]);
    }
    if (!good) return "a row whose column " + column.name + " is no " + logTypeText(column);
  }
  return {};
}

}  // namespace bulkhead::wire
