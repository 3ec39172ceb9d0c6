#pragma once
// The lexical rules that header fields share: blanks, comments, tokens, quoted strings.
//
// Pure functions over borrowed text, as lenient as mail and web clients in the wild need it, and
// matched to what Zeek accepts. Source: RFC 2045 section 5.1, RFC 5322 section 3.2.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bulkhead::analyzers::mime {

// What was found, and where in the given text it ended.
struct Found {
  std::string_view text;
  size_t end;
};
struct FoundPair {
  std::string_view first, second;
  size_t end;
};
struct FoundValue {
  std::string text;
  size_t end;
};

bool isBlank(char c);
bool equalIgnoringCase(std::string_view a, std::string_view b);
std::string upper(std::string_view text);

// The number of bytes of blanks and (comments) at the front.
size_t skipBlanksAndComments(std::string_view text);
// The first run of field-name characters.
std::optional<Found> fieldName(std::string_view text);
// The first token. A boundary is taken with all that is no blank, control or quote.
std::optional<Found> token(std::string_view text, bool boundary = false);
// TOKEN "/" TOKEN
std::optional<FoundPair> slashPair(std::string_view text);
// A token, or a quoted string with its backslashes resolved.
std::optional<FoundValue> parameterValue(std::string_view text, bool boundary = false);

}  // namespace bulkhead::analyzers::mime
