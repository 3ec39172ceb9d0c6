#include "sdk/script/analysis/analyzer.h"

#include <algorithm>
#include <gtest/gtest.h>

namespace bulkhead::analysis {
namespace {

class AnalysisTest : public ::testing::Test {
 protected:
  // Analyses one file and answers the diagnostics without excerpts.
  std::string analyse(std::string text, std::vector<NativeDeclaration> natives = {}) {
    files_["main.zeek"] = std::move(text);
    provider_ = std::make_unique<source::MemorySourceProvider>(
        std::vector<source::SearchRoot>{{"", source::originSite}}, files_);
    Analyzer analyzer(sources_, *provider_, diagnostics_, arena_, types_);
    analyzer.declareNatives(natives);
    if (packagesBeside_) analyzer.expectPackages();
    if (!base_.empty()) analyzer.loadText("base.zeek", base_, source::originBase);
    analyzer.load("main.zeek");
    program_ = analyzer.finish();
    return diagnostics_.render(sources_, {.columns = false, .excerpts = false});
  }

  std::string base_;
  bool packagesBeside_ = false;
  std::map<std::string, std::string> files_;
  source::SourceManager sources_;
  source::Diagnostics diagnostics_;
  syntax::Arena arena_;
  types::TypeTable types_;
  std::unique_ptr<source::MemorySourceProvider> provider_;
  std::unique_ptr<Program> program_;
};

TEST_F(AnalysisTest, GivesGlobalsLocalsAndFunctionsTheirTypes) {
  EXPECT_EQ(analyse("global n: count = 1;\n"
                    "function twice(x: count): count { local y = x * 2; return y; }\n"
                    "event zeek_init() { n = twice(n) + 1; }\n"),
            "");
  ASSERT_NE(program_->find("twice"), nullptr);
  EXPECT_EQ(types::typeText(program_->find("n")->type), "count");
  EXPECT_EQ(program_->callables[program_->find("zeek_init")->index].bodies.size(), 1u);
}

TEST_F(AnalysisTest, OrdersBodiesByPriorityThenDefinition) {
  EXPECT_EQ(
      analyse(
          "global e: event();\n"
          "event e() &priority=-5 { }\nevent e() { }\nevent e() &priority=5 { }\nevent e() { }\n"),
      "");
  std::vector<int> priorities;
  for (auto* body : program_->callables[program_->find("e")->index].bodies)
    priorities.push_back(body->priority);
  EXPECT_EQ(priorities, (std::vector<int>{5, 0, 0, -5}));
}

TEST_F(AnalysisTest, KeepsModulesApartAndExportsWhatTheySay) {
  EXPECT_EQ(analyse("module A;\nexport { global shared: count = 1; }\nglobal own: count = 2;\n"
                    "module B;\nglobal x: count = A::shared;\nglobal y: count = A::own;\n"),
            "main.zeek:6: error: \"A::own\" is not exported by its module\n");
}

TEST_F(AnalysisTest, ExtendsRecordsEnumsAndTables) {
  EXPECT_EQ(
      analyse(
          "type R: record { a: count; } &redef;\ntype E: enum { ONE };\n"
          "redef record R += { b: string &optional &log; };\nredef enum E += { TWO };\n"
          "const t: table[string] of count = { [\"a\"] = 1 } &redef;\nredef t += { [\"b\"] = 2 };\n"
          "global r: R = [$a=1, $b=\"x\"];\nglobal e: E = TWO;\n"),
      "");
  const auto& record = program_->find("R")->type->asRecord();
  EXPECT_EQ(record.fields().size(), 2u);
  EXPECT_TRUE(record.field(1).log);
  EXPECT_EQ(program_->find("TWO")->value, 1);
}

TEST_F(AnalysisTest, LetsAHookNameTheTypeOfWhatItGetsAsAny) {
  EXPECT_EQ(analyse("type R: record { n: count; };\nglobal policy: hook(rec: any, id: count);\n"
                    "hook policy(rec: R, id: count) { if (rec$n == id) break; }\n"),
            "");
}

TEST_F(AnalysisTest, KeepsTheAlternatePrototypesOfACatalogEvent) {
  provider_ = std::make_unique<source::MemorySourceProvider>(
      std::vector<source::SearchRoot>{{"", source::originSite}},
      std::map<std::string, std::string>{
          {"main.zeek",
           "event asked(name: string) { }\nevent asked(n: count, name: string) { }\n"}});
  Analyzer analyzer(sources_, *provider_, diagnostics_, arena_, types_);
  analyzer.loadCatalog("catalog",
                       "global asked: event(n: count, name: string);\n"
                       "global asked: event(name: string);\n");
  analyzer.load("main.zeek");
  program_ = analyzer.finish();
  EXPECT_EQ(diagnostics_.render(sources_), "");
}

TEST_F(AnalysisTest, NamesEveryMistakeOfARunWithItsPlace) {
  EXPECT_EQ(analyse("global n: count = \"x\";\n"
                    "event zeek_init() {\n  nn = 1;\n  n = n + \"a\";\n  local r: string = "
                    "undefined_thing;\n}\n"),
            "main.zeek:1: error: the value of \"n\" must be of type count, this is of type string\n"
            "main.zeek:3: error: unknown name \"nn\"; did you mean \"n\"?\n"
            "main.zeek:4: error: + does not apply to values of type count and string\n"
            "main.zeek:5: error: unknown name \"undefined_thing\"\n");
}

TEST_F(AnalysisTest, SaysWhatTookThePlaceOfARemovedFunction) {
  EXPECT_EQ(
      analyse("event zeek_init() {\n  bro_version();\n  suspend_state_updates();\n}\n"),
      "main.zeek:2: error: unknown name \"bro_version\"; it was taken out of the language, use "
      "zeek_version\n"
      "main.zeek:3: error: unknown name \"suspend_state_updates\"; it was taken out of the "
      "language\n");
}

TEST_F(AnalysisTest, ChecksRecordConstructorsAgainstTheirType) {
  EXPECT_EQ(
      analyse(
          "type R: record { needed: count; maybe: string &optional; };\n"
          "global a: R = [$needed=1];\nglobal b: R = [$maybe=\"x\"];\nglobal c: R = [$neded=1];\n"),
      "main.zeek:3: error: the record R needs \"needed\"\n"
      "main.zeek:4: error: the record R has no field \"neded\"; did you mean \"needed\"?\n");
}

// `bulkhead check` tells by these names what a library that is not whole yet is to blame for.
TEST_F(AnalysisTest, SaysOfEveryErrorAboutSomethingThatNothingDeclaresWhatThatIs) {
  analyse(
      "@load no/such/script\n"
      "module M;\nexport { type R: record { a: count; }; }\n"
      "global one: Nowhere::Type;\n"
      "global two = M::nothing;\n"
      "global three = nothing_at_all;\n"
      "global four: R = [$b=1];\n"
      "redef record R$c += { &log };\n"
      "redef elsewhere = 1;\n"
      "redef enum Log::ID += { LOG };\n"
      "function f(r: R) { print r$d; print split(\"a\", /b/); event M::gone(); }\n"
      "event Other::happened(a: count) { }\n"
      "event Other::happened(b: string) { }\n");
  std::vector<std::string> missing;
  for (const auto& each : diagnostics_.all()) {
    EXPECT_FALSE(each.missing.empty() && each.message.starts_with("unknown name")) << each.message;
    if (!each.missing.empty()) missing.push_back(each.missing);
  }
  std::sort(missing.begin(), missing.end());
  EXPECT_EQ(missing, (std::vector<std::string>{"@load no/such/script", "Log::ID", "M::R$b",
                                               "M::R$c", "M::R$d", "M::elsewhere", "M::gone",
                                               "M::nothing", "M::nothing_at_all", "Nowhere::Type",
                                               "Other::happened", "split"}));
}

TEST_F(AnalysisTest, DecidesConditionsByWhatWasDeclaredAbove) {
  EXPECT_EQ(analyse("const on = T;\nfunction f(): bool { return on; }\n"
                    "@if ( f() && ! F )\nglobal yes = 1;\n@else\nglobal no = nonsense;\n@endif\n"
                    "@ifdef ( yes )\nglobal again = yes;\n@endif\n"),
            "");
  EXPECT_NE(program_->find("again"), nullptr);
}

TEST_F(AnalysisTest, KeepsWhereTheScriptsLieThatAreAskedFor) {
  files_["tools/__load__.zeek"] = "";
  EXPECT_EQ(analyse("const name = \"tools\";\n"
                    "function there(p: string): bool { return find_in_zeekpath(p) != \"\"; }\n"
                    "@if ( there(name) && ! there(\"gone\") && ! there(\"./main\") )\n"
                    "global found: count;\n"
                    "@endif\n"
                    "event zeek_init() { find_in_zeekpath(\"main\"); }\n",
                    {{"find_in_zeekpath", "function(p: string): string"}}),
            "");
  EXPECT_NE(program_->find("found"), nullptr);
  EXPECT_EQ(
      program_->scriptsAskedFor,
      (std::unordered_map<std::string, std::string>{
          {"tools", "tools/__load__.zeek"}, {"gone", ""}, {"./main", ""}, {"main", "main.zeek"}}));
}

TEST_F(AnalysisTest, DeclaresNativesAtTheirFirstUse) {
  EXPECT_EQ(
      analyse("type Rec: record { x: count; };\nglobal n: count = native(Rec($x=1), 1, \"a\");\n",
              {{"native", "function(t: Rec, ...): count"}}),
      "");
  EXPECT_EQ(program_->callables[program_->find("native")->index].native, 0);
}

TEST_F(AnalysisTest, TakesLambdaCapturesAndRefusesWhatIsNotListed) {
  EXPECT_EQ(analyse("event zeek_init() {\n  local a = 1;\n  local b = 2;\n"
                    "  local f = function[a](x: count): count { return x + a; };\n"
                    "  local g = function(x: count): count { return x + b; };\n}\n"),
            "main.zeek:5: error: \"b\" belongs to the function around this one; list it as a "
            "capture: [b]\n");
}

TEST_F(AnalysisTest, SpreadsSetsAmongTheElementsOfASet) {
  EXPECT_EQ(
      analyse(
          "const some: set[port] = { 80/tcp } &redef;\nconst all: set[port] = { 22/tcp } &redef;\n"
          "redef all += { some };\nredef all += { 443/tcp, some };\n"),
      "");
}

TEST_F(AnalysisTest, KeepsTheRedefsOfTheSiteThatAreWordedInBaseNamesAlone) {
  base_ =
      "module Net;\nexport { const mine: set[subnet] = {} &redef; const salt = \"a\" &redef; }\n"
      "export { const own: set[subnet] = { 10.0.0.0/8 }; }\n";
  EXPECT_EQ(analyse("module My;\n"
                    "const home: set[subnet] = { 192.0.2.0/24 } &redef;\n"
                    "redef Net::mine += { 198.51.100.0/24,\n  Net::own };\n"
                    "redef Net::mine += { home };\n"
                    "redef My::home += { 203.0.113.0/24 };\n"
                    "redef Net::salt = \"b\";\n"),
            "");
  ASSERT_EQ(program_->siteRedefs.size(), 2u);
  EXPECT_EQ(program_->siteRedefs[0].text, "redef Net::mine += { 198.51.100.0/24,\n  Net::own };");
  EXPECT_EQ(program_->siteRedefs[0].module, "My");
  EXPECT_EQ(program_->siteRedefs[1].text, "redef Net::salt = \"b\";");
  EXPECT_EQ(program_->siteRedefs[1].line, 7u);
  EXPECT_TRUE(program_->siteRedefs[1].unknownNames.empty());
}

TEST_F(AnalysisTest, KeepsARedefOfWhatNobodyDeclaresWherePackagesAreBeside) {
  base_ = "module Net;\nexport { const kinds: set[string] = {} &redef; }\n";
  const std::string text =
      "redef Known::port = 80/tcp;\n"
      "redef Net::kinds += { Known::kind, Known::kind };\n"
      "redef Net::kinds += { \"Known::kind\" };\n"
      "redef local_one = 5;\n";
  packagesBeside_ = true;
  EXPECT_EQ(analyse(text), "main.zeek:4: error: unknown name \"local_one\"\n");
  ASSERT_EQ(program_->siteRedefs.size(), 3u);
  EXPECT_EQ(program_->siteRedefs[0].unknownNames, std::vector<std::string>{"Known::port"});
  EXPECT_EQ(program_->siteRedefs[0].file, "main.zeek");
  EXPECT_EQ(program_->siteRedefs[0].line, 1u);
  EXPECT_EQ(program_->siteRedefs[0].complaint.substr(0, 51),
            "main.zeek:1: error: unknown name \"Known::port\": nei");
  EXPECT_EQ(program_->siteRedefs[1].unknownNames, std::vector<std::string>{"Known::kind"});
  EXPECT_TRUE(program_->siteRedefs[2].unknownNames.empty());
}

TEST_F(AnalysisTest, RefusesARedefOfWhatNobodyDeclaresWhereNoPackageIsBeside) {
  EXPECT_EQ(analyse("redef Known::port = 80/tcp;\n"),
            "main.zeek:1: error: unknown name \"Known::port\"; there is no module Known\n");
}

TEST_F(AnalysisTest, SuggestsNoNameOfAnotherModuleUnlessItsModuleWasMisspelt) {
  base_ = "module HTTP;\nexport { type Info: record { a: count; }; }\n";
  EXPECT_EQ(analyse("global a: HTPP::Info;\nglobal b: SSL::Info;\nglobal c: HTTP::Inof;\n"),
            "main.zeek:1: error: unknown name \"HTPP::Info\"; did you mean \"HTTP::Info\"?\n"
            "main.zeek:2: error: unknown name \"SSL::Info\"; there is no module SSL\n"
            "main.zeek:3: error: unknown name \"HTTP::Inof\"; did you mean \"HTTP::Info\"?\n");
}

TEST_F(AnalysisTest, SuggestsNoNameOfAnotherModuleInsideAModule) {
  base_ = "module HTTP;\nexport { type Info: record { a: count; }; }\n";
  EXPECT_EQ(analyse("module HTTQ;\nglobal a: HTTQ::Info;\n"),
            "main.zeek:2: error: unknown name \"HTTQ::Info\"\n");
}

}  // namespace
}  // namespace bulkhead::analysis
