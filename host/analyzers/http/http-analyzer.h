#pragma once
// The HTTP/1.x analyzer of one connection.
//
// flow owns it, on the worker's thread. Input is hostile and never answered with an exception.
// Holds at most an unfinished line a direction, the current messages, and a bit for each request
// without reply. After handOverRest() flow still tells it how the connection ends, so that the last
// message is reported. Source: RFC 9110, RFC 9112; events:
// https://docs.zeek.org/en/master/scripts/base/bif/plugins/Zeek_HTTP.events.bif.zeek.html

#include "host/analyzers/http/content-line.h"
#include "host/analyzers/http/http-message.h"
#include "host/analyzers/http/http-transactions.h"

#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace bulkhead::analyzers::http {

inline constexpr uint32_t analyzerTag = events::Analyzer_Tag_values::Analyzer_ANALYZER_HTTP;

struct Version {
  int major = 0, minor = 0;
  bool operator==(const Version&) const = default;
  bool known() const { return *this != Version{}; }
  double number() const { return major + minor * 0.1; }
  std::string text() const { return std::to_string(major) + "." + std::to_string(minor); }
};

class HttpAnalyzer final : public flow::ProtocolAnalyzer, private ContentLine::Receiver {
 public:
  explicit HttpAnalyzer(flow::ConnectionContext& context);

  void deliverStream(bool isOrig, flow::Bytes data) override;
  void streamGap(bool isOrig, uint64_t offset, uint64_t length) override;
  void deliverPacket(bool, flow::Bytes, uint64_t) override {}
  void endOfStream(bool isOrig) override;
  void reset() override;
  void finished(bool half) override;
  void done() override;
  void rolesFlipped() override;

  // skip_http_entity_data(c, is_orig), from a package's answer.
  void skipEntityData(bool isOrig);

  // For HttpMessage and HttpEntity.
  flow::ConnectionContext& context() { return context_; }
  Transactions& transactions() { return transactions_; }
  uint32_t replyCode() const { return replyCode_; }
  bool connectionCloses() const { return connectionCloses_; }
  bool chunksAllowed() const;
  void header(bool isOrig, const mime::Header& header);
  void event(std::string_view type, std::string_view detail);
  void messageDone(bool isOrig);

 private:
  enum class Expect { line, message, nothing };

  void line(bool isOrig, std::string_view text) override;
  void plain(bool isOrig, std::string_view bytes) override;
  void requestLine(std::string_view text);
  bool parseRequestLine(std::string_view text, std::string& method);
  void parseTarget(std::string_view text);
  Version parseVersion(std::string_view text);
  void setVersion(Version& version, Version now);
  void acceptRequest(std::string_view method, size_t lineLength);
  void prepareHttp09(std::string_view method);
  void http09Reply(flow::Bytes data);
  void replyLine(std::string_view text);
  bool parseReplyLine(std::string_view text);
  void replyMessageLine(std::string_view text);
  void raiseReply();
  ExpectBody expectReplyBody() const;
  void begin(std::unique_ptr<HttpMessage>& message, bool isOrig, ExpectBody expectBody,
             size_t lineLength);
  void requestMade(bool interrupted, std::string_view how);
  void replyMade(bool interrupted, std::string_view how);
  void bothMade(std::string_view how);
  void upgrade();
  void handOver(std::string_view weirdIfMore);
  ContentLine& lines(bool isOrig) { return isOrig == flipped_ ? second_ : first_; }
  std::unique_ptr<HttpMessage>& message(bool isOrig) { return isOrig ? request_ : reply_; }
  void weird(std::string_view name, std::string_view addl = {}) {
    context_.weird(name, addl, "HTTP");
  }

  flow::ConnectionContext& context_;
  Transactions transactions_;
  ContentLine::Complaints complaints_;
  ContentLine first_, second_;  // originator's and responder's, until roles flip
  bool flipped_ = false;
  bool ignore_ = false;  // nothing more is parsed
  bool handedOver_ = false;

  Expect requestState_ = Expect::line, replyState_ = Expect::line;
  bool http09_ = false;  // the reply is bare contents
  std::unique_ptr<HttpMessage> request_, reply_;
  bool requestOngoing_ = false, replyOngoing_ = false;
  uint64_t requests_ = 0, replies_ = 0;
  Version requestVersion_, replyVersion_;
  bool keepAlive_ = false, connectionCloses_ = false;
  // For each request without a final reply: was it HEAD?
  std::deque<bool> unansweredHead_;

  std::string target_, unescapedTarget_;
  uint32_t replyCode_ = 0;
  std::optional<std::string> reason_;
  bool connectRequested_ = false;
  bool upgradeAnnounced_ = false, upgraded_ = false;
  std::string upgradeProtocol_;
};

std::unique_ptr<flow::ProtocolAnalyzer> makeHttp(flow::ConnectionContext& context);

// By content: a known method from the originator, or a status line from the responder.
flow::AnalyzerRow::Match matchHttp(bool isOrig, flow::Bytes own, flow::Bytes other);

}  // namespace bulkhead::analyzers::http
