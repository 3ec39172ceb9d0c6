// Log streams: which rows of the base library a package takes part in, and what of them is looked
// at.

#include "common/log-value.h"
#include "sdk/script/prune/solver.h"

#include <algorithm>

namespace bulkhead::prune {

using types::Tag;

bool Solver::declaresColumns(const types::RecordType& record, int depth) const {
  if (depth > maxNesting) return false;
  for (const types::Field& field : record.fields()) {
    if (!field.log) continue;
    if (field.origin >= types::originFirstPackage) return true;
    if (field.type->is(Tag::record) && declaresColumns(field.type->asRecord(), depth + 1))
      return true;
  }
  return false;
}

void Solver::needStream(int64_t stream) {
  if (stream == LogWrite::anyStream) {
    if (!std::exchange(allStreams_, true)) changed_ = true;
  } else if (streams_.insert(stream).second) {
    changed_ = true;
  }
}

bool Solver::streamNeeded(int64_t stream) {
  return allStreams_ || streams_.contains(stream) || stream == printLog_ || rowsMatter(stream);
}

bool Solver::rowsMatter(int64_t number) {
  if (watchAll_ || watched_.contains(number) || contributing_.contains(number)) return true;
  if (streamPolicy_ && anyEffect(*streamPolicy_)) return true;
  if (number == LogWrite::anyStream) {
    return std::any_of(e_.streams.begin(), e_.streams.end(),
                       [&](const auto& each) { return rowsMatter(each.first); });
  }
  auto found = e_.streams.find(number);
  if (found == e_.streams.end()) return false;
  const Stream& stream = found->second;
  for (uint32_t hook : stream.hooks)
    if (anyEffect(hook)) return true;
  for (uint32_t event : stream.events)
    if (anyEffect(event)) return true;
  if (stream.columns == nullptr || !setTouched(*stream.columns, 0)) return false;
  contributing_.insert(number);
  changed_ = true;
  return true;
}

bool Solver::setTouched(const types::RecordType& record, int depth) {
  if (depth > maxNesting) return false;
  for (uint32_t i = 0; i < record.fields().size(); ++i) {
    const types::Field& field = record.field(i);
    if (!field.log) continue;
    if (field.type->is(Tag::record) && setTouched(field.type->asRecord(), depth + 1)) return true;
    if (isTouchedSet(record, i)) return true;
  }
  return false;
}

bool Solver::isTouchedSet(const types::RecordType& record, uint32_t i) {
  if (!record.field(i).type->is(Tag::set)) return false;
  Cell contents{Cell::Kind::contents, 0, e_.places.find(e_.fieldPlace(record, i))};
  return touchedCells_.contains(contents.key()) ||
         touchedCells_.contains(e_.fieldCell(record, i).key());
}

void Solver::readColumns(const types::RecordType& record, int depth, UnitId reader) {
  if (depth > maxNesting) return;
  for (uint32_t i = 0; i < record.fields().size(); ++i) {
    const types::Field& field = record.field(i);
    if (!field.log) continue;
    markLive(e_.fieldCell(record, i), reader);
    if (field.type->is(Tag::record)) {
      readColumns(field.type->asRecord(), depth + 1, reader);
    } else {
      readDeep(field.type, e_.fieldPlace(record, i), reader);
    }
  }
}

void Solver::readContribution(const types::RecordType& record, const std::string& prefix, int depth,
                              UnitId reader) {
  if (depth > maxNesting) return;
  for (uint32_t i = 0; i < record.fields().size(); ++i) {
    const types::Field& field = record.field(i);
    if (!field.log) continue;
    if (field.origin >= types::originFirstPackage) {
      markLive(e_.fieldCell(record, i), reader);
      readDeep(field.type, e_.fieldPlace(record, i), reader);
    } else if (field.type->is(Tag::record)) {
      markLive(e_.fieldCell(record, i), reader);
      readContribution(field.type->asRecord(), prefix + field.name + ".", depth + 1, reader);
    } else if (identifiesRow(prefix + field.name)) {
      markLive(e_.fieldCell(record, i), reader);
    } else if (isTouchedSet(record, i)) {
      markLive(e_.fieldCell(record, i), reader);
      readDeep(field.type, e_.fieldPlace(record, i), reader);
    }
  }
}

void Solver::readRow(int64_t number, UnitId reader) {
  for (const auto& [id, stream] : e_.streams) {
    if ((number != LogWrite::anyStream && number != id) || stream.columns == nullptr) continue;
    if (!rowsMatter(id)) continue;
    if (watchAll_ || watched_.contains(id)) {
      readColumns(*stream.columns, 0, reader);
    } else if (contributing_.contains(id)) {
      readContribution(*stream.columns, "", 0, reader);
    }
  }
}

}  // namespace bulkhead::prune
