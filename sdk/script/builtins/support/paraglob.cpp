#include "sdk/script/builtins/support/paraglob.h"

#include <algorithm>
#include <deque>
#include <tuple>

namespace bulkhead::builtins {

namespace {

// Matches one bracket expression at glob[at] == '['. Returns the index behind it and whether `c`
// is in it; the index is `at` if it is not closed, so that '[' is an ordinary character.
std::pair<size_t, bool> matchBracket(std::string_view glob, size_t at, char c) {
  size_t i = at + 1;
  bool negated = i < glob.size() && (glob[i] == '!' || glob[i] == '^');
  if (negated) ++i;
  bool found = false;
  auto byte = static_cast<unsigned char>(c);
  for (bool first = true; i < glob.size(); first = false) {
    if (glob[i] == ']' && !first) return {i + 1, found != negated};
    if (glob[i] == '\\' && i + 1 < glob.size()) ++i;
    auto low = static_cast<unsigned char>(glob[i++]);
    auto high = low;
    if (i + 1 < glob.size() && glob[i] == '-' && glob[i + 1] != ']') {
      ++i;
      if (glob[i] == '\\' && i + 1 < glob.size()) ++i;
      high = static_cast<unsigned char>(glob[i++]);
    }
    if (low <= byte && byte <= high) found = true;
  }
  return {at, false};
}

// The longest run of ordinary characters in a pattern, resolved; empty if there is none.
std::string longestFixedPart(std::string_view glob) {
  std::string best, current;
  auto finish = [&] {
    if (current.size() > best.size()) best = current;
    current.clear();
  };
  for (size_t i = 0; i < glob.size(); ++i) {
    char c = glob[i];
    if (c == '*' || c == '?') {
      finish();
    } else if (c == '[') {
      size_t end = matchBracket(glob, i, '\0').first;
      if (end == i) {
        current += c;
      } else {
        finish();
        i = end - 1;
      }
    } else {
      if (c == '\\' && i + 1 < glob.size()) c = glob[++i];
      current += c;
    }
  }
  finish();
  return best;
}

}  // namespace

bool globMatches(std::string_view glob, std::string_view text) {
  // Only the last '*' is ever retried: an earlier one could not do better than it did.
  size_t g = 0, t = 0, starGlob = std::string_view::npos, starText = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      starGlob = ++g;
      starText = t;
      continue;
    }
    size_t next = g;
    bool matched = false;
    if (g < glob.size()) {
      if (glob[g] == '?') {
        matched = true;
        next = g + 1;
      } else if (glob[g] == '[') {
        std::tie(next, matched) = matchBracket(glob, g, text[t]);
        if (next == g) {
          matched = text[t] == '[';
          next = g + 1;
        }
      } else {
        size_t literal = glob[g] == '\\' && g + 1 < glob.size() ? g + 1 : g;
        matched = glob[literal] == text[t];
        next = literal + 1;
      }
    }
    if (matched) {
      g = next;
      ++t;
    } else if (starGlob != std::string_view::npos) {
      g = starGlob;
      t = ++starText;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

Paraglob::Paraglob(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {
  std::ranges::sort(patterns_);
  patterns_.erase(std::unique(patterns_.begin(), patterns_.end()), patterns_.end());
  std::vector<Needle> needles;
  for (uint32_t i = 0; i < patterns_.size(); ++i) {
    std::string fixed = longestFixedPart(patterns_[i]);
    if (fixed.empty())
      withoutNeedle_.push_back(i);
    else
      needles.push_back({std::move(fixed), i});
  }
  build(needles);
}

uint32_t Paraglob::child(uint32_t node, uint8_t byte) const {
  const auto& children = nodes_[node].children;
  auto at = std::ranges::lower_bound(children, byte, {}, &std::pair<uint8_t, uint32_t>::first);
  return at != children.end() && at->first == byte ? at->second : 0;
}

void Paraglob::build(const std::vector<Needle>& needles) {
  nodes_.emplace_back();
  for (const Needle& needle : needles) {
    uint32_t node = 0;
    for (char c : needle.text) {
      auto byte = static_cast<uint8_t>(c);
      uint32_t next = child(node, byte);
      if (next == 0) {
        next = static_cast<uint32_t>(nodes_.size());
        nodes_.emplace_back();
        auto& children = nodes_[node].children;
        children.insert(
            std::ranges::lower_bound(children, byte, {}, &std::pair<uint8_t, uint32_t>::first),
            {byte, next});
      }
      node = next;
    }
    nodes_[node].hits.push_back(needle.pattern);
  }
  std::deque<uint32_t> queue{0};
  while (!queue.empty()) {
    uint32_t node = queue.front();
    queue.pop_front();
    for (auto [byte, next] : nodes_[node].children) {
      queue.push_back(next);
      if (node == 0) continue;
      uint32_t fallback = nodes_[node].fallback;
      while (fallback != 0 && child(fallback, byte) == 0) fallback = nodes_[fallback].fallback;
      uint32_t target = child(fallback, byte);
      nodes_[next].fallback = target;
      nodes_[next].nextWithHits =
          nodes_[target].hits.empty() ? nodes_[target].nextWithHits : target;
    }
  }
}

std::vector<std::string_view> Paraglob::matches(std::string_view text) const {
  std::vector<bool> candidate(patterns_.size());
  for (uint32_t pattern : withoutNeedle_) candidate[pattern] = true;
  uint32_t node = 0;
  for (char c : text) {
    auto byte = static_cast<uint8_t>(c);
    while (node != 0 && child(node, byte) == 0) node = nodes_[node].fallback;
    node = child(node, byte);
    for (uint32_t at = node; at != 0; at = nodes_[at].nextWithHits)
      for (uint32_t pattern : nodes_[at].hits) candidate[pattern] = true;
  }
  std::vector<std::string_view> out;
  for (size_t i = 0; i < patterns_.size(); ++i)
    if (candidate[i] && globMatches(patterns_[i], text)) out.push_back(patterns_[i]);
  return out;
}

}  // namespace bulkhead::builtins
