// A compartment from load to finish, spoken to as its worker does.

#include "sdk/runner/fake-worker.h"
#include "sdk/runner/limits.h"

#include <gmock/gmock.h>

namespace bulkhead::runner {
namespace {

using schemas::Host;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

// A stream of rows with one text column, and rows by `note(...)`.
const std::string notes =
    "module Demo;\n"
    "export { redef enum Log::ID += { LOG }; type Info: record { what: string &log; }; }\n"
    "function note(what: string) { Log::write(Demo::LOG, Info($what=what)); }\n"
    "event zeek_init() &priority=5 { Log::create_stream(Demo::LOG, [$columns=Info, "
    "$path=\"demo\"]); }\n";

std::vector<std::string> textsOf(const std::vector<Sent::Row>& rows) {
  std::vector<std::string> out;
  for (const auto& row : rows) out.push_back(row.texts.at(0));
  return out;
}

TEST_F(RunnerTest, AnErrorInAScriptIsADiagnosticWithItsLine) {
  auto loaded = load("event zeek_init()\n{\n  print nothing_of_that_name;\n}\n");
  ASSERT_GE(loaded.getLoaded().getErrors(), 1u);
  EXPECT_THAT(textOf(loaded.getLoaded().getDiagnostics()[0]),
              HasSubstr("scripts/demo.zeek:3: error:"));
  EXPECT_THAT(textOf(loaded.getLoaded().getDiagnostics()[0]), HasSubstr("nothing_of_that_name"));
}

TEST_F(RunnerTest, AFileIsAskedForOnce) {
  load("@load base/utils/numbers\n@load base/utils/numbers\n");
  EXPECT_EQ(std::count(sent_.sources.begin(), sent_.sources.end(), "base/utils/numbers"), 1);
}

TEST_F(RunnerTest, TheDemandNamesTheHandledEventsAndThoseThatAnswer) {
  auto loaded = load(
      "function quiet(c: connection) { skip_further_processing(c$id); }\n"
      "event new_connection(c: connection) { quiet(c); }\n"
      "event connection_state_remove(c: connection) { print c$uid; }\n");
  auto demand = loaded.getLoaded().getDemand();
  auto number = [](events::EventId id) { return static_cast<uint16_t>(id); };
  auto listOf = [](capnp::List<uint16_t>::Reader from) {
    std::vector<uint16_t> out;
    for (uint16_t each : from) out.push_back(each);
    return out;
  };
  EXPECT_THAT(listOf(demand.getEvents()), Contains(number(events::EventId::new_connection)));
  EXPECT_THAT(listOf(demand.getEvents()),
              Contains(number(events::EventId::connection_state_remove)));
  EXPECT_THAT(listOf(demand.getEvents()),
              Not(Contains(number(events::EventId::connection_rejected))));
  std::vector<std::string> answers;
  for (auto each : demand.getAnswers()) answers.push_back(textOf(each));
  EXPECT_THAT(answers, Contains("skip_further_processing"));
  EXPECT_THAT(listOf(demand.getAnsweringEvents()),
              Contains(number(events::EventId::new_connection)));
  EXPECT_THAT(listOf(demand.getAnsweringEvents()),
              Not(Contains(number(events::EventId::connection_state_remove))));
  EXPECT_FALSE(demand.getRawPackets());
}

TEST_F(RunnerTest, WhoTakesAnalyzersOffIsWaitedForAndToldOfThem) {
  auto loaded = load(
      "event connection_established(c: connection)\n"
      "{ disable_analyzer(c$id, current_analyzer()); }\n"
      "event new_connection(c: connection) { print c$uid; }\n");
  auto demand = loaded.getLoaded().getDemand();
  EXPECT_TRUE(demand.getAnalyzers());
  std::vector<uint16_t> answering;
  for (uint16_t each : demand.getAnsweringEvents()) answering.push_back(each);
  EXPECT_THAT(answering,
              ElementsAre(static_cast<uint16_t>(events::EventId::connection_established)));
}

TEST_F(RunnerTest, WhatTheBaseLibraryDoesAfterViolationsAsksForNoAnalyzers) {
  auto loaded = load("event new_connection(c: connection) { print c$uid; }\n",
                     [](schemas::Settings::Builder settings) { settings.setBare(false); });
  auto demand = loaded.getLoaded().getDemand();
  EXPECT_FALSE(demand.getAnalyzers());
}

TEST_F(RunnerTest, APackageThatSteersNothingHoldsTheAnalysisUpNowhere) {
  auto loaded = load("event new_connection(c: connection) { print c$uid; }\n",
                     [](schemas::Settings::Builder settings) { settings.setBare(false); });
  auto demand = loaded.getLoaded().getDemand();
  EXPECT_GT(demand.getEvents().size(), 10u);
  EXPECT_EQ(demand.getAnswers().size(), 0u);
  EXPECT_EQ(demand.getAnsweringEvents().size(), 0u);
}

TEST_F(RunnerTest, APrunedPackageAsksForWhatItHandlesAndNoPacketTimes) {
  auto eventsOf = [](schemas::Demand::Reader demand) {
    std::vector<std::string> out;
    for (uint16_t id : demand.getEvents())
      out.emplace_back(events::eventName(static_cast<events::EventId>(id)));
    return out;
  };
  auto pruned = [](schemas::Settings::Builder settings) {
    settings.setBare(false);
    settings.setPrune(true);
  };
  auto loaded = load("event connection_reused(c: connection) { print c$uid; }\n", pruned);
  auto demand = loaded.getLoaded().getDemand();
  // zeek_init stays for the streams that it makes.
  EXPECT_THAT(eventsOf(demand), ElementsAre("connection_reused", "zeek_init"));
  EXPECT_FALSE(demand.getTimers());
}

TEST_F(RunnerTest, APrunedPackageKeepsTheHandlersThatMakeWhatItReads) {
  auto loaded = load("event connection_state_remove(c: connection) { print c$conn$uid; }\n",
                     [](schemas::Settings::Builder settings) {
                       settings.setBare(false);
                       settings.setPrune(true);
                     });
  std::vector<std::string> events;
  for (uint16_t id : loaded.getLoaded().getDemand().getEvents())
    events.emplace_back(events::eventName(static_cast<events::EventId>(id)));
  EXPECT_THAT(events, Contains("new_connection"));
  EXPECT_THAT(events, Not(Contains("http_header")));
}

TEST_F(RunnerTest, TheSitesBaseLibraryAnswersForAll) {
  auto loaded = load("", [](schemas::Settings::Builder settings) {
    settings.setBare(false);
    settings.setName("site");
  });
  auto demand = loaded.getLoaded().getDemand();
  std::vector<uint16_t> answering;
  for (uint16_t id : demand.getAnsweringEvents()) answering.push_back(id);
  EXPECT_THAT(answering, Contains(static_cast<uint16_t>(events::EventId::file_sniff)));
  EXPECT_THAT(answering, Not(Contains(static_cast<uint16_t>(events::EventId::http_header))));
  // Only files of types that somebody registered for are answered to.
  std::vector<uint16_t> registered;
  for (uint16_t id : demand.getRegisteredAnsweringEvents()) registered.push_back(id);
  EXPECT_THAT(registered, ElementsAre(static_cast<uint16_t>(events::EventId::file_sniff)));
  // Whose answers are not needed at once.
  std::vector<uint16_t> later;
  for (uint16_t id : demand.getLaterAnsweringEvents()) later.push_back(id);
  for (auto each :
       {events::EventId::connection_established, events::EventId::file_new,
        events::EventId::get_file_handle, events::EventId::analyzer_confirmation_info}) {
    EXPECT_THAT(later, Contains(static_cast<uint16_t>(each)));
    EXPECT_THAT(answering, Not(Contains(static_cast<uint16_t>(each))));
  }
}

TEST_F(RunnerTest, ASiteThatAnswersToEveryFileIsWaitedForWithEveryFile) {
  auto loaded = load("event file_sniff(f: fa_file, meta: fa_metadata) { Files::stop(f); }\n",
                     [](schemas::Settings::Builder settings) {
                       settings.setBare(false);
                       settings.setName("site");
                     });
  auto demand = loaded.getLoaded().getDemand();
  std::vector<uint16_t> answering;
  for (uint16_t id : demand.getAnsweringEvents()) answering.push_back(id);
  EXPECT_THAT(answering, Contains(static_cast<uint16_t>(events::EventId::file_sniff)));
  EXPECT_EQ(demand.getRegisteredAnsweringEvents().size(), 0u);
}

// The site's scripts, as a list of events from whose handlers answers are needed at once.
struct SiteTest : RunnerTest, testing::WithParamInterface<const char*> {};

TEST_P(SiteTest, WhoeverHasAHandInFileHandlesIsAskedForThem) {
  auto loaded = load(GetParam(), [](schemas::Settings::Builder settings) {
    settings.setBare(false);
    settings.setName("site");
  });
  auto demand = loaded.getLoaded().getDemand();
  std::vector<uint16_t> answering;
  for (uint16_t id : demand.getAnsweringEvents()) answering.push_back(id);
  EXPECT_THAT(answering, Contains(static_cast<uint16_t>(events::EventId::get_file_handle)));
}

INSTANTIATE_TEST_SUITE_P(
    Scripts, SiteTest,
    testing::Values("event get_file_handle(tag: Analyzer::Tag, c: connection, is_orig: bool) "
                    "{ set_file_handle(c$uid); }\n",
                    "function handle(c: connection, is_orig: bool): string { return c$uid; }\n"
                    "event zeek_init() { Files::register_protocol(Analyzer::ANALYZER_HTTP, "
                    "Files::ProtoRegistration($get_file_handle=handle)); }\n",
                    "event http_reply(c: connection, version: string, code: count, reason: string) "
                    "{ c$http$trans_depth = 7; }\n",
                    "event http_reply(c: connection, version: string, code: count, reason: string) "
                    "{ delete c$http_state$pending[1]; }\n",
                    "event new_connection(c: connection) { disable_module_events(\"HTTP\"); }\n"));

TEST_F(RunnerTest, WhatZeekInitWritesIsSentBeforeTheAnswerAndCountsForTheStart) {
  run(notes + "event zeek_init() { note(\"first\"); print \"hello\"; }\n");
  const auto& rows = sent_.of("demo");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].texts[0], "first");
  EXPECT_EQ(rows[0].seq, 1u);
  EXPECT_EQ(rows[0].rootSeq, 1u);
  EXPECT_FALSE(rows[0].contribution);
  EXPECT_EQ(sent_.printed, "hello\n");
  EXPECT_THAT(sent_.printSeqs, ElementsAre(1u));
}

