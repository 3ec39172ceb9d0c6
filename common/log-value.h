#pragma once
// One log row as plain values, and the description of the log that it goes to.
//
// The script engine fills these in, the RPC carries them, the logger formats them: so nothing here
// knows the VM, the wire or a file format. Any thread. A row that came out of a package's
// compartment is foreign input: `conforms` is what a reader must hold before it formats a row.

#include "common/net-types.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace bulkhead {

// A column's value. Sets and vectors hold scalars only (Zeek logs no deeper nesting).
struct LogValue {
  enum class Kind : uint8_t {
    unset,
    boolean,
    integer,
    count,
    real,
    time,         // seconds since the epoch
    interval,     // seconds
    string,       // bytes, any bytes; the formatter escapes
    enumeration,  // the enum value's full name, "Notice::ACTION_LOG"
    pattern,      // its text
    function,     // its name
    file,         // its name
    addr,
    subnet,
    port,
    set,     // `elements()`; an empty one prints as (empty)
    vector,  // `elements()`; holes are unset elements
  };
  using Elements = std::vector<LogValue>;

  Kind kind = Kind::unset;
  std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string, IpAddr, Subnet, Port,
               Elements>
      data;

  bool isSet() const { return kind != Kind::unset; }
  // Only for the kinds that carry text: string, enumeration, pattern, function, file.
  const std::string& text() const { return std::get<std::string>(data); }
  // Only for real, time, interval.
  double real() const { return std::get<double>(data); }
  // Only for set, vector.
  const Elements& elements() const { return std::get<Elements>(data); }
  bool isContainer() const { return kind == Kind::set || kind == Kind::vector; }
  // True if `data` holds the alternative that `kind` promises.
  bool wellFormed() const;

  static LogValue ofBool(bool v) { return {Kind::boolean, v}; }
  static LogValue ofInt(int64_t v) { return {Kind::integer, v}; }
  static LogValue ofCount(uint64_t v) { return {Kind::count, v}; }
  static LogValue ofReal(double v) { return {Kind::real, v}; }
  static LogValue ofTime(double seconds) { return {Kind::time, seconds}; }
  static LogValue ofInterval(double seconds) { return {Kind::interval, seconds}; }
  static LogValue ofString(std::string v) { return {Kind::string, std::move(v)}; }
  static LogValue ofEnum(std::string name) { return {Kind::enumeration, std::move(name)}; }
  static LogValue ofAddr(const IpAddr& v) { return {Kind::addr, v}; }
  static LogValue ofSubnet(const Subnet& v) { return {Kind::subnet, v}; }
  static LogValue ofPort(Port v) { return {Kind::port, v}; }
  static LogValue ofSet(Elements v) { return {Kind::set, std::move(v)}; }
  static LogValue ofVector(Elements v) { return {Kind::vector, std::move(v)}; }

  bool operator==(const LogValue&) const = default;
};

// Where a column of a stream's record was declared.
enum class LogColumnOrigin : uint8_t { base, site, package };

struct LogColumn {
  std::string name;  // as in the log: nested records joined ("id.orig_h"), after field_name_map
  LogValue::Kind type = LogValue::Kind::unset;
  LogValue::Kind elementType = LogValue::Kind::unset;  // of a set or vector
  bool optional = false;
  LogColumnOrigin origin = LogColumnOrigin::base;
  // Part of what identifies a row between compartments (uid, fuid, id.*, ts, ...): it stands in
  // a contribution too.
  bool identifying = false;

  bool operator==(const LogColumn&) const = default;
};

// Columns by which the logger recognises one row in two compartments, by their names before a
// filter's map. They are set before a package can touch the row, so they are equal on both sides.
bool identifiesRow(std::string_view column);

// What a filter does to the names of columns: with it the logger can apply the filter to columns
// that other packages added to the stream.
struct LogNameRules {
  bool restricted = false;                                   // only those of `include`
  std::vector<std::string> include;                          // names before renaming, sorted
  std::vector<std::string> exclude;                          // likewise
  std::vector<std::pair<std::string, std::string>> renames;  // sorted by the first
  std::string scopeSeparator = ".";

  // The name that a column has behind the filter; empty if it does not get through.
  std::string apply(const std::string& column) const;

  bool operator==(const LogNameRules&) const = default;
};

// One writer: what a filter of a stream writes to one path.
struct LogDescriptor {
  std::string stream;  // "HTTP::LOG"
  std::string filter;  // "default"
  std::string path;    // "http"; the writer appends its extension
  std::string writer;  // "Log::WRITER_ASCII"
  std::vector<std::pair<std::string, std::string>> config;  // the filter's $config, sorted by key
  std::vector<LogColumn> columns;
  double rotationInterval = 0;  // seconds; 0: never
  std::string postprocessor;    // name of the script function to call after a rotation
  // The stream and this filter are the base library's, untouched by the package: its rows exist
  // in the site too, so that a package's row for it may be a contribution.
  bool standard = false;
  // The stream is the base library's, whatever the filter is: columns that other packages added to
  // it belong into the rows of this filter too, as `names` says.
  bool standardStream = false;
  LogNameRules names;

  bool operator==(const LogDescriptor&) const = default;
};

// What a write descends from. `rootSeq` is the worker's number of the event (or answer, expiry,
// timer) that the host last called the script with.
struct LogCause {
  uint64_t rootSeq = 0;
  bool viaPackage = false;  // a frame of the package's own script is on that path

  bool operator==(const LogCause&) const = default;
};

// A whole row goes to the log as it is. A contribution is joined to the site's row of the same
// cause: only identifying columns, columns of origin `package` and set columns (whose elements are
// united with the site's) carry values, the others are unset.
enum class LogRowKind : uint8_t { whole, contribution };

// The `#types` name: "string", "set[addr]", "vector[count]".
std::string logTypeText(const LogColumn& column);
std::string_view logKindName(LogValue::Kind kind);
// True if `row` has one value per column, each unset or well-formed and of the column's type, and
// no element that is itself a container.
bool conforms(const std::vector<LogValue>& row, const std::vector<LogColumn>& columns);

}  // namespace bulkhead
