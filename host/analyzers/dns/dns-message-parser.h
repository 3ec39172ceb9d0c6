#pragma once
// Parses one DNS message and raises its events.
//
// Lives for one message on the stack; borrows the message and the connection. What is wrong with
// the message becomes a weird and ends the parsing, never an exception. Where a record's contents
// are shorter or longer than its length says, parsing goes on where the contents end, as Zeek does,
// so that logs agree on malformed traffic too. Source: RFC 1035, 1876, 2136, 2671, 2782, 2845,
// 2930, 3403, 4034, 4255, 5155, 7828, 7871, 7873, 8659, 9460; event meanings:
// https://docs.zeek.org/en/master/scripts/base/bif/plugins/Zeek_DNS.events.bif.zeek.html

#include "host/analyzers/dns/dns-message.h"

#include <initializer_list>
#include <optional>
#include <vector>

namespace bulkhead::analyzers::dns {

class MessageParser {
 public:
  MessageParser(flow::ConnectionContext& context, const Header& header, flow::Bytes message);

  // dns_message was raised already; everything else, with dns_end, comes from here.
  void run();

 private:
  using Value = events::Value;
  using EventId = events::EventId;

  // True if parsing may go on to the next section.
  bool sections();
  bool updateSections();
  bool question();
  bool records(Section section, uint16_t count);
  bool recordHead();
  bool record();
  // The record was dealt with here, without looking at its data.
  bool updateRecord(Section section, uint16_t size);

  // Record data, by type. `size` is the length that the record gives, never more than what is left.
  bool data(uint16_t size);
  bool address4(uint16_t size);
  bool address6();
  bool nameRecord(uint16_t size);
  bool soa(uint16_t size);
  bool mx(uint16_t size);
  bool srv(uint16_t size);
  bool naptr(uint16_t size);
  bool hinfo(uint16_t size);
  bool texts(EventId event, uint16_t size);
  bool caa(uint16_t size);
  bool loc(uint16_t size);
  bool sshfp(uint16_t size);
  bool unknown(uint16_t size);
  // DNSSEC
  bool rrsig(uint16_t size);
  bool dnskey(uint16_t size);
  bool nsec(uint16_t size);
  bool nsec3(uint16_t size);
  bool nsec3param(uint16_t size);
  bool ds(uint16_t size);
  bool binds(uint16_t size);
  std::vector<Value> typeBitmaps(int64_t size, std::string_view emptyWeird);
  void zoneAlgorithm(uint8_t algorithm, std::string_view record);
  // Extensions
  bool opt(uint16_t size);
  void clientSubnet(Reader option, size_t size);
  void keepalive(Reader option, size_t size);
  void cookie(Reader option, size_t size);
  bool tkey(uint16_t size);
  bool tsig();
  bool svcb(EventId event, uint16_t size);
  struct ServiceParameters;
  void serviceParameters(ServiceParameters& out, int64_t size);
  bool serviceParameter(ServiceParameters& out, Value* fields, uint16_t key, size_t size);

  // A character string within what is left of a record; empty if there is none.
  std::optional<std::string_view> characterString(size_t& left);
  bool skipData(uint16_t size);
  bool wanted(EventId event) const { return !quiet_ && sink_.wants(event); }
  void weird(std::string_view name, std::string_view addl = {}) {
    context_.weird(name, addl, "DNS");
  }
  void weird(std::string_view name, uint64_t number);
  void checkLength(size_t from, uint16_t size);
  static Value text(flow::Bytes bytes);
  static Value text(const Name& name) { return Value::textOf(name.view()); }

  // connection, dns_msg, then `rest`.
  void raise(EventId event, std::initializer_list<Value> rest);
  // connection, dns_msg, dns_answer, then `rest`; nothing in a section that is read silently.
  void raiseAnswer(EventId event, std::initializer_list<Value> rest);

  flow::ConnectionContext& context_;
  events::EventSink& sink_;
  Header header_;
  Reader reader_;
  NameReader names_;
  bool nodeStatus_;  // NetBIOS reuses the number of SRV
  RecordHead record_;
  uint16_t zoneClass_ = 0;
  bool quiet_ = false;  // this section is parsed without events
};

}  // namespace bulkhead::analyzers::dns