TEST_F(RunnerTest, WantedOptionsAreAnsweredAsTheyStandAfterZeekInit) {
  load(
      "option Demo::depth = 3;\nglobal Demo::ports: set[port] = { 80/tcp, 53/udp };\n"
      "event zeek_init() { Option::set(\"Demo::depth\", 4); "
      "Analyzer::__register_for_port(Analyzer::ANALYZER_HTTP, 81/tcp); }\n",
      [](schemas::Settings::Builder settings) {
        auto wanted = settings.initWantedOptions(3);
        wanted.set(0, "Demo::depth");
        wanted.set(1, "Demo::absent");
        wanted.set(2, "Demo::ports");
      });
  auto started = start();
  auto options = started.getOptions();
  ASSERT_EQ(options.size(), 2u);
  EXPECT_EQ(options[0].getValue().getCount(), 4u);
  ASSERT_EQ(options[1].getValue().getList().size(), 2u);
  EXPECT_EQ(options[1].getValue().getList()[0].getPort(), 80u | 1u << 16);
  ASSERT_EQ(started.getAnswers().size(), 1u);
  auto answer = started.getAnswers()[0];
  EXPECT_EQ(textOf(answer.getFunction()), "Analyzer::__register_for_port");
  EXPECT_EQ(textOf(answer.getArgs()[0]), "Analyzer::ANALYZER_HTTP");
  EXPECT_EQ(answer.getSeq(), 1u);
  EXPECT_FALSE(answer.getFromBase());
}

