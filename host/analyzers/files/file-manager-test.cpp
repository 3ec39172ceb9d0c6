#include "host/analyzers/files/file-manager.h"

#include "host/analyzers/fake-context.h"
#include "host/analyzers/files/entropy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::analyzers::files {
namespace {

using events::Answer;
using events::EventId;
using events::Value;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

flow::Bytes bytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// Keeps extracted files in memory.
struct Disk final : Extractor {
  std::map<std::string, std::string> contents;
  struct Open final : Extraction {
    std::string* to;
    bool write(uint64_t offset, flow::Bytes data) override {
      if (to->size() < offset + data.size()) to->resize(offset + data.size(), '.');
      std::copy(data.begin(), data.end(), to->begin() + static_cast<ptrdiff_t>(offset));
      return true;
    }
  };
  std::unique_ptr<Extraction> open(uint32_t, const std::string& name) override {
    auto out = std::make_unique<Open>();
    out->to = &contents[name];
    return out;
  }
};

// A sink that answers an event once it is drained.
struct Answering final : events::EventSink {
  events::RecordingSink recording;
  std::map<EventId, std::function<void()>> answers;
  std::vector<EventId> raised;

  bool wants(EventId event) const override { return recording.wants(event); }
  events::Arena& arena() override { return recording.arena(); }
  using EventSink::raise;
  void raise(EventId event, std::span<const Value> args) override {
    recording.raise(event, args);
    raised.push_back(event);
  }
  void drain() override {
    auto events = std::exchange(raised, {});
    for (auto event : events)
      if (auto found = answers.find(event); found != answers.end()) found->second();
  }
  int unregistered = 0;
  void raiseUnregistered(EventId event, std::span<const Value> args) override {
    ++unregistered;
    raise(event, args);
  }
  std::optional<EventId> unawaited;
  bool awaits(EventId event) const override { return event != unawaited; }
  // Answers that nobody waited for.
  std::function<void()> owed;
  void settle() override {
    if (auto then = std::exchange(owed, nullptr)) then();
  }
  void forget(events::ConnectionState&) override {}
  void forget(events::FileState&) override {}
};

struct FilesTest : testing::Test {
  FakeContext context{Transport::tcp, 80};
  Answering sink;
  Disk disk;
  FileManager files{sink, context.timerQueue};
  flow::FileOrigin origin{context, 4, "HTTP", false};
  std::string id = "Ftest";

  FilesTest() { files.setExtractor(&disk); }
  std::vector<std::string>& lines() { return sink.recording.lines; }
  void only(std::initializer_list<EventId> events) { sink.recording.only = events; }
  void on(EventId event, std::function<void()> then) { sink.answers[event] = std::move(then); }
  std::string answer(std::string_view function, std::vector<Value> args, uint32_t who = 0) {
    return files.apply(Answer{who, 0, function, args});
  }
  void attach(std::string_view tag, std::vector<Value> fields = {}) {
    EXPECT_EQ(answer("Files::__add_analyzer",
                     {Value::textOf(id), Value::textOf(tag), Value::tableOf(fields)}),
              "");
  }
};

TEST(Fuid, EqualsZeeks) {
  // From logs that Zeek wrote.
  EXPECT_EQ(FuidMaker().make("Analyzer::ANALYZER_HTTP1774914635.100775F11172.17.0.2:54162 > "
                             "217.160.0.187:80"),
            "F2Yosr3BZoUHQl6vQe");
  EXPECT_EQ(FuidMaker().make("Analyzer::ANALYZER_HTTP1363624631.382875F11141.142.228.5:50153 > "
                             "54.243.118.187:80"),
            "Fz8wr42b0NBBXGhqJa");
  EXPECT_NE(FuidMaker("other").make("a"), FuidMaker().make("a"));
}

TEST_F(FilesTest, AHandleThatNobodyIsAskedForIsTheAnalyzersWhateverComesLater) {
  on(EventId::get_file_handle, [&] { answer("set_file_handle", {Value::textOf("other")}); });
  EXPECT_EQ(files.identify(origin, "a"), FuidMaker().make("other"));
  sink.unawaited = EventId::get_file_handle;
  EXPECT_EQ(files.identify(origin, "a"), FuidMaker().make("a"));
  EXPECT_THAT(lines(), testing::Each(HasSubstr("get_file_handle(")));
}

TEST_F(FilesTest, APackageChangesNothingThatAllSeeOfAFile) {
  std::vector<std::string> said;
  auto tell = [&](std::string_view function, std::vector<Value> args) {
    said.push_back(files.apply({.subscriber = 1, .function = function, .args = args}));
  };
  on(EventId::get_file_handle, [&] { tell("set_file_handle", {Value::textOf("other")}); });
  EXPECT_EQ(files.identify(origin, "a"), FuidMaker().make("a"));
  EXPECT_EQ(files.identify(origin, ""), FuidMaker().make("other"));
  tell("Files::__disable_analyzer", {Value::textOf("Files::ANALYZER_MD5")});
  tell("Files::__disable_reassembly", {Value::textOf(id)});
  tell("Files::__set_reassembly_buffer", {Value::textOf(id), Value::count(UINT64_MAX)});
  ASSERT_EQ(said.size(), 5u);
  EXPECT_EQ(said[1], "");
  said.erase(said.begin() + 1);
  EXPECT_THAT(said, testing::Each(HasSubstr("only the site may")));
}

TEST_F(FilesTest, AFileIsAnnouncedSniffedAndEnds) {
  EXPECT_TRUE(files.dataIn(origin, id, bytes("GIF89a...")));
  files.endOfFile(id);
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("file_new("), HasSubstr("file_over_new_connection("),
                                   HasSubstr("file_sniff("), HasSubstr("file_state_remove(")));
  EXPECT_THAT(lines()[2], HasSubstr("image/gif"));
  EXPECT_EQ(files.filesInProgress(), 0u);
}

