// Record data of DNSSEC (RFC 4034, RFC 5155) and of BIND's private signing-state record.
#include "host/analyzers/dns/dns-message-parser.h"

#include <string>
#include <vector>

namespace bulkhead::analyzers::dns {

using events::EventId;
using events::Value;

namespace {

// How a zone-signing algorithm number stands in Zeek's weirds; nullptr: nothing to say.
const char* algorithmRemark(uint8_t algorithm) {
  switch (algorithm) {
    case 1:
      return "NotRecommended";
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
    case 10:
    case 12:
    case 13:
    case 14:
    case 15:
    case 16:
      return nullptr;
    case 252:
      return "Indirect";
    case 253:
      return "PrivateDNS";
    case 254:
      return "PrivateOID";
    default:
      return "unknown";
  }
}

size_t rest(uint16_t size, size_t used) { return size > used ? size - used : 0; }

}  // namespace

void MessageParser::zoneAlgorithm(uint8_t algorithm, std::string_view record) {
  const char* remark = algorithmRemark(algorithm);
  if (!remark) return;
  weird("DNSSEC_" + std::string(record) + "_" + remark + "_ZoneSignAlgo", algorithm);
}

bool MessageParser::rrsig(uint16_t size) {
  if (quiet_) return skipData(size);
  if (reader_.left() < 18) return false;
  size_t from = reader_.position();
  uint16_t typeCovered = reader_.u16();
  uint8_t algorithm = reader_.u8();
  uint8_t labels = reader_.u8();
  uint32_t originalTtl = reader_.u32();
  uint32_t expiration = reader_.u32();
  uint32_t inception = reader_.u32();
  uint16_t keyTag = reader_.u16();
  Name signer;
  if (!names_.read(reader_, signer, true)) return false;
  auto signature = reader_.bytes(rest(size, reader_.position() - from));
  zoneAlgorithm(algorithm, "RRSIG");
  std::array<Value, events::dns_rrsig_rr_fields::fieldCount_> fields = {
      text(record_.name),        Value::count(static_cast<uint64_t>(record_.section)),
      Value::count(typeCovered), Value::count(algorithm),
      Value::count(labels),      Value::intervalOf(originalTtl),
      Value::timeOf(expiration), Value::timeOf(inception),
      Value::count(keyTag),      text(signer),
      text(signature),           Value::count(header_.isQuery)};
  raiseAnswer(EventId::dns_RRSIG, {Value::listOf(fields)});
  return true;
}

bool MessageParser::dnskey(uint16_t size) {
  constexpr uint16_t definedFlags = 0x0181;  // zone key, revoked, secure entry point
  if (quiet_) return skipData(size);
  if (reader_.left() < 4) return false;
  uint16_t flags = reader_.u16();
  uint8_t protocol = reader_.u8();
  uint8_t algorithm = reader_.u8();
  auto key = reader_.bytes(rest(size, 4));
  if (flags & static_cast<uint16_t>(~definedFlags)) weird("DNSSEC_DNSKEY_Invalid_Flag", flags);
  if ((flags & definedFlags) == definedFlags) weird("DNSSEC_DNSKEY_Revoked_KSK", flags);
  if (protocol != 3) weird("DNSSEC_DNSKEY_Invalid_Protocol", protocol);
  zoneAlgorithm(algorithm, "DNSKEY");
  std::array<Value, events::dns_dnskey_rr_fields::fieldCount_> fields = {
      text(record_.name),           Value::count(static_cast<uint64_t>(record_.section)),
      Value::count(flags),          Value::count(protocol),
      Value::count(algorithm),      text(key),
      Value::count(header_.isQuery)};
  raiseAnswer(EventId::dns_DNSKEY, {Value::listOf(fields)});
  return true;
}

std::vector<Value> MessageParser::typeBitmaps(int64_t size, std::string_view emptyWeird) {
  std::vector<Value> bitmaps;
  while (size > 0 && reader_.left() > 0) {
    uint16_t windowAndSize = reader_.u16();
    size_t bytes = windowAndSize & 0xff;
    if (bytes == 0) {
      weird(emptyWeird, windowAndSize >> 8);
      break;
    }
    bitmaps.push_back(text(reader_.bytes(bytes)));
    size -= static_cast<int64_t>(2 + bytes);
  }
  return bitmaps;
}

bool MessageParser::nsec(uint16_t size) {
  if (quiet_) return skipData(size);
  size_t from = reader_.position();
  Name next;
  if (!names_.read(reader_, next, true)) return false;
  auto bitmaps =
      typeBitmaps(int64_t(size) - int64_t(reader_.position() - from), "DNSSEC_NSEC_bitmapLen0");
  raiseAnswer(EventId::dns_NSEC, {text(next), Value::listOf(bitmaps)});
  return true;
}

bool MessageParser::nsec3(uint16_t size) {
  if (quiet_) return skipData(size);
  if (reader_.left() < 6) return false;
  size_t from = reader_.position();
  uint8_t algorithm = reader_.u8();
  uint8_t flags = reader_.u8();
  uint16_t iterations = reader_.u16();
  uint8_t saltSize = reader_.u8();
  auto salt = reader_.bytes(saltSize);
  uint8_t hashSize = reader_.u8();
  auto hash = reader_.bytes(hashSize);
  auto bitmaps =
      typeBitmaps(int64_t(size) - int64_t(reader_.position() - from), "DNSSEC_NSEC3_bitmapLen0");
  std::array<Value, events::dns_nsec3_rr_fields::fieldCount_> fields = {
      text(record_.name),
      Value::count(static_cast<uint64_t>(record_.section)),
      Value::count(flags),
      Value::count(algorithm),
      Value::count(iterations),
      Value::count(saltSize),
      text(salt),
      Value::count(hashSize),
      text(hash),
      Value::listOf(bitmaps),
      Value::count(header_.isQuery)};
  raiseAnswer(EventId::dns_NSEC3, {Value::listOf(fields)});
  return true;
}

bool MessageParser::nsec3param(uint16_t size) {
  if (quiet_) return skipData(size);
  if (reader_.left() < 5) return false;
  uint8_t algorithm = reader_.u8();
  uint8_t flags = reader_.u8();
  uint16_t iterations = reader_.u16();
  uint8_t saltSize = reader_.u8();
  auto salt = reader_.bytes(saltSize);
  std::array<Value, events::dns_nsec3param_rr_fields::fieldCount_> fields = {
      text(record_.name),
      Value::count(static_cast<uint64_t>(record_.section)),
      Value::count(flags),
      Value::count(algorithm),
      Value::count(iterations),
      Value::count(saltSize),
      text(salt),
      Value::count(header_.isQuery)};
  raiseAnswer(EventId::dns_NSEC3PARAM, {Value::listOf(fields)});
  return true;
}

bool MessageParser::ds(uint16_t size) {
  if (quiet_) return skipData(size);
  if (reader_.left() < 4) return false;
  uint16_t keyTag = reader_.u16();
  uint8_t algorithm = reader_.u8();
  uint8_t digestType = reader_.u8();
  auto digest = reader_.bytes(rest(size, 4));
  if (digestType == 0)
    weird("DNSSEC_DS_ReservedDigestType", digestType);
  else if (digestType > 4)
    weird("DNSSEC_DS_unknown_DigestType", digestType);
  std::array<Value, events::dns_ds_rr_fields::fieldCount_> fields = {
      text(record_.name),           Value::count(static_cast<uint64_t>(record_.section)),
      Value::count(keyTag),         Value::count(algorithm),
      Value::count(digestType),     text(digest),
      Value::count(header_.isQuery)};
  raiseAnswer(EventId::dns_DS, {Value::listOf(fields)});
  return true;
}

bool MessageParser::binds(uint16_t size) {
  if (quiet_) return skipData(size);
  if (reader_.left() < 5) return false;
  uint8_t algorithm = reader_.u8();
  uint16_t keyId = reader_.u16();
  uint8_t removal = reader_.u8();
  uint8_t complete = reader_.u8();
  std::array<Value, events::dns_binds_rr_fields::fieldCount_> fields = {
      text(record_.name),           Value::count(static_cast<uint64_t>(record_.section)),
      Value::count(algorithm),      Value::count(keyId),
      Value::count(removal),        Value::count(complete),
      Value::count(header_.isQuery)};
  raiseAnswer(EventId::dns_BINDS, {Value::listOf(fields)});
  return true;
}

}  // namespace bulkhead::analyzers::dns