TEST_F(RunnerTest, AnEventBringsTheConnectionAsItWasThen) {
  run("redef record connection += { seen: count &default=0; };\n"
      "event new_connection(c: connection) { ++c$seen; print c$uid, c$id$orig_h, c$id$resp_p, "
      "c$orig$size; }\n"
      "event connection_state_remove(c: connection) { print c$seen, c$resp$size, c$history, "
      "c$duration, network_time(), lookup_connection(c$id)$uid; }\n");
  deliver([](schemas::Batch::Builder batch) {
    auto items = batch.initItems(2);
    connectionEvent(items[0], 5, 100.0, events::EventId::new_connection, 1);
    drained(items[1], 6, 101.0);
    items[1].initEvent().setId(static_cast<uint16_t>(events::EventId::connection_state_remove));
    items[1].getEvent().initArgs(1)[0].setConnection(1);
    auto update = items[1].initConnections(1)[0];
    update.setNumber(1);
    update.setDuration(2.5);
    update.initResp().setSize(11);
  });
  EXPECT_EQ(sent_.printed,
            "C1, 10.0.0.1, 80/tcp, 7\n1, 11, ShAD, 2.0 secs 500.0 msecs, 101.0, C1\n");
  EXPECT_THAT(sent_.printSeqs, ElementsAre(5u, 6u));
}

