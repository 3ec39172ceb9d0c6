// The base library analysed once: engines that go on from there are as those that begin anew.

#include "sdk/runner/shared-library.h"

#include "sdk/runner/library-file.h"
#include "sdk/script/analysis/program.h"
#include "sdk/script/driver/catalog.h"
#include "sdk/script/driver/natives.h"
#include "sdk/script/source/source-provider.h"

#include <gtest/gtest.h>
#include <sstream>

namespace bulkhead::runner {
namespace {

// Everything of a program that a difference in its analysis would show in.
std::string shape(const driver::Engine& engine) {
  std::ostringstream out;
  for (const auto& file : engine.analysed().files) out << file.path << ' ' << file.depth << '\n';
  for (const auto& handler : engine.handlers()) out << handler << '\n';
  for (const auto& code : engine.program().codes)
    out << code.name << ' ' << code.instructions.size() << ' ' << code.registerCount << '\n';
  out << engine.program().constants.size() << ' ' << engine.analysed().globals.size();
  return out.str();
}

class SharedLibrary : public testing::Test {
 protected:
  driver::EngineConfig config() {
    driver::EngineConfig out;
    out.provider = &provider_;
    out.natives = driver::standardNatives();
    out.scripts = {"demo"};
    out.assignments = {"Site::local_nets={192.168.0.0/16}"};
    return out;
  }

  std::string text_ =
      "module Demo;\n"
      "export { global seen = 0; }\n"
      "redef record Conn::Info += { demo: count &log &default=3; };\n"
      "redef Site::local_nets += { 10.0.0.0/8 };\n"
      "event connection_state_remove(c: connection) { seen += c$conn$demo; }\n";
  source::MemorySourceProvider provider_ = [this]() {
    auto files = libraryFiles();
    files["scripts/demo.zeek"] = text_;
    return source::MemorySourceProvider(
        {{"scripts", source::originFirstPackage}, {libraryRoot, source::originBase}},
        std::move(files));
  }();
};

TEST_F(SharedLibrary, WhatGoesOnFromItIsWhatBeginsAnew) {
  auto anew = config();
  driver::addBaseLibrary(anew, false);
  driver::Engine alone(std::move(anew));
  ASSERT_TRUE(alone.load()) << alone.renderDiagnostics();

  auto shared = analyseLibrary(libraryFile(libraryFiles()).get());
  ASSERT_NE(shared, nullptr);
  shared->resume(config());
  ASSERT_TRUE(shared->load()) << shared->renderDiagnostics();
  EXPECT_EQ(shape(*shared), shape(alone));
}

TEST_F(SharedLibrary, ErrorsOfTheScriptsComeWithTheirPlace) {
  text_ += "event zeek_init() { print no_such_name; }\n";
  auto shared = analyseLibrary(libraryFile(libraryFiles()).get());
  ASSERT_NE(shared, nullptr);
  auto files = libraryFiles();
  files["scripts/demo.zeek"] = text_;
  source::MemorySourceProvider provider({{"scripts", source::originFirstPackage}},
                                        std::move(files));
  auto rest = config();
  rest.provider = &provider;
  shared->resume(std::move(rest));
  EXPECT_FALSE(shared->load());
  EXPECT_NE(shared->renderDiagnostics().find("scripts/demo.zeek:6: error:"), std::string::npos)
      << shared->renderDiagnostics();
}

TEST_F(SharedLibrary, ALibraryWithErrorsIsNotShared) {
  auto files = libraryFiles();
  files[libraryRoot + "/base/init-bare.zeek"] += "\nglobal broken: no_such_type;\n";
  EXPECT_EQ(analyseLibrary(libraryFile(files).get()), nullptr);
}

}  // namespace
}  // namespace bulkhead::runner
