#include "host/rpc/ledger.h"

#include <capnp/message.h>

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

namespace bulkhead::rpc {
namespace {

using capnp::rpc::Message;
using testing::HasSubstr;

// Why a message was refused; "" if it was not.
std::string receive(Ledger& ledger, const std::function<void(Message::Builder)>& build) {
  capnp::MallocMessageBuilder message;
  auto root = message.initRoot<Message>();
  build(root);
  KJ_IF_MAYBE (reason, ledger.received(root.asReader())) {
    return reason->cStr();
  }
  return "";
}

void send(Ledger& ledger, const std::function<void(Message::Builder)>& build) {
  capnp::MallocMessageBuilder message;
  auto root = message.initRoot<Message>();
  build(root);
  ledger.sent(root.asReader());
}

auto call(uint32_t id) {
  return [id](Message::Builder m) {
    auto c = m.initCall();
    c.setQuestionId(id);
    c.getTarget().setImportedCap(0);
  };
}
auto finish(uint32_t id) {
  return [id](Message::Builder m) { m.initFinish().setQuestionId(id); };
}
auto returning(uint32_t id) {
  return [id](Message::Builder m) {
    auto r = m.initReturn();
    r.setAnswerId(id);
    r.initResults();
  };
}
auto bootstrap(uint32_t id) {
  return [id](Message::Builder m) { m.initBootstrap().setQuestionId(id); };
}

TEST(Ledger, TakesTheMostUnfinishedCallsAndNotOneMore) {
  Ledger ledger;
  for (uint32_t i = 0; i < maxUnfinishedQuestions; ++i) ASSERT_EQ(receive(ledger, call(i)), "");
  EXPECT_THAT(receive(ledger, call(maxUnfinishedQuestions)), HasSubstr("unfinished calls"));
}

TEST(Ledger, CountsACallUntilItIsBothReturnedAndFinished) {
  Ledger ledger;
  EXPECT_EQ(receive(ledger, call(1)), "");
  send(ledger, returning(1));
  EXPECT_EQ(ledger.unfinishedQuestions(), 1u);
  EXPECT_EQ(receive(ledger, finish(1)), "");
  EXPECT_EQ(ledger.unfinishedQuestions(), 0u);
  EXPECT_EQ(receive(ledger, call(1)), "");
  EXPECT_EQ(receive(ledger, finish(1)), "");
  EXPECT_EQ(ledger.unfinishedQuestions(), 1u);
  send(ledger, returning(1));
  EXPECT_EQ(ledger.unfinishedQuestions(), 0u);
}

TEST(Ledger, RefusesASecondBootstrap) {
  Ledger ledger;
  EXPECT_EQ(receive(ledger, bootstrap(0)), "");
  EXPECT_THAT(receive(ledger, bootstrap(1)), HasSubstr("bootstrap more than once"));
}

TEST(Ledger, RefusesAQuestionNumberThatIsInUse) {
  Ledger ledger;
  EXPECT_EQ(receive(ledger, call(7)), "");
  EXPECT_THAT(receive(ledger, call(7)), HasSubstr("question number 7 again"));
}

TEST(Ledger, RefusesReturnsAndFinishesOfCallsThatWereNotMade) {
  Ledger ledger;
  EXPECT_THAT(receive(ledger, returning(3)), HasSubstr("which was not made"));
  send(ledger, call(3));
  EXPECT_EQ(receive(ledger, returning(3)), "");
  EXPECT_THAT(receive(ledger, returning(3)), HasSubstr("which was not made"));
  EXPECT_THAT(receive(ledger, finish(9)), HasSubstr("which it did not make"));
  EXPECT_EQ(receive(ledger, call(9)), "");
  EXPECT_EQ(receive(ledger, finish(9)), "");
  EXPECT_THAT(receive(ledger, finish(9)), HasSubstr("which it did not make"));
}

TEST(Ledger, TakesOneCapabilityAndOnlyFromTheBootstrap) {
  auto withCapability = [](uint32_t id) {
    return [id](Message::Builder m) {
      auto r = m.initReturn();
      r.setAnswerId(id);
      r.initResults().initCapTable(1)[0].setSenderHosted(0);
    };
  };
  Ledger ledger;
  send(ledger, bootstrap(0));
  EXPECT_EQ(receive(ledger, withCapability(0)), "");
  send(ledger, call(1));
  EXPECT_THAT(receive(ledger, withCapability(1)), HasSubstr("where none belongs"));

  Ledger two;
  send(two, bootstrap(0));
  EXPECT_THAT(receive(two,
                      [](Message::Builder m) {
                        auto caps = m.initReturn().initResults().initCapTable(2);
                        caps[0].setSenderHosted(0);
                        caps[1].setSenderHosted(1);
                      }),
              HasSubstr("more than its bootstrap"));
}

TEST(Ledger, RefusesCallsThatPassOrPipelineCapabilities) {
  Ledger ledger;
  EXPECT_THAT(receive(ledger,
                      [](Message::Builder m) {
                        auto c = m.initCall();
                        c.getTarget().setImportedCap(0);
                        c.initParams().initCapTable(1)[0].setSenderHosted(4);
                      }),
              HasSubstr("passed a capability"));
  EXPECT_THAT(
      receive(ledger, [](Message::Builder m) { m.initCall().initTarget().initPromisedAnswer(); }),
      HasSubstr("promised answer"));
  EXPECT_THAT(receive(ledger,
                      [](Message::Builder m) {
                        auto c = m.initCall();
                        c.getTarget().setImportedCap(0);
                        c.getSendResultsTo().setYourself();
                      }),
              HasSubstr("sent elsewhere"));
}

TEST(Ledger, RefusesEveryKindThatNoPeerOfOursSends) {
  std::function<void(Message::Builder)> kinds[] = {
      [](Message::Builder m) { m.initUnimplemented(); },
      [](Message::Builder m) { m.initResolve(); },
      [](Message::Builder m) { m.initDisembargo(); },
      [](Message::Builder m) { m.initProvide(); },
      [](Message::Builder m) { m.initAccept(); },
      [](Message::Builder m) { m.initJoin(); },
      [](Message::Builder m) { m.initObsoleteSave(); },
      [](Message::Builder m) { m.initObsoleteDelete(); },
  };
  for (auto& kind : kinds) {
    Ledger ledger;
    EXPECT_NE(receive(ledger, kind), "");
  }
  Ledger ledger;
  EXPECT_EQ(receive(ledger, [](Message::Builder m) { m.initRelease(); }), "");
  EXPECT_EQ(receive(ledger, [](Message::Builder m) { m.initAbort(); }), "");
}

}  // namespace
}  // namespace bulkhead::rpc