TEST_F(RunnerTest, AnswersNameTheItemTheFunctionAndWhoGaveThem) {
  run("event new_connection(c: connection) { skip_further_processing(c$id); }\n");
  auto delivered = deliver([](schemas::Batch::Builder batch) {
    connectionEvent(batch.initItems(1)[0], 5, 100.0, events::EventId::new_connection, 1);
  });
  ASSERT_EQ(delivered.getAnswers().size(), 1u);
  auto answer = delivered.getAnswers()[0];
  EXPECT_EQ(answer.getSeq(), 5u);
  EXPECT_EQ(textOf(answer.getFunction()), "skip_further_processing");
  EXPECT_FALSE(answer.getFromBase());
  // A conn_id, by position.
  ASSERT_TRUE(answer.getArgs()[0].isList());
  EXPECT_EQ(answer.getArgs()[0].getList()[1].getPort(), 1024u | 1u << 16);
}

TEST_F(RunnerTest, AFileAnalyzersArgumentsTravelByName) {
  run("global demo_chunk: event(f: fa_file, data: string, off: count);\nevent demo_chunk(f: "
      "fa_file, data: string, off: count) { }\n"
      "event new_connection(c: connection) { Files::__add_analyzer(\"F1\", "
      "Files::ANALYZER_DATA_EVENT, Files::AnalyzerArgs($chunk_event=demo_chunk)); }\n");
  auto delivered = deliver([](schemas::Batch::Builder batch) {
    connectionEvent(batch.initItems(1)[0], 5, 100.0, events::EventId::new_connection, 1);
  });
  ASSERT_EQ(delivered.getAnswers().size(), 1u);
  auto args = delivered.getAnswers()[0].getArgs();
  EXPECT_EQ(textOf(args[0]), "F1");
  EXPECT_EQ(textOf(args[1]), "Files::ANALYZER_DATA_EVENT");
  ASSERT_TRUE(args[2].isTable());
  ASSERT_EQ(args[2].getTable().size(), 2u);
  EXPECT_EQ(textOf(args[2].getTable()[0]), "chunk_event");
  EXPECT_EQ(textOf(args[2].getTable()[1]), "demo_chunk");
}

const std::string scheduling =
    notes +
    "event Demo::later(n: count) { note(fmt(\"later %s at %s\", n, network_time())); }\n"
    "event new_connection(c: connection) { note(\"now\"); "
    "schedule 10sec { Demo::later(1) }; }\n"
    "event connection_state_remove(c: connection) { note(\"removed\"); }\n";

