#pragma once
// The native part of the Logging framework: streams, filters, policy hooks, and rows on their way
// out.
//
// One per Vm (Vm::extension<LogFramework>()); the driver names the sink and says whether this is
// the site. On the Vm's thread. Scripts are foreign: what they did wrong is reported and refused.
// In a package's compartment a write of a standard log by base frames alone is a contribution; see
// docs/architecture and common/log-value.h. It carries the identifying columns, the columns that
// the package declared, and those sets of the base that the package put elements into (which the Vm
// notes on the set itself): so a package that adds neither sends nothing, and what the base library
// computed here stays here. Source of meaning: Zeek's "Logging framework" page and
// the reference of base/frameworks/logging/main.zeek.

#include "sdk/script/frameworks/log/columns.h"
#include "sdk/script/frameworks/log/row-sink.h"
#include "sdk/script/vm/native.h"
#include "sdk/script/vm/vm.h"

#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::frameworks {

class LogFramework final : public vm::Extension {
 public:
  explicit LogFramework(vm::Vm& vm);
  ~LogFramework() override;

  void setSink(RowSink& sink) { sink_ = &sink; }
  // True (the default) in the compartment of the operator's own scripts.
  void setSite(bool isSite) { isSite_ = isSite; }

  // Opens every log whose path is known before its first row. Call once zeek_init has run.
  void announce();
  // With `everything`, ends all delays: the run ends. Before that they end with the Vm's timers.
  void expireDelays(double now, bool everything);
  void timerDue(uint64_t token, bool atEnd) override;

  uint64_t rowsWritten() const { return rowsWritten_; }

  // ---- What the natives call.
  bool createStream(int64_t id, vm::RecordObject& stream);
  bool removeStream(int64_t id);
  bool enableStream(int64_t id, bool enabled);
  bool addFilter(int64_t id, vm::RecordObject& filter);
  bool removeFilter(int64_t id, std::string_view name);
  bool write(int64_t id, vm::TypedSlot columns);
  bool setBuffered(int64_t id, bool buffered);
  bool flush(int64_t id);
  // The token of the row that is being decided on; 0 outside of log_stream_policy.
  uint64_t delay(int64_t id, vm::TypedSlot record, const vm::Value& callback);
  bool finishDelay(int64_t id, vm::TypedSlot record, uint64_t token);
  bool setMaxDelay(int64_t id, double interval);
  bool setMaxDelayQueue(int64_t id, uint64_t size);
  int64_t delayQueueSize(int64_t id) const;

 private:
  struct Filter;
  struct Stream;
  struct Delayed;
  struct Writer;

  Stream* streamOf(int64_t id);
  void redirectPrint(int64_t id);
  void writePrint(int64_t id, const types::Type* rowType, const vm::FileObject* file,
                  std::span<const vm::TypedSlot> values);
  // A row that is not `wanted` any more is still shown to the filters' hooks.
  void toFilters(Stream& stream, const vm::Value& record, LogCause cause, bool wanted);
  void toFilter(Stream& stream, Filter& filter, const vm::Value& record, const LogCause& cause,
                bool wanted);
  Writer& writerFor(Stream& stream, Filter& filter, const std::string& path);
  LogDescriptor describe(Stream& stream, Filter& filter, const std::string& path);
  std::vector<std::pair<std::string, std::string>> configOf(const Filter& filter);
  bool buildColumns(Stream& stream, Filter& filter);
  // A digest of what identifies a record of a standard stream; 0 of another.
  uint64_t identityOf(const Stream& stream, const vm::RecordObject& record);
  // What the path function answers; empty if it was abandoned.
  std::optional<std::string> askPath(Stream& stream, Filter& filter, const vm::Value& record);
  bool hookLetsThrough(const vm::Value& hook, const Stream& stream, const Filter* filter,
                       const vm::Value& record);
  // An argument for a parameter that may be `any`.
  vm::Value argumentFor(const vm::Value& function, size_t parameter, const vm::Value& value);
  bool wakeFor(const Stream& stream, const Delayed& row);
  void enqueue(Stream& stream, Delayed decision);
  void evict(int64_t id);
  // Of the row with that token, if it still waits.
  void endDelay(uint64_t token);

  vm::Vm& vm_;
  RowSink* sink_ = nullptr;
  bool isSite_ = true;
  std::map<int64_t, std::unique_ptr<Stream>> streams_;
  std::map<std::string, std::string> pathOwners_;  // writer and path, by stream and filter
  uint32_t nextWriter_ = 1;
  uint64_t rowsWritten_ = 0;
  uint64_t nextToken_ = 1;
  std::deque<Delayed> delayed_;
  vm::Value streamPolicy_;  // Log::log_stream_policy; empty without the base library
  Delayed* deciding_ = nullptr;
  bool evicting_ = false;
  bool printing_ = false;
};

}  // namespace bulkhead::frameworks
