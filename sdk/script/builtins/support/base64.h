#pragma once
// Base64 with an optional alphabet of the caller's, and the messages that Zeek gives for bad input.
//
// Any thread; pure. Source: RFC 4648 section 4; Zeek script reference, encode_base64 and
// decode_base64 (custom alphabets of 64 characters).

#include <optional>
#include <string>
#include <string_view>

namespace bulkhead::builtins {

constexpr std::string_view base64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// `alphabet` must have 64 characters.
std::string encodeBase64(std::string_view bytes, std::string_view alphabet = base64Alphabet);

struct Base64Result {
  // Empty if a character was illegal or data followed the padding.
  std::optional<std::string> bytes;
  // What was wrong; may be set although `bytes` is (a missing padding is repaired).
  std::string complaint;
};
Base64Result decodeBase64(std::string_view text, std::string_view alphabet = base64Alphabet);

}  // namespace bulkhead::builtins
