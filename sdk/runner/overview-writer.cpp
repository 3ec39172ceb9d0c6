#include "sdk/runner/overview-writer.h"

#include "sdk/runner/limits.h"
#include "sdk/script/source/source-manager.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::runner {

namespace {

// Of every entry besides its texts: what a list element takes.
constexpr size_t entryBytes = 96;

class Writer {
 public:
  Writer(schemas::Overview::Builder to, const driver::Engine& engine) : to_(to), engine_(engine) {}

  void problems();
  void demand(const overview::Overview& from);
  ~Writer() { to_.setCut(cut_); }

 private:
  static kj::String text(std::string_view from) {
    from = from.substr(0, maxOverviewText);
    std::string whole;
    // Cap'n Proto's texts end at their first zero byte.
    for (char c : from) whole += c == '\0' ? '?' : c;
    return kj::heapString(whole.data(), whole.size());
  }
  void place(schemas::Place::Builder to, source::Location at) const {
    auto position = engine_.sources().position(at);
    if (position.file == nullptr) return;
    to.setFile(text(position.file->name));
    to.setLine(position.line);
    to.setColumn(position.column);
  }
  // How many of a list there is room for.
  template <typename T>
  unsigned room(const std::vector<T>& list, const auto& bytesOf) {
    unsigned count = 0;
    for (const T& each : list) {
      size_t bytes = entryBytes + bytesOf(each);
      if (used_ + bytes > maxOverviewBytes) {
        cut_ = true;
        break;
      }
      used_ += bytes;
      ++count;
    }
    return count;
  }
  size_t placeBytes(source::Location at) const {
    const auto* file = engine_.sources().fileOf(at);
    return file == nullptr ? 0 : std::min(file->name.size(), maxOverviewText);
  }

  schemas::Overview::Builder to_;
  const driver::Engine& engine_;
  size_t used_ = 0;
  bool cut_ = false;
};

void Writer::problems() {
  const auto& sources = engine_.sources();
  std::vector<const source::Diagnostic*> sorted;
  for (const auto& each : engine_.diagnostics().all()) sorted.push_back(&each);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* a, const auto* b) { return a->at < b->at; });
  const unsigned count = room(sorted, [&](const source::Diagnostic* each) {
    size_t bytes = each->message.size() + source::kMaxShownColumns + each->missing.size();
    for (const auto& note : each->notes) bytes += entryBytes + note.message.size();
    return bytes + placeBytes(each->at);
  });
  cut_ = cut_ || engine_.diagnostics().errorCount() + engine_.diagnostics().warningCount() >
                     engine_.diagnostics().all().size();
  auto list = to_.initProblems(count);
  for (unsigned i = 0; i < count; ++i) {
    const source::Diagnostic& from = *sorted[i];
    auto to = list[i];
    to.setError(from.severity == source::Severity::error);
    to.setText(text(from.message));
    to.setMissing(text(from.missing));
    place(to.initAt(), from.at);
    if (auto position = sources.position(from.at); position.file != nullptr) {
      std::string line(sources.line(*position.file, position.line).substr(0, maxOverviewText));
      for (char& c : line)
        if (auto byte = static_cast<unsigned char>(c); byte < 0x20 || byte == 0x7f)
          c = c == '\t' ? ' ' : '?';
      // Past so many columns there is no excerpt: a generated line helps nobody.
      if (line.size() <= source::kMaxShownColumns) to.setExcerpt(text(line));
    }
    auto notes = to.initNotes(static_cast<unsigned>(from.notes.size()));
    for (unsigned j = 0; j < notes.size(); ++j) {
      place(notes[j].initAt(), from.notes[j].at);
      notes[j].setText(text(from.notes[j].message));
    }
  }
}

void Writer::demand(const overview::Overview& from) {
  auto handled = [&](const std::vector<overview::Handled>& list, auto init) {
    const unsigned count =
        room(list, [&](const auto& each) { return each.name.size() + placeBytes(each.at); });
    auto to = init(count);
    for (unsigned i = 0; i < count; ++i) {
      to[i].setName(text(list[i].name));
      to[i].setFrom(static_cast<schemas::Overview::Handled::From>(list[i].from));
      to[i].setBodies(list[i].bodies);
      place(to[i].initAt(), list[i].at);
    }
  };
  handled(from.events, [&](unsigned n) { return to_.initEvents(n); });
  handled(from.hooks, [&](unsigned n) { return to_.initHooks(n); });
  auto fields = to_.initFields(room(from.fields, [&](const auto& each) {
    return each.record.size() + each.path.size() + placeBytes(each.at);
  }));
  for (unsigned i = 0; i < fields.size(); ++i) {
    fields[i].setRecord(text(from.fields[i].record));
    fields[i].setPath(text(from.fields[i].path));
    fields[i].setRead(from.fields[i].read);
    fields[i].setWritten(from.fields[i].written);
    fields[i].setAdded(from.fields[i].added);
    fields[i].setLogged(from.fields[i].logged);
    place(fields[i].initAt(), from.fields[i].at);
  }
  auto streams = to_.initStreams(
      room(from.streams, [&](const auto& each) { return each.id.size() + placeBytes(each.at); }));
  for (unsigned i = 0; i < streams.size(); ++i) {
    streams[i].setId(text(from.streams[i].id));
    streams[i].setCreated(from.streams[i].created);
    streams[i].setWritten(from.streams[i].written);
    streams[i].setFiltered(from.streams[i].filtered);
    place(streams[i].initAt(), from.streams[i].at);
  }
  auto doors = to_.initDoors(room(
      from.doors, [&](const auto& each) { return each.function.size() + placeBytes(each.at); }));
  for (unsigned i = 0; i < doors.size(); ++i) {
    doors[i].setFunction(text(from.doors[i].function));
    doors[i].setReach(text(overview::reachName(from.doors[i].reach)));
    place(doors[i].initAt(), from.doors[i].at);
  }
  auto loads = to_.initLoads(
      room(from.loads, [&](const auto& each) { return each.target.size() + placeBytes(each.at); }));
  for (unsigned i = 0; i < loads.size(); ++i) {
    loads[i].setTarget(text(from.loads[i].target));
    loads[i].setSignatures(from.loads[i].signatures);
    place(loads[i].initAt(), from.loads[i].at);
  }
}

}  // namespace

void writeOverview(schemas::Overview::Builder to, const overview::Overview& from,
                   const driver::Engine& engine) {
  Writer writer(to, engine);
  writer.problems();
  writer.demand(from);
}

}  // namespace bulkhead::runner
