#include "sdk/script/builtins/support/base64.h"

#include <array>
#include <cstdint>

namespace bulkhead::builtins {

std::string encodeBase64(std::string_view bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    std::string_view group = bytes.substr(i, 3);
    uint32_t bits = 0;
    for (size_t j = 0; j < 3; ++j)
      bits = bits << 8 | (j < group.size() ? static_cast<unsigned char>(group[j]) : 0u);
    for (size_t j = 0; j < 4; ++j)
      out += j <= group.size() ? alphabet[bits >> (18 - 6 * j) & 63] : '=';
  }
  return out;
}

Base64Result decodeBase64(std::string_view text, std::string_view alphabet) {
  constexpr int8_t illegal = -1;
  std::array<int8_t, 256> values;
  values.fill(illegal);
  for (size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<int8_t>(i);
  values[static_cast<unsigned char>('=')] = 0;

  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  uint32_t bits = 0;
  int inGroup = 0, padding = 0;
  bool ended = false, trailing = false;
  auto finishGroup = [&] {
    if (ended) {
      trailing = true;
    } else {
      for (int octet = 0; octet < 3 - padding; ++octet)
        out += static_cast<char>(bits >> (16 - 8 * octet));
      ended = padding > 0;
    }
    bits = 0;
    inGroup = padding = 0;
  };
  for (char c : text) {
    int8_t value = values[static_cast<unsigned char>(c)];
    if (value == illegal)
      return {std::nullopt, "character " + std::to_string(static_cast<unsigned char>(c)) +
                                " ignored by Base64 decoding"};
    if (c == '=' && padding < 3) ++padding;
    bits = bits << 6 | static_cast<uint32_t>(value);
    if (++inGroup == 4) finishGroup();
    if (trailing) return {std::nullopt, "extra base64 groups after '=' padding are ignored"};
  }
  Base64Result result;
  if (inGroup > 0) {
    result.complaint =
        "incomplete base64 group, padding with " + std::to_string((4 - inGroup) * 6) + " bits of 0";
    for (; inGroup < 4; ++inGroup) {
      bits <<= 6;
      if (padding < 3) ++padding;
    }
    finishGroup();
  }
  result.bytes = std::move(out);
  return result;
}

}  // namespace bulkhead::builtins
