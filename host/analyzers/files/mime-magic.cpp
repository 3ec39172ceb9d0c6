#include "host/analyzers/files/mime-magic.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <re2/re2.h>
#include <re2/set.h>
#include <set>
#include <string>

namespace bulkhead::analyzers::files {
namespace {

// The automaton's cache; states are built as files need them.
constexpr int64_t patternMemory = 64 << 20;

// Comments and blanks around an XML declaration may come before a document's first element.
constexpr std::string_view bom = R"((?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?)";
constexpr std::string_view filler = R"((?:[\t\n\r ]*(?:<!--.*-->)?[\t\n\r ]*)*)";
constexpr std::string_view declaration = R"((?:<\?xml .*\?>)?)";

std::string wholePattern(const MagicRule& rule) {
  std::string out;
  if (rule.lead == Lead::bom || rule.lead == Lead::bomMarkup) out += bom;
  if (rule.lead == Lead::markup || rule.lead == Lead::bomMarkup)
    out.append(filler).append(declaration).append(filler);
  return out.append("(?:").append(rule.pattern).append(")");
}

RE2::Options options() {
  RE2::Options out(RE2::Latin1);
  out.set_max_mem(patternMemory);
  out.set_log_errors(false);
  out.set_dot_nl(true);
  return out;
}

}  // namespace

struct MimeMagic::Compiled {
  RE2::Set set{options(), RE2::ANCHOR_START};
  std::vector<const MagicRule*> rules;
};

MimeMagic::MimeMagic() : compiled_(std::make_unique<Compiled>()) {
  for (auto family : magicRules())
    for (auto& rule : family) {
      [[maybe_unused]] int index = compiled_->set.Add(wholePattern(rule), nullptr);
      assert(index == static_cast<int>(compiled_->rules.size()));
      compiled_->rules.push_back(&rule);
    }
  [[maybe_unused]] bool compiled = compiled_->set.Compile();
  assert(compiled);
}

MimeMagic::~MimeMagic() = default;

MimeMagic::Result MimeMagic::detect(std::span<const uint8_t> data) const {
  std::vector<int> indices;
  compiled_->set.Match({reinterpret_cast<const char*>(data.data()), data.size()}, &indices);
  std::map<int, std::set<std::string_view>, std::greater<>> byStrength;
  for (int index : indices) {
    const MagicRule& rule = *compiled_->rules[static_cast<size_t>(index)];
    byStrength[rule.strength].insert(rule.mime);
  }
  Result result;
  if (byStrength.empty()) return result;
  result.best = *byStrength.begin()->second.begin();
  for (auto& [strength, mimes] : byStrength) result.matches.push_back({strength, *mimes.rbegin()});
  return result;
}

}  // namespace bulkhead::analyzers::files
