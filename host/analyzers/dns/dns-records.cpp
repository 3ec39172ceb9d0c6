// Record data of RFC 1035 and of the plain types that came after it.
#include "host/analyzers/dns/dns-analyzer.h"
#include "host/analyzers/dns/dns-message-parser.h"

#include <string>
#include <vector>

namespace bulkhead::analyzers::dns {

using events::EventId;
using events::Value;

bool MessageParser::address4(uint16_t size) {
  if (size != 4) {
    weird("DNS_RR_bad_length");
    return false;
  }
  auto address = IpAddr::v4(reader_.u32());
  raiseAnswer(EventId::dns_A_reply, {Value::addrOf(address)});
  return true;
}

bool MessageParser::address6() {
  // Four words, each zero if it is not there.
  IpAddr address;
  for (size_t i = 0; i < 16; i += 4) {
    uint32_t word = reader_.u32();
    for (size_t k = 0; k < 4; ++k)
      address.bytes[i + k] = static_cast<uint8_t>(word >> (24 - 8 * k));
  }
  raiseAnswer(record_.type == typeAaaa ? EventId::dns_AAAA_reply : EventId::dns_A6_reply,
              {Value::addrOf(address)});
  return true;
}

bool MessageParser::nameRecord(uint16_t size) {
  size_t from = reader_.position();
  Name name;
  if (!names_.read(reader_, name, true)) return false;
  checkLength(from, size);
  auto event = record_.type == typeNs      ? EventId::dns_NS_reply
               : record_.type == typeCname ? EventId::dns_CNAME_reply
                                           : EventId::dns_PTR_reply;
  raiseAnswer(event, {text(name)});
  return true;
}

bool MessageParser::soa(uint16_t size) {
  size_t from = reader_.position();
  Name server, mailbox;
  if (!names_.read(reader_, server, true) || !names_.read(reader_, mailbox, true)) return false;
  if (reader_.left() < 20) return false;
  uint32_t serial = reader_.u32();
  std::array<uint32_t, 4> seconds;  // refresh, retry, expire, minimum
  for (auto& s : seconds) s = reader_.u32();
  checkLength(from, size);
  std::array<Value, events::dns_soa_fields::fieldCount_> fields = {text(server),
                                                                   text(mailbox),
                                                                   Value::count(serial),
                                                                   Value::intervalOf(seconds[0]),
                                                                   Value::intervalOf(seconds[1]),
                                                                   Value::intervalOf(seconds[2]),
                                                                   Value::intervalOf(seconds[3])};
  raiseAnswer(EventId::dns_SOA_reply, {Value::listOf(fields)});
  return true;
}

bool MessageParser::mx(uint16_t size) {
  size_t from = reader_.position();
  uint16_t preference = reader_.u16();
  Name name;
  if (!names_.read(reader_, name, true)) return false;
  checkLength(from, size);
  raiseAnswer(EventId::dns_MX_reply, {text(name), Value::count(preference)});
  return true;
}

bool MessageParser::srv(uint16_t size) {
  size_t from = reader_.position();
  uint16_t priority = reader_.u16();
  uint16_t weight = reader_.u16();
  uint16_t port = reader_.u16();
  Name target;
  if (!names_.read(reader_, target, true)) return false;
  checkLength(from, size);
  raiseAnswer(EventId::dns_SRV_reply,
              {text(target), Value::count(priority), Value::count(weight), Value::count(port)});
  return true;
}

std::optional<std::string_view> MessageParser::characterString(size_t& left) {
  if (left == 0) return std::nullopt;
  uint8_t size = reader_.u8();
  --left;
  if (size > left) {
    weird("DNS_TXT_char_str_past_rdlen");
    return std::nullopt;
  }
  left -= size;
  return text(reader_.bytes(size)).view();
}

bool MessageParser::naptr(uint16_t size) {
  uint16_t order = reader_.u16();
  uint16_t preference = reader_.u16();
  if (size <= 4 || reader_.left() == 0) {
    context_.violation(analyzerTag, "DNS_NAPTR_too_short");
    return false;
  }
  size_t left = size - 4u;
  auto flags = characterString(left);
  auto service = characterString(left);
  auto regexp = characterString(left);
  Name replacement;
  bool named = names_.read(reader_, replacement, false);
  if (!flags || !service || !regexp || !named) {
    context_.violation(analyzerTag, "DNS_NAPTR_RR_too_short");
    return false;
  }
  std::array<Value, events::dns_naptr_rr_fields::fieldCount_> fields = {
      Value::count(order),     Value::count(preference), Value::textOf(*flags),
      Value::textOf(*service), Value::textOf(*regexp),   text(replacement)};
  raiseAnswer(EventId::dns_NAPTR_reply, {Value::listOf(fields)});
  return true;
}

bool MessageParser::hinfo(uint16_t size) {
  // Malformed contents end the parsing only if somebody asked for them.
  if (!wanted(EventId::dns_HINFO_reply)) return skipData(size);
  size_t left = size;
  auto cpu = characterString(left);
  auto os = characterString(left);
  raiseAnswer(EventId::dns_HINFO_reply,
              {Value::textOf(cpu.value_or("")), Value::textOf(os.value_or(""))});
  return left == 0;
}

bool MessageParser::texts(EventId event, uint16_t size) {
  if (quiet_) return skipData(size);
  size_t left = size;
  std::vector<Value> strings;
  while (auto string = characterString(left)) strings.push_back(Value::textOf(*string));
  raiseAnswer(event, {Value::listOf(strings)});
  return left == 0;
}

bool MessageParser::caa(uint16_t size) {
  if (!wanted(EventId::dns_CAA_reply)) return skipData(size);
  uint16_t flagsAndTag = reader_.u16();
  size_t tagSize = flagsAndTag & 0xff;
  if (size < 2u || tagSize >= size - 2u) {
    weird("DNS_CAA_char_str_past_rdlen");
    return false;
  }
  auto tag = reader_.bytes(tagSize);
  auto value = reader_.bytes(size - 2u - tagSize);
  raiseAnswer(EventId::dns_CAA_reply, {Value::count(flagsAndTag >> 8), text(tag), text(value)});
  return true;
}

bool MessageParser::loc(uint16_t size) {
  if (size != 16) {
    weird("dns_invalid_loc_length");
    return false;
  }
  if (quiet_) return skipData(size);
  uint8_t version = reader_.u8();
  std::array<Value, events::dns_loc_rr_fields::fieldCount_> fields = {
      text(record_.name), Value::count(static_cast<uint64_t>(record_.section)),
      Value::count(version)};
  for (size_t i = 3; i < 6; ++i) fields[i] = Value::count(reader_.u8());   // size, precisions
  for (size_t i = 6; i < 9; ++i) fields[i] = Value::count(reader_.u32());  // coordinates
  fields[9] = Value::count(header_.isQuery);
  if (version != 0) weird("DNS_LOC_version_unrecognized", version);
  raiseAnswer(EventId::dns_LOC, {Value::listOf(fields)});
  return true;
}

bool MessageParser::sshfp(uint16_t size) {
  if (quiet_) return skipData(size);
  if (reader_.left() < 2) return false;
  uint16_t algorithmAndType = reader_.u16();
  auto fingerprint = reader_.bytes(size < 2 ? 0 : size - 2u);
  raiseAnswer(EventId::dns_SSHFP, {Value::count(algorithmAndType >> 8),
                                   Value::count(algorithmAndType & 0xff), text(fingerprint)});
  return true;
}

bool MessageParser::unknown(uint16_t size) {
  raiseAnswer(EventId::dns_unknown_reply, {});
  weird("DNS_RR_unknown_type", record_.type);
  return skipData(size);
}

}  // namespace bulkhead::analyzers::dns
