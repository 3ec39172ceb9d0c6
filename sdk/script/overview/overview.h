#pragma once
// What a package's scripts demand, for the person who decides about it: what they handle, which
// fields of the library's records they touch, which logs they make or change, what reaches beyond
// the compartment, what they load.
//
// A pure function of an analysed program. It goes by what is written: code that never runs counts,
// and a name that is worked out at run time is said to be so. Programs with errors are described as
// far as they were understood. Nothing is granted by this: the host goes by its own demand
// (sdk/runner/demand.h).

#include "sdk/script/analysis/program.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::overview {

using source::Location;

// A handler of an event or a body of a hook, by name.
struct Handled {
  enum class From : uint8_t {
    host,     // the host raises it
    library,  // the base library declares it
    package,  // the package (or one that it depends on) declares or raises it
    nobody,   // nothing declares it, and the package does not raise it
  };
  std::string name;
  From from = From::nobody;
  uint32_t bodies = 0;
  Location at;  // of the first
};

// A field of a record that the base library declares: "connection", "id.orig_h". A field that the
// package itself adds to such a record is `added`.
struct FieldUse {
  std::string record, path;
  bool read = false, written = false, added = false, logged = false;
  Location at;
};

struct StreamUse {
  std::string id;  // "HTTP::LOG"; empty: worked out at run time
  bool created = false, written = false;
  // Filters are added, taken away or changed, or rows are seen by a hook.
  bool filtered = false;
  Location at;
};

// What is asked of the host for a function, in the words of bulkhead.toml for the first four. What
// is absent no grant brings: the host has no such thing yet, and the function says so when it is
// called.
enum class Reach : uint8_t {
  files,
  commands,
  environment,
  lookups,
  absent,
  packets,
  analysis,
  messages,
};
std::string_view reachName(Reach reach);

struct Door {
  std::string function;
  Reach reach = Reach::files;
  Location at;
};

struct Load {
  std::string target;
  bool signatures = false;
  Location at;
};

struct Overview {
  std::vector<Handled> events, hooks;  // by name
  std::vector<FieldUse> fields;        // by record and path
  std::vector<StreamUse> streams;      // by id
  std::vector<Door> doors;             // by reach and name
  std::vector<Load> loads;             // of the base library, in order of their first mention
};

// `raisedByHost` says which events the host raises.
Overview describe(const analysis::Program& program, bool (*raisedByHost)(std::string_view));

// What a function of the base library or a builtin asks of the host; empty: nothing.
std::optional<Reach> reachOf(std::string_view function);

}  // namespace bulkhead::overview
