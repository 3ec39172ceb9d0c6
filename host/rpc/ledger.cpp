#include "host/rpc/ledger.h"

namespace bulkhead::rpc {

using capnp::rpc::CapDescriptor;
using capnp::rpc::Message;
using capnp::rpc::Return;

kj::Maybe<kj::String> Ledger::received(Message::Reader message) {
  switch (message.which()) {
    case Message::BOOTSTRAP:
      if (++bootstraps_ > maxBootstraps) return kj::str("asked for the bootstrap more than once");
      return ask(message.getBootstrap().getQuestionId(), true);
    case Message::CALL:
      return receivedCall(message.getCall());
    case Message::RETURN:
      return receivedReturn(message.getReturn());
    case Message::FINISH:
      return receivedFinish(message.getFinish());
    case Message::RELEASE:
      // Cap'n Proto checks the count against what it exported.
    case Message::ABORT:
      // Ends the connection from within the RPC system, with the peer's reason.
      return nullptr;
    case Message::UNIMPLEMENTED:
      return kj::str("sent an 'unimplemented' message, which answers nothing that we send");
    case Message::RESOLVE:
      return kj::str("sent a 'resolve' message, but holds no promise of ours");
    case Message::DISEMBARGO:
      return kj::str("sent a 'disembargo' message, but no capability was ever passed back to it");
    case Message::OBSOLETE_SAVE:
    case Message::OBSOLETE_DELETE:
    case Message::PROVIDE:
    case Message::ACCEPT:
    case Message::JOIN:
      break;
  }
  return kj::str("sent a message of kind ", static_cast<uint16_t>(message.which()),
                 ", which a two-party peer never sends");
}

kj::Maybe<kj::String> Ledger::ask(uint32_t id, bool bootstrap) {
  if (theirs_.size() >= maxUnfinishedQuestions) {
    return kj::str("has ", theirs_.size() + 1, " unfinished calls, ", maxUnfinishedQuestions,
                   " are allowed");
  }
  if (!theirs_.emplace(id, Question{.bootstrap = bootstrap}).second) {
    return kj::str("used question number ", id, " again before it was finished");
  }
  return nullptr;
}

kj::Maybe<kj::String> Ledger::receivedCall(capnp::rpc::Call::Reader call) {
  if (!call.getSendResultsTo().isCaller()) {
    return kj::str("asked for results to be sent elsewhere");
  }
  if (!call.getTarget().isImportedCap()) {
    return kj::str("called a promised answer; none of our methods returns a capability");
  }
  for (auto capability : call.getParams().getCapTable()) {
    if (!capability.isNone()) return kj::str("passed a capability in a call");
  }
  return ask(call.getQuestionId(), false);
}

kj::Maybe<kj::String> Ledger::receivedReturn(Return::Reader ret) {
  auto question = ours_.find(ret.getAnswerId());
  if (question == ours_.end() || question->second.returned) {
    return kj::str("returned from call ", ret.getAnswerId(), ", which was not made");
  }
  switch (ret.which()) {
    case Return::RESULTS:
      for (auto capability : ret.getResults().getCapTable()) {
        if (capability.isNone()) continue;
        if (!question->second.bootstrap || !capability.isSenderHosted()) {
          return kj::str("returned a capability where none belongs");
        }
        if (++exports_ > maxExports) return kj::str("exported more than its bootstrap");
      }
      break;
    case Return::EXCEPTION:
    case Return::CANCELED:
      break;
    case Return::RESULTS_SENT_ELSEWHERE:
    case Return::TAKE_FROM_OTHER_QUESTION:
    case Return::ACCEPT_FROM_THIRD_PARTY:
      return kj::str("returned results in a way that we did not ask for");
  }
  question->second.returned = true;
  if (question->second.finished) ours_.erase(question);
  return nullptr;
}

kj::Maybe<kj::String> Ledger::receivedFinish(capnp::rpc::Finish::Reader finish) {
  auto question = theirs_.find(finish.getQuestionId());
  if (question == theirs_.end() || question->second.finished) {
    return kj::str("finished call ", finish.getQuestionId(), ", which it did not make");
  }
  question->second.finished = true;
  if (question->second.returned) theirs_.erase(question);
  return nullptr;
}

void Ledger::sent(Message::Reader message) {
  auto close = [](Questions& questions, uint32_t id, bool Question::*mark, bool Question::*other) {
    auto question = questions.find(id);
    if (question == questions.end()) return;
    question->second.*mark = true;
    if (question->second.*other) questions.erase(question);
  };
  switch (message.which()) {
    case Message::BOOTSTRAP:
      ours_.emplace(message.getBootstrap().getQuestionId(), Question{.bootstrap = true});
      break;
    case Message::CALL:
      ours_.emplace(message.getCall().getQuestionId(), Question{});
      break;
    case Message::FINISH:
      close(ours_, message.getFinish().getQuestionId(), &Question::finished, &Question::returned);
      break;
    case Message::RETURN:
      close(theirs_, message.getReturn().getAnswerId(), &Question::returned, &Question::finished);
      break;
    default:
      break;
  }
}

}  // namespace bulkhead::rpc
