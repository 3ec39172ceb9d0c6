#pragma once
// Renderings of byte strings for people, shells, patterns and URIs.
//
// Any thread; pure. Input may hold any bytes. Source: Zeek script reference, "strings.bif.zeek"
// and "zeek.bif.zeek" (what each function returns).

#include <optional>
#include <string>
#include <string_view>

namespace bulkhead::builtins {

enum class BackslashStyle { keep, doubled };
enum class QuoteStyle { keep, backslashed };

// Bytes outside 32..126 become \xHH; backslashes and quotes as told.
std::string escapeBytes(std::string_view bytes, BackslashStyle backslash, QuoteStyle quotes);

// Two lower-case digits per byte.
std::string hexDigits(std::string_view bytes);
// Empty if the length is odd or a character is not a hex digit.
std::optional<std::string> bytesOfHex(std::string_view digits);

// Sixteen bytes per line: offset, hex in two groups, text with '.' for what does not print.
// Ends with a newline unless `bytes` is empty.
std::string hexDump(std::string_view bytes);

// The text of 16 bytes as "550e8400-e29b-41d4-a716-446655440000", reading the first three groups in
// little-endian order as Zeek on a little-endian machine does. Empty if not 16 bytes.
std::optional<std::string> uuidText(std::string_view bytes);

// In double quotes, with ` " \ $ escaped: one word for a POSIX shell.
std::string shellQuoted(std::string_view text);

// Each character that means something in a pattern gets a backslash.
std::string patternQuoted(std::string_view text);

// Resolves %HH and %uHHHH; malformed escapes stay as they are.
std::string unescapeUri(std::string_view uri);

// Removes "//", "/./" and "x/../" from a path; a relative path may keep leading "..".
std::string compressPath(std::string_view path);

// "rwsr-xr-t" for a mode's low 12 bits.
std::string fileModeText(uint64_t mode);

}  // namespace bulkhead::builtins
