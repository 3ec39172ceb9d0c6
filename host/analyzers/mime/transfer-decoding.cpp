#include "host/analyzers/mime/transfer-decoding.h"

namespace bulkhead::analyzers::mime {
namespace {

// 0 to 63; the padding counts as zero; -1: not in the alphabet.
int digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return c == '=' ? 0 : -1;
}

}  // namespace

void Base64Decoder::complainOnce(const std::string& what) {
  if (!complained_) complain_(what);
  complained_ = true;
}

void Base64Decoder::take(char c, std::string& out) {
  if (c == '=') ++padding_;
  int value = digit(c);
  if (value < 0) {
    complainOnce("character " + std::to_string(static_cast<unsigned char>(c)) +
                 " ignored by Base64 decoding");
    return;
  }
  group_ = group_ << 6 | static_cast<uint32_t>(value);
  if (++inGroup_ < 4) return;
  inGroup_ = 0;
  if (ended_) {
    complainOnce("extra base64 groups after '=' padding are ignored");
    return;
  }
  for (int i = 0; i < 3 - padding_; ++i) out += static_cast<char>(group_ >> (16 - 8 * i));
  ended_ = padding_ > 0;
  padding_ = 0;
}

void Base64Decoder::decode(std::string_view text, std::string& out) {
  for (char c : text) take(c, out);
}

void Base64Decoder::finish(std::string& out) {
  if (inGroup_ == 0) return;
  int missing = 4 - inGroup_;
  complain_("incomplete base64 group, padding with " + std::to_string(missing * 6) + " bits of 0");
  for (int i = 0; i < missing; ++i) take('=', out);
}

}  // namespace bulkhead::analyzers::mime
