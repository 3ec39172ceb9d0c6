#pragma once
// The world as the scripts of a compartment see it: everything goes through the HostLink.
//
// Implements what the VM and the builtins ask (vm/host.h, builtins/services.h), on the VM's thread.
// Must not call back into the VM. Without a grant the host refuses, and says which one is missing.
//
// Requests that the host may grant, by name: file.open(name, append) answers a handle;
// file.write(handle, bytes), file.flush(handle), file.close(handle) answer nothing; all others are
// called as the script function: system, lookup_addr, ...

#include "schemas/batch.capnp.h"
#include "sdk/runner/host-link.h"
#include "sdk/script/builtins/services.h"

#include <capnp/message.h>

#include <map>
#include <string>
#include <vector>

namespace bulkhead::runner {

class EventDecoder;

class World final : public vm::Host,
                    public builtins::AnswerSink,
                    public builtins::Outside,
                    public builtins::TopicSink,
                    public builtins::TrafficView {
 public:
  explicit World(HostLink& link) : link_(link) {}
  ~World() noexcept override;

  // Once the VM exists: who knows the traffic, and what is asked about causes.
  void attach(vm::Vm& vm, EventDecoder& decoder);
  // The packet of the item that is being handled; empty: none. Borrowed until the next call.
  void setPacket(std::string_view bytes, uint32_t wireLength, double time);
  void setLinkType(uint32_t linkType) { linkType_ = linkType; }
  void setCapture(schemas::CaptureFigures::Reader figures);

  // The answers since the last call, into a list that the maker allocates.
  size_t answerCount() const { return answers_.size(); }
  void takeAnswers(capnp::List<schemas::Answer>::Builder to);
  // Sends what is held back.
  void flush();
  uint64_t errors() const { return errors_; }

  // ---- vm::Host
  void print(std::string_view text) override { link_.print(text); }
  void report(const vm::Report& report) override;
  std::optional<uint64_t> openFile(std::string_view name, FileMode mode,
                                   std::string& error) override;
  bool writeFile(uint64_t handle, std::string_view bytes) override;
  bool flushFile(uint64_t handle) override;
  void setFileBuffered(uint64_t handle, bool buffered) override;
  bool flushAllFiles() override;
  bool closeFile(uint64_t handle) override;

  // ---- Services
  void answer(vm::Vm& vm, std::string_view function,
              std::span<const vm::TypedSlot> arguments) override;
  Reply request(vm::Vm& vm, std::string_view function, std::span<const vm::TypedSlot> arguments,
                const types::Type* result) override;
  std::string requestLater(vm::Vm& vm, vm::AsyncToken token, std::string_view function,
                           std::span<const vm::TypedSlot> arguments,
                           const types::Type* result) override;
  bool publish(vm::Vm& vm, std::string_view topic, std::string_view event,
               std::span<const vm::TypedSlot> arguments) override;
  vm::Value connection(vm::Vm& vm, const vm::RecordObject& connId) override;
  vm::Value file(vm::Vm& vm, std::string_view fuid) override;
  std::optional<RawPacket> currentPacket() override;
  uint64_t currentAnalyzer(vm::Vm& vm) override;
  std::vector<Analyzer> analyzers(const vm::RecordObject& connId) override;
  std::map<std::string, uint64_t> statistics(std::string_view record) override;
  void takeOff(const vm::RecordObject& connId, uint64_t analyzerId) override;

  // Gives the answers of requestLater() to the VM, which must be idle. True if there was one.
  bool completeLater();

 private:
  struct PendingAnswer {
    uint64_t seq;
    std::string function;
    bool fromBase;
    capnp::Orphan<capnp::List<schemas::Value>> args;
  };
  struct OpenFile {
    uint64_t handle;  // the host's
    std::string buffer;
    bool buffered = true;
  };
  struct Later {
    vm::AsyncToken token;
    vm::Value value;  // empty: refused
  };
  bool simpleRequest(kj::StringPtr function, uint64_t handle, std::string_view bytes);
  bool send(OpenFile& file);
  void sendPublished();

  HostLink& link_;
  vm::Vm* vm_ = nullptr;
  EventDecoder* decoder_ = nullptr;
  std::string_view packet_;
  double packetTime_ = 0;
  uint32_t packetLength_ = 0;
  uint32_t linkType_ = 0;
  uint64_t capturedPackets_ = 0, capturedBytes_ = 0;
  kj::Own<capnp::MallocMessageBuilder> answerMemory_;
  std::vector<PendingAnswer> answers_;
  std::map<uint64_t, OpenFile> files_;
  uint64_t nextFile_ = 2;  // 1 is standard output
  std::vector<Later> later_;
  std::vector<kj::Own<capnp::MallocMessageBuilder>> published_;
  size_t publishedBytes_ = 0;
  uint64_t errors_ = 0;
  uint64_t abandonedSeen_ = 0;
};

}  // namespace bulkhead::runner
