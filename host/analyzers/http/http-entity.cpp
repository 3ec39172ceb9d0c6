#include "host/analyzers/http/http-entity.h"

#include "host/analyzers/http/http-analyzer.h"
#include "host/analyzers/http/http-message.h"
#include "host/analyzers/mime/mime-text.h"

#include <algorithm>
#include <charconv>
#include <climits>
#include <limits>

namespace bulkhead::analyzers::http {
namespace {

// "Until the connection closes", where no length was announced.
constexpr int64_t untilClose = INT_MAX;

// The number at the front, whatever follows it; false if there is none or it does not fit.
bool leadingNumber(std::string_view text, int base, int64_t& out) {
  return std::from_chars(text.data(), text.data() + text.size(), out, base).ec == std::errc{};
}

flow::Bytes asBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string_view asText(flow::Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

HttpEntity::HttpEntity(HttpMessage& message, mime::Entity* parent, ExpectBody expectBody)
    : Entity(message, parent), message_(message), expectBody_(expectBody) {}

std::unique_ptr<mime::Entity> HttpEntity::makeChild() {
  return std::make_unique<HttpEntity>(message_, this, ExpectBody::yes);
}

void HttpEntity::weird(std::string_view name, std::string_view addl) {
  message_.context().weird(name, addl, "HTTP");
}

void HttpEntity::setPlain(int64_t length) { message_.lines().setPlain(length); }

void HttpEntity::endOfData() {
  decoder_.reset();
  coding_ = Coding::identity;
  Entity::endOfData();
}

void HttpEntity::deliver(std::string_view data, bool crlfFollows) {
  if (ended()) {
    // An epilogue may follow the parts.
    if (type() != Type::multipart) illegalFormat("data trailing the end of entity");
    return;
  }
  if (inHeader()) {
    if (!crlfFollows) weird("http_no_crlf_in_header_list");
    headerLength_ += data.size();
    Entity::deliver(data, crlfFollows);
    return;
  }
  if (composite()) {
    deliverBody(data, crlfFollows);
    if (depth() > 0 || contentLength_ <= 0) return;
    expected_ -= static_cast<int64_t>(data.size()) + (crlfFollows ? 2 : 0);
    if (expected_ <= 0) {
      setPlain(0);
      endOfData();
    }
  } else if (chunked_ != Chunked::off) {
    deliverChunked(data, crlfFollows);
  } else if (contentLength_ >= 0) {
    deliverBody(data, false);
    expected_ -= static_cast<int64_t>(data.size());
    if (expected_ <= 0) {
      setPlain(0);
      message_.lines().setDeliverySize(-1);
      endOfData();
    }
  } else {
    deliverBody(data, crlfFollows);
  }
}

void HttpEntity::deliverChunked(std::string_view data, bool) {
  switch (chunked_) {
    case Chunked::size:
      if (!leadingNumber(data, 16, expected_)) {
        weird("HTTP_bad_chunk_size", data);
        expected_ = 0;
      }
      if (expected_ > 0) {
        chunked_ = Chunked::data;
        setPlain(expected_);
      } else {
        expectTrailer();
        chunked_ = Chunked::trailer;
      }
      break;
    case Chunked::data:
      expected_ -= static_cast<int64_t>(data.size());
      if (expected_ <= 0) {
        setPlain(0);
        chunked_ = Chunked::dataEnd;
      }
      deliverBody(data, false);
      break;
    case Chunked::dataEnd:
      if (!data.empty()) illegalFormat("inaccurate chunk size: data before <CR><LF>");
      chunked_ = Chunked::size;
      break;
    case Chunked::off:
    case Chunked::announced:
    case Chunked::trailer:
    case Chunked::done:
      break;
  }
}

void HttpEntity::deliverBody(std::string_view data, bool crlfFollows) {
  if (coding_ == Coding::identity) {
    deliverDecoded(data, crlfFollows);
    return;
  }
  if (!decoder_) decoder_ = std::make_unique<BodyDecoder>(message_.context());
  decoder_->feed(asBytes(data), [this](flow::Bytes out) { deliverDecoded(asText(out), false); });
}

void HttpEntity::deliverDecoded(std::string_view data, bool crlfFollows) {
  bodyLength_ += data.size() + (crlfFollows ? 2 : 0);
  if (deliverBody_) Entity::deliver(data, crlfFollows);
}

bool HttpEntity::identifyFile() {
  if (fileId_.empty()) fileId_ = message_.identifyFile();
  return !fileId_.empty();
}

bool HttpEntity::gap(uint64_t length) {
  // Headers are lost for good, and a body that has not begun has no file yet.
  if ((ended() && inHeader()) || bodyLength_ == 0) return false;
  auto& files = message_.context().files();
  if (identifyFile() && !files.gap(message_.fileOrigin(), fileId_, bodyLength_, length))
    fileId_.clear();
  if (partial_) offset_ += length;

  bool counted = chunked_ != Chunked::off ? chunked_ == Chunked::data : contentLength_ >= 0;
  if (!counted || expected_ < 0 || static_cast<uint64_t>(expected_) < length) return false;
  bodyLength_ += length;
  expected_ -= static_cast<int64_t>(length);
  setPlain(expected_);
  if (expected_ == 0) {
    if (chunked_ != Chunked::off)
      chunked_ = Chunked::dataEnd;
    else
      endOfData();
  }
  return true;
}

void HttpEntity::submitData(flow::Bytes bytes) {
  if (deliverBody_) Entity::submitData(bytes);
  // What the headers say of sizes is true of the coded body only.
  if (coding_ != Coding::identity) announceSize_ = false;
  auto& files = message_.context().files();
  if (!files.active()) return;
  int64_t size = partial_ ? instanceLength_ : contentLength_;
  if (announceSize_ && size > 0 && identifyFile() &&
      !files.setSize(message_.fileOrigin(), fileId_, static_cast<uint64_t>(size)))
    fileId_.clear();
  if (identifyFile()) {
    bool more = partial_ ? files.dataAt(message_.fileOrigin(), fileId_, offset_, bytes)
                         : files.dataIn(message_.fileOrigin(), fileId_, bytes);
    if (!more) fileId_.clear();
  }
  if (partial_) offset_ += bytes.size();
  announceSize_ = false;
}

void HttpEntity::submitHeader(const mime::Header& header) {
  // A folded field is an invitation to smuggle: not everybody reads it the same way.
  if (depth() == 0 && header.lines() > 1) weird("HTTP_obsolete_line_folding", header.name());
  if (header.is("content-length")) {
    contentLength(header);
  } else if (header.is("content-range") && message_.analyzer().replyCode() == 206) {
    contentRange(header);
  } else if (header.is("transfer-encoding")) {
    transferEncoding(header);
  } else if (header.is("content-encoding")) {
    auto coding = header.token();
    for (auto known : {"gzip", "x-gzip", "deflate"})
      if (mime::equalIgnoringCase(coding, known)) coding_ = Coding::compressed;
  } else if (header.is("expect")) {
    expect(header);
  }
  Entity::submitHeader(header);
}

void HttpEntity::contentLength(const mime::Header& header) {
  if (chunked_ != Chunked::off) weird("HTTP_content_length_and_chunked");
  auto text = header.token();
  if (text.empty()) return;
  int64_t length = 0;
  if (!leadingNumber(text, 10, length) || length < 0) {
    weird("HTTP_bad_content_length", text);
    contentLength_ = 0;
    return;
  }
  if (length > 0 && text.front() == '0') weird("HTTP_content_length_leading_zeros", text);
  contentLength_ = length;
  if (partial_ && rangeLength_ != contentLength_) {
    // Whoever lies about one of them is to gain nothing: the longer one counts.
    weird("HTTP_range_not_matching_len");
    contentLength_ = std::max(contentLength_, rangeLength_);
  }
  checkEmptyExpectation();
}

void HttpEntity::checkEmptyExpectation() {
  if (contentLength_ == 0 && expects100_) weird("HTTP_content_length_0_and_expect_100_cont");
}

void HttpEntity::contentRange(const mime::Header& header) {
  if (chunked_ != Chunked::off) weird("HTTP_content_range_and_chunked");
  if (header.token() != "bytes") {
    weird("HTTP_content_range_unknown_byte_unit");
    return;
  }
  std::string range(header.afterToken());
  std::erase(range, ' ');
  size_t slash = range.find('/');
  size_t dash = range.substr(0, slash).find('-');
  if (slash == std::string::npos || dash == std::string::npos) {
    weird("HTTP_content_range_cannot_parse");
    return;
  }
  std::string_view text = range;
  auto instance = text.substr(slash + 1);
  int64_t first = 0, last = 0;
  if (!leadingNumber(text.substr(0, dash), 10, first) ||
      !leadingNumber(text.substr(dash + 1, slash - dash - 1), 10, last)) {
    weird("HTTP_content_range_cannot_parse", range);
    return;
  }
  if (first < 0 || last < 0) {
    weird("HTTP_content_range_invalid", range);
    return;
  }
  if (last < first) {
    weird("HTTP_non_positive_content_range", range);
    return;
  }
  if (last - first == std::numeric_limits<int64_t>::max()) {
    weird("HTTP_content_range_overflow", range);
    return;
  }
  if (instance != "*" && !leadingNumber(instance, 10, instanceLength_)) {
    weird("HTTP_content_range_invalid_instance", range);
    instanceLength_ = 0;
  }
  partial_ = true;
  offset_ = static_cast<uint64_t>(first);
  rangeLength_ = last - first + 1;
  if (contentLength_ > 0) {
    if (contentLength_ != rangeLength_) weird("HTTP_range_not_matching_len");
    contentLength_ = std::max(contentLength_, rangeLength_);
  } else {
    contentLength_ = rangeLength_;
  }
}

void HttpEntity::transferEncoding(const mime::Header& header) {
  // Of the message only: a part inside the body must not change how the body is read.
  if (depth() > 0) {
    weird("HTTP_nested_transfer_encoding_header");
    return;
  }
  if (!mime::equalIgnoringCase(header.token(), "chunked") || !message_.analyzer().chunksAllowed())
    return;
  chunked_ = Chunked::announced;
  if (auto more = header.afterToken(); !more.empty()) weird("HTTP_chunked_multi", more);
  if (contentLength_ >= 0) weird("HTTP_content_length_and_chunked");
}

void HttpEntity::expect(const mime::Header& header) {
  auto what = header.token();
  if (!mime::equalIgnoringCase(what, "100-continue")) weird("HTTP_expect_not_100_continue", what);
  expects100_ = true;
  checkEmptyExpectation();
}

void HttpEntity::submitAllHeaders() {
  auto& lines = message_.lines();
  if (parent() && parent()->type() == Type::multipart) {
    // Bare CR and LF are contents here: line ends are put back as CRLF, and plain pieces are no
    // way out, since only lines show where the next part begins.
    lines.setQuiet(true);
    lines.setBareEndsAreEnds(false);
  }
  if (contentLength_ >= 0) lines.setDeliverySize(contentLength_);
  if (chunked_ == Chunked::trailer) {
    chunked_ = Chunked::done;
    endOfData();
    return;
  }
  Entity::submitAllHeaders();

  if (expectBody_ == ExpectBody::no) {
    endOfData();
  } else if (composite()) {
    if (chunked_ != Chunked::off) weird("HTTP_chunked_transfer_for_multipart_message");
    if (depth() > 0 || contentLength_ < 0) return;
    if (contentLength_ > 0)
      expected_ = contentLength_;
    else
      endOfData();
  } else if (chunked_ != Chunked::off) {
    chunked_ = Chunked::size;
  } else if (contentLength_ > 0) {
    expected_ = contentLength_;
    setPlain(contentLength_);
  } else if (contentLength_ == 0) {
    endOfData();
  } else if (message_.analyzer().connectionCloses() || coding_ != Coding::identity) {
    expected_ = untilClose;
    setPlain(untilClose);
  } else if (expectBody_ != ExpectBody::yes) {
    endOfData();
  }
}

}  // namespace bulkhead::analyzers::http
