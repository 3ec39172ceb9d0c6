#include "host/analyzers/dns/dns-message-parser.h"

#include "host/analyzers/dns/dns-analyzer.h"
#include "host/analyzers/options.h"

#include <array>
#include <cassert>

namespace bulkhead::analyzers::dns {

using events::EventId;
using events::Value;

namespace {

constexpr uint16_t netbiosPort = 137;
constexpr size_t maxArguments = 9;

std::array<Value, events::dns_msg_fields::fieldCount_> headerFields(const Header& h) {
  auto flag = [&](int bit) { return Value::of((h.flags >> bit & 1) != 0); };
  return {Value::count(h.id),
          Value::count(h.opcode()),
          Value::count(h.rcode()),
          flag(15),
          flag(10),
          flag(9),
          flag(8),
          flag(7),
          Value::count(h.flags >> 4 & 7),
          flag(5),
          flag(4),
          Value::count(h.questions),
          Value::count(h.answers),
          Value::count(h.authorities),
          Value::count(h.additionals),
          Value::of(h.isNetbios)};
}

}  // namespace

MessageParser::MessageParser(flow::ConnectionContext& context, const Header& header,
                             flow::Bytes message)
    : context_(context),
      sink_(context.sink()),
      header_(header),
      reader_(message),
      names_(context, context.state().id.respPort.number == netbiosPort),
      nodeStatus_(context.state().id.respPort.number == netbiosPort) {
  assert(message.size() >= Header::wireSize);
  reader_.skip(Header::wireSize);
}

void raiseMessage(flow::ConnectionContext& context, const Header& header, size_t size) {
  if (!context.sink().wants(EventId::dns_message)) return;
  auto fields = headerFields(header);
  context.sink().raise(EventId::dns_message, {Value::of(context.state()), Value::of(header.isQuery),
                                              Value::listOf(fields), Value::count(size)});
}

void MessageParser::run() {
  uint32_t limit = options().dnsMaxQueries;
  if (limit > 0 && header_.questions > limit) {
    // Much that is no DNS runs over port 53; this finds most of it.
    context_.violation(analyzerTag, "DNS_Conn_count_too_large");
    weird("DNS_Conn_count_too_large",
          std::to_string(header_.questions) + " > " + std::to_string(limit));
    context_.noteLimitReached();
  } else if (!sections()) {
    return;
  }
  raise(EventId::dns_end, {});
}

bool MessageParser::sections() {
  if (header_.isUpdate()) {
    if (header_.questions != 1) {
      weird("DNS_DU_invalid_zone_count", header_.questions);
      return true;
    }
    if (!recordHead()) return true;
    if (record_.type != typeSoa) {
      weird("DNS_DU_incorrect_zone_type");
      return false;
    }
    if (!updateSections()) return true;
  } else {
    for (uint16_t i = 0; i < header_.questions; ++i)
      if (!question()) return true;
    if (!records(Section::answer, header_.answers)) return true;
  }
  context_.confirm(analyzerTag);

  bool skipAuthority = options().dnsSkipAllAuth;
  bool skipAdditional = options().dnsSkipAllAddl;
  if (header_.answers > 0) {
    const IpAddr& server = context_.state().id.respHost;
    skipAuthority |= header_.authorities == 0 || options().dnsSkipAuth.count(server) > 0;
    skipAdditional |= header_.additionals == 0 || options().dnsSkipAddl.count(server) > 0;
  }
  if (skipAuthority && skipAdditional) return true;
  if (!header_.isUpdate()) {
    quiet_ = skipAuthority;
    if (!records(Section::authority, header_.authorities)) return true;
  }
  if (skipAdditional) return true;
  quiet_ = false;
  records(Section::additional, header_.additionals);
  return true;
}

bool MessageParser::updateSections() {
  Name zone = record_.name;
  zoneClass_ = record_.klass;
  if (!records(Section::prerequisite, header_.answers)) return false;
  if (!records(Section::update, header_.authorities)) return false;
  if (sink_.wants(EventId::dns_dynamic_update))
    raise(EventId::dns_dynamic_update, {text(zone), Value::count(zoneClass_)});
  return true;
}

bool MessageParser::question() {
  Name original;
  if (!names_.read(reader_, original, false)) return false;
  if (reader_.left() < 4) {
    weird("DNS_truncated_quest_too_short");
    return false;
  }
  uint16_t type = reader_.u16();
  uint16_t klass = reader_.u16();
  auto event = EventId::dns_query_reply;
  if (!header_.isReply())
    event = EventId::dns_request;
  else if (header_.answers == 0 && header_.authorities == 0 && header_.additionals == 0)
    event = EventId::dns_rejected;
  if (!wanted(event)) return true;
  Name name = original;
  name.lower(0);
  raise(event, {text(name), Value::count(type), Value::count(klass), text(original)});
  return true;
}

bool MessageParser::records(Section section, uint16_t count) {
  record_.section = section;
  for (uint16_t i = 0; i < count; ++i)
    if (!record()) return false;
  return true;
}

bool MessageParser::recordHead() {
  record_.name.assign({});
  if (!names_.read(reader_, record_.name, true)) return false;
  if (reader_.left() < 4) {
    weird("DNS_truncated_ans_too_short");
    return false;
  }
  record_.type = reader_.u16();
  record_.klass = reader_.u16();
  return true;
}

bool MessageParser::record() {
  if (!recordHead()) return false;
  record_.ttl = reader_.u32();
  uint16_t size = reader_.u16();
  if (size > reader_.left()) {
    weird("DNS_truncated_RR_rdlength_lt_len");
    return false;
  }
  bool update = header_.isUpdate();
  if (update && updateRecord(record_.section, size)) return true;
  if (size == 0 && reader_.left() > 0) {
    if (update) return true;
    weird("DNS_zero_rdlength");
    return false;
  }
  return data(size);
}

// RFC 2136 sections 3.2 and 3.4: what class, TTL and length must be, by meaning.
bool MessageParser::updateRecord(Section section, uint16_t size) {
  if (section == Section::update) {
    if (record_.klass == classAny && record_.ttl == 0 && size == 0) {
      raiseAnswer(EventId::dns_dynamic_update_del, {});
      return true;
    }
    bool deletesOne = record_.klass == classNone && record_.ttl == 0;
    if (deletesOne || record_.klass == zoneClass_) return false;
    weird("DNS_dynamic_update_invalid_update");
    return true;
  }
  if (section != Section::prerequisite) return false;
  if (record_.ttl != 0) {
    // Printed as a signed number, which is how it appears in Zeek's weird.log.
    weird("DNS_dynamic_update_prereq_nonzero_ttl",
          std::to_string(static_cast<int32_t>(record_.ttl)));
    return true;
  }
  bool anyOrNone = record_.klass == classAny || record_.klass == classNone;
  if ((anyOrNone && size == 0) || record_.klass == zoneClass_)
    raiseAnswer(EventId::dns_dynamic_update_pre, {});
  else
    weird("DNS_dynamic_update_invalid_prereq");
  return true;
}

bool MessageParser::data(uint16_t size) {
  switch (record_.type) {
    case typeA:
      return address4(size);
    case typeA6:
    case typeAaaa:
      return address6();
    case typeNs:
    case typeCname:
    case typePtr:
      return nameRecord(size);
    case typeSoa:
      return soa(size);
    case typeWks:
      raiseAnswer(EventId::dns_WKS_reply, {});
      return skipData(size);
    case typeHinfo:
      return hinfo(size);
    case typeMx:
      return mx(size);
    case typeTxt:
      return texts(EventId::dns_TXT_reply, size);
    case typeSpf:
      return texts(EventId::dns_SPF_reply, size);
    case typeCaa:
      return caa(size);
    case typeNbs:
      return skipData(size);
    case typeSrv:
      return nodeStatus_ ? skipData(size) : srv(size);
    case typeNaptr:
      return naptr(size);
    case typeOpt:
      return opt(size);
    case typeTkey:
      return tkey(size);
    case typeTsig:
      return tsig();
    case typeRrsig:
      return rrsig(size);
    case typeDnskey:
      return dnskey(size);
    case typeNsec:
      return nsec(size);
    case typeNsec3:
      return nsec3(size);
    case typeNsec3param:
      return nsec3param(size);
    case typeDs:
      return ds(size);
    case typeBinds:
      return binds(size);
    case typeSshfp:
      return sshfp(size);
    case typeLoc:
      return loc(size);
    case typeSvcb:
      return svcb(EventId::dns_SVCB, size);
    case typeHttps:
      return svcb(EventId::dns_HTTPS, size);
    default:
      return unknown(size);
  }
}

bool MessageParser::skipData(uint16_t size) {
  reader_.skip(size);
  return true;
}

void MessageParser::weird(std::string_view name, uint64_t number) {
  weird(name, std::to_string(number));
}

void MessageParser::checkLength(size_t from, uint16_t size) {
  if (reader_.position() - from != size) weird("DNS_RR_length_mismatch");
}

Value MessageParser::text(flow::Bytes bytes) {
  return Value::textOf({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void MessageParser::raise(EventId event, std::initializer_list<Value> rest) {
  if (!sink_.wants(event)) return;
  auto header = headerFields(header_);
  std::array<Value, maxArguments> args;
  assert(rest.size() + 2 <= args.size());
  args[0] = Value::of(context_.state());
  args[1] = Value::listOf(header);
  std::copy(rest.begin(), rest.end(), args.begin() + 2);
  sink_.raise(event, std::span<const Value>(args.data(), rest.size() + 2));
}

void MessageParser::raiseAnswer(EventId event, std::initializer_list<Value> rest) {
  if (!wanted(event)) return;
  auto header = headerFields(header_);
  std::array<Value, 5> answer = {Value::count(static_cast<uint64_t>(record_.section)),
                                 text(record_.name), Value::count(record_.type),
                                 Value::count(record_.klass), Value::intervalOf(record_.ttl)};
  std::array<Value, maxArguments> args;
  assert(rest.size() + 3 <= args.size());
  args[0] = Value::of(context_.state());
  args[1] = Value::listOf(header);
  args[2] = Value::listOf(answer);
  std::copy(rest.begin(), rest.end(), args.begin() + 3);
  sink_.raise(event, std::span<const Value>(args.data(), rest.size() + 3));
}

}  // namespace bulkhead::analyzers::dns
