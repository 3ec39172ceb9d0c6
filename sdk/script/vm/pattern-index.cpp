#include "sdk/script/vm/pattern-index.h"

#include "sdk/script/vm/pattern.h"
#include "sdk/script/vm/table.h"

#include <algorithm>
#include <re2/re2.h>
#include <re2/set.h>

namespace bulkhead::vm {

struct PatternIndex::Impl {
  std::unique_ptr<RE2::Set> set;  // null if it grew past its bound: entries are asked one by one
  std::vector<uint32_t> entries;  // by number in the set
};

PatternIndex::PatternIndex(const TableObject& table) : impl_(std::make_unique<Impl>()) {
  RE2::Options options(RE2::Latin1);
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(CompiledPattern::maxProgramBytes * 2);
  auto set = std::make_unique<RE2::Set>(options, RE2::ANCHOR_BOTH);
  bool complete = true;
  for (uint32_t e = table.next(0); e != TableObject::none; e = table.next(e + 1)) {
    const std::string& expression = patternOf(table.keysOf(e)[0]).pattern->expression();
    if (set->Add("(?:" + expression + ")", nullptr) < 0) complete = false;
    impl_->entries.push_back(e);
  }
  if (complete && set->Compile()) impl_->set = std::move(set);
}

PatternIndex::~PatternIndex() = default;

std::vector<uint32_t> PatternIndex::matching(const TableObject& table,
                                             std::string_view text) const {
  std::vector<uint32_t> found;
  if (impl_->set) {
    std::vector<int> hits;
    RE2::Set::ErrorInfo error{RE2::Set::kNoError};
    if (impl_->set->Match(re2::StringPiece(text.data(), text.size()), &hits, &error) ||
        error.kind == RE2::Set::kNoError) {
      for (int hit : hits) found.push_back(impl_->entries[static_cast<size_t>(hit)]);
      std::sort(found.begin(), found.end());
      return found;
    }
  }
  for (uint32_t e : impl_->entries) {
    if (patternOf(table.keysOf(e)[0]).pattern->matchesWhole(text)) found.push_back(e);
  }
  return found;
}

}  // namespace bulkhead::vm
