#pragma once
// Base64 as it comes in lines: decoded group by group, strangers ignored and reported once.
//
// Holds four characters at most. Source: RFC 2045 section 6.8.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace bulkhead::analyzers::mime {

class Base64Decoder {
 public:
  // `complain` hears of the first thing that is wrong, and of an incomplete end.
  explicit Base64Decoder(std::function<void(std::string_view)> complain)
      : complain_(std::move(complain)) {}

  void decode(std::string_view text, std::string& out);
  // Completes a last group as if padded.
  void finish(std::string& out);

 private:
  void take(char c, std::string& out);
  void complainOnce(const std::string& what);

  std::function<void(std::string_view)> complain_;
  uint32_t group_ = 0;
  int inGroup_ = 0;
  int padding_ = 0;
  bool ended_ = false;
  bool complained_ = false;
};

}  // namespace bulkhead::analyzers::mime