TEST_F(FilesTest, AFileOfKnownSizeEndsByItself) {
  EXPECT_TRUE(files.setSize(origin, id, 4));
  EXPECT_TRUE(files.dataIn(origin, id, bytes("abc")));
  EXPECT_FALSE(files.dataIn(origin, id, bytes("d")));
  EXPECT_THAT(lines().back(), HasSubstr("file_state_remove("));
}

TEST_F(FilesTest, ATypeThatNobodyRegisteredForIsSaidToTheSink) {
  only({EventId::file_sniff});
  files.dataIn(origin, id, bytes("GIF89a..."));
  files.endOfFile(id);
  EXPECT_EQ(sink.unregistered, 1);
  answer("Files::__register_for_mime_type",
         {Value::textOf("Files::ANALYZER_MD5"), Value::textOf("image/gif")}, 1);  // not the site
  files.dataIn(origin, id, bytes("GIF89a..."));
  files.endOfFile(id);
  EXPECT_EQ(sink.unregistered, 2);
  answer("Files::__register_for_mime_type",
         {Value::textOf("Files::ANALYZER_MD5"), Value::textOf("image/gif")});
  files.dataIn(origin, id, bytes("GIF89a..."));
  files.endOfFile(id);
  EXPECT_EQ(sink.unregistered, 2);
  EXPECT_EQ(lines().size(), 3u);
}

TEST_F(FilesTest, HashesCoverAllContentsAlsoThoseBeforeTheAnswer) {
  on(EventId::file_sniff, [&] { attach("Files::ANALYZER_SHA1"); });
  on(EventId::file_new, [&] { attach("Files::ANALYZER_MD5"); });
  files.dataIn(origin, id, bytes("hello "));
  files.dataIn(origin, id, bytes("world"));
  files.endOfFile(id);
  EXPECT_THAT(lines(), Contains(HasSubstr("md5, 5eb63bbbe01eeed093cb22bb8f5acdc3")));
  EXPECT_THAT(lines(), Contains(HasSubstr("sha1, 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed")));
}

TEST_F(FilesTest, AHashOfAFileWithAHoleIsNoHash) {
  on(EventId::file_new, [&] { attach("Files::ANALYZER_MD5"); });
  files.dataIn(origin, id, bytes("hello"));
  files.gap(origin, id, 5, 10);
  files.dataIn(origin, id, bytes("more"));
  files.endOfFile(id);
  EXPECT_THAT(lines(), Contains(HasSubstr("file_gap(Ftest, 5, 10)")));
  EXPECT_THAT(lines(), Not(Contains(HasSubstr("file_hash("))));
}

TEST_F(FilesTest, RangesAreReassembled) {
  on(EventId::file_new, [&] {
    attach("Files::ANALYZER_DATA_EVENT", {Value::textOf("stream_event"), Value::textOf("P::got")});
  });
  only({EventId::file_new, EventId::Files_stream_data_, EventId::file_gap,
        EventId::file_state_remove});
  files.dataAt(origin, id, 6, bytes("ghi"));
  files.dataAt(origin, id, 0, bytes("abc"));
  files.dataAt(origin, id, 2, bytes("Xdef"));
  files.dataAt(origin, id, 12, bytes("m"));
  files.endOfFile(id);
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("file_new("), HasSubstr("P::got, abc"),
                                   HasSubstr("P::got, def"), HasSubstr("P::got, ghi"),
                                   HasSubstr("P::got, )"), HasSubstr("file_gap(Ftest, 9, 3)"),
                                   HasSubstr("P::got, m"), HasSubstr("file_state_remove(")));
}

