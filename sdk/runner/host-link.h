#pragma once
// What the compartment sends to its worker while scripts run: rows, prints, reports, messages.
//
// On the VM's thread, at the top level of the event loop: methods wait for the loop when the worker
// takes things more slowly than scripts make them, so that what is unsent stays bounded. They never
// call into the VM. Errors: kj::Exception when the worker is gone; the run cannot go on then.

#include "common/log-value.h"
#include "schemas/package.capnp.h"
#include "sdk/script/frameworks/log/row-sink.h"

#include <kj/async.h>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::runner {

class HostLink final : public frameworks::RowSink {
 public:
  HostLink(schemas::Host::Client host, kj::WaitScope& waitScope);
  ~HostLink() noexcept override;

  // The item that everything sent from now on counts for. Never goes back.
  void setSeq(uint64_t seq);
  uint64_t seq() const { return seq_; }
  schemas::Host::Client& host() { return host_; }
  kj::WaitScope& waitScope() { return waitScope_; }

  // ---- Rows
  void openLog(uint32_t id, const LogDescriptor& descriptor) override;
  void write(uint32_t id, LogRowKind kind, std::vector<LogValue> row, const LogCause& cause,
             uint64_t identity) override;

  // ---- The rest
  void print(std::string_view text);
  // `location` is "file:line" or empty.
  void report(schemas::Host::Level level, std::string_view text, std::string_view location);
  void terminate();
  // Sends what is held back. Whatever was given before goes out before the answer to a batch.
  void flush();

  uint64_t rows() const { return rowCount_; }

 private:
  struct Row {
    uint32_t log;
    bool contribution;
    uint64_t seq;
    uint64_t rootSeq;
    uint64_t identity;
    std::vector<LogValue> values;
  };
  void sendRows();
  void sendPrint();

  schemas::Host::Client host_;
  kj::WaitScope& waitScope_;
  uint64_t seq_ = 0;
  std::vector<Row> rows_;
  size_t rowBytes_ = 0;
  uint64_t rowCount_ = 0;
  std::string printed_;
  size_t reports_ = 0;
};

}  // namespace bulkhead::runner
