#include "sdk/script/builtins/support/text.h"

#include <algorithm>

namespace bulkhead::builtins {

namespace {

constexpr std::string_view spaces = " \t\n\r\v\f";

bool isLower(char c) { return c >= 'a' && c <= 'z'; }
bool isUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return isUpper(c) ? static_cast<char>(c + 32) : c; }
char upper(char c) { return isLower(c) ? static_cast<char>(c - 32) : c; }

template <typename Map>
std::string mapped(std::string_view text, Map map) {
  std::string out(text);
  for (char& c : out) c = map(c);
  return out;
}

template <typename Test>
bool nonEmptyAll(std::string_view text, Test test) {
  return !text.empty() && std::ranges::all_of(text, test);
}

}  // namespace

std::optional<uint64_t> editDistance(std::string_view a, std::string_view b) {
  if (a.empty()) return b.size();
  if (b.empty()) return a.size();
  if (a.size() > maxEditDistanceCells / b.size()) return std::nullopt;
  if (b.size() > a.size()) std::swap(a, b);
  std::vector<uint64_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    uint64_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      uint64_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

std::string applyEdits(std::string_view text, char eraser) {
  std::string out;
  for (char c : text) {
    if (c != eraser)
      out += c;
    else if (!out.empty())
      out.pop_back();
  }
  return out;
}

std::string replaceAll(std::string_view text, std::string_view from, std::string_view to) {
  if (from.empty()) return std::string(text);
  std::string out;
  size_t position = 0;
  for (;;) {
    size_t hit = text.find(from, position);
    if (hit == std::string_view::npos) break;
    out.append(text, position, hit - position).append(to);
    position = hit + from.size();
  }
  out.append(text, position);
  return out;
}

uint64_t countSubstrings(std::string_view text, std::string_view piece) {
  if (piece.empty()) return text.size() + 1;
  uint64_t count = 0;
  for (size_t at = text.find(piece); at != std::string_view::npos;
       at = text.find(piece, at + piece.size()))
    ++count;
  return count;
}

std::string asciiLower(std::string_view text) { return mapped(text, lower); }
std::string asciiUpper(std::string_view text) { return mapped(text, upper); }
std::string swapCase(std::string_view text) {
  return mapped(text, [](char c) { return isLower(c) ? upper(c) : lower(c); });
}

std::string titleCase(std::string_view text) {
  bool atStart = true;
  return mapped(text, [&](char c) {
    char out = atStart ? upper(c) : c;
    atStart = c == ' ';
    return out;
  });
}

bool allDigits(std::string_view text) { return nonEmptyAll(text, isDigit); }
bool allLetters(std::string_view text) {
  return nonEmptyAll(text, [](char c) { return isLower(c) || isUpper(c); });
}
bool allLettersOrDigits(std::string_view text) {
  return nonEmptyAll(text, [](char c) { return isLower(c) || isUpper(c) || isDigit(c); });
}

std::string_view strippedLeft(std::string_view text, std::string_view characters) {
  size_t first = text.find_first_not_of(characters);
  return first == std::string_view::npos ? text.substr(text.size()) : text.substr(first);
}

std::string_view strippedRight(std::string_view text, std::string_view characters) {
  size_t last = text.find_last_not_of(characters);
  return last == std::string_view::npos ? text.substr(0, 0) : text.substr(0, last + 1);
}

std::string_view stripped(std::string_view text) {
  return strippedRight(strippedLeft(text, spaces), spaces);
}

std::string_view withoutPrefix(std::string_view text, std::string_view piece) {
  while (!piece.empty() && text.starts_with(piece)) text.remove_prefix(piece.size());
  return text;
}

std::string_view withoutSuffix(std::string_view text, std::string_view piece) {
  while (!piece.empty() && text.ends_with(piece)) text.remove_suffix(piece.size());
  return text;
}

int64_t findPiece(std::string_view text, std::string_view piece, uint64_t start, int64_t length,
                  SearchFrom from, CaseRule rule) {
  if (start > text.size()) return -1;
  std::string_view part = text.substr(start);
  if (length >= 0) part = part.substr(0, static_cast<size_t>(length));
  std::string lowered[2];
  if (rule == CaseRule::insensitive) {
    lowered[0] = asciiLower(part);
    lowered[1] = asciiLower(piece);
    part = lowered[0];
    piece = lowered[1];
  }
  size_t at = from == SearchFrom::left ? part.find(piece) : part.rfind(piece);
  return at == std::string_view::npos ? -1 : static_cast<int64_t>(at + start);
}

std::vector<std::string_view> splitAt(std::string_view text, std::span<const uint64_t> positions) {
  std::vector<std::string_view> out;
  if (positions.empty()) return out;
  std::vector<uint64_t> cuts{0};
  for (uint64_t position : positions) cuts.push_back(position < text.size() ? position : 0);
  std::ranges::sort(cuts);
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  for (size_t i = 0; i < cuts.size(); ++i) {
    uint64_t end = i + 1 < cuts.size() ? cuts[i + 1] : text.size();
    out.push_back(text.substr(cuts[i], end - cuts[i]));
  }
  return out;
}

std::string filledString(size_t length, std::string_view source) {
  std::string out;
  if (length == 0) return out;
  out.reserve(length);
  while (out.size() < length && !source.empty()) out.append(source.substr(0, length - out.size()));
  out.resize(length, '\0');
  out.back() = '\0';
  return out;
}

}  // namespace bulkhead::builtins
