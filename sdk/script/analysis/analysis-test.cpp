#include "sdk/script/analysis/analyzer.h"
#include "sdk/script/syntax/parser.h"

#include <algorithm>
#include <gmock/gmock.h>
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

  // What was analysed, anew and with one more file behind it.
  std::string analyseAnother(const std::string& name, std::string text) {
    files_[name] = std::move(text);
    source::MemorySourceProvider provider({{"", source::originSite}}, files_);
    source::SourceManager sources;
    source::Diagnostics diagnostics;
    Analyzer analyzer(sources, provider, diagnostics, arena_, types_);
    analyzer.load("main.zeek");
    analyzer.load(name);
    analyzer.finish();
    return diagnostics.render(sources, {.columns = false, .excerpts = false});
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

// ---- Limits: each on both sides of its edge.

std::string repeated(std::string_view what, size_t times) {
  std::string out;
  for (size_t i = 0; i < times; ++i) out += what;
  return out;
}

TEST_F(AnalysisTest, AFileIsTakenUpToItsSize) {
  EXPECT_EQ(analyse(std::string(source::kMaxFileBytes, '#')), "");
  EXPECT_EQ(analyseAnother("more.zeek", std::string(source::kMaxFileBytes + 1, '#')),
            "error: cannot read more.zeek: it is larger than 16 MiB\n");
}

TEST(SourceManager, TakesSoMuchTextAndSoManyFiles) {
  source::SourceManager large;
  size_t used = 1;
  for (; used + source::kMaxFileBytes < source::kMaxTotalBytes; used += source::kMaxFileBytes + 1)
    ASSERT_NE(large.add("f", ".", std::string(source::kMaxFileBytes, '#'), 1), nullptr);
  EXPECT_EQ(large.add("f", ".", std::string(source::kMaxTotalBytes - used + 1, '#'), 1), nullptr);
  EXPECT_EQ(large.refusal(), "all scripts of the run are larger than 128 MiB");
  EXPECT_NE(large.add("f", ".", std::string(source::kMaxTotalBytes - used, '#'), 1), nullptr);
  source::SourceManager many;
  for (size_t i = 0; i < source::kMaxFiles; ++i) ASSERT_NE(many.add("f", ".", "", 1), nullptr);
  EXPECT_EQ(many.add("f", ".", "", 1), nullptr);
  EXPECT_EQ(many.refusal(), "the run has more than 20000 script files");
}

// `limit` more of `open` and `close` around `inside` are too many, and one less is not.
struct Nested {
  std::string_view before, open, inside, close, after;
  size_t limit;
  std::string_view complaint;
};

class NestingTest : public AnalysisTest, public ::testing::WithParamInterface<Nested> {
 protected:
  std::string text(size_t times) {
    const Nested& n = GetParam();
    return std::string(n.before) + repeated(n.open, times) + std::string(n.inside) +
           repeated(n.close, times) + std::string(n.after);
  }
};

TEST_P(NestingTest, Fits) { EXPECT_EQ(analyse(text(GetParam().limit)), ""); }

TEST_P(NestingTest, OneMoreIsTooMany) {
  EXPECT_EQ(analyse(text(GetParam().limit + 1)),
            "main.zeek:1: error: " + std::string(GetParam().complaint) + "\n");
}

constexpr std::string_view tooNested =
    "nested too deeply (more than 400 levels); the rest of the file is not read";
INSTANTIATE_TEST_SUITE_P(
    Each, NestingTest,
    ::testing::Values(
        Nested{"global x = ", "(", "1", ")", ";\n", syntax::kMaxNesting - 1, tooNested},
        Nested{"global x = ", "!", "T", "", ";\n", syntax::kMaxNesting - 1, tooNested},
        Nested{"event zeek_init() ", "{", "", "}", "\n", syntax::kMaxNesting + 1, tooNested},
        Nested{"global x: ", "vector of ", "count", "", ";\n", syntax::kMaxNesting / 2 - 1,
               tooNested},
        Nested{"global x = ", "1 + ", "1", "", ";\n", syntax::kMaxExprHeight - 1,
               "expression is too deep (more than 1000 levels)"}));

TEST_F(AnalysisTest, ConditionsNestSoDeep) {
  EXPECT_EQ(analyse(repeated("@if (T)\n", syntax::kMaxConditionals) +
                    repeated("@endif\n", syntax::kMaxConditionals)),
            "");
  EXPECT_EQ(analyseAnother("more.zeek", repeated("@if (T)\n", syntax::kMaxConditionals + 1)),
            "more.zeek:101: error: @if nested too deeply (more than 100 levels)\n");
}

TEST_F(AnalysisTest, ANumberHasSoManyDigits) {
  const std::string fits(syntax::kMaxNumberLength - 2, '1');
  EXPECT_EQ(analyse("global x = " + fits + ".0;\n"), "");
  EXPECT_EQ(analyseAnother("more.zeek", "global y = 1" + fits + ".0;\n"),
            "more.zeek:1: error: number is too long (more than 400 characters)\n");
}

TEST_F(AnalysisTest, TreesTakeSoMuchMemory) {
  arena_.text(std::string(syntax::kMaxTreeBytes - 8192, ' '));
  EXPECT_EQ(analyse("global x = 1;\n"), "");
}

TEST_F(AnalysisTest, TreesThatTakeMoreMemoryAreAnError) {
  arena_.text(std::string(syntax::kMaxTreeBytes - 8192, ' '));
  EXPECT_EQ(analyse(repeated("event zeek_init() { print 1; }\n", 8192 / 64)).substr(0, 10),
            "main.zeek:");
  ASSERT_EQ(diagnostics_.errorCount(), 1u);
  EXPECT_EQ(diagnostics_.all()[0].message,
            "the scripts of this run are too large: their syntax trees take more than "
            "96 MiB; the rest of the file is not read");
}

TEST_F(AnalysisTest, FilesLoadOneAnotherSoDeep) {
  for (int i = 1; i < kMaxLoadDepth - 1; ++i)
    files_["f" + std::to_string(i) + ".zeek"] = "@load f" + std::to_string(i + 1) + "\n";
  files_["f" + std::to_string(kMaxLoadDepth - 1) + ".zeek"] = "";
  EXPECT_EQ(analyse("@load f1\n"), "");
}

TEST_F(AnalysisTest, FilesThatLoadOneAnotherTooDeepAreAnError) {
  for (int i = 1; i < kMaxLoadDepth; ++i)
    files_["f" + std::to_string(i) + ".zeek"] = "@load f" + std::to_string(i + 1) + "\n";
  files_["f" + std::to_string(kMaxLoadDepth) + ".zeek"] = "";
  EXPECT_EQ(analyse("@load f1\n"),
            "f127.zeek:1: error: @load is nested more than 128 files deep\n");
}

TEST_F(AnalysisTest, ScriptsLoadSoOften) {
  files_["x.zeek"] = "";
  EXPECT_EQ(analyse(repeated("@load x\n", kMaxLoads)), "");
}

TEST_F(AnalysisTest, ScriptsThatLoadTooOftenAreAnError) {
  files_["x.zeek"] = "";
  EXPECT_EQ(analyse(repeated("@load x\n", kMaxLoads + 2)),
            "main.zeek:5001: error: the scripts of this run load more than 5000 times; the rest is "
            "not loaded\n");
}

TEST_F(AnalysisTest, FilesInACircleAreReadOnceEach) {
  files_["a.zeek"] = "@load ./b\nglobal a = 1;\n";
  files_["b.zeek"] = "@load ./a\nglobal b = 1;\n";
  EXPECT_EQ(analyse("@load ./a\n@load ./b\nglobal c = a + b;\n"), "");
}

TEST_F(AnalysisTest, PrefixesAreSoMany) {
  EXPECT_EQ(analyse(repeated("@prefixes += a\n", kMaxPrefixes)), "");
  EXPECT_EQ(analyseAnother("more.zeek", "@prefixes = " + repeated("a:", kMaxPrefixes) + "b\n"),
            "more.zeek:1: error: more than 100 @prefixes\n");
}

TEST_F(AnalysisTest, PragmasAreSoMany) {
  const std::string one = "@pragma push ignore-deprecations\n@pragma pop\n";
  EXPECT_EQ(analyse(repeated(one, kMaxPragmas)), "");
  EXPECT_EQ(analyseAnother("more.zeek", one + one),
            "more.zeek:1: error: more than 1000 times @pragma push in a run\n");
}

TEST_F(AnalysisTest, NamesAreSoMany) {
  // Enumerators take the least room in the syntax tree.
  std::string text = "type Many: enum {";
  for (size_t i = 0; i < kMaxNames; ++i) text += "a" + std::to_string(i) + ",\n";
  EXPECT_EQ(analyse(text + "};\n"), "");
  EXPECT_EQ(
      analyseAnother("more.zeek", "global one=1;\nglobal two=1;\n"),
      "more.zeek:1: error: the scripts of this run declare more than 300000 names; the rest is "
      "not read\n");
}

constexpr const char* askForX = "@if (find_in_zeekpath(\"x\") != \"\")\n@endif\n";
const std::vector<NativeDeclaration> findInPath = {
    {"find_in_zeekpath", "function(p: string): string"}};

TEST_F(AnalysisTest, AScriptThatIsAskedForIsOneLoadHoweverOften) {
  files_["x.zeek"] = "";
  EXPECT_EQ(analyse(repeated("@load x\n", kMaxLoads - 1) + askForX + askForX, findInPath), "");
}

TEST_F(AnalysisTest, AskingForAScriptAfterTooManyLoadsIsAnError) {
  files_["x.zeek"] = "";
  EXPECT_EQ(analyse(repeated("@load x\n", kMaxLoads) + askForX, findInPath),
            "main.zeek:5001: error: the scripts of this run load more than 5000 times; the rest is "
            "not loaded\n");
}

// Each function calls the one before it twice.
std::string doubling(int functions) {
  std::string out = "function f0(): bool { return T; }\n";
  for (int i = 1; i <= functions; ++i) {
    const std::string before = "f" + std::to_string(i - 1) + "()";
    out += "function f" + std::to_string(i) + "(): bool { return " + before + " && " + before +
           "; }\n";
  }
  return out;
}

TEST_F(AnalysisTest, AConditionTakesSoManySteps) {
  // A doubling is three steps and one for each of the two calls' own.
  EXPECT_EQ(analyse(doubling(17) + "@if (f14())\n@endif\n"), "");
  EXPECT_EQ(analyseAnother("more.zeek", "@if (f17())\n@endif\n"),
            "more.zeek:1: error: this @if takes more than 100000 steps to decide\n");
}

TEST_F(AnalysisTest, AllConditionsTakeSoManySteps) {
  std::string text = analyse(doubling(14) + repeated("@if (f14())\n@endif\n", 400));
  EXPECT_EQ(text.substr(text.find("error")).substr(0, 72),
            "error: the @ifs of this run take more than 10000000 steps to decide\nmain");
}

TEST_F(AnalysisTest, AKeyStandsForSoManyCombinations) {
  auto list = [](int n) {
    std::string out = "[0";
    for (int i = 1; i < n; ++i) out += "," + std::to_string(i);
    return out + "]";
  };
  EXPECT_EQ(analyse("global s: set[count, count, count] = { [" + list(100) + "," + list(100) + "," +
                    list(10) + "] };\n"),
            "");
  EXPECT_EQ(analyseAnother("more.zeek", "global t: set[count, count, count] = { [" + list(100) +
                                            "," + list(91) + "," + list(11) + "] };\n"),
            "more.zeek:1: error: this key stands for more than 100000 combinations\n");
}

TEST_F(AnalysisTest, SuggestionsEndWhenTooManyNamesWereCompared) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "global name" + std::to_string(i) + " = 1;\n";
  text += "event zeek_init() {\n";
  for (size_t i = 0; i <= kMaxComparedNames / 1000; ++i)
    text += "print nume1" + repeated("x", i % 2) + ";\n";
  text += "}\n";
  analyse(text);
  const auto& all = diagnostics_.all();
  EXPECT_THAT(all.front().message, ::testing::HasSubstr("did you mean \"name1\"?"));
  EXPECT_EQ(diagnostics_.errorCount(), kMaxComparedNames / 1000 + 1);
}

