#include "host/analyzers/http/content-line.h"

#include <algorithm>

namespace bulkhead::analyzers::http {
namespace {

std::string_view asText(flow::Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

constexpr uint8_t crlf[] = {'\r', '\n'};

}  // namespace

void ContentLine::deliver(flow::Bytes data) {
  if (data.empty() || stopped_) return;
  if (deliverySize_ > 0) deliverySize_ -= static_cast<int64_t>(data.size());
  run(data);
  if (deliverySize_ == 0) {
    // The announced size is used up: what is left of a line is all there will be of it.
    if (!buffer_.empty()) {
      weird("line_terminated_without_CRLF");
      run(crlf);
    }
    deliverySize_ = -1;
  }
}

void ContentLine::endOfStream() {
  if (!buffer_.empty()) deliver(flow::Bytes(crlf).subspan(1));
}

void ContentLine::run(flow::Bytes data) {
  while (!data.empty() && !stopped_) {
    if (bareEndsAreEnds_ && last_ == '\r' && data[0] == '\n') {
      // The CR ended the line already; this comes before plain pieces, which do not own it.
      last_ = '\n';
      data = data.subspan(1);
    }
    if (plain_ > 0) {
      size_t take = std::min<uint64_t>(static_cast<uint64_t>(plain_), data.size());
      last_ = 0;
      plain_ -= static_cast<int64_t>(take);
      remaining_ = data.subspan(take);
      receiver_.plain(isOrig_, asText(data.first(take)));
      data = data.subspan(take);
    }
    if (data.empty() || stopped_) break;
    data = data.subspan(once(data));
  }
  remaining_ = {};
}

size_t ContentLine::once(flow::Bytes data) {
  size_t at = 0;
  while (at < data.size()) {
    auto rest = asText(data.subspan(at));
    size_t run = std::min(rest.find_first_of("\r\n"), rest.size());
    if (run > 0) {
      if (buffer_.size() + run > maxLine) {
        weird("contentline_size_exceeded");
        size_t fits = maxLine - std::min(maxLine, buffer_.size());
        buffer_.append(rest.substr(0, fits));
        // At least one byte goes, so that the stream moves on.
        size_t used = std::max<size_t>(fits, 1);
        emit(data.subspan(at + used), static_cast<uint8_t>(rest[used - 1]));
        return at + used;
      }
      if (last_ == '\r' && !quiet_ && !complaints_.singleCr) {
        complaints_.singleCr = true;
        weird("line_terminated_with_single_CR");
      }
      buffer_.append(rest.substr(0, run));
      last_ = data[at + run - 1];
      at += run;
      continue;
    }
    uint8_t c = data[at++];
    if (c == '\r') {
      if (at < data.size() && data[at] == '\n') {
        emit(data.subspan(at + 1), '\n');
        return at + 1;
      }
      if (bareEndsAreEnds_) {
        emit(data.subspan(at), '\r');
        return at;
      }
      buffer_ += '\r';
    } else if (last_ == '\r') {
      if (!buffer_.empty()) {
        buffer_.pop_back();  // the CR that was taken for contents
        emit(data.subspan(at), '\n');
        return at;
      }
      // The CR came while bare ends counted, its LF after that ended.
    } else if (bareEndsAreEnds_) {
      emit(data.subspan(at), '\n');
      return at;
    } else {
      if (!quiet_ && !complaints_.singleLf) {
        complaints_.singleLf = true;
        weird("line_terminated_with_single_LF");
      }
      buffer_ += '\n';
    }
    if (c == '\r' && last_ == '\r' && !quiet_ && !complaints_.singleCr) {
      complaints_.singleCr = true;
      weird("line_terminated_with_single_CR");
    }
    last_ = c;
  }
  return at;
}

void ContentLine::emit(flow::Bytes rest, uint8_t last) {
  last_ = last;
  remaining_ = rest;
  std::string line;
  line.swap(buffer_);
  receiver_.line(isOrig_, line);
  // Keeps the memory for the next line, unless it was an unusually long one.
  constexpr size_t worthKeeping = 64 * 1024;
  line.clear();
  if (buffer_.empty() && line.capacity() <= worthKeeping) buffer_.swap(line);
}

}  // namespace bulkhead::analyzers::http
