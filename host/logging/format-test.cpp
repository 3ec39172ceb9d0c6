#include "host/logging/format.h"

#include <cmath>
#include <gtest/gtest.h>

namespace bulkhead::logging {
namespace {

using Kind = LogValue::Kind;

std::string tsv(const LogValue& value, const FormatOptions& options = {}) {
  std::string out;
  makeFormatter(options)->append(out, {{.name = "x"}}, {value});
  return out.substr(0, out.size() - 1);
}

std::string json(const LogValue& value, FormatOptions options = {}) {
  options.json = true;
  std::string out;
  makeFormatter(options)->append(out, {{.name = "x"}}, {value});
  return out.substr(0, out.size() - 1);
}

LogValue strings(std::vector<std::string> texts) {
  LogValue::Elements elements;
  for (auto& text : texts) elements.push_back(LogValue::ofString(text));
  return LogValue::ofSet(std::move(elements));
}

TEST(Tsv, WritesTheHeaderBlockThatZeekUsersParse) {
  std::vector<LogColumn> columns = {
      {.name = "ts", .type = Kind::time},
      {.name = "names", .type = Kind::set, .elementType = Kind::string}};
  std::string header = makeFormatter({})->header("conn", columns, 1e9);
  EXPECT_EQ(
      header,
      "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n"
      "#open\t" +
          timestampText(1e9) + "\n#fields\tts\tnames\n#types\ttime\tset[string]\n");
}

TEST(Tsv, WritesEachKindAsZeekDoes) {
  EXPECT_EQ(tsv(LogValue::ofBool(true)), "T");
  EXPECT_EQ(tsv(LogValue::ofTime(1437831787.856895)), "1437831787.856895");
  EXPECT_EQ(tsv(LogValue::ofInterval(0)), "0.000000");
  EXPECT_EQ(tsv(LogValue::ofReal(0.5)), "0.5");
  EXPECT_EQ(tsv(LogValue::ofReal(3)), "3.0");
  EXPECT_EQ(tsv(LogValue::ofReal(-2.25)), "-2.25");
  EXPECT_EQ(tsv(LogValue::ofReal(1e12)), "1000000000000.0");
  EXPECT_EQ(tsv(LogValue::ofPort({443, Transport::tcp})), "443");
  EXPECT_EQ(tsv(LogValue{}), "-");
}

TEST(Tsv, EscapesWhatWouldReadAsSomethingElse) {
  EXPECT_EQ(tsv(LogValue::ofString("")), "(empty)");
  EXPECT_EQ(tsv(LogValue::ofString("-")), "\\x2d");
  EXPECT_EQ(tsv(LogValue::ofString("(empty)")), "\\x28empty)");
  EXPECT_EQ(tsv(LogValue::ofString("a\tb\\c\nd")), "a\\x09b\\\\c\\x0ad");
  EXPECT_EQ(tsv(LogValue::ofString("#close")), "\\x23close");
  EXPECT_EQ(tsv(LogValue::ofString("a,b")), "a,b");
  EXPECT_EQ(tsv(strings({"a,b", "c"})), "a\\x2cb,c");
  EXPECT_EQ(tsv(strings({})), "(empty)");
}

TEST(Tsv, ShowsUtf8AndEscapesTheWholeTextWhereItIsNone) {
  EXPECT_EQ(tsv(LogValue::ofString("h\xc3\xa9")), "h\xc3\xa9");
  EXPECT_EQ(tsv(LogValue::ofString("h\xc3\xa9\xff")), "h\\xc3\\xa9\\xff");
  // Overlong, surrogate, C1 control, cut off.
  for (auto text : {"\xc0\x80", "\xed\xa0\x80", "\xc2\x85", "\xe2\x82"}) {
    std::string shown = tsv(LogValue::ofString(text));
    EXPECT_EQ(shown.substr(0, 2), "\\x") << shown;
  }
}

TEST(Json, LeavesUnsetFieldsOutUnlessAskedFor) {
  EXPECT_EQ(json(LogValue{}), "{}");
  EXPECT_EQ(json(LogValue{}, {.includeUnset = true}), "{\"x\":null}");
}

TEST(Json, WritesEachKindAsZeekDoes) {
  EXPECT_EQ(json(LogValue::ofTime(1437831787.856895)), "{\"x\":1437831787.856895}");
  EXPECT_EQ(
      json(LogValue::ofTime(1437831787.856895), {.timestamps = FormatOptions::Timestamps::iso8601}),
      "{\"x\":\"2015-07-25T13:43:07.856895Z\"}");
  EXPECT_EQ(json(LogValue::ofInterval(2)), "{\"x\":2.0}");
  EXPECT_EQ(json(LogValue::ofString("a\"\n\x01")), "{\"x\":\"a\\\"\\n\\\\x01\"}");
  EXPECT_EQ(json(strings({"a", "b"})), "{\"x\":[\"a\",\"b\"]}");
}

TEST(Json, ATimeThatNoIntegerHoldsIsNull) {
  using Timestamps = FormatOptions::Timestamps;
  for (auto form : {Timestamps::millis, Timestamps::millisUnsigned, Timestamps::iso8601}) {
    for (double time : {1e300, -1e300, HUGE_VAL, std::nan("")})
      EXPECT_EQ(json(LogValue::ofTime(time), {.timestamps = form}), "{\"x\":null}") << time;
  }
  EXPECT_EQ(json(LogValue::ofTime(8e15), {.timestamps = Timestamps::millis}),
            "{\"x\":8000000000000000000}");
}

TEST(FormatOptions, NamesTheConfigValueThatCannotBeUsed) {
  std::string problem;
  EXPECT_TRUE(FormatOptions::fromConfig({{"use_json", "T"}}, problem).json);
  EXPECT_EQ(problem, "");
  FormatOptions::fromConfig({{"gzip_level", "12"}}, problem);
  EXPECT_NE(problem.find("gzip_level"), std::string::npos);
}

}  // namespace
}  // namespace bulkhead::logging
