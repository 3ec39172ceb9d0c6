#include "sdk/script/source/diagnostics.h"

#include "sdk/script/source/source-manager.h"

#include <algorithm>
#include <numeric>

namespace bulkhead::source {
namespace {

// A name longer than this is not compared, so that hostile source cannot make errors expensive.
constexpr size_t kMaxComparedName = 128;

// The optimal-string-alignment distance: insert, delete, change and swap of neighbours cost one
// each.
size_t editDistance(std::string_view a, std::string_view b, size_t limit) {
  if (a.size() > b.size() + limit || b.size() > a.size() + limit) return limit + 1;
  std::vector<size_t> beforePrevious(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  std::iota(previous.begin(), previous.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    size_t least = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t change = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        current[j] = std::min(current[j], beforePrevious[j - 2] + 1);
      }
      least = std::min(least, current[j]);
    }
    if (least > limit) return limit + 1;
    std::swap(beforePrevious, previous);
    std::swap(previous, current);
  }
  return previous[b.size()];
}

// Non-printing bytes would move the caret or worse. A tab counts as one column, so one space.
std::string printable(std::string_view text) {
  std::string shown(text);
  for (char& c : shown) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = c == '\t' ? ' ' : '?';
  }
  return shown;
}

void renderExcerpt(std::string& out, const SourceManager& sources, const Position& position) {
  std::string_view line = sources.line(*position.file, position.line);
  size_t column = position.column - 1;
  std::string_view lead = "";
  if (line.size() > kMaxShownColumns) {
    size_t begin = column > kMaxShownColumns / 2 ? column - kMaxShownColumns / 2 : 0;
    begin = std::min(begin, line.size());
    lead = begin > 0 ? "..." : "";
    line = line.substr(begin, kMaxShownColumns);
    column -= begin;
  }
  std::string shown = printable(line);
  out += "  ";
  out += lead;
  out += shown;
  out += "\n  ";
  out.append(lead.size(), ' ');
  out.append(column, ' ');
  out += "^\n";
}

void renderLine(std::string& out, const SourceManager& sources, Location at, std::string_view kind,
                std::string_view message, const RenderOptions& options) {
  Position position = sources.position(at);
  if (position.file != nullptr) {
    out += position.file->name + ":" + std::to_string(position.line) + ":";
    if (options.columns) out += std::to_string(position.column) + ":";
    out += " ";
  }
  out += kind;
  out += ": ";
  out += message;
  out += "\n";
  if (position.file != nullptr && options.excerpts) renderExcerpt(out, sources, position);
}

}  // namespace

Diagnostic& Diagnostics::add(Severity severity, Location at, std::string message) {
  dropped_ = {};
  lastDropped_ = true;
  if (message.size() > kMaxMessageBytes) {
    message.resize(kMaxMessageBytes);
    message += "...";
  }
  if (!seen_.emplace(at.offset, message).second) return dropped_;
  (severity == Severity::error ? errors_ : warnings_)++;
  if (all_.size() >= kMaxDiagnostics) {
    seen_.erase({at.offset, message});
    return dropped_;
  }
  lastDropped_ = false;
  return all_.emplace_back(Diagnostic{severity, at, std::move(message), {}, {}});
}

Diagnostic& Diagnostics::error(Location at, std::string message) {
  return add(Severity::error, at, std::move(message));
}

Diagnostic& Diagnostics::warning(Location at, std::string message) {
  return add(Severity::warning, at, std::move(message));
}

std::string Diagnostics::render(const SourceManager& sources, RenderOptions options) const {
  std::vector<const Diagnostic*> sorted;
  for (const Diagnostic& diagnostic : all_) sorted.push_back(&diagnostic);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Diagnostic* a, const Diagnostic* b) { return a->at < b->at; });
  std::string out;
  for (const Diagnostic* diagnostic : sorted) {
    bool isError = diagnostic->severity == Severity::error;
    renderLine(out, sources, diagnostic->at, isError ? "error" : "warning", diagnostic->message,
               options);
    for (const Note& note : diagnostic->notes) {
      renderLine(out, sources, note.at, "note", note.message, options);
    }
  }
  size_t unsaid = errors_ + warnings_ - all_.size();
  if (unsaid > 0) out += "... and " + std::to_string(unsaid) + " more\n";
  return out;
}

void NearestName::offer(std::string_view candidate) {
  if (candidate.size() > kMaxComparedName || wanted_.size() > kMaxComparedName) return;
  if (candidate == wanted_) return;
  size_t limit = std::max<size_t>(1, wanted_.size() / 3);
  size_t distance = editDistance(wanted_, candidate, std::min(limit, distance_));
  if (distance > limit || distance > distance_) return;
  // Among equally close names the first in the alphabet, so that messages do not depend on hashing.
  if (distance == distance_ && best_.has_value() && *best_ <= candidate) return;
  distance_ = distance;
  best_ = candidate;
}

std::string NearestName::suggestion() const {
  return best_.has_value() ? "; did you mean \"" + *best_ + "\"?" : "";
}

}  // namespace bulkhead::source
