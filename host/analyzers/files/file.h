#pragma once
// One file in progress: its state, the buffer at its beginning, its analyzers.
//
// Owned by the FileManager. Memory is bounded: the beginning-of-file buffer, the reassembly buffer
// and what each analyzer holds. Events that scripts answer (file_new, file_sniff, ...) are drained
// at once, and the answers arrive through the manager while the call is under way: what they change
// takes effect at the next safe point. Worker thread.

#include "host/analyzers/files/file-analyzer.h"
#include "host/analyzers/files/file-reassembler.h"
#include "host/events/state.h"
#include "host/flow/timers.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace bulkhead::analyzers::files {

class FileManager;

class File final : private FileReassembler::Receiver {
 public:
  File(FileManager& manager, std::string fuid, std::string source, std::optional<bool> isOrig);
  ~File() override;
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& id() const { return state_.id; }
  events::FileState& state() { return state_; }
  FileManager& manager() { return manager_; }

  // Follows on what came before.
  void dataIn(flow::Bytes data) { dataAt(nextOffset_, data); }
  void dataAt(uint64_t offset, flow::Bytes data);
  void gap(uint64_t offset, uint64_t length);
  void setTotalBytes(uint64_t size);
  bool complete() const { return state_.totalBytes && nextOffset_ >= *state_.totalBytes; }
  void endOfFile();

  // True the first time that this connection (by its four-tuple) carries the file.
  bool addConnection(events::ConnectionState& connection);
  void removeConnection(events::ConnectionState& connection);
  void touch(double now);
  // Raises `event` with the file as its first argument; drained, if scripts may answer.
  // `unregistered`: see EventSink::raiseUnregistered.
  enum class Answerers : bool { all, unregistered };
  void raise(events::EventId event, std::initializer_list<events::Value> rest = {},
             Answerers answerers = Answerers::all);

  // Answers, each for the subscriber that gave it.
  bool addAnalyzer(uint32_t subscriber, uint32_t tag, const AnalyzerArgs& args);
  bool removeAnalyzer(uint32_t subscriber, uint32_t tag, const AnalyzerArgs& args);
  bool setExtractionLimit(uint32_t subscriber, const AnalyzerArgs& args, uint64_t limit);
  void setTimeout(uint32_t subscriber, double seconds);
  void setReassembly(bool on) { reassemble_ = on; }
  void setReassemblyBuffer(uint64_t bytes) { reassemblyBuffer_ = bytes; }
  void stop(uint32_t subscriber);
  // Nobody follows it any more.
  bool ignored() const;

  flow::TimerGroup& timers() { return timers_; }
  bool postponed = false;  // a file_timeout handler asked for more time

 private:
  struct Attached {
    uint32_t tag;
    AnalyzerArgs args;
    std::set<uint32_t> owners;
    std::unique_ptr<FileAnalyzer> analyzer;
    bool caughtUp = false;  // with what came before it was attached
    bool finished = false;
  };
  struct Change {
    bool add;
    uint32_t subscriber, tag;
    AnalyzerArgs args;
  };

  void inOrder(flow::Bytes data) override;
  void missing(uint64_t offset, uint64_t length) override;
  void bufferBeginning(flow::Bytes data);
  void sniff();
  void catchUp(Attached& attached, size_t pieces);
  void missed(uint64_t offset, uint64_t length);
  void applyChanges();
  Attached* find(uint32_t tag, const AnalyzerArgs& args);
  template <typename Call>
  void forEach(Call call);

  FileManager& manager_;
  events::FileState state_;
  uint64_t nextOffset_ = 0;  // in order
  uint64_t seenBytes_ = 0, missingBytes_ = 0, overflowBytes_ = 0;

  std::vector<std::string> beginning_;  // as it came, for analyzers that are attached later
  size_t beginningSize_ = 0;
  bool beginningFull_ = false;
  bool sniffed_ = false;

  bool reassemble_ = true;
  uint64_t reassemblyBuffer_;
  std::unique_ptr<FileReassembler> reassembler_;

  std::vector<std::unique_ptr<Attached>> attached_;
  std::vector<std::unique_ptr<Attached>> detached_;  // kept: may be on the stack
  std::deque<Change> changes_;
  int iterating_ = 0;
  bool done_ = false;

  std::set<uint32_t> stoppedFor_;
  std::map<uint32_t, double> timeouts_;
  std::set<std::string> carriers_;
  flow::TimerGroup timers_;
};

}  // namespace bulkhead::analyzers::files
