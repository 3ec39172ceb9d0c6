#pragma once
// An entity of an HTTP message: framing by length, chunks, range or close; content coding; file.
//
// Owned by its HttpMessage (or the entity above it). Lengths are claims from the wire: they steer
// how much is read as body, never how much is allocated.
// Source: RFC 9112 sections 6 and 7, RFC 9110 section 14.

#include "host/analyzers/http/body-decoder.h"
#include "host/analyzers/mime/mime-entity.h"
#include "host/flow/file-sink.h"

#include <memory>
#include <string>

namespace bulkhead::analyzers::http {

class HttpMessage;

enum class ExpectBody { no, yes, maybe };

class HttpEntity final : public mime::Entity {
 public:
  HttpEntity(HttpMessage& message, mime::Entity* parent, ExpectBody expectBody);

  void deliver(std::string_view data, bool crlfFollows) override;
  void endOfData() override;
  // True if the gap lies within the body, so that parsing may go on behind it.
  bool gap(uint64_t length);
  // skip_http_entity_data: contents are counted, no longer delivered.
  void skipBody() { deliverBody_ = false; }

  uint64_t bodyLength() const { return bodyLength_; }
  uint64_t headerLength() const { return headerLength_; }
  const std::string& fileId() const { return fileId_; }

 protected:
  std::unique_ptr<mime::Entity> makeChild() override;
  void submitData(flow::Bytes bytes) override;
  void submitHeader(const mime::Header& header) override;
  void submitAllHeaders() override;

 private:
  enum class Chunked { off, announced, size, data, dataEnd, trailer, done };
  enum class Coding { identity, compressed };

  void contentLength(const mime::Header& header);
  void contentRange(const mime::Header& header);
  void transferEncoding(const mime::Header& header);
  void expect(const mime::Header& header);
  void checkEmptyExpectation();
  void deliverChunked(std::string_view data, bool crlfFollows);
  void deliverBody(std::string_view data, bool crlfFollows);
  void deliverDecoded(std::string_view data, bool crlfFollows);
  bool composite() const { return type() == Type::multipart || type() == Type::message; }
  void setPlain(int64_t length);
  void weird(std::string_view name, std::string_view addl = {});
  bool identifyFile();

  HttpMessage& message_;
  ExpectBody expectBody_;
  Chunked chunked_ = Chunked::off;
  int64_t contentLength_ = -1;  // -1: not announced
  int64_t rangeLength_ = -1;
  int64_t expected_ = 0;  // of the body or chunk at hand, what is still to come
  uint64_t bodyLength_ = 0, headerLength_ = 0;
  Coding coding_ = Coding::identity;
  std::unique_ptr<BodyDecoder> decoder_;
  bool deliverBody_ = true;
  bool expects100_ = false;

  // The file that the body is.
  bool partial_ = false;         // of a range
  uint64_t offset_ = 0;          // of the range's next byte
  int64_t instanceLength_ = -1;  // of the whole resource
  bool announceSize_ = true;
  std::string fileId_;
};

}  // namespace bulkhead::analyzers::http
