#include "sdk/script/builtins/support/local-alignment.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <tuple>
#include <utility>

namespace bulkhead::builtins {

namespace {

// From which neighbour the best alignment that ends in a cell comes.
enum class From : uint8_t { nowhere, both, longer, shorter };

constexpr uint32_t none = UINT32_MAX;

// Everything that may begin in one cell, and the best end of it.
struct Candidate {
  int32_t score;
  uint32_t row, column;  // behind the last byte
};

// One row for each byte of the longer text, one column for each of the shorter, and one before.
class Matrix {
 public:
  Matrix(std::string_view longer, std::string_view shorter)
      : longer_(longer),
        shorter_(shorter),
        width_(shorter.size() + 1),
        from_((longer.size() + 1) * width_, From::nowhere),
        taken_(from_.size(), false) {
    fill();
  }

  std::vector<Candidate> takeCandidates() { return std::move(candidates_); }

  // The cells of an alignment, first one first, by row and column of the bytes they are about.
  // Empty if it meets a taken one.
  struct Step {
    size_t row, column;
    bool equal;
  };
  std::vector<Step> trace(const Candidate& candidate) const {
    std::vector<Step> steps;
    size_t row = candidate.row, column = candidate.column;
    while (from_[at(row, column)] != From::nowhere) {
      if (taken_[at(row, column)]) return {};
      From from = from_[at(row, column)];
      bool both = from == From::both;
      if (both) steps.push_back({row - 1, column - 1, longer_[row - 1] == shorter_[column - 1]});
      row -= from != From::shorter ? 1 : 0;
      column -= from != From::longer ? 1 : 0;
    }
    std::ranges::reverse(steps);
    return steps;
  }

  // Nothing else comes into the rectangle of an alignment.
  void take(const std::vector<Step>& steps) {
    for (size_t row = steps.front().row; row <= steps.back().row; ++row)
      for (size_t column = steps.front().column; column <= steps.back().column; ++column)
        taken_[at(row + 1, column + 1)] = true;
  }

 private:
  size_t at(size_t row, size_t column) const { return row * width_ + column; }

  void fill() {
    std::vector<int32_t> above(width_), scores(width_);
    std::vector<uint32_t> beginsAbove(width_, none), begins(width_, none);
    for (uint32_t row = 1; row <= longer_.size(); ++row) {
      for (uint32_t column = 1; column < width_; ++column) {
        const bool equal = longer_[row - 1] == shorter_[column - 1];
        int32_t best = 0;
        From from = From::nowhere;
        uint32_t begin = none;
        auto offer = [&](int32_t score, From by, uint32_t begun) {
          if (score <= best) return;
          best = score;
          from = by;
          begin = begun;
        };
        offer(above[column - 1] + (equal ? 1 : -1), From::both, beginsAbove[column - 1]);
        offer(above[column] - 1, From::longer, beginsAbove[column]);
        offer(scores[column - 1] - 1, From::shorter, begins[column - 1]);
        if (best > 0 && begin == none) {
          begin = static_cast<uint32_t>(candidates_.size());
          candidates_.push_back({0, 0, 0});
        }
        scores[column] = best;
        begins[column] = begin;
        from_[at(row, column)] = from;
        if (best > 0 && best > candidates_[begin].score) candidates_[begin] = {best, row, column};
      }
      std::swap(above, scores);
      std::swap(beginsAbove, begins);
    }
  }

  std::string_view longer_, shorter_;
  size_t width_;
  std::vector<From> from_;
  std::vector<bool> taken_;
  std::vector<Candidate> candidates_;
};

}  // namespace

std::optional<std::vector<CommonPart>> localAlignments(std::string_view first,
                                                       std::string_view second, size_t shortest,
                                                       Alignments which) {
  if (first.empty() || second.empty()) return std::vector<CommonPart>();
  if (first.size() > maxAlignmentCells / second.size()) return std::nullopt;
  const bool swapped = first.size() < second.size();
  Matrix matrix(swapped ? second : first, swapped ? first : second);
  shortest = std::max<size_t>(shortest, 1);

  std::vector<Candidate> candidates = matrix.takeCandidates();
  // No part is longer than the score at its end.
  std::erase_if(candidates, [&](const Candidate& candidate) {
    return static_cast<size_t>(candidate.score) < shortest;
  });
  std::ranges::stable_sort(candidates, std::greater<>(), &Candidate::score);
  if (which == Alignments::best && candidates.size() > 1) candidates.resize(1);

  struct Part {
    size_t row, column, length;
  };
  std::vector<std::vector<Part>> alignments;
  for (const Candidate& candidate : candidates) {
    auto steps = matrix.trace(candidate);
    if (steps.empty()) continue;
    matrix.take(steps);
    std::vector<Part> parts;
    for (size_t i = 0; i < steps.size();) {
      size_t end = i;
      while (end < steps.size() && steps[end].equal && steps[end].row - steps[i].row == end - i &&
             steps[end].column - steps[i].column == end - i)
        ++end;
      if (end - i >= shortest) parts.push_back({steps[i].row, steps[i].column, end - i});
      i = std::max(end, i + 1);
    }
    if (!parts.empty()) alignments.push_back(std::move(parts));
  }
  // Of those that begin together in the longer text the one that is last in the shorter comes
  // first.
  std::ranges::sort(alignments, [](const auto& a, const auto& b) {
    return std::tuple(a[0].row, b[0].column) < std::tuple(b[0].row, a[0].column);
  });

  std::vector<CommonPart> out;
  for (const auto& parts : alignments)
    for (const Part& part : parts)
      out.push_back({swapped ? part.column : part.row, swapped ? part.row : part.column,
                     part.length, &part == &parts.front()});
  return out;
}

}  // namespace bulkhead::builtins
