#include "host/analyzers/http/http-message.h"

#include "host/analyzers/http/http-analyzer.h"
#include "host/analyzers/mime/mime-text.h"
#include "host/analyzers/options.h"

#include <string>

namespace bulkhead::analyzers::http {

using events::EventId;
using events::Value;

HttpMessage::HttpMessage(HttpAnalyzer& analyzer, ContentLine& lines, bool isOrig,
                         ExpectBody expectBody, size_t firstLineLength)
    : analyzer_(analyzer),
      lines_(lines),
      isOrig_(isOrig),
      startTime_(analyzer.context().networkTime()),
      headerLength_(firstLineLength),
      top_(*this, nullptr, expectBody) {
  beginEntity(top_);
}

flow::ConnectionContext& HttpMessage::context() { return analyzer_.context(); }
size_t HttpMessage::chunkSize() const { return options().httpEntityDataDeliverySize; }
bool HttpMessage::keepHeaders() const {
  return analyzer_.context().sink().wants(EventId::http_all_headers);
}

flow::FileOrigin HttpMessage::fileOrigin() {
  return {analyzer_.context(), analyzerTag, "HTTP", isOrig_};
}

std::string HttpMessage::identifyFile() {
  auto& files = context().files();
  if (!files.active()) return {};
  auto handle = analyzer_.transactions().fileHandle(context().state(), isOrig_);
  return handle.empty() ? std::string() : files.identify(fileOrigin(), handle);
}

void HttpMessage::done(bool interrupted, std::string_view how) {
  if (finished_) return;
  finished_ = true;
  top_.endOfData();
  endFile(top_);
  raiseDone(interrupted, how);
  analyzer_.transactions().messageDone(isOrig_);
  analyzer_.messageDone(isOrig_);
}

void HttpMessage::raiseDone(bool interrupted, std::string_view how) {
  auto& sink = context().sink();
  if (!sink.wants(EventId::http_message_done)) return;
  const Value stat[] = {Value::timeOf(startTime_), Value::of(interrupted),
                        Value::textOf(how),        Value::count(bodyLength_),
                        Value::count(gapLength_),  Value::count(headerLength_)};
  sink.raise(EventId::http_message_done,
             {Value::of(context().state()), Value::of(isOrig_), Value::listOf(stat)});
}

void HttpMessage::endFile(const HttpEntity& entity) {
  // Ranges of one resource may come over several connections: a file that 206 began stays open.
  if (!isOrig_ && analyzer_.replyCode() == 206) return;
  if (!entity.fileId().empty()) {
    context().files().endOfFile(entity.fileId());
  } else if (analyzer_.transactions().handleIsShared(isOrig_)) {
    auto id = identifyFile();
    if (!id.empty()) context().files().endOfFile(id);
  }
}

bool HttpMessage::gap(uint64_t length) {
  HttpEntity& entity = current_ ? *current_ : top_;
  if (!entity.gap(length)) return false;
  gapLength_ += length;
  return true;
}

void HttpMessage::beginEntity(mime::Entity& entity) {
  current_ = static_cast<HttpEntity*>(&entity);
  analyzer_.transactions().beginEntity(isOrig_);
  auto& sink = context().sink();
  if (sink.wants(EventId::http_begin_entity))
    sink.raise(EventId::http_begin_entity, {Value::of(context().state()), Value::of(isOrig_)});
}

void HttpMessage::endEntity(mime::Entity& entity) {
  bool isTop = &entity == &top_;
  if (isTop) {
    bodyLength_ += top_.bodyLength();
    headerLength_ += top_.headerLength();
  }
  auto& sink = context().sink();
  if (sink.wants(EventId::http_end_entity))
    sink.raise(EventId::http_end_entity, {Value::of(context().state()), Value::of(isOrig_)});
  current_ = static_cast<HttpEntity*>(entity.parent());
  if (entity.parent() && entity.parent()->type() == mime::Entity::Type::multipart) {
    lines_.setQuiet(false);
    lines_.setBareEndsAreEnds(true);
  }
  if (isTop)
    done();
  else
    endFile(static_cast<HttpEntity&>(entity));
}

void HttpMessage::header(mime::Entity&, const mime::Header& header) {
  analyzer_.header(isOrig_, header);
}

void HttpMessage::allHeaders(mime::Entity& entity, std::span<const mime::Header> headers) {
  auto& sink = context().sink();
  if (sink.wants(EventId::http_all_headers)) {
    std::vector<std::string> names;
    std::vector<std::array<Value, events::mime_header_rec_fields::fieldCount_>> records;
    std::vector<Value> table;
    names.reserve(headers.size());
    records.reserve(headers.size());
    for (size_t i = 0; i < headers.size(); ++i) {
      names.push_back(mime::upper(headers[i].name()));
      records.push_back({Value::textOf(headers[i].name()), Value::textOf(names.back()),
                         Value::textOf(headers[i].value())});
      table.push_back(Value::count(i + 1));
      table.push_back(Value::listOf(records.back()));
    }
    sink.raise(EventId::http_all_headers,
               {Value::of(context().state()), Value::of(isOrig_), Value::tableOf(table)});
  }
  if (sink.wants(EventId::http_content_type))
    sink.raise(EventId::http_content_type,
               {Value::of(context().state()), Value::of(isOrig_), Value::textOf(entity.typeText()),
                Value::textOf(entity.subtypeText())});
}

void HttpMessage::data(mime::Entity&, flow::Bytes bytes) {
  auto& sink = context().sink();
  if (!sink.wants(EventId::http_entity_data)) return;
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  sink.raise(EventId::http_entity_data, {Value::of(context().state()), Value::of(isOrig_),
                                         Value::count(bytes.size()), Value::textOf(text)});
}

void HttpMessage::problem(Problem kind, std::string_view explanation) {
  analyzer_.event(kind == Problem::illegalFormat ? "illegal format" : "illegal encoding",
                  explanation);
}

}  // namespace bulkhead::analyzers::http
