#pragma once
// Cuts one direction of a stream into lines, or passes pieces through where the length is known.
//
// Lines end with CRLF, CR or LF, in whatever mixture. A line without an end is held back, up to
// maxLine bytes; nothing else is. Worker thread only; the receiver may change the mode, or stop the
// splitter, from within its calls.

#include "host/flow/protocol-analyzer.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace bulkhead::analyzers::http {

class ContentLine {
 public:
  static constexpr size_t maxLine = 16 * 1024 * 1024 - 100;

  class Receiver {
   public:
    virtual ~Receiver() = default;
    virtual void line(bool isOrig, std::string_view text) = 0;
    virtual void plain(bool isOrig, std::string_view bytes) = 0;
  };
  // Both directions of a connection complain about bare line ends once.
  struct Complaints {
    bool singleCr = false, singleLf = false;
  };

  ContentLine(flow::ConnectionContext& context, Receiver& receiver, Complaints& complaints,
              bool isOrig)
      : context_(context), receiver_(receiver), complaints_(complaints), isOrig_(isOrig) {}

  void deliver(flow::Bytes data);
  // A last line without its end is delivered as one.
  void endOfStream();

  // The next `length` bytes are no lines; 0: lines again.
  void setPlain(int64_t length) { plain_ = length; }
  // Bytes until a last line counts as complete without an end; -1: unknown.
  void setDeliverySize(int64_t length) { deliverySize_ = length; }
  // Off: only CRLF ends a line; bare CR and LF are contents.
  void setBareEndsAreEnds(bool on) { bareEndsAreEnds_ = on; }
  void setQuiet(bool on) { quiet_ = on; }
  void stop() { stopped_ = true; }
  // Within a call of the receiver: what follows it in the delivery at hand.
  flow::Bytes remaining() const { return remaining_; }
  void setIsOrig(bool isOrig) { isOrig_ = isOrig; }

 private:
  void run(flow::Bytes data);
  // Consumes up to the end of a line, or everything.
  size_t once(flow::Bytes data);
  void emit(flow::Bytes rest, uint8_t last);
  void weird(std::string_view name) { context_.weird(name, {}, "CONTENTLINE"); }

  flow::ConnectionContext& context_;
  Receiver& receiver_;
  Complaints& complaints_;
  bool isOrig_;
  bool bareEndsAreEnds_ = true;
  bool quiet_ = false;
  bool stopped_ = false;
  int64_t plain_ = 0;
  int64_t deliverySize_ = -1;
  uint8_t last_ = 0;    // the byte before the one looked at
  std::string buffer_;  // the line so far
  flow::Bytes remaining_;
};

}  // namespace bulkhead::analyzers::http
