#pragma once
// What builtins and frameworks ask of the world beyond the Vm: traffic, answers to the analysis,
// whatever needs a grant, topics, and facts about the run.
//
// The driver or the runner sets the interfaces after it made the Vm (Vm::extension<Services>());
// each outlives the Vm. What is not set behaves as in a compartment that has been granted nothing
// and sees no traffic. Called on the Vm's thread from inside a running script; an implementation
// may make values on the Vm's heap but must not run script. Arguments are borrowed for the call.

#include "common/version.h"
#include "sdk/script/vm/native.h"
#include "sdk/script/vm/vm.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::builtins {

// The traffic as far as this compartment was told of it. Looking never asks the worker.
class TrafficView {
 public:
  struct RawPacket {
    double time = 0;
    uint32_t captureLength = 0, length = 0;
    std::string_view bytes;
    uint32_t linkType = 0;
  };
  virtual ~TrafficView() = default;
  // The `connection` record of a conn_id; empty if there is no such connection now.
  virtual vm::Value connection(vm::Vm& vm, const vm::RecordObject& connId);
  // The fa_file record; empty if there is no such file now.
  virtual vm::Value file(vm::Vm& vm, std::string_view fuid);
  // The id of the analyzer that raised the event that is being handled; 0: none.
  virtual uint64_t currentAnalyzer(vm::Vm& vm);
  // The packet that raised it; empty if it did not travel with the event.
  virtual std::optional<RawPacket> currentPacket();
  struct Analyzer {
    uint64_t id = 0;
    int64_t tag = 0;  // Analyzer::Tag
  };
  // Those of a connection, the transport protocol's first; none if the connection is not known.
  virtual std::vector<Analyzer> analyzers(const vm::RecordObject& connId);
  // From here on the connection is seen without that one.
  virtual void takeOff(const vm::RecordObject& connId, uint64_t analyzerId);
  // Figures of the capture, for get_net_stats and its kind; by the record's field names.
  virtual std::map<std::string, uint64_t> statistics(std::string_view record);
};

// Answers steer the analysis in the worker. They are sent, not awaited: the result that the script
// sees is what this compartment can know.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  virtual void answer(vm::Vm& vm, std::string_view function,
                      std::span<const vm::TypedSlot> arguments);
};

// What reaches out of the compartment: commands, files, names, environment. Each is one grant.
class Outside {
 public:
  struct Reply {
    vm::Value value;      // empty if refused
    std::string refused;  // why, for a person; names the grant if one is missing. Beside a value:
                          // why it is no better.
  };
  virtual ~Outside() = default;
  // `result` is the type that the answer must have.
  virtual Reply request(vm::Vm& vm, std::string_view function,
                        std::span<const vm::TypedSlot> arguments, const types::Type* result);
  // The same, answered through Vm::complete(token, value) or Vm::abandonAsync(token) later.
  // Empty, or the reason of a refusal.
  virtual std::string requestLater(vm::Vm& vm, vm::AsyncToken token, std::string_view function,
                                   std::span<const vm::TypedSlot> arguments,
                                   const types::Type* result);
};

// Publish and subscribe. Topics are the package's own unless the grant exports them.
class TopicSink {
 public:
  virtual ~TopicSink() = default;
  // False if it was refused.
  virtual bool publish(vm::Vm& vm, std::string_view topic, std::string_view event,
                       std::span<const vm::TypedSlot> arguments);
  virtual bool subscribe(std::string_view prefix);
  virtual bool unsubscribe(std::string_view prefix);
};

// Fixed for the run.
struct RunFacts {
  bool readingLive = false;
  bool readingTraces = false;
  bool bareMode = false;
  std::string packetSource;  // file or interface
  uint32_t linkType = 0;
  std::vector<std::string> arguments;  // zeek_args()
  std::string hostName = "localhost";
  uint64_t processId = 1;  // a compartment is process 1 of its namespace
  std::string version{scriptVersion};
  std::string nodeName;  // of the cluster; empty stand-alone
  // The 21 numbers of ZEEK_SEED_FILE, the key of unique_id(); any other count takes a fixed key,
  // so that runs repeat.
  std::vector<uint32_t> seeds;
};

class Services final : public vm::Extension {
 public:
  explicit Services(vm::Vm& vm);
  ~Services() override;

  TrafficView& traffic() { return *traffic_; }
  AnswerSink& answers() { return *answers_; }
  Outside& outside() { return *outside_; }
  TopicSink& topics() { return *topics_; }
  RunFacts facts;

  void setTraffic(TrafficView& traffic) { traffic_ = &traffic; }
  void setAnswers(AnswerSink& answers) { answers_ = &answers; }
  void setOutside(Outside& outside) { outside_ = &outside; }
  void setTopics(TopicSink& topics) { topics_ = &topics; }

  // True once terminate() was called or the host said that the run ends.
  bool terminating = false;
  // The status that exit() asked for; the runner ends the run when it is set.
  std::optional<int64_t> exitStatus;

 private:
  TrafficView* traffic_;
  AnswerSink* answers_;
  Outside* outside_;
  TopicSink* topics_;
};

// Raises conn_weird (through the sampling of Reporter::*) for a connection record.
void raiseConnectionWeird(vm::Vm& vm, const vm::Value& connection, std::string_view name,
                          std::string_view detail, std::string_view source = {});
// The same for net_weird.
void raiseNetWeird(vm::Vm& vm, std::string_view name, std::string_view detail,
                   std::string_view source = {});

}  // namespace bulkhead::builtins
