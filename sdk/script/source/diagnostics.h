#pragma once
// Diagnostics collects what the front half finds wrong with a run's scripts, errors and warnings,
// and renders them for a person: `file:line: error: message`, the source line, a caret.
//
// All errors of a run are kept up to a bound; past it only the count grows. Nothing here prints.
// One thread.

#include "sdk/script/source/location.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::source {

class SourceManager;

constexpr size_t kMaxDiagnostics = 500;
// A longer message is cut, in bytes: types without a name are spelt out in them.
constexpr size_t kMaxMessageBytes = 4096;
// A source line longer than this is shown around the caret only.
constexpr size_t kMaxShownColumns = 160;

enum class Severity : uint8_t { error, warning };

struct Note {
  Location at;
  std::string message;
};

struct Diagnostic {
  Severity severity = Severity::error;
  Location at;
  std::string message;
  std::vector<Note> notes;
  // What is wrong is that nothing declares this: "Conn::set_conn", "connection$ssl", or
  // "@load policy/x". Empty for all else.
  std::string missing;
};

struct RenderOptions {
  bool columns = false;  // `file:line:column:` in place of `file:line:`
  bool excerpts = true;  // the source line and the caret
};

class Diagnostics {
 public:
  // The returned reference takes notes, until the next call of error() or warning().
  Diagnostic& error(Location at, std::string message);
  Diagnostic& warning(Location at, std::string message);

  // What the last call of error() or warning() gave.
  Diagnostic& last() { return lastDropped_ ? dropped_ : all_.back(); }

  size_t errorCount() const { return errors_; }
  size_t warningCount() const { return warnings_; }
  bool hasErrors() const { return errors_ > 0; }
  const std::vector<Diagnostic>& all() const { return all_; }

  // Sorted by place; a repeated message at one place is shown once.
  std::string render(const SourceManager& sources, RenderOptions options = {}) const;

 private:
  Diagnostic& add(Severity severity, Location at, std::string message);

  std::vector<Diagnostic> all_;
  std::set<std::pair<uint32_t, std::string>> seen_;
  Diagnostic dropped_;
  bool lastDropped_ = true;
  size_t errors_ = 0;
  size_t warnings_ = 0;
};

// Collects candidates for "did you mean" and keeps the closest one to the name that was written.
// Far names are not offered: at most a third of the letters may differ.
class NearestName {
 public:
  explicit NearestName(std::string_view wanted) : wanted_(wanted) {}

  void offer(std::string_view candidate);
  // Empty, or `; did you mean "x"?`.
  std::string suggestion() const;
  const std::optional<std::string>& best() const { return best_; }

 private:
  std::string wanted_;
  std::optional<std::string> best_;
  size_t distance_ = SIZE_MAX;
};

}  // namespace bulkhead::source
