#include "host/analyzers/http/http-analyzer.h"

#include "host/analyzers/mime/mime-text.h"

#include <algorithm>

namespace bulkhead::analyzers::http {

using events::EventId;
using events::Value;

HttpAnalyzer::HttpAnalyzer(flow::ConnectionContext& context)
    : context_(context),
      first_(context, *this, complaints_, true),
      second_(context, *this, complaints_, false) {}

void HttpAnalyzer::deliverStream(bool isOrig, flow::Bytes data) {
  if (ignore_) return;
  if (!isOrig && context_.isPartial()) return;
  if (!isOrig && http09_)
    http09Reply(data);
  else
    lines(isOrig).deliver(data);
}

void HttpAnalyzer::rolesFlipped() {
  if (handedOver_ || requests_ > 0 || replies_ > 0) {
    weird("HTTP_late_flip_roles");
    ignore_ = true;
    return;
  }
  flipped_ = !flipped_;
  first_.setIsOrig(!flipped_);
  second_.setIsOrig(flipped_);
}

void HttpAnalyzer::plain(bool isOrig, std::string_view bytes) {
  if (context_.isPartial() || ignore_) return;
  if (auto& current = message(isOrig))
    current->deliver(bytes, false);
  else
    weird(isOrig ? "unexpected_client_HTTP_data" : "unexpected_server_HTTP_data");
}

void HttpAnalyzer::line(bool isOrig, std::string_view text) {
  if (context_.isPartial() || ignore_) return;
  switch (isOrig ? requestState_ : replyState_) {
    case Expect::line:
      if (isOrig)
        requestLine(text);
      else
        replyLine(text);
      break;
    case Expect::message:
      if (isOrig)
        request_->deliver(text, true);
      else
        replyMessageLine(text);
      break;
    case Expect::nothing:
      break;
  }
}

void HttpAnalyzer::replyMessageLine(std::string_view text) {
  reply_->deliver(text, true);
  // The end of the headers of a granted CONNECT: what follows is somebody else's protocol.
  if (connectRequested_ && text.empty()) handOver("protocol_data_with_HTTP_CONNECT_reply");
}

void HttpAnalyzer::handOver(std::string_view weirdIfMore) {
  auto rest = lines(false).remaining();
  if (!rest.empty()) weird(weirdIfMore, std::to_string(rest.size()));
  handedOver_ = ignore_ = true;
  first_.stop();
  second_.stop();
  context_.handOverRest(false, rest);
}

void HttpAnalyzer::streamGap(bool isOrig, uint64_t offset, uint64_t length) {
  auto& current = message(isOrig);
  // Zeek's sequence numbers count the SYN.
  if (current)
    event("content gap", "seq=" + std::to_string(offset + 1) + ", len=" + std::to_string(length));
  if (current && current->gap(length)) return;
  constexpr std::string_view how = "message interrupted by a content gap";
  // Without the requests nobody can tell which replies have a body.
  if (isOrig) requestMade(true, how);
  replyMade(true, how);
  lines(isOrig).stop();
}

void HttpAnalyzer::endOfStream(bool isOrig) {
  constexpr std::string_view how = "message ends as connection contents are completely delivered";
  if (!ignore_ && !(http09_ && !isOrig)) lines(isOrig).endOfStream();
  if (isOrig)
    requestMade(false, how);
  else
    replyMade(false, how);
}

void HttpAnalyzer::bothMade(std::string_view how) {
  requestMade(true, how);
  replyMade(true, how);
}

void HttpAnalyzer::reset() { bothMade("message interrupted by RST"); }

void HttpAnalyzer::finished(bool) { bothMade("message ends as connection is finished"); }

void HttpAnalyzer::done() {
  bothMade("message interrupted when connection done");
  request_.reset();
  reply_.reset();
  ignore_ = true;
  if (!context_.sink().wants(EventId::http_stats)) return;
  const Value stats[] = {Value::count(requests_), Value::count(replies_),
                         Value::realOf(requestVersion_.number()),
                         Value::realOf(replyVersion_.number())};
  context_.sink().raise(EventId::http_stats, {Value::of(context_.state()), Value::listOf(stats)});
}

void HttpAnalyzer::skipEntityData(bool isOrig) {
  if (auto& current = message(isOrig)) current->skipEntityData();
}

void HttpAnalyzer::begin(std::unique_ptr<HttpMessage>& message, bool isOrig, ExpectBody expectBody,
                         size_t lineLength) {
  if (message && !message->finished()) weird("HTTP_overlapping_messages");
  message.reset();
  message = std::make_unique<HttpMessage>(*this, lines(isOrig), isOrig, expectBody, lineLength);
}

void HttpAnalyzer::messageDone(bool isOrig) {
  if (isOrig)
    requestMade(false, "message ends normally");
  else
    replyMade(false, "message ends normally");
}

void HttpAnalyzer::requestMade(bool interrupted, std::string_view how) {
  if (!requestOngoing_) return;
  requestOngoing_ = false;
  if (request_) request_->done(interrupted, how);
  requestState_ = interrupted ? Expect::nothing : Expect::line;
}

void HttpAnalyzer::replyMade(bool interrupted, std::string_view how) {
  if (!replyOngoing_) return;
  replyOngoing_ = false;
  if (reply_) reply_->done(interrupted, how);
  bool interim = replyCode_ >= 100 && replyCode_ < 200;
  if (!interim && !unansweredHead_.empty()) unansweredHead_.pop_front();
  reason_.reset();
  // An interim reply leaves its request unanswered.
  if (replyCode_ == 101 && unansweredHead_.size() == 1 && upgradeAnnounced_ &&
      !upgradeProtocol_.empty())
    upgrade();
  replyCode_ = 0;
  upgradeAnnounced_ = false;
  upgradeProtocol_.clear();
  replyState_ = interrupted || upgraded_ ? Expect::nothing : Expect::line;
}

void HttpAnalyzer::upgrade() {
  upgraded_ = true;
  handOver("protocol_data_with_HTTP_upgrade_reply");
  if (context_.sink().wants(EventId::http_connection_upgrade))
    context_.sink().raise(EventId::http_connection_upgrade,
                          {Value::of(context_.state()), Value::textOf(upgradeProtocol_)});
}

bool HttpAnalyzer::chunksAllowed() const {
  return (requestOngoing_ ? requestVersion_ : replyVersion_) == Version{1, 1};
}

void HttpAnalyzer::header(bool isOrig, const mime::Header& header) {
  auto valueIs = [&](std::string_view word) {
    return mime::equalIgnoringCase(header.token(), word);
  };
  if (header.is("connection")) {
    // Taken at its word on the client's side: at worst it sends more, and the server ignores it.
    if (isOrig && valueIs("keep-alive")) keepAlive_ = true;
    if (!isOrig && valueIs("close"))
      connectionCloses_ = true;
    else if (!isOrig && valueIs("upgrade"))
      upgradeAnnounced_ = true;
  }
  if (!isOrig && header.is("upgrade")) upgradeProtocol_ = header.token();
  auto name = mime::upper(header.name());
  transactions_.header(isOrig, name, header.value());
  if (context_.sink().wants(EventId::http_header))
    context_.sink().raise(EventId::http_header, {Value::of(context_.state()), Value::of(isOrig),
                                                 Value::textOf(header.name()), Value::textOf(name),
                                                 Value::textOf(header.value())});
}

void HttpAnalyzer::event(std::string_view type, std::string_view detail) {
  if (context_.sink().wants(EventId::http_event))
    context_.sink().raise(EventId::http_event, {Value::of(context_.state()), Value::textOf(type),
                                                Value::textOf(detail)});
}

std::unique_ptr<flow::ProtocolAnalyzer> makeHttp(flow::ConnectionContext& context) {
  return std::make_unique<HttpAnalyzer>(context);
}

}  // namespace bulkhead::analyzers::http
