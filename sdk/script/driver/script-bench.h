#pragma once
// For tests: an Engine with the base library of the source tree, scripts given as text, and a Host
// that keeps what it is told.
//
//   ScriptBench bench({.site = "event zeek_init() { print 1; }"});
//   bench.start();
//   EXPECT_EQ(bench.printed(), "1\n");
//
// Faults of the scripts are failures of the test at hand. Rooms that use it have
// TEST_LINK bulkhead::driver bulkhead_script_bench.

#include "sdk/script/driver/catalog.h"
#include "sdk/script/driver/engine.h"
#include "sdk/script/driver/natives.h"

#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace bulkhead::driver {

class ScriptBench final : private vm::Host, private source::SourceProvider {
 public:
  struct Texts {
    // As if it were the base library's. None of the three is loaded if it is empty.
    std::string base = {};
    std::string site = {};               // an operator's script
    std::string package = {};            // a package's
    bool bare = true;                    // without init-default
    std::vector<std::string> load = {};  // of the base library, before the two
    // As in a package's compartment: what belongs to a module is raised by scripts alone.
    bool prune = false;
  };

  explicit ScriptBench(Texts texts) : disk_(roots()) {
    EngineConfig config;
    config.provider = this;
    config.host = this;
    config.natives = standardNatives();
    config.scripts = texts.load;
    add(config, "test-base.zeek", std::move(texts.base), source::originBase);
    add(config, "test-site.zeek", std::move(texts.site), source::originSite);
    add(config, "test-package.zeek", std::move(texts.package), source::originFirstPackage);
    addBaseLibrary(config, texts.bare);
    if (texts.prune) {
      config.pruning.emplace();
      config.pruning->explain = true;
      config.pruning->raisedByHost = [](std::string_view name) {
        return name.find("::") == name.npos;
      };
    }
    engine_.emplace(std::move(config));
    loaded_ = engine_->load();
    EXPECT_TRUE(loaded_) << engine_->renderDiagnostics();
  }

  // Up to the end of zeek_init. `prepare` sets services and sinks.
  void start(const std::function<void(vm::Vm&)>& prepare = {}) {
    ASSERT_TRUE(loaded_);
    ASSERT_TRUE(engine_->start(prepare));
    static_cast<void>(engine_->initialize());
  }

  Engine& engine() { return *engine_; }
  vm::Vm& vm() { return engine_->vm(); }
  // Calls a script function without arguments, as an event of its own would.
  void call(std::string_view name) {
    const auto& functions = vm().program().functions;
    for (uint32_t i = 0; i < functions.size(); ++i) {
      if (functions[i].name != name) continue;
      EXPECT_FALSE(vm().call(i, {}).abandoned) << name;
      engine_->drain();
      return;
    }
    ADD_FAILURE() << "no function " << name;
  }

  // Since the last look.
  std::string printed() { return std::exchange(printed_, {}); }
  std::vector<std::string> reports() { return std::exchange(reports_, {}); }
  // What was written to each file, by name.
  std::map<std::string, std::string> files;

 private:
  static std::vector<source::SearchRoot> roots() {
    const std::string base = BULKHEAD_SOURCE "/packages/base";
    std::vector<source::SearchRoot> out;
    for (const char* below : {"", "/policy", "/site"})
      out.push_back({base + below, source::originBase});
    return out;
  }
  void add(EngineConfig& config, const char* name, std::string text, source::Origin origin) {
    if (text.empty()) return;
    config.scripts.emplace_back(name);
    texts_[name] = {std::move(text), origin};
  }

  std::optional<source::ResolvedFile> resolve(std::string_view target, std::string_view from,
                                              source::LoadKind kind) override {
    if (auto own = texts_.find(std::string(target)); own != texts_.end())
      return source::ResolvedFile{own->first, own->first, own->second.second};
    return disk_.resolve(target, from, kind);
  }
  std::variant<std::string, source::Unreadable> read(const std::string& path) override {
    if (auto own = texts_.find(path); own != texts_.end()) return own->second.first;
    return disk_.read(path);
  }

  void print(std::string_view text) override { printed_ += text; }
  void report(const vm::Report& report) override { reports_.push_back(report.message); }
  std::optional<uint64_t> openFile(std::string_view name, FileMode, std::string&) override {
    names_.emplace_back(name);
    return names_.size();
  }
  bool writeFile(uint64_t handle, std::string_view bytes) override {
    files[names_.at(handle - 1)] += bytes;
    return true;
  }
  bool flushFile(uint64_t) override { return true; }
  void setFileBuffered(uint64_t, bool) override {}
  bool flushAllFiles() override { return true; }
  bool closeFile(uint64_t) override { return true; }

  source::DiskSourceProvider disk_;
  std::map<std::string, std::pair<std::string, source::Origin>, std::less<>> texts_;
  std::vector<std::string> names_;
  std::string printed_;
  std::vector<std::string> reports_;
  bool loaded_ = false;
  std::optional<Engine> engine_;  // goes first
};

}  // namespace bulkhead::driver
