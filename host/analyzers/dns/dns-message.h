#pragma once
// The header of a DNS message and the numbers that its parts are told apart by.
//
// Plain values. Source: RFC 1035 section 4.1.1, RFC 2136, RFC 6895 and the IANA registry "Domain
// Name System (DNS) Parameters".

#include "host/analyzers/dns/dns-reader.h"

#include <cstdint>

namespace bulkhead::analyzers::dns {

enum Opcode : uint8_t { opQuery = 0, opNotify = 4, opUpdate = 5 };

// Zeek's dns_answer$answer_type.
enum class Section : uint8_t { question, answer, authority, additional, prerequisite, update };

enum Class : uint16_t { classNone = 254, classAny = 255 };

enum RecordType : uint16_t {
  typeA = 1,
  typeNs = 2,
  typeCname = 5,
  typeSoa = 6,
  typeWks = 11,
  typePtr = 12,
  typeHinfo = 13,
  typeMx = 15,
  typeTxt = 16,
  typeAaaa = 28,
  typeLoc = 29,
  typeNbs = 32,
  typeSrv = 33,
  typeNaptr = 35,
  typeA6 = 38,
  typeOpt = 41,
  typeDs = 43,
  typeSshfp = 44,
  typeRrsig = 46,
  typeNsec = 47,
  typeDnskey = 48,
  typeNsec3 = 50,
  typeNsec3param = 51,
  typeSvcb = 64,
  typeHttps = 65,
  typeSpf = 99,
  typeTkey = 249,
  typeTsig = 250,
  typeCaa = 257,
  typeBinds = 65534,
};

struct Header {
  static constexpr size_t wireSize = 12;

  uint16_t id, flags;
  // Dynamic updates call them zones, prerequisites, updates and additional.
  uint16_t questions, answers, authorities, additionals;
  bool isQuery;  // came from the originator
  bool isNetbios;

  uint8_t opcode() const { return (flags >> 11) & 0xf; }
  uint8_t rcode() const { return flags & 0xf; }
  bool isReply() const { return flags & 0x8000; }
  bool isUpdate() const { return opcode() == opUpdate && !isNetbios; }
};

// What every record starts with. For OPT the class and TTL mean something else.
struct RecordHead {
  Section section = Section::question;
  Name name;
  uint16_t type = 0, klass = 0;
  uint32_t ttl = 0;
};

}  // namespace bulkhead::analyzers::dns
