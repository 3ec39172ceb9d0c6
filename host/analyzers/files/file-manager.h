#pragma once
// The files framework of a worker: every file in progress, by fuid.
//
// Owned by the worker; must be destroyed after flow's connections and before the timer queue. Files
// live until they end, are complete, or nothing has come for their time-out. As an AnswerTarget it
// takes what scripts answer: Files::__add_analyzer, __remove_analyzer, __stop,
// __set_timeout_interval, __enable_reassembly, __disable_reassembly, __set_reassembly_buffer,
// __enable_analyzer, __disable_analyzer, FileExtract::__set_limit, and set_file_handle. The
// arguments of an analyzer come as a table from field name to value, since a package may add fields
// to Files::AnalyzerArgs and the order of fields is its own. Source:
// https://docs.zeek.org/en/master/frameworks/file-analysis.html.

#include "host/analyzers/files/file.h"
#include "host/analyzers/files/fuid.h"
#include "host/analyzers/files/mime-magic.h"
#include "host/events/answers.h"
#include "host/flow/file-sink.h"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace bulkhead::analyzers::files {

class FileManager final : public flow::FileSink,
                          public events::AnswerTarget,
                          public flow::TimerClient {
 public:
  FileManager(events::EventSink& sink, flow::TimerQueue& timers,
              std::string_view digestSalt = FuidMaker::defaultSalt);

  // How many subscribers may stop a file: it is dropped when all have. At least 1.
  void setSubscribers(size_t count) { subscribers_ = count; }
  // Without one, extraction is refused. Outlives the manager.
  void setExtractor(Extractor* extractor) { extractor_ = extractor; }

  // flow::FileSink
  bool active() const override;
  std::string identify(const flow::FileOrigin& origin, std::string_view handle) override;
  bool dataIn(const flow::FileOrigin& origin, const std::string& fuid, flow::Bytes data) override;
  bool dataAt(const flow::FileOrigin& origin, const std::string& fuid, uint64_t offset,
              flow::Bytes data) override;
  bool gap(const flow::FileOrigin& origin, const std::string& fuid, uint64_t offset,
           uint64_t length) override;
  bool setSize(const flow::FileOrigin& origin, const std::string& fuid, uint64_t size) override;
  void endOfFile(const std::string& fuid) override;
  void connectionRemoved(events::ConnectionState& connection) override;

  // The end of the trace: every file that is left times out, in order of fuid.
  void finish(double now);

  // events::AnswerTarget
  std::string apply(const events::Answer& answer) override;

  // flow::TimerClient; `kind` is the file's number.
  void timerDue(uint32_t kind, double now) override;

  // For File and the analyzers.
  events::EventSink& sink() { return sink_; }
  flow::TimerQueue& timers() { return timers_; }
  const MimeMagic& magic() const;
  uint64_t nextNumber() { return ++lastNumber_; }
  size_t subscribers() const { return subscribers_; }
  Extractor* extractor() { return extractor_; }
  // Whether the site's base library has anything to answer to a file of this type.
  bool isRegistered(std::string_view mimeType) const { return registered_.contains(mimeType); }
  void fileWeird(File& file, std::string_view name, std::string_view addl);
  size_t filesInProgress() const { return files_.size(); }

 private:
  // Finds or begins a file. Null: not to be followed.
  File* get(const flow::FileOrigin& origin, const std::string& fuid, bool fromAnyConnection);
  File* find(std::string_view fuid);
  void remove(const std::string& fuid);
  bool goOn(File& file);
  void scheduleTimeout(File& file);
  void timeOut(File& file, bool ending);

  events::EventSink& sink_;
  flow::TimerQueue& timers_;
  FuidMaker fuids_;
  std::map<std::string, std::unique_ptr<File>, std::less<>> files_;
  std::map<uint32_t, File*> byNumber_;
  uint64_t lastNumber_ = 0;
  size_t subscribers_ = 1;
  Extractor* extractor_ = nullptr;
  double now_ = 0;
  std::string givenHandle_;      // set_file_handle, while get_file_handle is drained
  bool asking_ = false;          // which is now
  std::set<uint32_t> disabled_;  // Files::Tag
  std::set<std::string, std::less<>> registered_;  // MIME types
};

}  // namespace bulkhead::analyzers::files
