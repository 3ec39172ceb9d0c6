#pragma once
// One header field, put together from its first line and those that continue it.
//
// Owns its text. Source: RFC 5322 section 2.2, RFC 9112 section 5.

#include "host/events/value.h"

#include <string>
#include <string_view>

namespace bulkhead::analyzers::mime {

class Header {
 public:
  // `lines`: how many lines `text` was folded over.
  explicit Header(std::string text, size_t lines = 1);

  // False for a line without a name and a colon: no header at all.
  bool valid() const { return nameSize_ > 0; }
  std::string_view name() const { return view(nameAt_, nameSize_); }
  // Without the blanks before it.
  std::string_view value() const { return view(valueAt_, text_.size() - valueAt_); }
  size_t lines() const { return lines_; }
  bool is(std::string_view lowerCaseName) const;

  // The value's first token, and what follows it; empty if there is none.
  std::string_view token() const;
  std::string_view afterToken() const;

 private:
  std::string_view view(size_t at, size_t size) const {
    return std::string_view(text_).substr(at, size);
  }

  std::string text_;
  size_t lines_;
  size_t nameAt_ = 0, nameSize_ = 0, valueAt_ = 0;
};

}  // namespace bulkhead::analyzers::mime
