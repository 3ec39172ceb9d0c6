// EDNS options (RFC 6891, 7828, 7871, 7873) and the signing records TSIG and TKEY.
#include "host/analyzers/dns/dns-message-parser.h"

#include <algorithm>
#include <string>

namespace bulkhead::analyzers::dns {

using events::EventId;
using events::Value;

namespace {

enum Option : uint16_t { optionClientSubnet = 8, optionCookie = 10, optionKeepalive = 11 };
enum AddressFamily : uint16_t { familyV4 = 1, familyV6 = 2 };

constexpr size_t clientCookieSize = 8;
constexpr size_t minServerCookie = 8;
constexpr size_t maxServerCookie = 32;

// A 16-bit length, then as many bytes; fewer if the message ends.
flow::Bytes octets(Reader& reader) {
  uint16_t size = reader.u16();
  return reader.bytes(size);
}

}  // namespace

bool MessageParser::opt(uint16_t size) {
  if (wanted(EventId::dns_EDNS_addl)) {
    uint32_t ttl = record_.ttl;
    std::array<Value, events::dns_edns_additional_fields::fieldCount_> fields = {
        text(record_.name),
        Value::count(static_cast<uint64_t>(record_.section)),
        Value::count(record_.type),
        Value::count(record_.klass),
        Value::count((ttl >> 24) << 4 | header_.rcode()),
        Value::count(ttl >> 16 & 0xff),
        Value::count(ttl & 0xffff),
        Value::intervalOf(ttl),
        Value::count(header_.isQuery)};
    raise(EventId::dns_EDNS_addl, {Value::listOf(fields)});
  }
  size_t left = size;
  while (left >= 4) {
    uint16_t code = reader_.u16();
    size_t optionSize = reader_.u16();
    left -= 4;
    if (optionSize > left) break;
    Reader option = reader_;
    switch (code) {
      case optionClientSubnet:
        clientSubnet(option, optionSize);
        break;
      case optionKeepalive:
        keepalive(option, optionSize);
        break;
      case optionCookie:
        cookie(option, optionSize);
        break;
      default:
        break;
    }
    reader_.skip(optionSize);
    left -= optionSize;
    if (left == 0) return true;
  }
  if (left == 0 && size < 4) return true;
  weird("EDNS_truncated_option");
  return false;
}

void MessageParser::clientSubnet(Reader option, size_t size) {
  if (size <= 4) {
    weird("EDNS_ECS_invalid_option_len");
    return;
  }
  uint16_t family = option.u16();
  uint8_t source = option.u8();
  uint8_t scope = option.u8();
  if (family != familyV4 && family != familyV6) return;
  bool v4 = family == familyV4;
  std::string suffix = v4 ? "v4" : "v6";
  if (source > (v4 ? 32 : 128)) {
    weird("EDNS_ECS_invalid_addr_" + suffix + "_prefix", std::to_string(source) + " bits");
    return;
  }
  size_t have = (size - 4) * 8;
  if (source > have) {
    weird("EDNS_ECS_invalid_addr_" + suffix,
          "need " + std::to_string(source) + " bits, have " + std::to_string(have) + " bits");
    return;
  }
  uint8_t bytes[16] = {};
  auto given = option.bytes((source + 7u) / 8);
  std::copy(given.begin(), given.end(), bytes);
  IpAddr address = v4 ? IpAddr::v4(bytes) : IpAddr::v6(bytes);
  std::array<Value, events::dns_edns_ecs_fields::fieldCount_> fields = {
      Value::textOf(suffix), Value::count(source), Value::count(scope), Value::addrOf(address)};
  raise(EventId::dns_EDNS_ecs, {Value::listOf(fields)});
}

void MessageParser::keepalive(Reader option, size_t size) {
  if (size != 0 && size != 2) return;
  uint16_t timeout = size == 2 ? option.u16() : 0;
  // RFC 7828 section 3.2: not to be used over UDP.
  if (context_.isUdp()) weird("EDNS_TCP_Keepalive_In_UDP");
  std::array<Value, events::dns_edns_tcp_keepalive_fields::fieldCount_> fields = {
      Value::of(size == 0), Value::count(timeout)};
  raise(EventId::dns_EDNS_tcp_keepalive, {Value::listOf(fields)});
}

void MessageParser::cookie(Reader option, size_t size) {
  size_t server = size - std::min(size, clientCookieSize);
  bool legal = size == clientCookieSize || (server >= minServerCookie && server <= maxServerCookie);
  if (!legal) return;
  auto clientCookie = option.bytes(clientCookieSize);
  auto serverCookie = option.bytes(server);
  std::array<Value, events::dns_edns_cookie_fields::fieldCount_> fields = {text(clientCookie),
                                                                           text(serverCookie)};
  raise(EventId::dns_EDNS_cookie, {Value::listOf(fields)});
}

bool MessageParser::tsig() {
  Name algorithm;
  if (!names_.read(reader_, algorithm, true)) return false;
  uint32_t seconds = reader_.u32();
  uint16_t milliseconds = reader_.u16();
  uint16_t fudge = reader_.u16();
  auto mac = octets(reader_);
  uint16_t originalId = reader_.u16();
  uint16_t error = reader_.u16();
  octets(reader_);
  std::array<Value, events::dns_tsig_additional_fields::fieldCount_> fields = {
      text(record_.name),
      Value::count(static_cast<uint64_t>(record_.section)),
      text(algorithm),
      text(mac),
      Value::timeOf(seconds + milliseconds / 1000.0),
      Value::timeOf(fudge),
      Value::count(originalId),
      Value::count(error),
      Value::count(header_.isQuery)};
  raise(EventId::dns_TSIG_addl, {Value::listOf(fields)});
  return true;
}

bool MessageParser::tkey(uint16_t size) {
  if (!wanted(EventId::dns_TKEY)) return skipData(size);
  if (reader_.left() < 16) return false;
  Name algorithm;
  if (!names_.read(reader_, algorithm, true)) return false;
  uint32_t inception = reader_.u32();
  uint32_t expiration = reader_.u32();
  uint16_t mode = reader_.u16();
  uint16_t error = reader_.u16();
  auto key = octets(reader_);
  octets(reader_);
  std::array<Value, events::dns_tkey_fields::fieldCount_> fields = {
      text(record_.name),
      Value::count(static_cast<uint64_t>(record_.section)),
      text(algorithm),
      Value::timeOf(inception),
      Value::timeOf(expiration),
      Value::count(mode),
      Value::count(error),
      text(key),
      Value::count(header_.isQuery)};
  raise(EventId::dns_TKEY, {Value::listOf(fields)});
  return true;
}

}  // namespace bulkhead::analyzers::dns
