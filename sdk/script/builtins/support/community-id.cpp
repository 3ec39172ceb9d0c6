#include "sdk/script/builtins/support/community-id.h"

#include "sdk/script/builtins/support/base64.h"
#include "sdk/script/builtins/support/digest.h"
#include "sdk/script/builtins/support/escape.h"

#include <netinet/in.h>
#include <optional>
#include <tuple>
#include <utility>

namespace bulkhead::builtins {

namespace {

// The ICMP type that answers `type`; empty for messages that go one way only.
std::optional<uint16_t> answeringType(uint16_t type, bool v4) {
  constexpr std::pair<uint16_t, uint16_t> pairs4[] = {
      {8, 0}, {13, 14}, {15, 16}, {10, 9}, {17, 18}};
  constexpr std::pair<uint16_t, uint16_t> pairs6[] = {{128, 129}, {133, 134}, {135, 136},
                                                      {130, 131}, {139, 140}, {144, 145}};
  auto search = [&](const auto& pairs) -> std::optional<uint16_t> {
    for (auto [a, b] : pairs) {
      if (type == a) return b;
      if (type == b) return a;
    }
    return std::nullopt;
  };
  return v4 ? search(pairs4) : search(pairs6);
}

void appendAddress(std::string& out, const IpAddr& address) {
  const char* bytes = reinterpret_cast<const char*>(address.bytes.data());
  out.append(address.isV4() ? bytes + 12 : bytes, address.isV4() ? 4 : 16);
}

void appendShort(std::string& out, uint16_t number) {
  out += static_cast<char>(number >> 8);
  out += static_cast<char>(number);
}

}  // namespace

std::string communityIdV1(const CommunityIdFlow& flow, CommunityIdForm form) {
  bool v4 = flow.source.isV4();
  bool icmp = v4 ? flow.protocol == IPPROTO_ICMP : flow.protocol == IPPROTO_ICMPV6;
  bool hasPorts = icmp || flow.protocol == IPPROTO_TCP || flow.protocol == IPPROTO_UDP ||
                  flow.protocol == IPPROTO_SCTP;
  auto from = std::make_tuple(flow.source, flow.sourcePort);
  auto to = std::make_tuple(flow.destination, flow.destinationPort);
  // Both directions must hash alike, except where there is no other direction.
  bool oneWay = icmp && !answeringType(flow.sourcePort, v4);
  if (!oneWay && to < from) std::swap(from, to);
  std::string input;
  appendShort(input, flow.seed);
  appendAddress(input, std::get<0>(from));
  appendAddress(input, std::get<0>(to));
  input += static_cast<char>(flow.protocol);
  input += '\0';
  if (hasPorts) {
    appendShort(input, std::get<1>(from));
    appendShort(input, std::get<1>(to));
  }
  std::string digest = digestOf(DigestKind::sha1, input);
  return "1:" + (form == CommunityIdForm::base64 ? encodeBase64(digest) : hexDigits(digest));
}

}  // namespace bulkhead::builtins
