#include "sdk/script/builtins/support/paraglob.h"

#include <algorithm>
#include <deque>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>

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

// The runs of ordinary characters in a pattern, resolved.
std::vector<std::string> fixedParts(std::string_view glob) {
  std::vector<std::string> parts;
  std::string current;
  auto finish = [&] {
    if (!current.empty()) parts.push_back(std::exchange(current, {}));
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
  return parts;
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

Paraglob::Paraglob(std::vector<std::string> patterns) {
  std::unordered_set<std::string> known;
  for (std::string& pattern : patterns)
    if (known.insert(pattern).second) patterns_.push_back(std::move(pattern));
  std::vector<Needle> needles;
  for (uint32_t i = 0; i < patterns_.size(); ++i) {
    std::vector<std::string> parts = fixedParts(patterns_[i]);
    if (parts.empty()) withoutNeedle_.push_back(i);
    for (std::string& part : parts) needles.push_back({std::move(part), i});
  }
  build(needles);
}

bool Paraglob::operator==(const Paraglob& other) const {
  auto sorted = [](std::vector<std::string_view> patterns) {
    std::ranges::sort(patterns);
    return patterns;
  };
  return sorted({patterns_.begin(), patterns_.end()}) ==
         sorted({other.patterns_.begin(), other.patterns_.end()});
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
    // A pattern may have a part twice.
    auto& hits = nodes_[node].hits;
    if (hits.empty() || hits.back() != needle.pattern) hits.push_back(needle.pattern);
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
  enum class Verdict : uint8_t { untried, refused, told };
  std::vector<Verdict> verdicts(patterns_.size(), Verdict::untried);
  std::vector<std::string_view> out;
  // Tells the pattern if it matches; false if it does not.
  auto meet = [&](uint32_t pattern) {
    Verdict& verdict = verdicts[pattern];
    if (verdict == Verdict::untried && !globMatches(patterns_[pattern], text))
      verdict = Verdict::refused;
    if (verdict == Verdict::refused) return false;
    bool again = verdict == Verdict::told;
    verdict = Verdict::told;
    if (again && (out.size() >= maxRepeated || out.back().data() == patterns_[pattern].data()))
      return true;
    out.push_back(patterns_[pattern]);
    return true;
  };
  // Of the nodes met so far: those of their patterns that match. The others cost nothing again.
  std::unordered_map<uint32_t, std::vector<uint32_t>> matching;
  auto visit = [&](uint32_t at) {
    auto [known, fresh] = matching.try_emplace(at);
    if (fresh) {
      for (uint32_t pattern : nodes_[at].hits)
        if (meet(pattern)) known->second.push_back(pattern);
    } else if (out.size() < maxRepeated) {
      for (uint32_t pattern : known->second) meet(pattern);
    }
  };
  uint32_t node = 0;
  std::vector<uint32_t> ending;  // longest first
  for (char c : text) {
    auto byte = static_cast<uint8_t>(c);
    while (node != 0 && child(node, byte) == 0) node = nodes_[node].fallback;
    node = child(node, byte);
    ending.clear();
    for (uint32_t at = node; at != 0; at = nodes_[at].nextWithHits)
      if (!nodes_[at].hits.empty()) ending.push_back(at);
    for (auto at = ending.rbegin(); at != ending.rend(); ++at) visit(*at);
  }
  for (uint32_t pattern : withoutNeedle_) meet(pattern);
  return out;
}

}  // namespace bulkhead::builtins
