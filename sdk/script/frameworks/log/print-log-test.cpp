#include "sdk/script/frameworks/log/log-bench.h"

#include <gmock/gmock.h>

namespace bulkhead::frameworks {
namespace {

using testing::ElementsAre;

std::string printing(const char* mode) {
  return std::string("redef Log::print_to_log = Log::") + mode + R"(;
hook Log::log_stream_policy(rec: any, id: Log::ID) { print "seen", id; }
event zeek_init() {
  print "x", 1, set(2);
  local f = open("notes.txt");
  print f, "y";
  print open("/dev/stdout"), "z";
}
)";
}

TEST(PrintLog, WithoutARedirectionPrintPrints) {
  LogBench bench({.site = printing("REDIRECT_NONE")});
  EXPECT_THAT(bench.rows(), ElementsAre());
  EXPECT_EQ(bench.script.printed(), "x, 1, {\n2\n}\n");
  EXPECT_EQ(bench.script.files["notes.txt"], "y\n");
}

TEST(PrintLog, StandardOutputBecomesRows) {
  LogBench bench({.site = printing("REDIRECT_STDOUT")});
  EXPECT_THAT(bench.rows(), ElementsAre("print: ts=0 vals=[x,1,{\n\t2\n}]",
                                        "print: ts=0 vals=[file \"/dev/stdout\" of string,z]"));
  // What a hook prints about such a row is printed.
  EXPECT_EQ(bench.script.printed(), "seen, Log::PRINTLOG\nseen, Log::PRINTLOG\n");
  EXPECT_EQ(bench.script.files["notes.txt"], "y\n");
}

TEST(PrintLog, FilesFollowIfAllIsRedirected) {
  LogBench bench({.site = printing("REDIRECT_ALL")});
  EXPECT_EQ(bench.rows().at(1), "print: ts=0 vals=[file \"notes.txt\" of string,y]");
  EXPECT_TRUE(bench.script.files.empty());
}

}  // namespace
}  // namespace bulkhead::frameworks
