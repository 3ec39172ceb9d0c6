#pragma once
// One request or reply: its entities, its counts and its end.
//
// Owned by the HttpAnalyzer, which outlives it; refers to the splitter of its direction.

#include "host/analyzers/http/content-line.h"
#include "host/analyzers/http/http-entity.h"

#include <memory>
#include <string_view>

namespace bulkhead::analyzers::http {

class HttpAnalyzer;

class HttpMessage final : public mime::EntityOwner {
 public:
  HttpMessage(HttpAnalyzer& analyzer, ContentLine& lines, bool isOrig, ExpectBody expectBody,
              size_t firstLineLength);

  void deliver(std::string_view data, bool crlfFollows) { top_.deliver(data, crlfFollows); }
  // Ends the message once; `how` is http_message_stat$finish_msg.
  void done(bool interrupted = false, std::string_view how = "message ends normally");
  bool finished() const { return finished_; }
  bool gap(uint64_t length);
  void skipEntityData() {
    if (current_) current_->skipBody();
  }

  HttpAnalyzer& analyzer() { return analyzer_; }
  ContentLine& lines() { return lines_; }
  bool isOrig() const { return isOrig_; }
  flow::FileOrigin fileOrigin();
  // Asks for the fuid of the file that the entity at hand is; empty if files are nobody's business.
  std::string identifyFile();

  // mime::EntityOwner
  void beginEntity(mime::Entity& entity) override;
  void endEntity(mime::Entity& entity) override;
  void header(mime::Entity& entity, const mime::Header& header) override;
  void allHeaders(mime::Entity& entity, std::span<const mime::Header> headers) override;
  void data(mime::Entity& entity, flow::Bytes bytes) override;
  void problem(Problem kind, std::string_view explanation) override;
  size_t chunkSize() const override;
  bool keepHeaders() const override;
  flow::ConnectionContext& context() override;
  std::string_view weirdSource() const override { return "HTTP"; }

 private:
  void endFile(const HttpEntity& entity);
  void raiseDone(bool interrupted, std::string_view how);

  HttpAnalyzer& analyzer_;
  ContentLine& lines_;
  bool isOrig_;
  bool finished_ = false;
  double startTime_;
  uint64_t bodyLength_ = 0, gapLength_ = 0, headerLength_;
  HttpEntity top_;
  HttpEntity* current_ = nullptr;
};

}  // namespace bulkhead::analyzers::http
