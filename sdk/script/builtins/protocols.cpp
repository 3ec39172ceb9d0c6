// Texts that protocols carry: addresses and ports in FTP, names in certificates, routing headers.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/support/distinguished-name.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>

namespace bulkhead::builtins {

namespace {

// ---- FTP (RFC 959, section 4.1.2; RFC 2428)

void returnFtpPort(NativeCall& call, const IpAddr& address, uint16_t port, bool valid) {
  RecordBuilder out(call, call.functionType().result());
  if (!out) return;
  out.set("h", call.heap().addr(address));
  out.set("p", Slot::ofPort(Port{port, Transport::tcp}));
  out.boolean("valid", valid);
  call.returnRef(out.take());
}

void takeSpaces(std::string_view& rest) {
  while (!rest.empty() && std::string_view(" \t\r\n\v\f").find(rest[0]) != std::string_view::npos)
    rest.remove_prefix(1);
}

// A whole number at the beginning of `rest`, which is taken from it.
std::optional<int64_t> takeInteger(std::string_view& rest) {
  takeSpaces(rest);
  int64_t number = 0;
  auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error != std::errc()) return std::nullopt;
  rest.remove_prefix(static_cast<size_t>(end - rest.data()));
  return number;
}

// Six numbers of a byte each: four of the address, two of the port.
void returnSixNumbers(NativeCall& call, std::string_view rest) {
  std::array<uint8_t, 6> bytes{};
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0) {
      if (!rest.starts_with(',')) return returnFtpPort(call, IpAddr::v4(uint32_t{0}), 0, false);
      rest.remove_prefix(1);
    }
    auto number = takeInteger(rest);
    if (!number || *number < 0 || *number > 255)
      return returnFtpPort(call, IpAddr::v4(uint32_t{0}), 0, false);
    bytes[i] = static_cast<uint8_t>(*number);
  }
  uint32_t address = 0;
  for (size_t i = 0; i < 4; ++i) address = address << 8 | bytes[i];
  returnFtpPort(call, IpAddr::v4(address), static_cast<uint16_t>(bytes[4] << 8 | bytes[5]), true);
}

// Four fields that the first character parts: network protocol, address, port, nothing.
void returnDelimited(NativeCall& call, std::string_view rest) {
  takeSpaces(rest);
  IpAddr address{};
  uint16_t port = 0;
  if (rest.empty()) return returnFtpPort(call, address, port, false);
  char delimiter = rest[0];
  std::array<std::string_view, 3> fields;
  bool good = true;
  rest.remove_prefix(1);
  for (std::string_view& field : fields) {
    size_t end = rest.find(delimiter);
    if (end == std::string_view::npos) good = false;
    field = rest.substr(0, end);
    rest.remove_prefix(std::min(field.size() + 1, rest.size()));
  }
  if (!fields[0].empty() && (!takeInteger(fields[0]) || !fields[0].empty())) good = false;
  if (!fields[1].empty()) {
    auto parsed = IpAddr::parse(fields[1]);
    good = good && parsed.has_value();
    address = parsed.value_or(IpAddr{});
  }
  auto number = takeInteger(fields[2]);
  if (!number || !fields[2].empty() || *number < 0 || *number > 65535)
    good = false;
  else
    port = static_cast<uint16_t>(*number);
  returnFtpPort(call, address, port, good);
}

void parsePort(NativeCall& call) { returnSixNumbers(call, call.text(0)); }
void parseExtendedPort(NativeCall& call) { returnDelimited(call, call.text(0)); }
// Servers write the numbers in parentheses, after "PORT", or just somewhere.
void parsePassive(NativeCall& call) {
  std::string_view text = call.text(0);
  size_t at = text.find('(');
  if (at != std::string_view::npos) {
    text.remove_prefix(at + 1);
  } else if (at = text.find("PORT"); at != std::string_view::npos) {
    text.remove_prefix(std::min(at + 5, text.size()));
  } else if (at = text.find(','); at != std::string_view::npos) {
    while (at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9') --at;
    text.remove_prefix(at);
  } else {
    text = {};
  }
  returnSixNumbers(call, text);
}
void parseExtendedPassive(NativeCall& call) {
  std::string_view text = call.text(0);
  size_t at = text.find('(');
  returnDelimited(call, at == std::string_view::npos ? "" : text.substr(at + 1));
}
void formatPort(NativeCall& call) {
  IpAddr address = call.addr(0);
  if (!address.isV4()) {
    complain(call, "fmt_ftp_port: there is no such form of an IPv6 address", call.any(0));
    return call.returnText("");
  }
  uint16_t port = call.port(1).number;
  char out[32];
  std::snprintf(out, sizeof out, "%d,%d,%d,%d,%d,%d", address.bytes[12], address.bytes[13],
                address.bytes[14], address.bytes[15], port >> 8, port & 0xff);
  call.returnText(out);
}

// ---- IPv6 (RFC 2460, section 4.4)

void routedAddresses(NativeCall& call) {
  constexpr size_t reserved = 4;
  auto out = resultVector(call);
  std::string_view rest = call.text(0);
  rest.remove_prefix(std::min(reserved, rest.size()));
  IpAddr address;
  if (rest.size() % address.bytes.size() != 0)
    call.caution("routing0_data_to_addrs: the data does not end with an address");
  for (; rest.size() >= address.bytes.size(); rest.remove_prefix(address.bytes.size())) {
    std::memcpy(address.bytes.data(), rest.data(), address.bytes.size());
    if (!out->append(call.heap().addr(address))) return call.fail(outOfMemory);
  }
  call.returnRef(std::move(out));
}

// ---- Certificates

void distinguishedName(NativeCall& call) { call.returnText(distinguishedNameText(call.text(0))); }
void checkHostname(NativeCall& call) {
  call.returnBool(hostnameMatches(call.text(0), call.text(1)));
}

constexpr vm::NativeRow rows[] = {
    {"parse_ftp_port", "function(s: string): ftp_port",
     "Address and port in the argument of FTP's PORT, such as \"10,0,0,1,4,31\".", parsePort},
    {"parse_eftp_port", "function(s: string): ftp_port",
     "Address and port in the argument of FTP's EPRT, such as \"|1|10.0.0.1|1055|\".",
     parseExtendedPort},
    {"parse_ftp_pasv", "function(str: string): ftp_port",
     "Address and port in the reply to FTP's PASV.", parsePassive},
    {"parse_ftp_epsv", "function(str: string): ftp_port",
     "The port in the reply to FTP's EPSV; the address is the server's and not in it.",
     parseExtendedPassive},
    {"fmt_ftp_port", "function(a: addr, p: port): string",
     "The argument of FTP's PORT for an address and port; empty with an error for IPv6.",
     formatPort},
    {"routing0_data_to_addrs", "function(s: string): addr_vec",
     "The addresses in the data of an IPv6 routing header of type 0.", routedAddresses},
    {"parse_distinguished_name", "function(dn: string): string",
     "A DER-encoded distinguished name as text (RFC 2253); empty if it is malformed.",
     distinguishedName},
    {"x509_check_hostname", "function(hostname: string, certname: string): bool",
     "Whether a name in a certificate covers a host's name (RFC 6125). One `*` may stand for a "
     "part "
     "of the leftmost label of a name of at least three labels.",
     checkHostname},
};

}  // namespace

Rows protocolRows() { return rows; }

}  // namespace bulkhead::builtins
