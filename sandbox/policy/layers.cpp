#include "sandbox/policy/layers.h"

namespace bulkhead::sandbox {
namespace {

struct LayerRow {
  const char* name;
  const char* purpose;
};

// In the order of the enumeration.
constexpr LayerRow rows[] = {
    {"seccomp", "refuses every system call that is not on the profile's list"},
    {"seccomp-notify", "names the refused call instead of only refusing it"},
    {"no-new-privs", "keeps an exec from adding rights"},
    {"capabilities", "drops every capability, the bounding set included"},
    {"rlimits", "bounds open files, file size, stack and core files"},
    {"descriptors", "closes every descriptor that was not handed over"},
    {"user-namespace", "makes the other namespaces possible and maps the user away"},
    {"empty-root", "shows an empty, read-only file system"},
    {"pid-namespace", "hides all other processes"},
    {"net-namespace", "leaves no network, not even loopback"},
    {"ipc-namespace", "hides System V and POSIX message objects"},
    {"uts-namespace", "hides the host name"},
    {"cgroup-namespace", "hides the cgroup tree"},
    {"landlock", "refuses to open, create or run any file"},
    {"landlock-net", "refuses TCP bind and connect"},
    {"landlock-scope", "refuses signals and abstract sockets to the outside"},
    {"separate-user", "runs under another user id than the host"},
    {"cgroup-memory", "ends a package that uses more memory than its limit"},
    {"cgroup-cpu", "slows a package to its share of the CPU"},
    {"cgroup-pids", "bounds the number of processes"},
};
static_assert(sizeof(rows) / sizeof(rows[0]) == layerCount);

constexpr LayerSet namespaces = {Layer::userNamespace,  Layer::emptyRoot,    Layer::pidNamespace,
                                 Layer::netNamespace,   Layer::ipcNamespace, Layer::utsNamespace,
                                 Layer::cgroupNamespace};
constexpr LayerSet cgroups = {Layer::cgroupMemory, Layer::cgroupCpu, Layer::cgroupPids};
constexpr LayerSet landlocks = {Layer::landlock, Layer::landlockNet, Layer::landlockScope};

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

const char* layerName(Layer layer) { return rows[static_cast<int>(layer)].name; }
const char* layerPurpose(Layer layer) { return rows[static_cast<int>(layer)].purpose; }

std::vector<Layer> LayerSet::list() const {
  std::vector<Layer> result;
  for (int i = 0; i < layerCount; ++i) {
    if (has(static_cast<Layer>(i))) result.push_back(static_cast<Layer>(i));
  }
  return result;
}

std::string LayerSet::text() const {
  std::string result;
  for (Layer layer : list()) {
    if (!result.empty()) result += ", ";
    result += layerName(layer);
  }
  return result.empty() ? "none" : result;
}

std::string whyNothingCanRun(LayerSet available) {
  const LayerSet missing = neverOptional.without(available);
  std::string result;
  if (!missing.empty()) result = "missing: " + missing.text();
  if (!available.has(Layer::emptyRoot) && !available.has(Layer::landlock)) {
    if (!result.empty()) result += "; ";
    result += "neither an empty root nor Landlock can hide the file system";
  }
  return result;
}

std::variant<LayerSet, std::string> parseRequired(std::string_view text) {
  LayerSet result;
  while (true) {
    const size_t comma = text.find(',');
    const std::string_view word = trim(text.substr(0, comma));
    if (word == "all") {
      result = LayerSet::all();
    } else if (word == "namespaces") {
      result = result | namespaces;
    } else if (word == "cgroup") {
      result = result | cgroups;
    } else if (word == "landlock-all") {
      result = result | landlocks;
    } else {
      bool known = false;
      for (int i = 0; i < layerCount; ++i) {
        if (word == rows[i].name) {
          result.add(static_cast<Layer>(i));
          known = true;
        }
      }
      if (!known) {
        return "unknown layer '" + std::string(word) +
               "'; known: all, namespaces, cgroup, landlock-all, " + LayerSet::all().text();
      }
    }
    if (comma == std::string_view::npos) return result;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace bulkhead::sandbox
