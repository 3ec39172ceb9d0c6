#include "host/supervisor/configuration.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <toml++/toml.h>

namespace bulkhead::supervisor {

namespace {

constexpr size_t mostConfigurationBytes = 1024 * 1024;

// The first mistake wins; everything after it is passed over.
class Reader {
 public:
  explicit Reader(const std::string& name) : name_(name) {}

  const std::string& error() const { return error_; }

  void fail(const toml::source_region& where, const std::string& what) {
    if (error_.empty()) error_ = name_ + ":" + std::to_string(where.begin.line) + ": " + what;
  }

  template <typename T>
  void take(const toml::node& node, std::string_view key, sandbox::Parsed<T> parsed, T& to) {
    if (auto* problem = std::get_if<std::string>(&parsed)) {
      fail(node.source(), std::string(key) + ": " + *problem);
    } else {
      to = std::get<T>(parsed);
    }
  }

  // A number may stand with or without quotes.
  std::string textOf(const toml::node& node, std::string_view key) {
    if (auto text = node.value_exact<std::string>()) return *text;
    if (auto number = node.value_exact<int64_t>()) return std::to_string(*number);
    fail(node.source(), std::string(key) + ": a text or a number is expected");
    return {};
  }

  uint64_t numberOf(const toml::node& node, std::string_view key, uint64_t most) {
    auto number = node.value_exact<int64_t>();
    if (!number || *number < 0 || static_cast<uint64_t>(*number) > most) {
      fail(node.source(),
           std::string(key) + ": a number from 0 to " + std::to_string(most) + " is expected");
      return 0;
    }
    return static_cast<uint64_t>(*number);
  }

  bool sandboxKey(std::string_view key, const toml::node& node, sandbox::Limits& to) {
    if (key == "memory") {
      take(node, key, sandbox::parseMemory(textOf(node, key)), to.memoryBytes);
    } else if (key == "cpu") {
      take(node, key, sandbox::parseCpu(textOf(node, key)), to.cpuPercent);
    } else if (key == "pids") {
      take(node, key, sandbox::parsePids(textOf(node, key)), to.pids);
    } else if (key == "open-files") {
      take(node, key, sandbox::parseOpenFiles(textOf(node, key)), to.openFiles);
    } else {
      return false;
    }
    return true;
  }

  void compartment(const toml::node& node, std::string_view name, CompartmentLimits& to) {
    const auto* table = node.as_table();
    if (table == nullptr) return fail(node.source(), std::string(name) + ": a table is expected");
    for (auto&& [key, value] : *table) {
      std::string_view k = key;
      if (sandboxKey(k, value, to.sandbox)) continue;
      if (k == "budget") {
        to.budget = numberOf(value, k, std::numeric_limits<int64_t>::max());
      } else if (k == "max-abandoned") {
        to.maxAbandoned =
            static_cast<uint32_t>(numberOf(value, k, std::numeric_limits<uint32_t>::max()));
      } else if (k == "prune") {
        if (auto flag = value.value_exact<bool>()) {
          to.prune = *flag;
        } else {
          fail(value.source(), "prune: true or false is expected");
        }
      } else {
        fail(value.source(), "unknown key \"" + std::string(k) + "\" in [" + std::string(name) +
                                 "]; memory, cpu, pids, open-files, budget, max-abandoned and "
                                 "prune are known");
      }
    }
  }

 private:
  const std::string& name_;
  std::string error_;
};

}  // namespace

std::string readConfiguration(std::string_view text, const std::string& name, Configuration& to) {
  toml::table root;
  try {
    root = toml::parse(text, std::string_view(name));
  } catch (const toml::parse_error& error) {
    return name + ":" + std::to_string(error.source().begin.line) + ": " +
           std::string(error.description());
  }
  Reader reader(name);
  // The defaults first, wherever they stand: packages begin with them.
  if (const auto* defaults = root.get("defaults")) {
    reader.compartment(*defaults, "defaults", to.defaults);
  }
  for (auto&& [key, value] : root) {
    std::string_view k = key;
    if (k == "defaults") continue;
    if (k == "site") {
      reader.compartment(value, k, to.site);
    } else if (k == "worker") {
      if (const auto* table = value.as_table()) {
        for (auto&& [inner, node] : *table) {
          if (!reader.sandboxKey(inner, node, to.worker)) {
            reader.fail(node.source(), "unknown key \"" + std::string(inner.str()) +
                                           "\" in [worker]; memory, cpu, pids and open-files are "
                                           "known");
          }
        }
      } else {
        reader.fail(value.source(), "worker: a table is expected");
      }
    } else if (k == "package") {
      const auto* table = value.as_table();
      if (table == nullptr) {
        reader.fail(value.source(), "package: tables [package.NAME] are expected");
        continue;
      }
      for (auto&& [package, node] : *table) {
        auto [place, isNew] = to.packages.emplace(std::string(package.str()), to.defaults);
        reader.compartment(node, "package." + place->first, place->second);
      }
    } else if (k == "stall-seconds") {
      to.stallSeconds = static_cast<uint32_t>(reader.numberOf(value, k, 86400));
    } else {
      reader.fail(value.source(), "unknown key \"" + std::string(k) +
                                      "\"; stall-seconds, [defaults], [package.NAME], [site] and "
                                      "[worker] are known");
    }
  }
  return reader.error();
}

std::string loadConfiguration(const std::string& path, Configuration& to) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return path + ": " + std::strerror(errno);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (in.bad()) return path + ": cannot be read";
  if (text.size() > mostConfigurationBytes) {
    return path + ": is larger than " + std::to_string(mostConfigurationBytes) + " bytes";
  }
  return readConfiguration(text, path, to);
}

}  // namespace bulkhead::supervisor
