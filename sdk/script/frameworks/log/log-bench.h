#pragma once
// For tests of the log framework: a ScriptBench whose logs end in memory as readable text.

#include "sdk/script/driver/script-bench.h"
#include "sdk/script/frameworks/log/log-framework.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace bulkhead::frameworks {

// A value as a test likes to read it: sets as {a,b}, vectors as [a,b], unset as "-".
inline std::string shown(const LogValue& value) {
  using Kind = LogValue::Kind;
  switch (value.kind) {
    case Kind::unset:
      return "-";
    case Kind::boolean:
      return std::get<bool>(value.data) ? "T" : "F";
    case Kind::count:
      return std::to_string(std::get<uint64_t>(value.data));
    case Kind::integer:
      return std::to_string(std::get<int64_t>(value.data));
    case Kind::real:
    case Kind::time:
    case Kind::interval:
      return std::to_string(static_cast<int64_t>(value.real()));
    case Kind::addr:
      return std::get<IpAddr>(value.data).text();
    case Kind::set:
    case Kind::vector: {
      std::string out;
      for (const LogValue& element : value.elements())
        out += (out.empty() ? "" : ",") + shown(element);
      return value.kind == Kind::set ? "{" + out + "}" : "[" + out + "]";
    }
    default:
      return std::holds_alternative<std::string>(value.data) ? value.text() : "?";
  }
}

struct TestSink final : RowSink {
  struct Written {
    std::string path;
    LogRowKind kind;
    std::string values;  // "column=value" for each that is set
    LogCause cause;
    uint64_t identity;
  };
  std::vector<LogDescriptor> opened;
  std::vector<Written> rows;

  void openLog(uint32_t id, const LogDescriptor& descriptor) override {
    EXPECT_EQ(id, opened.size() + 1);
    opened.push_back(descriptor);
  }
  void write(uint32_t id, LogRowKind kind, std::vector<LogValue> row, const LogCause& cause,
             uint64_t identity) override {
    ASSERT_LE(id, opened.size());
    const LogDescriptor& log = opened[id - 1];
    EXPECT_TRUE(conforms(row, log.columns)) << log.path;
    std::string values;
    for (size_t i = 0; i < row.size(); ++i)
      if (row[i].isSet())
        values += (values.empty() ? "" : " ") + log.columns[i].name + "=" + shown(row[i]);
    rows.push_back({log.path, kind, std::move(values), cause, identity});
  }
};

class LogBench {
 public:
  explicit LogBench(driver::ScriptBench::Texts texts, bool site = true) : script(std::move(texts)) {
    script.start([&](vm::Vm& vm) {
      LogFramework& log = vm.extension<LogFramework>();
      log.setSink(sink);
      log.setSite(site);
    });
  }
  LogFramework& log() { return script.vm().extension<LogFramework>(); }
  // "PATH: VALUES" of each row since the last look.
  std::vector<std::string> rows() {
    std::vector<std::string> out;
    for (auto& row : std::exchange(sink.rows, {})) out.push_back(row.path + ": " + row.values);
    return out;
  }
  std::vector<std::string> openedPaths() const {
    std::vector<std::string> out;
    for (const auto& log : sink.opened) out.push_back(log.path);
    return out;
  }
  // Raises an event without arguments as the host does, under a number of its own.
  void raise(const char* event, uint64_t seq = 1) {
    script.vm().setRoot(seq);
    ASSERT_TRUE(script.engine().raise(event));
    script.engine().drain();
  }

  TestSink sink;  // outlives the Vm
  driver::ScriptBench script;
};

}  // namespace bulkhead::frameworks