TEST_F(AnalysisTest, ALongMessageIsCut) {
  source::Diagnostics two;
  EXPECT_EQ(two.error({}, std::string(source::kMaxMessageBytes, 'a')).message.size(),
            source::kMaxMessageBytes);
  EXPECT_EQ(two.error({}, std::string(source::kMaxMessageBytes + 9, 'b')).message,
            std::string(source::kMaxMessageBytes, 'b') + "...");
}

TEST_F(AnalysisTest, RecordsThatAlwaysHoldThemselvesAreAnError) {
  EXPECT_EQ(
      analyse("type Fine: record { other: Fine &optional; all: vector of Fine; };\n"
              "type A: record { };\ntype B: record { a: A; };\n"
              "redef record A += { b: B; };\n"),
      "main.zeek:2: error: no record A could ever be made: it holds itself, by way of $b; make "
      "that field &optional\n"
      "main.zeek:3: error: no record B could ever be made: it holds itself, by way of $a; make "
      "that field &optional\n");
}

// Each type has the one before it in it four times: any walk without a memory would never end.
TEST_F(AnalysisTest, TypesThatHoldOneAnotherInManyWaysAreComparedInBoundedTime) {
  std::string text = "type A0: record { a: count; };\ntype B0: record { a: count; };\n";
  for (int i = 1; i <= 300; ++i)
    for (const char* kind : {"A", "B"}) {
      const std::string before = kind + std::to_string(i - 1);
      text += "type " + std::string(kind) + std::to_string(i) + ": record { a: " + before +
              " &optional; b: " + before + " &optional; c: table[" + before + "] of " + before +
              "; };\n";
    }
  EXPECT_EQ(analyse(text + "global x: A300;\nglobal y: B300;\nevent zeek_init() { x = y; }\n"), "");
}

