// Service binding records, SVCB and HTTPS (RFC 9460).
#include "host/analyzers/dns/dns-message-parser.h"

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace bulkhead::analyzers::dns {

using events::EventId;
using events::Value;

namespace {

enum ParameterKey : uint16_t {
  keyMandatory,
  keyAlpn,
  keyNoDefaultAlpn,
  keyPort,
  keyIpv4Hint,
  keyEch,
  keyIpv6Hint,
};

std::string base64(flow::Bytes bytes) {
  static constexpr char digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    size_t have = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) group = group << 8 | (k < have ? bytes[i + k] : 0u);
    for (size_t k = 0; k < 4; ++k) out += k <= have ? digits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

}  // namespace

// Holds what the values point to; deques, since their elements stay where they are.
struct MessageParser::ServiceParameters {
  using Fields = std::array<Value, events::dns_svcb_param_fields::fieldCount_>;
  std::deque<Fields> fields;
  std::deque<std::vector<Value>> lists;
  std::deque<IpAddr> addresses;
  std::deque<std::string> texts;
  std::vector<Value> values;
};

bool MessageParser::svcb(EventId event, uint16_t size) {
  size_t from = reader_.position();
  if (size < 3) {
    weird("DNS_SVCB_wrong_length");
    return false;
  }
  uint16_t priority = reader_.u16();
  Name target;
  if (!names_.read(reader_, target, false)) return false;
  if (target.empty()) target.assign(".");
  ServiceParameters parameters;
  std::array<Value, events::dns_svcb_rr_fields::fieldCount_> fields = {Value::count(priority),
                                                                       text(target)};
  auto left = int64_t(size) - int64_t(reader_.position() - from);
  if (left > 0) {
    if (priority == 0) weird("DNS_SVCB_aliasmode_with_params");
    serviceParameters(parameters, left);
    fields[2] = Value::listOf(parameters.values);
  }
  bool quiet = std::exchange(quiet_, false);
  raiseAnswer(event, {Value::listOf(fields)});
  quiet_ = quiet;
  return true;
}

void MessageParser::serviceParameters(ServiceParameters& out, int64_t size) {
  while (size >= 4) {
    uint16_t key = reader_.u16();
    int64_t valueSize = reader_.u16();
    size -= 4;
    auto& fields = out.fields.emplace_back();
    size_t from = reader_.position();
    bool wellFormed = valueSize <= size;
    if (wellFormed) {
      fields[0] = Value::count(key);
      wellFormed = serviceParameter(out, fields.data(), key, static_cast<size_t>(valueSize));
    } else {
      weird("DNS_SVCB_param_value_toobig",
            std::to_string(valueSize) + " capped to " + std::to_string(size));
      valueSize = size;
      // Zeek leaves the key unset here; the record has no default for it, so it reads as zero.
      fields[0] = Value::count(key);
    }
    if (!wellFormed) {
      reader_.rewind(from);
      fields[events::dns_svcb_param_fields::raw] =
          text(reader_.bytes(static_cast<size_t>(valueSize)));
    }
    out.values.push_back(Value::listOf(fields));
    size -= valueSize;
  }
}

// False if the value is to be passed on raw.
bool MessageParser::serviceParameter(ServiceParameters& out, Value* fields, uint16_t key,
                                     size_t size) {
  namespace field = events::dns_svcb_param_fields;
  auto malformed = [&](std::string_view name) {
    weird(name);
    return false;
  };
  switch (key) {
    case keyMandatory: {
      if (size == 0 || size % 2 != 0) return malformed("DNS_SVCB_mandatory_length_invalid");
      auto& keys = out.lists.emplace_back();
      for (size_t i = 0; i < size; i += 2) keys.push_back(Value::count(reader_.u16()));
      fields[field::mandatory] = Value::listOf(keys);
      return true;
    }
    case keyAlpn: {
      auto& protocols = out.lists.emplace_back();
      size_t used = 0;
      while (used + 2 <= size) {
        size_t one = reader_.u8();
        ++used;
        if (one == 0 || one + used > size) return malformed("DNS_SVCB_alpn_length_invalid");
        protocols.push_back(text(reader_.bytes(one)));
        used += one;
      }
      if (used != size) return malformed("DNS_SVCB_alpn_length_invalid");
      if (!protocols.empty()) fields[field::alpn] = Value::listOf(protocols);
      return true;
    }
    case keyNoDefaultAlpn:
      return size == 0 || malformed("DNS_SVCB_nodefaultalpn_value");
    case keyPort:
      if (size != 2) return malformed("DNS_SVCB_port_length_invalid");
      fields[field::p] = Value::count(reader_.u16());
      return true;
    case keyIpv4Hint:
    case keyIpv6Hint: {
      size_t one = key == keyIpv4Hint ? 4 : 16;
      if (size % one != 0) return malformed("DNS_SVCB_hint_length_invalid");
      auto& hints = out.lists.emplace_back();
      for (size_t i = 0; i < size; i += one) {
        auto bytes = reader_.bytes(one).data();
        out.addresses.push_back(one == 4 ? IpAddr::v4(bytes) : IpAddr::v6(bytes));
        hints.push_back(Value::addrOf(out.addresses.back()));
      }
      if (!hints.empty()) fields[field::hint] = Value::listOf(hints);
      return true;
    }
    case keyEch:
      out.texts.push_back(base64(reader_.bytes(size)));
      fields[field::ech] = Value::textOf(out.texts.back());
      return true;
    default:
      return malformed("DNS_SVCB_key_reserved_or_invalid");
  }
}

}  // namespace bulkhead::analyzers::dns
