// Request and status lines, and the bare replies of HTTP/0.9.
#include "host/analyzers/http/http-analyzer.h"
#include "host/analyzers/http/http-uri.h"
#include "host/analyzers/mime/mime-text.h"
#include "host/analyzers/options.h"

#include <algorithm>

namespace bulkhead::analyzers::http {

using events::EventId;
using events::Value;

namespace {

constexpr std::string_view protocolPrefix = "HTTP/";
constexpr size_t versionSize = 3;  // "1.1"

bool isTokenChar(char c) {
  return c > 32 && c < 127 &&
         std::string_view("()<>@,;:\\\"/[]?={}").find(c) == std::string_view::npos;
}

std::string_view skipBlanks(std::string_view text) {
  size_t at = text.find_first_not_of(" \t");
  return text.substr(std::min(at, text.size()));
}

bool startsIgnoringCase(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() &&
         mime::equalIgnoringCase(text.substr(0, prefix.size()), prefix);
}

// Also an abbreviation of it, as Zeek compares methods.
bool isMethod(std::string_view method, std::string_view name) {
  return !method.empty() && startsIgnoringCase(name, method);
}

std::string truncated(const std::string& uri) {
  int64_t limit = options().truncateHttpUri;
  if (limit < 0 || uri.size() <= static_cast<size_t>(limit)) return uri;
  return uri.substr(0, static_cast<size_t>(limit)) + "...";
}

}  // namespace

void HttpAnalyzer::requestLine(std::string_view text) {
  std::string method;
  if (parseRequestLine(text, method)) {
    acceptRequest(method, text.size());
  } else if (requests_ > 0 && !keepAlive_) {
    event("crud_trailing_HTTP_request", text);
  } else if (text.empty()) {
    // Some clients send a line end more than their content length says.
    weird("empty_http_request");
  } else {
    context_.violation(analyzerTag, "not a http request line");
    requestState_ = Expect::nothing;
  }
}

bool HttpAnalyzer::parseRequestLine(std::string_view text, std::string& method) {
  auto end = std::find_if_not(text.begin(), text.end(), isTokenChar);
  method.assign(text.begin(), end);
  auto rest = text.substr(method.size());
  auto target = skipBlanks(rest);
  if (method.empty()) {
    // No method, and yet it ends like a request line does.
    constexpr size_t tail = sizeof(" HTTP/1.1") - 1;
    bool versioned =
        text.size() >= tail && startsIgnoringCase(text.substr(text.size() - tail), " HTTP/");
    weird(versioned ? "bad_HTTP_request_with_version" : "bad_HTTP_request");
    return false;
  }
  if (target.size() == rest.size()) {
    weird("bad_HTTP_request");
    return false;
  }
  parseTarget(target);
  // HTTP/0.9 knows GET and a target; anything less is another protocol.
  if (requestVersion_ == Version{0, 9} && (method.size() < 3 || target_.empty())) {
    weird("bad_HTTP_request");
    return false;
  }
  return true;
}

void HttpAnalyzer::parseTarget(std::string_view text) {
  size_t uriEnd = 0;
  while (uriEnd < text.size() && (isUriChar(text[uriEnd]) || text[uriEnd] == '%')) ++uriEnd;

  bool versionFirst = text.starts_with(protocolPrefix);
  if (!versionFirst && startsIgnoringCase(text, protocolPrefix)) {
    weird("lowercase_HTTP_keyword");
    versionFirst = true;
  }
  if (uriEnd == text.size() && versionFirst) {
    weird("missing_HTTP_uri");
    uriEnd = 0;
  }
  // The target ends before the blanks before the version, wherever that is.
  size_t version = uriEnd;
  for (; version < text.size(); ++version) {
    uriEnd = version;
    auto rest = skipBlanks(text.substr(version));
    version = text.size() - rest.size();
    if (rest.starts_with(protocolPrefix)) break;
    if (startsIgnoringCase(rest, protocolPrefix)) {
      weird("lowercase_HTTP_keyword");
      break;
    }
  }
  if (version >= text.size()) {
    setVersion(requestVersion_, {0, 9});
  } else if (text.size() - version >= protocolPrefix.size() + versionSize) {
    auto number = text.substr(version + protocolPrefix.size());
    setVersion(requestVersion_, parseVersion(number));
    if (!skipBlanks(number.substr(versionSize)).empty())
      event("crud after HTTP version is ignored", text);
  } else {
    event("bad_HTTP_version", text);
  }
  target_ = text.substr(0, uriEnd);
  unescapedTarget_ = unescapeUri(target_, context_);
}

Version HttpAnalyzer::parseVersion(std::string_view text) {
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (text.size() >= versionSize && digit(text[0]) && text[1] == '.' && digit(text[2]))
    return {text[0] - '0', text[2] - '0'};
  event("bad_HTTP_version", text);
  return {};
}

void HttpAnalyzer::setVersion(Version& version, Version now) {
  if (version.known() && version != now) weird("HTTP_version_mismatch");
  version = now;
  if (version.major > 1 || (version.major == 1 && version.minor > 0)) keepAlive_ = true;
}

void HttpAnalyzer::acceptRequest(std::string_view method, size_t lineLength) {
  ++requests_;
  if (!keepAlive_ && requests_ > 1) weird("unexpected_multiple_HTTP_requests");
  requestState_ = Expect::message;
  requestOngoing_ = true;
  unansweredHead_.push_back(isMethod(method, "HEAD"));
  context_.confirm(analyzerTag);
  if (isMethod(method, "CONNECT")) connectRequested_ = true;
  transactions_.request(unescapedTarget_);
  if (context_.sink().wants(EventId::http_request)) {
    auto original = truncated(target_), unescaped = truncated(unescapedTarget_);
    auto version = requestVersion_.text();
    context_.sink().raise(
        EventId::http_request,
        {Value::of(context_.state()), Value::textOf(method), Value::textOf(original),
         Value::textOf(unescaped), Value::textOf(version)});
  }
  begin(request_, true, ExpectBody::maybe, lineLength);
  if (requestVersion_ == Version{0, 9}) prepareHttp09(method);
}

void HttpAnalyzer::prepareHttp09(std::string_view method) {
  if (method != "GET") weird("invalid_http_09_request_method", method);
  if (reply_) {
    // Taken for a reply of its own already; with bare contents to come, that is over.
    weird("http_09_reply_before_request");
    reply_->done();
    reply_.reset();
  }
  http09_ = true;
  lines(false).stop();
}

void HttpAnalyzer::http09Reply(flow::Bytes data) {
  if (!reply_) {
    setVersion(replyVersion_, {0, 9});
    if (!unansweredHead_.empty()) {
      context_.confirm(analyzerTag);
      unansweredHead_.pop_front();
    }
    // The close ends the contents.
    connectionCloses_ = true;
    replyOngoing_ = true;
    raiseReply();
    begin(reply_, false, expectReplyBody(), 0);
    reply_->deliver({}, true);
  }
  reply_->deliver({reinterpret_cast<const char*>(data.data()), data.size()}, false);
}

void HttpAnalyzer::replyLine(std::string_view text) {
  if (!parseReplyLine(text)) {
    if (text.empty()) return;
    context_.violation(analyzerTag, "not a http reply line");
    replyState_ = Expect::nothing;
    return;
  }
  ++replies_;
  if (!unansweredHead_.empty()) context_.confirm(analyzerTag);
  replyState_ = Expect::message;
  replyOngoing_ = true;
  raiseReply();
  if (replyCode_ != 200) connectRequested_ = false;
  begin(reply_, false, expectReplyBody(), text.size());
}

bool HttpAnalyzer::parseReplyLine(std::string_view text) {
  if (!startsIgnoringCase(text, protocolPrefix)) {
    event("bad_HTTP_reply", text);
    return false;
  }
  if (!text.starts_with(protocolPrefix)) weird("lowercase_HTTP_keyword");
  auto rest = text.substr(protocolPrefix.size());
  setVersion(replyVersion_, parseVersion(rest));
  rest.remove_prefix(std::min(rest.find_first_of(" \t"), rest.size()));
  auto code = skipBlanks(rest);
  if (code.size() < 3) {
    event("HTTP_reply_code_missing", text);
    return false;
  }
  auto digits = code.substr(0, 3);
  replyCode_ = 0;
  if (std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
    for (char c : digits) replyCode_ = replyCode_ * 10 + static_cast<uint32_t>(c - '0');
  rest = code.substr(3);
  size_t blank = rest.find_first_of(" \t");
  if (blank == std::string_view::npos)
    event("HTTP_reply_reason_phrase_missing", text);
  else
    reason_ = skipBlanks(rest.substr(blank));
  return true;
}

void HttpAnalyzer::raiseReply() {
  transactions_.reply(replyCode_);
  if (!context_.sink().wants(EventId::http_reply)) return;
  auto version = replyVersion_.text();
  context_.sink().raise(
      EventId::http_reply,
      {Value::of(context_.state()), Value::textOf(version), Value::count(replyCode_),
       Value::textOf(reason_ ? *reason_ : std::string_view("<empty>"))});
}

// RFC 9112 section 6.3: a reply to HEAD, an interim one, 204 and 304 have no contents.
ExpectBody HttpAnalyzer::expectReplyBody() const {
  bool head = !unansweredHead_.empty() && unansweredHead_.front();
  bool interim = replyCode_ >= 100 && replyCode_ < 200;
  return head || interim || replyCode_ == 204 || replyCode_ == 304 ? ExpectBody::no
                                                                   : ExpectBody::yes;
}

}  // namespace bulkhead::analyzers::http
