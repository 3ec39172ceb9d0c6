#pragma once
// What one body reads, writes and does: the facts that the fixed point works with. Private to the
// room.

#include "sdk/script/analysis/program.h"
#include "sdk/script/prune/places.h"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace bulkhead::prune {

using types::Type;
using UnitId = uint32_t;
constexpr UnitId noUnit = UINT32_MAX;

// Records inside records, deeper than any script has them; a record type may contain itself.
constexpr int maxNesting = 16;

// Nodes of Effects::flows: nothing, and "kept from before".
constexpr uint32_t noNode = 0;
constexpr uint32_t keptNode = 1;

// Something that one body writes and another reads.
struct Cell {
  enum class Kind : uint8_t {
    variable,  // `number`: of the symbol
    field,     // `number`: of the record type, `part`: of the field
    contents,  // `number`: a Place; what a container holds, or a file or an opaque value
    state,     // `number`: a State
    stream,    // `number`: of the log stream
  };
  Kind kind = Kind::variable;
  uint16_t part = 0;
  uint32_t number = 0;

  uint64_t key() const {
    return static_cast<uint64_t>(kind) << 48 | static_cast<uint64_t>(part) << 32 | number;
  }
};

enum class State : uint32_t { random, outside, weird, groups, options };

// A value that is looked at all the way down.
struct DeepRead {
  const Type* type;
  Place place;
};

// `write` of a row, in a body.
struct LogWrite {
  static constexpr int64_t anyStream = -1;
  int64_t stream = anyStream;
  DeepRead row;
};

struct IndirectCall {
  const types::FuncType* type;
};

// A body that runs or does not.
struct Unit {
  enum class Kind : uint8_t {
    function,
    handler,     // of `callable`, an event
    hookBody,    // of `callable`, a hook
    inner,       // a lambda, or what a `when` runs
    attribute,   // &default, &on_change: runs where the container is used
    expiry,      // &expire_func and the interval: runs by itself
    fieldValue,  // the &default of a record field
    initial,     // the initial value of a variable, `number`
    statements,
  };
  Kind kind = Kind::function;
  const analysis::Function* function = nullptr;
  analysis::AttributeSet* attributes = nullptr;  // of an attribute or expiry that a variable has
  uint32_t callable = UINT32_MAX;
  uint32_t number = UINT32_MAX;
  types::OriginId origin = types::originBase;
  source::Location at;
  std::string name;

  // Lists of callables, by index in the program.
  std::vector<uint32_t> calls;       // functions
  std::vector<uint32_t> quietCalls;  // of which only what they take along counts as an effect
  std::vector<uint32_t> hooks;       // run
  std::vector<uint32_t> events;      // raised, scheduled, or taken as a value
  std::vector<uint32_t> taken;       // functions taken as values
  std::vector<uint32_t> registered;  // functions that a change of an option will call
  std::vector<UnitId> inner;
  std::vector<UnitId> fieldValues;  // of records that are made
  std::vector<IndirectCall> indirect;
  std::vector<Cell> reads, writes;
  std::vector<DeepRead> deepReads;
  std::vector<LogWrite> rows;
  std::vector<int64_t> configured;  // streams whose filters it changes; LogWrite::anyStream: any
  const char* beyond = nullptr;     // a native function that keeps everything
  bool breaks = false;              // a hook
  bool setsOption = false;
  bool timers = false;
  bool looksUpConnections = false, looksUpFiles = false;
  bool readsStreams = false;  // which streams and filters there are
  bool logging = false;       // a function of the Logging framework: see collect.cpp

  // ---- Found by the fixed point.
  bool needed = false;
  bool effective = false;
  bool viaPackage = false;
  std::string why;
};

// A log stream, from the call that creates it.
struct Stream {
  const types::RecordType* columns = nullptr;
  std::vector<uint32_t> hooks, events;
  bool understood = true;
};

// Reads of fields that the host brings up to date with each event of a connection or file, through
// a value that may have been kept from an earlier packet if `node` was.
struct VolatileRead {
  UnitId unit;
  uint32_t node;
  bool isFile;
};

struct Effects {
  std::vector<Unit> units;
  // By callable, in the order of its bodies.
  std::vector<std::vector<UnitId>> bodies;
  std::map<int64_t, Stream> streams;
  bool streamsUnderstood = true;
  // Attributes of containers, by place.
  std::vector<std::pair<Place, UnitId>> attributes;
  std::vector<Place> readIsWrite;                    // &read_expire, &default_insert
  std::vector<std::pair<const Type*, Place>> boxed;  // what became an `any`
  std::vector<const analysis::Symbol*> variables;    // by number
  Places places;
  // Where connection and file records go: from node to node. Node 0 is nothing, 1 is "kept from
  // before": loaded from a variable, a field, a container, a closure, or looked up.
  std::vector<std::pair<uint32_t, uint32_t>> flows;
  std::vector<VolatileRead> volatileReads;

  // Record types of the same layout are one.
  std::vector<uint32_t> canonical;  // by type id
  Cell fieldCell(const types::RecordType& record, uint32_t field) const {
    return {Cell::Kind::field, static_cast<uint16_t>(field), canonical[record.id()]};
  }
  std::map<std::pair<uint32_t, uint32_t>, Place> fieldPlaces;
  Place fieldPlace(const types::RecordType& record, uint32_t field);
};

// Whether a function of one type may be called as one of the other.
bool sameParameters(const types::FuncType& a, const types::FuncType& b);

// Walks the whole program.
Effects collect(analysis::Program& program);

}  // namespace bulkhead::prune
