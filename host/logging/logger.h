#pragma once
// Merges the rows of all compartments into log files.
//
// Rows wait until every living compartment has marked their seq, then go out in the order of (seq,
// compartment, arrival): so the files are the same on every run, however the compartments'
// processes were scheduled. A contribution fills columns of the site's row with the same cause and
// identity, and of the rows that other filters of that stream make of it, whoever set them.
//
// One per logger process, event-loop thread. Everything that a compartment says is checked here;
// what breaks the rules comes back as a Violation, which the caller turns into that compartment's
// end. The machine's refusals are collected in Summary::errors.

#include "common/log-value.h"
#include "host/logging/format.h"
#include "host/logging/layout.h"
#include "host/logging/log-directory.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bulkhead::logging {

inline constexpr unsigned siteCompartment = 0;

// Bounds on what one compartment may make the logger hold or write.
struct LoggerLimits {
  size_t openLogs = 256;
  size_t columns = 1024;
  size_t rowBytes = 1 << 20;           // one row; a larger one is refused and counted
  size_t pendingBytes = 64 << 20;      // rows not yet merged; past it: a violation
  size_t heldBytes = 64 << 20;         // added columns that wait for a row; more are unmatched
  uint64_t writtenBytes = 4ull << 30;  // in all files, added columns and what is printed included;
                                       // past it rows are refused and counted
  bool live = false;  // rows may come after their turn: they are written where the log stands
};

struct Row {
  uint32_t log = 0;  // as opened by that compartment
  uint64_t seq = 0;
  uint64_t rootSeq = 0;
  uint64_t identity = 0;  // of the record that was written; schemas/rows.capnp
  LogRowKind kind = LogRowKind::whole;
  std::vector<LogValue> values;
};

struct RowCounts {
  uint64_t written = 0;    // own rows
  uint64_t joined = 0;     // contributions that met the site's row
  uint64_t unmatched = 0;  // contributions that did not
  uint64_t refused = 0;    // too large, past the quota, or for a writer that there is not
};

struct Summary {
  std::vector<RowCounts> counts;    // by compartment
  std::vector<std::string> errors;  // of the machine: "conn.log: No space left on device"
};

// What a compartment did wrong, for packages.log; empty if nothing.
using Violation = std::string;

class Logger {
 public:
  // `print` receives script output in merged order.
  Logger(LogDirectory& directory, unsigned compartments, LoggerLimits limits,
         std::function<void(std::string_view)> print);
  ~Logger();

  [[nodiscard]] Violation openLog(unsigned compartment, uint32_t id, LogDescriptor log);
  [[nodiscard]] Violation write(unsigned compartment, Row row);
  [[nodiscard]] Violation print(unsigned compartment, uint64_t seq, std::string text);
  // The compartment will write nothing more for items up to `seq`.
  void mark(unsigned compartment, uint64_t seq);
  // The compartment ended: what it has sent counts, nobody waits for more.
  void gone(unsigned compartment);
  // Another process of a compartment that ended. It opens its logs anew, from number 0.
  void again(unsigned compartment);
  // What is written goes to disk.
  void flush();
  // Writes all that is pending and closes the files.
  Summary finish();

 private:
  struct Opened;   // a log as one compartment opened it
  struct File;     // one log file
  struct Pending;  // a row or print that waits for its turn
  struct Compartment;
  struct Contributions;
  using JoinKey = std::string;

  void releaseSafe();
  void release(uint64_t upTo);
  void emit(unsigned compartment, Pending& pending);
  void join(File& file, const Opened& opened, unsigned compartment, const JoinKey& key,
            std::vector<LogValue>& row);
  // Puts the set columns of a contribution where they belong in the row.
  void fill(File& file, Opened& theirs, unsigned compartment, const Row& contribution,
            std::vector<LogValue>& row);
  File& fileFor(Opened& opened);
  unsigned ownerOf(const Opened& opened) const;
  // A compartment's view of the standard log that a filter's rows take added columns from.
  Opened* sourceOf(unsigned compartment, const Opened& wanted) const;
  std::string freePath(const Opened& opened) const;
  static JoinKey joinKey(const Opened& opened, const Row& row);
  void addForeign(File& file, const Opened& opened);

  LogDirectory& directory_;
  LoggerLimits limits_;
  std::function<void(std::string_view)> print_;
  std::vector<std::unique_ptr<Compartment>> compartments_;
  std::map<std::string, std::unique_ptr<File>> files_;  // by file key
  std::map<std::string, std::string, std::less<>>
      reserved_;                              // path of a log of the site -> file key
  std::set<std::string> siteKeys_;            // file keys of what the site opened
  std::set<std::string, std::less<>> taken_;  // paths of the open files
  std::set<std::string, std::less<>> names_;  // and their names in the folder
  // Contributions and how far each file has taken them.
  std::unordered_map<JoinKey, std::unique_ptr<Contributions>> contributions_;
  std::deque<std::pair<uint64_t, JoinKey>> contributionOrder_;
  uint64_t released_ = 0;
  Summary summary_;
};

}  // namespace bulkhead::logging
