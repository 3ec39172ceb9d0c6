#pragma once
// The layers of the sandbox by name, and sets of them: what a machine has, what a child gets, what
// the operator requires. Plain data; any thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace bulkhead::sandbox {

enum class Layer : uint8_t {
  seccomp,          // allow-list of system calls
  seccompNotify,    // refused calls are named, not only refused
  noNewPrivs,       // exec never adds rights
  capabilities,     // none, bounding set included
  rlimits,          // open files, file size, core files, ...
  descriptors,      // close_range: nothing inherited by accident
  userNamespace,    //
  emptyRoot,        // mount namespace with an empty, read-only root
  pidNamespace,     //
  netNamespace,     //
  ipcNamespace,     //
  utsNamespace,     //
  cgroupNamespace,  //
  landlock,         // file system deny-all
  landlockNet,      // TCP bind and connect deny-all
  landlockScope,    // no signals and no abstract sockets to the outside
  separateUser,     // another user id than the host's
  cgroupMemory,     //
  cgroupCpu,        //
  cgroupPids,       //
  count_,
};
inline constexpr int layerCount = static_cast<int>(Layer::count_);

// "seccomp", "empty-root", ...: the words of --require and of `bulkhead doctor`.
const char* layerName(Layer layer);
// One sentence: what it keeps a package from.
const char* layerPurpose(Layer layer);

class LayerSet {
 public:
  constexpr LayerSet() = default;
  constexpr LayerSet(std::initializer_list<Layer> layers) {
    for (Layer layer : layers) add(layer);
  }
  static constexpr LayerSet fromBits(uint32_t bits) {
    LayerSet set;
    set.bits_ = bits & all().bits_;
    return set;
  }
  static constexpr LayerSet all() {
    LayerSet set;
    set.bits_ = (1u << layerCount) - 1;
    return set;
  }
  constexpr void add(Layer layer) { bits_ |= 1u << static_cast<int>(layer); }
  constexpr void remove(Layer layer) { bits_ &= ~(1u << static_cast<int>(layer)); }
  constexpr bool has(Layer layer) const { return (bits_ >> static_cast<int>(layer)) & 1; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr uint32_t bits() const { return bits_; }
  constexpr LayerSet operator|(LayerSet other) const { return fromBits(bits_ | other.bits_); }
  constexpr LayerSet operator&(LayerSet other) const { return fromBits(bits_ & other.bits_); }
  // What is in this set and not in the other.
  constexpr LayerSet without(LayerSet other) const { return fromBits(bits_ & ~other.bits_); }
  constexpr bool operator==(const LayerSet&) const = default;

  std::vector<Layer> list() const;
  // "seccomp, empty-root"; "none" when empty.
  std::string text() const;

 private:
  uint32_t bits_ = 0;
};

// Those without which nothing is ever started. On top of them the file system must show nothing:
// emptyRoot or landlock.
inline constexpr LayerSet neverOptional = {Layer::seccomp,    Layer::seccompNotify,
                                           Layer::noNewPrivs, Layer::capabilities,
                                           Layer::rlimits,    Layer::descriptors};

// What is missing of the never optional ones, empty when a child may be started at all.
std::string whyNothingCanRun(LayerSet available);

// Parses --require: comma-separated layer names, or the group words `all`, `namespaces`, `cgroup`,
// `landlock-all`. The alternative is an error text for the user.
std::variant<LayerSet, std::string> parseRequired(std::string_view text);

}  // namespace bulkhead::sandbox
