#include "host/check/report.h"

#include "host/check/zeek-names.h"

#include <gtest/gtest.h>

namespace bulkhead::check {
namespace {

Report sample() {
  Report out;
  out.package = "sample";
  out.path = "/srv/sample";
  out.problems = {
      {.error = true,
       .at = {"sample/main.zeek", 3, 9},
       .text = "unknown name \"fmy\"; did you mean \"fmt\"?",
       .excerpt = "  print fmy(\"\");",
       .missing = "Sample::fmy",
       .notes = {{{"sample/main.zeek", 1, 1}, "declared here"}}},
      {.error = true,
       .at = {"sample/main.zeek", 5, 4},
       .text = "the record connection has no field \"ssl\"",
       .excerpt = "  c$ssl;",
       .missing = "connection$ssl"},
      {.error = true,
       .at = {"sample/main.zeek", 7, 4},
       .text = "the record connection has no field \"ssl\"",
       .missing = "connection$ssl"},
      {.error = false, .at = {}, .text = "odd \x1b[31m"},
  };
  out.absent = {"domain-tld"};
  out.events = {{"ssl_established", "nobody", 1, {"sample/main.zeek", 9, 7}},
                {"zeek_init", "host", 2, {"sample/main.zeek", 2, 7}}};
  out.hooks = {{"Notice::policy", "library", 1, {}}};
  out.fields = {{"connection", "id.orig_h", true, false, false, false, {}},
                {"connection", "mine", true, true, true, true, {}}};
  out.streams = {{"", false, true, false, {}}, {"Sample::LOG", true, true, true, {}}};
  out.doors = {{"system", "commands", {}}, {"Files::add_analyzer", "analysis", {}}};
  out.loads = {{"base/protocols/ssl", false, {}}, {"./a.sig", true, {}}};
  return out;
}

TEST(Report, TellsErrorsWithTheirLinesAndMissingNamesApart) {
  Report report = sample();
  openable(report, "sample", "/srv/sample/scripts");
  EXPECT_EQ(writeText(report),
            "/srv/sample/scripts/main.zeek:3:9: error: unknown name \"fmy\"; did you mean "
            "\"fmt\"?\n"
            "    print fmy(\"\");\n"
            "          ^\n"
            "/srv/sample/scripts/main.zeek:1:1: note: declared here\n"
            "warning: odd \\x1b[31m\n"
            "warning: it depends on domain-tld, which is not here: give its folder with -p\n"
            "names of Zeek's library that are not here yet\n"
            "  connection$ssl  (2 times, first at /srv/sample/scripts/main.zeek:5:4)\n"
            "sample: not accepted: 1 error, 2 uses of names that are not here yet\n"
            "events\n"
            "  raised by the host: zeek_init\n"
            "  that nothing raises here: ssl_established (of Zeek, not here yet)\n"
            "hooks\n"
            "  of the library: Notice::policy\n"
            "fields of the library's records\n"
            "  connection: id.orig_h, mine (added, logged, read and written)\n"
            "log streams\n"
            "  (known only when it runs): written\n"
            "  Sample::LOG: created, written, filters or policy changed\n"
            "beyond the compartment\n"
            "  needs the grant \"commands\": system\n"
            "  steers the analysis: Files::add_analyzer\n"
            "loads\n"
            "  of the library: base/protocols/ssl\n"
            "  signatures: ./a.sig\n");
}

TEST(Report, SaysTheSameAsJson) {
  Report report;
  report.package = "sample";
  report.path = "/srv/sample";
  report.problems = {{.error = true,
                      .at = {"m.zeek", 3, 9},
                      .text = "bad \xff",
                      .excerpt = "x",
                      .missing = "M::ssl_established"}};
  report.streams = {{"", false, true, false, {}}};
  EXPECT_EQ(
      writeJson(report),
      "{\"package\":\"sample\",\"path\":\"/srv/sample\",\"accepted\":false,\"errors\":[],"
      "\"missing\":[{\"text\":\"bad \\ufffd\",\"at\":{\"file\":\"m.zeek\",\"line\":3,\"column\":9},"
      "\"line\":\"x\",\"name\":\"ssl_established\"}],\"warnings\":[],\"absent_dependencies\":[],"
      "\"demand\":{\"events\":[],\"hooks\":[],\"fields\":[],\"streams\":[{\"id\":null,"
      "\"created\":false,\"written\":true,\"filtered\":false,\"at\":null}],\"beyond\":[],"
      "\"loads\":[],\"cut\":false}}\n");
}

TEST(Report, IsNotAcceptedIfTheCompartmentEnded) {
  Report report;
  report.package = "spins";
  report.ended = "killed by signal 9";
  EXPECT_FALSE(report.accepted());
  EXPECT_EQ(writeText(report), "spins: not checked, its compartment ended: killed by signal 9\n");
}

TEST(Report, AWarningAloneIsNoReasonToRefuse) {
  Report report;
  report.problems = {{.text = "is never used"}};
  EXPECT_TRUE(report.accepted());
}

TEST(Report, APathThatOnlyBeginsLikeThePackageStays) {
  Report report;
  report.loads = {{"x", false, {"sample-more/a.zeek", 1, 1}},
                  {"y", false, {"sample/a.zeek", 1, 1}}};
  openable(report, "sample", "here");
  EXPECT_EQ(report.loads[0].at.file, "sample-more/a.zeek");
  EXPECT_EQ(report.loads[1].at.file, "here/a.zeek");
}

TEST(ZeekNames, HaveFieldsAndScriptsAndGlobalsUnderAnyModule) {
  EXPECT_EQ(nameOfZeek("connection$ssl"), "connection$ssl");
  EXPECT_EQ(nameOfZeek("@load protocols/ssl/validate-certs.zeek"),
            "@load policy/protocols/ssl/validate-certs");
  EXPECT_EQ(nameOfZeek("@load base/protocols/smb/"), "@load base/protocols/smb");
  EXPECT_EQ(nameOfZeek("Mine::ssl_established"), "ssl_established");
  EXPECT_FALSE(isNameOfZeek("Mine::no_such_thing"));
  EXPECT_FALSE(isNameOfZeek("connection$fp"));
  EXPECT_FALSE(isNameOfZeek("@load packages/ja3"));
}

}  // namespace
}  // namespace bulkhead::check