// The same where the innermost differ, and each field has to be fitted.
TEST_F(AnalysisTest, RecordsThatHoldOneAnotherInManyWaysAreFittedInBoundedTime) {
  auto program = [](const std::string& wanted) {
    std::string text = "type A0: record { a: count; };\ntype B0: record { " + wanted + " };\n";
    for (int i = 1; i <= 50; ++i)
      for (const char* kind : {"A", "B"}) {
        const std::string before = kind + std::to_string(i - 1);
        text += "type " + std::string(kind) + std::to_string(i) + ": record { a: " + before +
                " &optional; b: " + before + " &optional; };\n";
      }
    return text + "global x: A50;\nglobal y: B50;\nevent zeek_init() { y = x; }\n";
  };
  EXPECT_EQ(analyse(program("a: count; b: count &optional;")), "");
  EXPECT_THAT(analyse(program("a: count; b: count;")), testing::HasSubstr("must be of type B50"));
}

// A chain of types is walked without a stack as long as it is.
TEST_F(AnalysisTest, LongChainsOfTypesAreCompared) {
  std::string text = "type A0: vector of count;\ntype B0: vector of count;\n";
  for (int i = 1; i <= 50'000; ++i)
    for (const char* kind : {"A", "B"})
      text += "type " + std::string(kind) + std::to_string(i) + ": record { v: " + kind +
              std::to_string(i - 1) + " &optional; };\n";
  EXPECT_EQ(analyse(text + "global x: A50000;\nglobal y: B50000;\n"
                           "global s: set[A50000];\nevent zeek_init() { x = y; }\n"),
            "");
}

}  // namespace
}  // namespace bulkhead::analysis
