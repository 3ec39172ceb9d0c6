#include "host/cut/cut.h"

#include <gtest/gtest.h>
#include <sstream>

namespace bulkhead::cut {
namespace {

const char* const log =
    "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n"
    "#open\t2026-01-01-00-00-00\n#fields\tts\tuid\tquery\n#types\ttime\tstring\tstring\n"
    "1437831787.856895\tC1\texample.com\n#close\t2026-01-01-00-00-01\n";

std::string cutOf(std::vector<std::string> args, const std::string& input = log) {
  std::string error;
  bool help = false;
  Options options = parseArguments(args, error, help);
  if (!error.empty()) return "error: " + error;
  std::istringstream in(input);
  std::ostringstream out;
  run(options, in, out);
  return out.str();
}

TEST(Cut, PrintsTheNamedColumnsInTheOrderAsked) {
  EXPECT_EQ(cutOf({"query", "uid"}), "example.com\tC1\n");
  EXPECT_EQ(cutOf({}), "1437831787.856895\tC1\texample.com\n");
  EXPECT_EQ(cutOf({"-n", "ts"}), "C1\texample.com\n");
}

TEST(Cut, LeavesAFieldEmptyThatTheLogLacks) {
  EXPECT_EQ(cutOf({"uid", "nosuch", "query"}), "C1\t\texample.com\n");
}

TEST(Cut, ConvertsTimesOnlyWhereAsked) {
  EXPECT_EQ(cutOf({"-u", "ts"}), "2015-07-25T13:43:07+0000\n");
  EXPECT_EQ(cutOf({"-U", "%Y", "ts"}), "2015\n");
  EXPECT_EQ(cutOf({"-F", ";", "uid", "query"}), "C1;example.com\n");
}

TEST(Cut, ShowsTheHeaderOfTheChosenColumns) {
  EXPECT_EQ(cutOf({"-m", "uid"}), "uid\nC1\n");
  std::string out = cutOf({"-c", "uid"});
  EXPECT_NE(out.find("#fields\tuid\n#types\tstring\nC1\n"), std::string::npos);
  std::string twice = std::string(log) + log;
  EXPECT_EQ(cutOf({"-m", "uid"}, twice), "uid\nC1\nC1\n");
  EXPECT_EQ(cutOf({"-M", "uid"}, twice), "uid\nC1\nuid\nC1\n");
}

TEST(Cut, ReadsJsonLinesToo) {
  EXPECT_EQ(cutOf({"uid", "tags", "no"}, "{\"ts\":1.5,\"uid\":\"C1\",\"tags\":[\"a\",\"b\"]}\n"),
            "C1\ta,b\t-\n");
  EXPECT_EQ(cutOf({"uid"}, "{\"uid\":\n"), "");
}

TEST(Cut, NamesAnOptionItDoesNotKnow) {
  EXPECT_EQ(cutOf({"-x"}), "error: unknown option -x; see bulkhead cut -h");
  EXPECT_EQ(cutOf({"-F"}), "error: option -F needs a value");
}

}  // namespace
}  // namespace bulkhead::cut