TEST_F(FilesTest, HowToReassembleIsKnownBeforePiecesArePutTogether) {
  on(EventId::file_new, [&] {
    attach("Files::ANALYZER_DATA_EVENT", {Value::textOf("stream_event"), Value::textOf("P::got")});
    sink.owed = [&] { answer("Files::__disable_reassembly", {Value::textOf(id)}); };
  });
  only({EventId::file_new, EventId::Files_stream_data_});
  files.dataAt(origin, id, 3, bytes("def"));
  files.dataAt(origin, id, 0, bytes("abc"));
  files.endOfFile(id);
  // What came too early is not kept until its place comes.
  EXPECT_THAT(lines(), Contains(HasSubstr("P::got, abc")));
  EXPECT_THAT(lines(), Not(Contains(HasSubstr("P::got, def"))));
}

TEST_F(FilesTest, HowToReassembleIsNotWaitedForWhilePiecesComeInOrder) {
  on(EventId::file_new, [&] {
    attach("Files::ANALYZER_DATA_EVENT", {Value::textOf("stream_event"), Value::textOf("P::got")});
    sink.owed = [&] { answer("Files::__disable_reassembly", {Value::textOf(id)}); };
  });
  only({EventId::file_new, EventId::Files_stream_data_});
  files.dataIn(origin, id, bytes("abc"));
  files.dataAt(origin, id, 3, bytes("def"));
  EXPECT_TRUE(sink.owed);
  EXPECT_THAT(lines(), Contains(HasSubstr("P::got, def")));
  files.dataAt(origin, id, 9, bytes("jkl"));
  EXPECT_FALSE(sink.owed);
  files.dataAt(origin, id, 6, bytes("ghi"));
  files.endOfFile(id);
  EXPECT_THAT(lines(), Contains(HasSubstr("P::got, ghi")));
  EXPECT_THAT(lines(), Not(Contains(HasSubstr("P::got, jkl"))));
}

TEST_F(FilesTest, TheReassemblyBufferHasALimit) {
  on(EventId::file_new, [&] {
    answer("Files::__set_reassembly_buffer", {Value::textOf(id), Value::count(4)});
  });
  only({EventId::file_new, EventId::file_gap, EventId::file_reassembly_overflow});
  files.dataAt(origin, id, 10, bytes("12345"));
  files.dataAt(origin, id, 20, bytes("x"));
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("file_new("), HasSubstr("file_gap(Ftest, 0, 10)"),
                                   HasSubstr("file_reassembly_overflow(Ftest, 0, 10)")));
}

TEST_F(FilesTest, ExtractionStopsAtItsLimitUnlessItIsRaised) {
  std::vector<Value> args = {Value::textOf("extract_filename"), Value::textOf("out"),
                             Value::textOf("extract_limit"), Value::count(4)};
  on(EventId::file_new, [&] { attach("Files::ANALYZER_EXTRACT", args); });
  int limitsSeen = 0;
  on(EventId::file_extraction_limit, [&] {
    if (++limitsSeen == 1)
      answer("FileExtract::__set_limit",
             {Value::textOf(id), Value::tableOf(args), Value::count(8)});
  });
  for (auto part : {"abc", "def", "ghi", "jkl"}) files.dataIn(origin, id, bytes(part));
  files.endOfFile(id);
  EXPECT_EQ(disk.contents["out"], "abcdefgh");
  EXPECT_EQ(limitsSeen, 2);
}

TEST_F(FilesTest, SilenceEndsAFileUnlessAHandlerAsksForMoreTime) {
  only({EventId::file_timeout, EventId::file_state_remove});
  int asked = 0;
  on(EventId::file_timeout, [&] {
    if (++asked == 1)
      answer("Files::__set_timeout_interval", {Value::textOf(id), Value::intervalOf(60)});
  });
  files.dataIn(origin, id, bytes("x"));
  double start = context.now;
  auto advance = [&](double to) { context.timerQueue.advance(start + to, 100, [](double) {}); };
  advance(119);
  EXPECT_THAT(lines(), IsEmpty());
  advance(121);
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("file_timeout(")));
  advance(300);
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("file_timeout("), HasSubstr("file_timeout("),
                                   HasSubstr("file_state_remove(")));
}

