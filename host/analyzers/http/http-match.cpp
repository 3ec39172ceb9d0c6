// Recognises HTTP by its first bytes.
#include "host/analyzers/http/http-analyzer.h"

#include <algorithm>

namespace bulkhead::analyzers::http {

using Match = flow::AnalyzerRow::Match;

namespace {

// IANA's HTTP method registry, WebDAV as Exchange extends it, MKWORKSPACE (RFC 3253) and RPC over
// HTTP: what Zeek's content detection knows.
constexpr std::string_view methods[] = {
    "ACL",
    "BASELINE-CONTROL",
    "BCOPY",
    "BDELETE",
    "BIND",
    "BMOVE",
    "BPROPFIND",
    "BPROPPATCH",
    "CHECKIN",
    "CHECKOUT",
    "CONNECT",
    "COPY",
    "DELETE",
    "GET",
    "HEAD",
    "LABEL",
    "LINK",
    "LOCK",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "MOVE",
    "NOTIFY",
    "OPTIONS",
    "ORDERPATCH",
    "PATCH",
    "POLL",
    "POST",
    "PROPFIND",
    "PROPPATCH",
    "PUT",
    "QUERY",
    "REBIND",
    "REPORT",
    "RPC_IN_DATA",
    "RPC_OUT_DATA",
    "SEARCH",
    "SUBSCRIBE",
    "TRACE",
    "UNBIND",
    "UNCHECKOUT",
    "UNLINK",
    "UNLOCK",
    "UNSUBSCRIBE",
    "UPDATE",
    "VERSION-CONTROL",
    "X-MS-ENUMATTS",
};

std::string_view asText(flow::Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Match matchRequest(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\n\v\f\r"), text.size()));
  Match best = Match::no;
  for (auto method : methods) {
    if (text.starts_with(method)) return Match::yes;
    if (method.starts_with(text)) best = Match::notYet;
  }
  return best;
}

Match matchReply(std::string_view text) {
  constexpr std::string_view start = "http/";
  for (size_t i = 0; i < start.size(); ++i) {
    if (i == text.size()) return Match::notYet;
    char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] + 32) : text[i];
    if (c != start[i]) return Match::no;
  }
  if (text.size() == start.size()) return Match::notYet;
  return text[start.size()] >= '0' && text[start.size()] <= '9' ? Match::yes : Match::no;
}

}  // namespace

Match matchHttp(bool isOrig, flow::Bytes own, flow::Bytes) {
  // Each side by itself: the other may be longer than what is kept for detection.
  return isOrig ? matchRequest(asText(own)) : matchReply(asText(own));
}

}  // namespace bulkhead::analyzers::http
