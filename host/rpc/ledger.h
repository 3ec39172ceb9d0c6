#pragma once
// The books kept over one connection: which Cap'n Proto RPC messages its peer may send now.
//
// Cap'n Proto is written for peers that may lie but not for peers that flood: 200,000 unfinished
// Bootstrap messages (8 MB) make it hold 755 MB. The ledger sees every frame of the peer before the
// RPC system does, and every frame that goes out, and refuses what no honest peer of ours sends.
//
// Event-loop thread of its connection. Owned by a GuardedStream. A refusal is a value: the sentence
// that says what the peer did. Message kinds and the life of a question: capnp/rpc.capnp.

#include "host/rpc/limits.h"

#include <capnp/rpc.capnp.h>
#include <kj/common.h>
#include <kj/string.h>

#include <cstdint>
#include <unordered_map>

namespace bulkhead::rpc {

class Ledger {
 public:
  // Checks and books a message of the peer. Empty if it may pass.
  [[nodiscard]] kj::Maybe<kj::String> received(capnp::rpc::Message::Reader message);
  // Books a message of ours.
  void sent(capnp::rpc::Message::Reader message);

  size_t unfinishedQuestions() const { return theirs_.size(); }
  size_t openQuestions() const { return ours_.size(); }

 private:
  struct Question {
    bool bootstrap = false;
    bool returned = false;
    bool finished = false;
  };
  using Questions = std::unordered_map<uint32_t, Question>;

  kj::Maybe<kj::String> ask(uint32_t id, bool bootstrap);
  kj::Maybe<kj::String> receivedCall(capnp::rpc::Call::Reader call);
  kj::Maybe<kj::String> receivedReturn(capnp::rpc::Return::Reader ret);
  kj::Maybe<kj::String> receivedFinish(capnp::rpc::Finish::Reader finish);

  Questions theirs_;
  Questions ours_;
  uint32_t bootstraps_ = 0;
  uint32_t exports_ = 0;
};

}  // namespace bulkhead::rpc
