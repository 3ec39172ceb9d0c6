// Bytes as hex, Base64, escapes and back.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/services.h"
#include "sdk/script/builtins/support/base64.h"
#include "sdk/script/builtins/support/escape.h"

namespace bulkhead::builtins {

namespace {

void cleanString(NativeCall& call) {
  call.returnText(escapeBytes(call.text(0), BackslashStyle::keep, QuoteStyle::keep));
}
void stringLiteral(NativeCall& call) {
  call.returnText(escapeBytes(call.text(0), BackslashStyle::doubled, QuoteStyle::backslashed));
}
void escapeString(NativeCall& call) {
  call.returnText(escapeBytes(call.text(0), BackslashStyle::doubled, QuoteStyle::keep));
}
void hexOfString(NativeCall& call) { call.returnText(hexDigits(call.text(0))); }
void dumpHex(NativeCall& call) { call.returnText(hexDump(call.text(0))); }

void stringOfHex(NativeCall& call) {
  std::string_view digits = call.text(0);
  if (digits.size() % 2 != 0) {
    call.warn("Hex string '" + std::string(digits) + "' has invalid length (not divisible by 2)");
    return call.returnText("");
  }
  auto bytes = bytesOfHex(digits);
  if (!bytes) call.warn("Could not read hex element from input " + std::string(digits));
  call.returnText(bytes.value_or(""));
}

// The custom alphabet of argument `index`; empty (and said) if it has not 64 characters.
std::optional<std::string_view> alphabetOf(NativeCall& call, size_t index, const char* what) {
  std::string_view alphabet = call.text(index);
  if (alphabet.empty()) return base64Alphabet;
  if (alphabet.size() == 64) return alphabet;
  call.warn(std::string(what) + " is not 64 characters: " + std::string(alphabet));
  return std::nullopt;
}

void encode(NativeCall& call) {
  auto alphabet = alphabetOf(call, 1, "base64 alphabet");
  call.returnText(alphabet ? encodeBase64(call.text(0), *alphabet) : "");
}

void decode(NativeCall& call) {
  auto alphabet = alphabetOf(call, 1, "base64 decoding alphabet");
  if (!alphabet) return call.returnText("");
  Base64Result result = decodeBase64(call.text(0), *alphabet);
  if (!result.complaint.empty()) call.warn(result.complaint);
  if (!result.bytes) call.warn("error in decoding string " + std::string(call.text(0)));
  call.returnText(result.bytes.value_or(""));
}

void decodeOfConnection(NativeCall& call) {
  Services& services = call.vm().extension<Services>();
  Value connection = services.traffic().connection(call.vm(), call.record(0));
  if (connection.empty()) {
    complain(call, "connection ID not a known connection", call.any(0));
    return call.returnText("");
  }
  auto alphabet = alphabetOf(call, 2, "base64 decoding alphabet");
  if (!alphabet) return call.returnText("");
  Base64Result result = decodeBase64(call.text(1), *alphabet);
  if (!result.complaint.empty())
    raiseConnectionWeird(call.vm(), connection, "base64_illegal_encoding", result.complaint);
  if (!result.bytes) call.warn("error in decoding string " + std::string(call.text(1)));
  call.returnText(result.bytes.value_or(""));
}

void validBase64(NativeCall& call) {
  std::string_view alphabet = call.text(1);
  if (!alphabet.empty() && alphabet.size() != 64) return call.returnBool(false);
  call.returnBool(
      decodeBase64(call.text(0), alphabet.empty() ? base64Alphabet : alphabet).bytes.has_value());
}

void uuidToString(NativeCall& call) {
  call.returnText(uuidText(call.text(0)).value_or("<Invalid UUID>"));
}
void shellQuote(NativeCall& call) { call.returnText(shellQuoted(call.text(0))); }
void unescapeUriText(NativeCall& call) { call.returnText(unescapeUri(call.text(0))); }
void compressPathText(NativeCall& call) { call.returnText(compressPath(call.text(0))); }
void modeText(NativeCall& call) { call.returnText(fileModeText(call.count(0))); }

constexpr vm::NativeRow rows[] = {
    {"clean", "function(str: string): string",
     "The string with bytes that are not printable ASCII as \\xHH. Backslashes stay, so that it "
     "does "
     "not read back.",
     cleanString},
    {"to_string_literal", "function(str: string): string",
     "As escape_string, with quotes escaped too.", stringLiteral},
    {"escape_string", "function(s: string): string",
     "The string with bytes that are not printable ASCII as \\xHH and backslashes doubled: it "
     "reads "
     "back.",
     escapeString},
    {"string_to_ascii_hex", "function(s: string): string", "Two hex digits for each byte.",
     hexOfString},
    {"bytestring_to_hexstr", "function(bytestring: string): string",
     "Two hex digits for each byte.", hexOfString},
    {"hexstr_to_bytestring", "function(hexstr: string): string",
     "The bytes that pairs of hex digits name; empty with an error if they do not.", stringOfHex},
    {"hexdump", "function(data_str: string): string",
     "Lines of offset, sixteen bytes in hex, and what of them prints.", dumpHex},
    {"encode_base64", "function(s: string, a: string &default=\"\"): string",
     "The string in Base64; `a` may give an alphabet of 64 characters.", encode},
    {"decode_base64", "function(s: string, a: string &default=\"\"): string",
     "The bytes of a Base64 string; missing padding is added with an error, other faults give the "
     "empty string.",
     decode},
    {"decode_base64_conn", "function(cid: conn_id, s: string, a: string &default=\"\"): string",
     "As decode_base64; faults are weirds of the connection.", decodeOfConnection},
    {"is_valid_base64", "function(s: string, a: string &default=\"\"): bool",
     "Whether decode_base64 would accept the string.", validBase64},
    {"uuid_to_string", "function(uuid: string): string",
     "The text of a UUID's sixteen bytes, or \"<Invalid UUID>\".", uuidToString},
    {"safe_shell_quote", "function(source: string): string",
     "The string as one word for a shell: in double quotes, with what they do not protect escaped.",
     shellQuote},
    {"unescape_URI", "function(URI: string): string",
     "The URI with %HH resolved; malformed escapes stay.", unescapeUriText},
    {"compress_path", "function(dir: string): string",
     "The path without repeated slashes, `.` and resolvable `..`.", compressPathText},
    {"file_mode", "function(mode: count): string",
     "Permission bits as ls shows them, without the type.", modeText},
};

}  // namespace

Rows encodingRows() { return rows; }

}  // namespace bulkhead::builtins
