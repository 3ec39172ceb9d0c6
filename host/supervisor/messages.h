#pragma once
// What the user reads on standard error while a run goes on.
//
// Event-loop thread. Texts are a stranger's: every byte that a terminal could act on is escaped,
// the length is bounded, and so is the number of lines that one compartment may cause. A package's
// line that repeats the one before it is counted, and the count told when another comes or at the
// end.

#include "schemas/package.capnp.h"

#include <cstdio>
#include <string>
#include <string_view>

namespace bulkhead::supervisor {

struct Compartment;
class Progress;

class Messages {
 public:
  static constexpr size_t mostBytes = 4096;  // of one message
  static constexpr uint64_t mostPerPackage = 100;

  enum class Level { info, warning, error, fatal };
  static Level levelOf(schemas::Host::Level level);

  // `out` is borrowed. The progress line, if there is one, is cleared first.
  Messages(std::FILE* out, Progress& progress) : out_(out), progress_(progress) {}
  ~Messages() { tellRepeated(); }
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;

  // "error in FILE, line N: text" as zeek says it; a package's begins with its name.
  void say(Compartment& from, Level level, std::string_view text, std::string_view location);
  // Diagnostics of the compiler, which have lines and carets: newlines are kept.
  void diagnostics(const Compartment& from, std::string_view text);
  // A line of the host's, already fit for a terminal.
  void plain(const std::string& text) { line(text); }
  // How often the last line came again, now that something else is written to the same place.
  void tellRepeated();
  // The host's own words about the run.
  void host(std::string_view text);

 private:
  void line(const std::string& text);
  void write(const std::string& text);

  std::FILE* out_;
  Progress& progress_;
  std::string last_;
  uint64_t repeated_ = 0;
};

}  // namespace bulkhead::supervisor
