#include "host/supervisor/configuration.h"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <limits>
#include <toml++/toml.h>

namespace bulkhead::supervisor {

namespace {

constexpr size_t mostConfigurationBytes = 1024 * 1024;
constexpr double longestSeconds = 86400;
// A package that ends at once must not keep the machine busy with starting it.
constexpr double shortestRestart = 0.1;
constexpr uint32_t mostQuarantineEnds = 10000;

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

  double secondsOf(const toml::node& node, std::string_view key, double least, double most) {
    auto number = node.value<double>();
    if (number && *number >= least && *number <= most) return *number;
    fail(node.source(),
         fmt::format("{}: seconds from {:g} to {:g} are expected", key, least, most));
    return least;
  }

  bool restartKey(std::string_view key, const toml::node& node, RestartLimits& to) {
    if (key == "restart-seconds") {
      to.firstDelay = secondsOf(node, key, shortestRestart, longestSeconds);
    } else if (key == "longest-restart-seconds") {
      to.longestDelay = secondsOf(node, key, shortestRestart, longestSeconds);
    } else if (key == "quarantine-seconds") {
      to.window = secondsOf(node, key, 1, longestSeconds);
    } else if (key == "quarantine-ends") {
      to.mostEnds = static_cast<uint32_t>(numberOf(node, key, mostQuarantineEnds));
    } else {
      return false;
    }
    return true;
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

  std::vector<std::string> textsOf(const toml::node& node, std::string_view key) {
    std::vector<std::string> out;
    if (const auto* list = node.as_array()) {
      for (const auto& each : *list) {
        if (auto text = each.value_exact<std::string>()) {
          out.push_back(*text);
          continue;
        }
        fail(each.source(), std::string(key) + ": texts are expected");
      }
    } else {
      fail(node.source(), std::string(key) + ": a list of texts is expected");
    }
    return out;
  }

  void grants(const toml::node& node, Grants& to) {
    to.commands = to.environment = to.lookups = false;
    for (const std::string& name : textsOf(node, "grants")) {
      if (name == "commands")
        to.commands = true;
      else if (name == "environment")
        to.environment = true;
      else if (name == "lookups")
        to.lookups = true;
      else
        fail(node.source(), "grants: \"" + name +
                                "\" is unknown; commands, environment and lookups are known, and "
                                "`files` names folders");
    }
  }

  void compartment(const toml::node& node, std::string_view name, CompartmentLimits& to) {
    const auto* table = node.as_table();
    if (table == nullptr) return fail(node.source(), std::string(name) + ": a table is expected");
    for (auto&& [key, value] : *table) {
      std::string_view k = key;
      if (sandboxKey(k, value, to.sandbox) || restartKey(k, value, to.restart)) continue;
      if (k == "grants") {
        grants(value, to.grants);
      } else if (k == "files") {
        to.grants.files = textsOf(value, k);
      } else if (k == "budget") {
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
                                 "]; memory, cpu, pids, open-files, budget, max-abandoned, "
                                 "restart-seconds, longest-restart-seconds, quarantine-ends, "
                                 "quarantine-seconds, grants, files and prune are known");
      }
    }
  }

 private:
  const std::string& name_;
  std::string error_;
};

}  // namespace

std::string readConfiguration(std::string_view text, const std::string& name, Configuration& to,
                              const OverDefaults& overDefaults) {
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
  if (overDefaults) overDefaults(to.defaults);
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

std::string loadConfiguration(const std::string& path, Configuration& to,
                              const OverDefaults& overDefaults) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return path + ": " + std::strerror(errno);
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (in.bad()) return path + ": cannot be read";
  if (text.size() > mostConfigurationBytes) {
    return path + ": is larger than " + std::to_string(mostConfigurationBytes) + " bytes";
  }
  return readConfiguration(text, path, to, overDefaults);
}

}  // namespace bulkhead::supervisor