TEST_F(RunnerTest, FiguresOfTheCaptureAreThoseOfThePacketInHandAndInTheEndOfAll) {
  run(notes +
      "event new_connection(c: connection) { note(cat(get_net_stats()$pkts_recvd)); }\n"
      "event zeek_done() { local s = get_net_stats();\n"
      "  note(fmt(\"%s %s %s\", s$pkts_recvd, s$bytes_recvd, s?$pkts_filtered)); }\n");
  deliver([](schemas::Batch::Builder batch) {
    auto item = batch.initItems(1)[0];
    connectionEvent(item, 5, 100.0, events::EventId::new_connection, 1);
    item.initCapture().setPackets(3);
  });
  auto request = KJ_ASSERT_NONNULL(package_).finishRequest();
  request.setSeq(6);
  request.initCapture().setPackets(9);
  request.getCapture().setBytes(540);
  request.send().wait(io_.waitScope);
  EXPECT_THAT(textsOf(sent_.of("demo")), ElementsAre("3", "9 540 F"));
}

TEST_F(RunnerTest, ATimerFiresWithTheFirstPacketPastItAndWritesForThatPacket) {
  run(scheduling);
  auto delivered = deliver([](schemas::Batch::Builder batch) {
    connectionEvent(batch.initItems(1)[0], 5, 100.0, events::EventId::new_connection, 1);
  });
  EXPECT_EQ(delivered.getState().getNext(), 110.0);
  // Two packets of which nobody wants an event, then one at a later time.
  deliver([](schemas::Batch::Builder batch) {
    auto times = batch.initPacketTimes(3);
    times[0].setTime(109);
    times[0].setSeq(7);
    times[1].setTime(112);
    times[1].setSeq(8);
    times[2].setTime(113);
    times[2].setSeq(9);
    auto item = batch.initItems(1)[0];
    connectionEvent(item, 10, 113.0, events::EventId::connection_state_remove, 2);
    item.setPacketsBefore(3);
    item.setPacketSeq(9);
  });
  const auto& rows = sent_.of("demo");
  EXPECT_THAT(textsOf(rows), ElementsAre("now", "later 1 at 112.0", "removed"));
  EXPECT_EQ(rows[0].rootSeq, 5u);
  EXPECT_EQ(rows[1].seq, 8u);
  EXPECT_EQ(rows[1].rootSeq, 8u);
  EXPECT_EQ(rows[2].rootSeq, 10u);
}

TEST_F(RunnerTest, TimersOfAPacketAreQueuedBeforeItsEventsAndDrainedWithThem) {
  run(scheduling);
  deliver([](schemas::Batch::Builder batch) {
    connectionEvent(batch.initItems(1)[0], 5, 100.0, events::EventId::new_connection, 1);
  });
  deliver([](schemas::Batch::Builder batch) {
    auto times = batch.initPacketTimes(1);
    times[0].setTime(112);
    times[0].setSeq(7);
    auto items = batch.initItems(2);
    connectionEvent(items[0], 8, 112.0, events::EventId::connection_state_remove, 2);
    items[0].setPacketsBefore(1);
    items[0].setPacketSeq(7);
    items[0].setDrainAfter(false);
    connectionEvent(items[1], 9, 112.0, events::EventId::connection_state_remove, 3);
    items[1].setPacketsBefore(1);
    items[1].setPacketSeq(7);
  });
  const auto& rows = sent_.of("demo");
  EXPECT_THAT(textsOf(rows), ElementsAre("now", "later 1 at 112.0", "removed", "removed"));
  // One drain group: all count for its last item.
  EXPECT_EQ(rows[1].seq, 9u);
  EXPECT_EQ(rows[1].rootSeq, 7u);
  EXPECT_EQ(rows[2].seq, 9u);
  EXPECT_EQ(rows[2].rootSeq, 8u);
  EXPECT_EQ(rows[3].rootSeq, 9u);
}

TEST_F(RunnerTest, OwnTimersFireBeforeAnEventOfAWorkersTimerThatWasDueLater) {
  run(scheduling);
  deliver([](schemas::Batch::Builder batch) {
    connectionEvent(batch.initItems(1)[0], 5, 100.0, events::EventId::new_connection, 1);
  });
  deliver([](schemas::Batch::Builder batch) {
    auto items = batch.initItems(2);
    connectionEvent(items[0], 8, 120.0, events::EventId::connection_state_remove, 2);
    items[0].setDueTime(109);
    items[0].setDrainAfter(false);
    connectionEvent(items[1], 9, 120.0, events::EventId::connection_state_remove, 3);
    items[1].setDueTime(111);
  });
  EXPECT_THAT(textsOf(sent_.of("demo")),
              ElementsAre("now", "removed", "later 1 at 120.0", "removed"));
}

