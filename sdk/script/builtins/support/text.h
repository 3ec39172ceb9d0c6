#pragma once
// String algorithms behind the string builtins, on plain bytes.
//
// Any thread; pure. Letters and spaces are ASCII's, whatever the locale. Quadratic work is bounded:
// editDistance refuses pairs past maxEditDistanceCells. Source: Zeek script reference,
// "strings.bif.zeek".

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::builtins {

// A gigacell takes about a second; past it a package could stall its compartment in one call.
constexpr uint64_t maxEditDistanceCells = 1'000'000'000;
// Levenshtein distance; empty if the two are too long together.
std::optional<uint64_t> editDistance(std::string_view a, std::string_view b);

// Removes each `eraser` together with the character before it.
std::string applyEdits(std::string_view text, char eraser);

std::string replaceAll(std::string_view text, std::string_view from, std::string_view to);
uint64_t countSubstrings(std::string_view text, std::string_view piece);

std::string asciiLower(std::string_view text);
std::string asciiUpper(std::string_view text);
std::string swapCase(std::string_view text);
// The first character of each run of non-spaces in upper case.
std::string titleCase(std::string_view text);

bool allDigits(std::string_view text);  // false if empty, as the next two
bool allLetters(std::string_view text);
bool allLettersOrDigits(std::string_view text);

std::string_view stripped(std::string_view text);
std::string_view strippedLeft(std::string_view text, std::string_view characters);
std::string_view strippedRight(std::string_view text, std::string_view characters);
// Drops `piece` as often as it stands at the beginning (end).
std::string_view withoutPrefix(std::string_view text, std::string_view piece);
std::string_view withoutSuffix(std::string_view text, std::string_view piece);

enum class SearchFrom { left, right };
enum class CaseRule { sensitive, insensitive };
// The position of `piece` in the part of `text` that begins at `start`, -1 if absent. `length`
// limits the part; -1 means to the end.
int64_t findPiece(std::string_view text, std::string_view piece, uint64_t start, int64_t length,
                  SearchFrom from, CaseRule rule);

// Cuts `text` at the given positions (sorted, duplicates and positions outside ignored).
std::vector<std::string_view> splitAt(std::string_view text, std::span<const uint64_t> positions);

// Repeats `source` up to `length` bytes, the last one replaced by NUL as Zeek does.
std::string filledString(size_t length, std::string_view source);

}  // namespace bulkhead::builtins
