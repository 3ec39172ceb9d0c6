#include "host/analyzers/mime/mime-text.h"

#include <algorithm>

namespace bulkhead::analyzers::mime {
namespace {

char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool isVisible(char c) { return c >= 33 && c <= 126; }

bool isFieldNameChar(char c) { return isVisible(c) && c != ':'; }

bool isTokenChar(char c) {
  return isVisible(c) && std::string_view("()<>@,;:\\\"/[]?=").find(c) == std::string_view::npos;
}

bool isBoundaryChar(char c) { return isVisible(c) && c != '"'; }

// Bytes of the comment at the front, with what is nested in it; all if it is not closed.
size_t commentSize(std::string_view text) {
  int depth = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '(')
      ++depth;
    else if (text[i] == ')' && --depth == 0)
      return i + 1;
  }
  return text.size();
}

// The first run of characters that `accept` takes; blanks, comments and single strangers before it
// are passed over.
template <typename Accept>
std::optional<Found> firstRun(std::string_view text, size_t from, Accept accept) {
  for (size_t i = from; i < text.size();) {
    if (accept(text[i])) {
      size_t end = i;
      while (end < text.size() && accept(text[end])) ++end;
      return Found{text.substr(i, end - i), end};
    }
    i += std::max<size_t>(1, skipBlanksAndComments(text.substr(i)));
  }
  return std::nullopt;
}

// The inside of the quoted string at the front.
std::optional<Found> quotedString(std::string_view text) {
  size_t start = skipBlanksAndComments(text);
  if (start >= text.size() || text[start] != '"') return std::nullopt;
  for (size_t i = start + 1; i < text.size(); ++i) {
    if (text[i] == '"') return Found{text.substr(start + 1, i - start - 1), i + 1};
    if (text[i] == '\\') ++i;
  }
  return std::nullopt;
}

std::string withoutBackslashes(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && ++i >= text.size()) break;
    out += text[i];
  }
  return out;
}

}  // namespace

bool isBlank(char c) { return c == ' ' || c == '\t'; }

bool equalIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lowered(x) == lowered(y); });
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return out;
}

size_t skipBlanksAndComments(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    if (isBlank(text[i]))
      ++i;
    else if (text[i] == '(')
      i += commentSize(text.substr(i));
    else
      return i;
  }
  return text.size();
}

std::optional<Found> fieldName(std::string_view text) {
  return firstRun(text, skipBlanksAndComments(text), isFieldNameChar);
}

std::optional<Found> token(std::string_view text, bool boundary) {
  if (boundary) return firstRun(text, 0, isBoundaryChar);
  return firstRun(text, skipBlanksAndComments(text), isTokenChar);
}

std::optional<FoundPair> slashPair(std::string_view text) {
  auto first = token(text);
  if (!first) return std::nullopt;
  size_t at = first->end + skipBlanksAndComments(text.substr(first->end));
  if (at >= text.size() || text[at] != '/') return std::nullopt;
  auto second = token(text.substr(at + 1));
  if (!second) return std::nullopt;
  return FoundPair{first->text, second->text, at + 1 + second->end};
}

std::optional<FoundValue> parameterValue(std::string_view text, bool boundary) {
  size_t start = boundary ? 0 : skipBlanksAndComments(text);
  auto rest = text.substr(start);
  if (!rest.empty() && rest.front() == '"') {
    auto quoted = quotedString(rest);
    if (!quoted) return std::nullopt;
    return FoundValue{withoutBackslashes(quoted->text), start + quoted->end};
  }
  auto found = token(rest, boundary);
  if (!found) return std::nullopt;
  return FoundValue{std::string(found->text), start + found->end};
}

}  // namespace bulkhead::analyzers::mime
