#pragma once
// Rows as text: Zeek's tab-separated format and its JSON lines, byte for byte.
//
// Any thread; a formatter belongs to one log file. Input was checked with conforms() before it
// comes here. Sources: Zeek's "Log files and formats" documentation for the header and the escapes
// (https://docs.zeek.org/en/master/log-formats.html); LogAscii::* options in
// base/frameworks/logging/writers/ascii.

#include "common/log-value.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bulkhead::logging {

// The LogAscii::* options as a filter's writer configuration gives them.
struct FormatOptions {
  enum class Timestamps : uint8_t { epoch, millis, millisUnsigned, iso8601 };

  bool json = false;
  bool tsvOnly = false;  // "tsv": one line of names instead of the header block
  bool includeMeta = true;
  bool utf8 = true;
  bool includeUnset = false;  // JSON: null instead of leaving the field out
  Timestamps timestamps = Timestamps::epoch;
  std::string metaPrefix = "#";
  std::string separator = "\t";
  std::string setSeparator = ",";
  std::string emptyField = "(empty)";
  std::string unsetField = "-";
  std::string fileExtension = "log";
  int gzipLevel = 0;  // 0: plain

  // Unknown keys are left for other writers; a known key with a value that cannot be used is named
  // in `problem`.
  static FormatOptions fromConfig(const std::vector<std::pair<std::string, std::string>>& config,
                                  std::string& problem);
};

class RowFormatter {
 public:
  virtual ~RowFormatter() = default;
  // What stands before the first row; `openTime` in seconds since the epoch.
  virtual std::string header(std::string_view path, const std::vector<LogColumn>& columns,
                             double openTime) const = 0;
  // Appends one row with its newline.
  virtual void append(std::string& out, const std::vector<LogColumn>& columns,
                      const std::vector<LogValue>& row) const = 0;
  virtual std::string footer(double closeTime) const = 0;
};

std::unique_ptr<RowFormatter> makeFormatter(const FormatOptions& options);

// 1.5 -> "1.5", 2 -> "2.0", never an exponent: a double as the tab-separated format writes it.
std::string doubleText(double value);
// Bytes as a log may show them: valid UTF-8 without control characters stays, other bytes become
// \xNN.
std::string escapedUtf8(std::string_view bytes, bool escapeWhitespaceControls);
// "2026-11-24-13-05-59" in local time, as #open and #close have it.
std::string timestampText(double seconds);

}  // namespace bulkhead::logging