TEST_F(RunnerTest, WhatIsStillScheduledAtTheEndHappensAtTheTimeOfTheLastPacket) {
  run(scheduling + "event zeek_done() { note(\"done\"); }\n");
  deliver([](schemas::Batch::Builder batch) {
    connectionEvent(batch.initItems(1)[0], 5, 100.0, events::EventId::new_connection, 1);
  });
  auto finished = finish(6);
  EXPECT_THAT(textsOf(sent_.of("demo")), ElementsAre("now", "done", "later 1 at 100.0"));
  EXPECT_EQ(sent_.of("demo")[1].seq, 6u);
  EXPECT_FALSE(finished.getReport().getTerminated());
  EXPECT_GT(finished.getReport().getInstructions(), 0u);
  EXPECT_GT(finished.getReport().getHeapPeak(), 0u);
  EXPECT_EQ(end(), 0);
}

TEST_F(RunnerTest, AHandlerPastItsBudgetIsAbandonedAndTheNextOneRuns) {
  run(notes +
          "event new_connection(c: connection) &priority=1 { local i = 0; while ( T ) ++i; }\n"
          "event new_connection(c: connection) { note(\"alive\"); }\n",
      [](schemas::Settings::Builder settings) { settings.setBudget(100'000); });
  deliver([](schemas::Batch::Builder batch) {
    connectionEvent(batch.initItems(1)[0], 5, 100.0, events::EventId::new_connection, 1);
  });
  EXPECT_THAT(textsOf(sent_.of("demo")), ElementsAre("alive"));
  EXPECT_THAT(sent_.reports,
              ElementsAre(Pair(Host::Level::ABANDONED, HasSubstr("instruction budget exceeded"))));
  EXPECT_EQ(finish(6).getReport().getAbandoned(), 1u);
}

TEST_F(RunnerTest, TooManyAbandonedHandlersEndThePackage) {
  run("event new_connection(c: connection) { local i = 0; while ( T ) ++i; }\n",
      [](schemas::Settings::Builder settings) {
        settings.setBudget(100'000);
        settings.setMaxAbandoned(2);
      });
  uint64_t seq = 5;
  auto spin = [&](schemas::Batch::Builder batch) {
    connectionEvent(batch.initItems(1)[0], seq++, 100.0, events::EventId::new_connection, 1);
  };
  deliver(spin);
  EXPECT_ANY_THROW(deliver(spin));
  EXPECT_THAT(sent_.reports, Contains(Pair(Host::Level::FATAL, HasSubstr("2 handlers exceeded"))));
  EXPECT_EQ(end(), exitAbandoned);
}

TEST_F(RunnerTest, HandlersThatAreDrainedTogetherAreCountedOneByOne) {
  run("event new_connection(c: connection) { local i = 0; while ( T ) ++i; }\n",
      [](schemas::Settings::Builder settings) {
        settings.setBudget(100'000);
        settings.setMaxAbandoned(2);
      });
  EXPECT_ANY_THROW(deliver([](schemas::Batch::Builder batch) {
    auto items = batch.initItems(5);
    for (unsigned i = 0; i < 5; ++i) {
      connectionEvent(items[i], 5 + i, 100.0, events::EventId::new_connection, 1 + i);
      items[i].setDrainAfter(i == 4);
    }
  }));
  EXPECT_THAT(sent_.reports, Contains(Pair(Host::Level::FATAL, HasSubstr("2 handlers exceeded"))));
  EXPECT_EQ(end(), exitAbandoned);
}

TEST_F(RunnerTest, RowsAndPrintsGoInTheOrderInWhichTheyWereWritten) {
  run(notes + "event new_connection(c: connection) { note(c$uid); print c$uid; }\n");
  deliver([](schemas::Batch::Builder batch) {
    auto items = batch.initItems(3);
    for (unsigned i = 0; i < 3; ++i)
      connectionEvent(items[i], 5 + i, 100.0 + i, events::EventId::new_connection, 1 + i);
  });
  // FakeHost looks at their seqs.
  EXPECT_THAT(textsOf(sent_.of("demo")), ElementsAre("C1", "C2", "C3"));
  EXPECT_THAT(sent_.printSeqs, ElementsAre(5u, 6u, 7u));
}

TEST_F(RunnerTest, RowsGoInBatchesAndNoneIsHeldBack) {
  run(notes +
      "event new_connection(c: connection) { local i = 0; while ( i < 2500 ) { "
      "note(\"x\"); ++i; } }\n");
  deliver([](schemas::Batch::Builder batch) {
    connectionEvent(batch.initItems(1)[0], 5, 100.0, events::EventId::new_connection, 1);
  });
  EXPECT_THAT(sent_.batches, ElementsAre(1024u, 1024u, 452u));
}

TEST_F(RunnerTest, PrintsAreSplitAtTheMostThatOneCallMayCarry) {
  run("event zeek_init() { print string_cat(\"a\", sub_bytes(\"\", 1, 1)); "
      "local s = \"0123456789abcdef\"; local i = 0; while ( i < 13 ) { s = s + s; ++i; } "
      "print s; }\n");
  EXPECT_EQ(sent_.printed.size(), 2u + 16u * 8192 + 1);
  EXPECT_THAT(sent_.printSeqs, ElementsAre(1u, 1u, 1u));
}

TEST_F(RunnerTest, AFileWithoutAGrantIsRefusedByName) {
  run("event zeek_init() { local f = open(\"/tmp/x\"); print active_file(f); }\n");
  EXPECT_THAT(sent_.requests, ElementsAre("file.open"));
  EXPECT_EQ(sent_.printed, "F\n");
  EXPECT_THAT(sent_.reports, ElementsAre(Pair(testing::_, HasSubstr("needs the grant file.open"))));
}

TEST_F(RunnerTest, TerminateIsToldToTheHostOnce) {
  run("event new_connection(c: connection) { terminate(); }\n");
  for (uint64_t seq : {5, 6}) {
    deliver([&](schemas::Batch::Builder batch) {
      connectionEvent(batch.initItems(1)[0], seq, 100.0, events::EventId::new_connection, 1);
    });
  }
  EXPECT_EQ(sent_.terminated, 1u);
  EXPECT_TRUE(finish(7).getReport().getTerminated());
}

TEST_F(RunnerTest, ABatchThatDoesNotFitTheCatalogIsRefused) {
  run("event new_connection(c: connection) { print c$uid; }\n");
  EXPECT_ANY_THROW(deliver([](schemas::Batch::Builder batch) {
    auto item = batch.initItems(1)[0];
    drained(item, 5, 100.0);
    item.initEvent().setId(60000);
  }));
  EXPECT_ANY_THROW(deliver([](schemas::Batch::Builder batch) {
    auto item = batch.initItems(1)[0];
    drained(item, 6, 100.0);
    item.initEvent().setId(static_cast<uint16_t>(events::EventId::new_connection));
    item.getEvent().initArgs(1)[0].setConnection(77);  // never introduced
  }));
  EXPECT_EQ(sent_.printed, "");
}

TEST_F(RunnerTest, ThePackagesOwnEventsFromElsewhereAreCheckedAndQueued) {
  run("module Demo; export { global hello: event(n: count); }\n"
      "event hello(n: count) { print n; }\n");
  deliver([](schemas::Batch::Builder batch) {
    auto items = batch.initItems(2);
    for (unsigned i = 0; i < 2; ++i) {
      drained(items[i], 5 + i, 100.0);
      auto event = items[i].initPackage();
      event.setName("Demo::hello");
      auto args = event.initArgs(1);
      if (i == 0) {
        args[0].setText({});  // not a count
      } else {
        args[0].setCount(42);
      }
    }
  });
  EXPECT_EQ(sent_.printed, "42\n");
  EXPECT_THAT(sent_.reports, ElementsAre(Pair(Host::Level::WARNING, HasSubstr("Demo::hello"))));
}

}  // namespace
}  // namespace bulkhead::runner
