#pragma once
// zeek-cut's work: columns by name out of Zeek logs.
//
// Reads tab-separated logs with their header blocks (several files one after the other, each with
// its own) and, beyond zeek-cut, JSON lines. Any thread; lines are foreign bytes and may be of any
// shape: what is no log passes as unset fields, never as an error half-way through the output.
// Options and their meaning: zeek-cut's manual page.

#include <iosfwd>
#include <string>
#include <vector>

namespace bulkhead::cut {

struct Options {
  enum class Header { none, first, all };
  std::vector<std::string> columns;  // empty: all
  bool exclude = false;              // -n: all but `columns`
  Header header = Header::none;      // -c, -C
  bool minimal = false;              // -m, -M: of a header only the names
  bool convertTime = false;          // -d, -D, -u, -U
  bool utc = false;
  std::string timeFormat = "%Y-%m-%dT%H:%M:%S%z";
  std::string outputSeparator;  // -F; empty: as the log's
};

// Parses zeek-cut's arguments (without the program name). On a mistake `error` says what and what
// to do instead; `help` is set where the usage was asked for.
Options parseArguments(const std::vector<std::string>& args, std::string& error, bool& help);

std::string usage();

void run(const Options& options, std::istream& in, std::ostream& out);

}  // namespace bulkhead::cut
