#pragma once
// What scripts ask of the analysis: skip a connection, register a port, ...
// (host/events/answers.h). What is about files goes on to the files framework.
//
// Worker thread. Owned by the run. Answers of zeek_init come before there is an Engine: they shape
// the table of analyzers that it is made with. A package steers its own view only: what takes
// analysis away holds when every subscriber has asked for it, and what would change the view of
// others is refused. The site is the operator's: its word on the table of analyzers stands.

#include "host/events/answers.h"
#include "host/flow/engine.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace bulkhead::worker {

class Steering final : public events::AnswerTarget {
 public:
  Steering();

  // The table that the Engine is to be made with; outlives it.
  std::span<const flow::AnalyzerRow> analyzers() const { return rows_; }
  // Who takes answers about files; with it, zeek_init's answers can come.
  void setFiles(events::AnswerTarget& files) { files_ = &files; }
  // From here on the table stands.
  void setEngine(flow::Engine& engine) { engine_ = &engine; }
  void setSubscribers(size_t count) { subscribers_ = count; }

  std::string apply(const events::Answer& answer) override;

 private:
  std::string registerForPort(const events::Answer& answer);
  std::string enable(const events::Answer& answer, bool on);
  std::string skip(const events::Answer& answer);
  std::string takeOff(const events::Answer& answer);
  std::string setTimeout(const events::Answer& answer);

  // Works out rows_.
  void choose();

  std::vector<flow::AnalyzerRow> all_;   // with the ports that scripts registered, and no others
  std::vector<flow::AnalyzerRow> rows_;  // without what has no port or is disabled
  std::set<uint32_t> disabled_;          // Analyzer::Tag
  events::AnswerTarget* files_ = nullptr;
  flow::Engine* engine_ = nullptr;
  size_t subscribers_ = 1;
  std::map<uint64_t, std::set<uint32_t>> skipped_;  // who wants a connection skipped, by number
};

}  // namespace bulkhead::worker
