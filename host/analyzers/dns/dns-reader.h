#pragma once
// Bounded reading of a DNS message: integers, character strings and compressed names.
//
// A Reader borrows the message and never reads outside it; a read past the end yields zero and
// consumes nothing, as Zeek's analyzer has it, so that what follows is parsed from the same place.
// Source: RFC 1035 sections 3.1 and 4.1.4.

#include "host/flow/protocol-analyzer.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace bulkhead::analyzers::dns {

// A domain name as text, labels joined by dots, without the final dot. Bytes as they came.
class Name {
 public:
  // Room for a legal name (255) and for the overlong ones that are still worth reporting.
  static constexpr size_t capacity = 512;

  std::string_view view() const { return {bytes_.data(), size_}; }
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  size_t free() const { return capacity - size_; }
  void assign(std::string_view text);
  void appendLabel(std::span<const uint8_t> label);
  // Of the part that starts at `from`: lower case; the dot that ends it dropped.
  void lower(size_t from);
  void dropFinalDot(size_t from);

 private:
  std::array<char, capacity + 1> bytes_;
  size_t size_ = 0;
};

class Reader {
 public:
  explicit Reader(flow::Bytes message) : message_(message), end_(message.size()) {}

  size_t position() const { return at_; }
  size_t left() const { return end_ - at_; }
  uint8_t u8();
  uint16_t u16();
  uint32_t u32();
  // At most `size` bytes: what is left, if that is less.
  flow::Bytes bytes(size_t size);
  void skip(size_t size) { bytes(size); }
  // Back to an earlier position of this message.
  void rewind(size_t position) { at_ = position; }

 private:
  friend class NameReader;
  Reader(flow::Bytes message, size_t at, size_t end) : message_(message), at_(at), end_(end) {}

  flow::Bytes message_;
  size_t at_ = 0;
  size_t end_;
};

// Reads names and reports what is wrong with them through the connection.
class NameReader {
 public:
  // `longLabels`: NetBIOS names may have labels of more than 63 bytes.
  NameReader(flow::ConnectionContext& context, bool longLabels)
      : context_(context), longLabels_(longLabels) {}
  // False if the name cannot be read; a weird was reported then. Every compression pointer must
  // point below itself, and the chain has a limit, so this ends.
  bool read(Reader& reader, Name& name, bool lowerCase) { return read(reader, name, lowerCase, 0); }

 private:
  enum class Step { more, end, error };
  bool read(Reader& reader, Name& name, bool lowerCase, uint32_t depth);
  Step label(Reader& reader, Name& name, uint32_t depth);
  Step pointer(Reader& reader, Name& name, size_t from, uint8_t high, uint32_t depth);
  Step fail(std::string_view weird);

  flow::ConnectionContext& context_;
  bool longLabels_;
};

}  // namespace bulkhead::analyzers::dns
