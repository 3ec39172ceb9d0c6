#pragma once
// The fixed point: what is kept, until nothing is added any more. Private to the room.
//
// solver.cpp marks and follows, effect.cpp says which bodies have an effect, streams.cpp knows what
// a log row is noticed by, outcome.cpp writes down what was found.

#include "sdk/script/prune/effects.h"
#include "sdk/script/prune/prune.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace bulkhead::prune {

class Solver {
 public:
  Solver(analysis::Program& program, Effects effects, const Options& options)
      : program_(program), e_(std::move(effects)), options_(options) {}

  Outcome run();

 private:
  // ---- Set-up

  void prepare();
  static void unique(std::vector<Cell>& cells);
  // Whether a package added a column.
  bool declaresColumns(const types::RecordType& record, int depth) const;
  static bool ofPackage(const Unit& unit) { return unit.origin >= types::originFirstPackage; }
  // What is kept whatever else is.
  void roots();
  static bool touchesState(const Unit& unit);

  // ---- Marking

  // `by`: who asks for it; noUnit: nobody, `why` says it all.
  void need(UnitId id, UnitId by, std::string_view why);
  void via(UnitId id, UnitId by, std::string_view why);

  // What code may be called through a value of a function type.
  struct Targets {
    std::vector<UnitId> units;            // functions, lambdas
    std::vector<uint32_t> hooks, events;  // callables
  };
  const Targets& targets(const types::FuncType& type);

  void markLive(const Cell& cell, UnitId reader);
  // A container is used: so are its attributes.
  void touched(Place place, UnitId by, bool viaPackage);
  // A value is looked at all the way down.
  void readDeep(const Type* type, Place place, UnitId reader);

  // Follows what was newly marked.
  void spread();
  void follow(UnitId id);
  void followVia(UnitId id);
  void set(std::vector<bool>& flags, uint32_t at);

  // ---- Log streams

  void needStream(int64_t stream);
  bool streamNeeded(int64_t stream);
  // Whether a body of an event or hook has an effect.
  bool anyEffect(uint32_t callable) const;
  // Whether a row that the base library writes by itself can be noticed.
  bool rowsMatter(int64_t number);
  // Whether the package puts elements into a set that is a column.
  bool setTouched(const types::RecordType& record, int depth);
  bool isTouchedSet(const types::RecordType& record, uint32_t i);
  // What a whole row is made of.
  void readColumns(const types::RecordType& record, int depth, UnitId reader);
  // What a contribution carries.
  void readContribution(const types::RecordType& record, const std::string& prefix, int depth,
                        UnitId reader);
  void readRow(int64_t number, UnitId reader);

  // ---- One round: what matters now

  void look();
  // Whether a body that runs by itself has to.
  bool wanted(const Unit& unit);
  // Whether something kept notices what the body does.
  bool matters(const Unit& unit, std::string& why);

  // ---- The result

  std::string nameOf(UnitId id) const;
  std::string describe(const Cell& cell) const;
  // Reads of host-kept fields through what may be older than the event at hand.
  void refreshing(Outcome& out);
  Outcome outcome();

  analysis::Program& program_;
  Effects e_;
  const Options& options_;
  bool changed_ = false;
  std::vector<UnitId> open_, openVia_;
  std::vector<UnitId> order_;  // in which units were found to be needed
  // Cells that something kept looks at, with who was the first.
  std::unordered_map<uint64_t, UnitId> live_;
  std::unordered_map<UnitId, std::string> whyEffective_;
  std::unordered_set<uint64_t> touchedCells_;  // written on behalf of the package
  std::unordered_set<uint32_t> deepRecords_;
  std::set<std::pair<const Type*, Place>> deepContainers_;
  bool deepAny_ = false;
  std::unordered_map<Place, std::vector<UnitId>> attributes_;
  std::unordered_set<Place> readIsWrite_;
  std::vector<bool> hookRuns_;  // by callable: something kept runs the hook
  std::vector<bool> possible_;  // by callable: the event may be raised
  std::vector<bool> taken_;
  std::vector<uint32_t> optionHandlers_;
  bool hooksWatched_ = false;
  std::unordered_map<const types::FuncType*, Targets> targets_;
  std::set<int64_t> streams_;       // that have to exist
  std::set<int64_t> watched_;       // on which the package has filters
  std::set<int64_t> contributing_;  // to which the package adds
  bool allStreams_ = false, watchAll_ = false;
  std::optional<uint32_t> streamPolicy_;
  int64_t printLog_ = LogWrite::anyStream - 1;
  std::string everything_;
};

}  // namespace bulkhead::prune