TEST_F(FilesTest, TheEndOfTheTraceTimesOutWhatIsLeftInOrder) {
  only({EventId::file_state_remove});
  files.dataIn(origin, "Fb", bytes("x"));
  files.dataIn(origin, "Fa", bytes("x"));
  files.finish(context.now + 1);
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("Fa"), HasSubstr("Fb")));
}

TEST_F(FilesTest, AFileIsDroppedOnlyWhenEverySubscriberStoppedIt) {
  files.setSubscribers(2);
  files.dataIn(origin, id, bytes("a"));
  answer("Files::__stop", {Value::textOf(id)}, 0);
  EXPECT_TRUE(files.dataIn(origin, id, bytes("b")));
  answer("Files::__stop", {Value::textOf(id)}, 1);
  EXPECT_FALSE(files.dataIn(origin, id, bytes("c")));
}

TEST_F(FilesTest, AnswersThatDoNotFitAreRefusedWithAReason) {
  EXPECT_THAT(answer("Files::__add_analyzer", {Value::textOf(id), Value::textOf("No::SUCH")}),
              HasSubstr("wrong arguments"));
  EXPECT_THAT(answer("Files::__stop", {}), HasSubstr("wrong arguments"));
  EXPECT_THAT(answer("Files::__format_disk", {Value::textOf(id)}), HasSubstr("unknown function"));
  EXPECT_EQ(answer("Files::__stop", {Value::textOf("Fgone")}), "");
}

TEST_F(FilesTest, ASecondConnectionIsToldOnce) {
  only({EventId::file_over_new_connection});
  FakeContext other(Transport::tcp, 81);
  flow::FileOrigin fromOther{other, 4, "HTTP", false};
  files.dataAt(origin, id, 0, bytes("a"));
  files.dataAt(fromOther, id, 1, bytes("b"));
  files.dataAt(fromOther, id, 2, bytes("c"));
  EXPECT_EQ(lines().size(), 2u);
  files.connectionRemoved(other.state());
  files.endOfFile(id);
}

TEST_F(FilesTest, AnOffsetAtTheEndOfAllNumbersIsHarmless) {
  only({EventId::file_weird});
  files.dataAt(origin, id, UINT64_MAX - 1, bytes("abc"));
  files.gap(origin, id, UINT64_MAX, UINT64_MAX);
  files.endOfFile(id);
  EXPECT_THAT(lines(), ElementsAre(HasSubstr("file_offset_overflow")));
}

TEST(MimeMagic, TellsCommonTypesByStrength) {
  MimeMagic magic;
  struct {
    std::string data;
    std::string_view mime;
  } cases[] = {
      {"\x89PNG\r\n", "image/png"},
      {"\xff\xd8\xff\xe0", "image/jpeg"},
      {"%PDF-1.4", "application/pdf"},
      {"PK\x03\x04zz", "application/zip"},
      {"\x1f\x8b\x08", "application/x-gzip"},
      {"MZ\x90", "application/x-dosexec"},
      {"<!DOCTYPE html><html>", "text/html"},
      {"\n <!-- c --> <HTML>", "text/html"},
      {"<?xml version=\"1.0\"?>\n<rss>", "text/rss"},
      {"{\"a\": 1}", "text/json"},
      {"[]", "text/json"},
      {"just some plain text", "text/plain"},
      {"#!/bin/sh\necho", "text/x-shellscript"},
      {"\x7f"
       "ELF\x02\x01",
       ""},
      {std::string("\x00\x00\x01\x00", 4), "image/x-icon"},
      {"\x01\x02", ""},
      {"", ""},
  };
  for (auto& c : cases) EXPECT_EQ(magic.detect(bytes(c.data)).best, c.mime) << c.data;
  auto both = magic.detect(bytes("<html>some text")).matches;
  ASSERT_EQ(both.size(), 3u);
  EXPECT_EQ(both[0].strength, 100);
  EXPECT_EQ(both[2].mime, "text/plain");
}

TEST(Entropy, OfAllBytesOnceIsEightBits) {
  std::vector<uint8_t> all(256);
  for (size_t i = 0; i < 256; ++i) all[i] = static_cast<uint8_t>(i);
  Entropy entropy;
  entropy.feed(all);
  EXPECT_DOUBLE_EQ(entropy.result().entropy, 8);
  EXPECT_DOUBLE_EQ(entropy.result().chiSquare, 0);
  EXPECT_DOUBLE_EQ(entropy.result().mean, 127.5);
}

}  // namespace
}  // namespace bulkhead::analyzers::files
