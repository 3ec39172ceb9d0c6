#pragma once
// Undoes a gzip or deflate content coding as the body streams by.
//
// Bounded memory: zlib's window and one output block. What is broken is reported once and the rest
// of the body dropped. Source: RFC 1950, 1951, 1952; RFC 9110 section 8.4.1.

#include "host/flow/protocol-analyzer.h"

#include <functional>
#include <memory>

namespace bulkhead::analyzers::http {

class BodyDecoder {
 public:
  explicit BodyDecoder(flow::ConnectionContext& context);
  ~BodyDecoder();
  // `out` is called with each piece; never after feed() returns.
  void feed(flow::Bytes data, const std::function<void(flow::Bytes)>& out);

 private:
  struct Stream;
  flow::ConnectionContext& context_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace bulkhead::analyzers::http
