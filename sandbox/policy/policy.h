#pragma once
// The policy as data: named groups of system calls, a reason for every rule, and profiles made of
// groups. The tables are in sandbox/profiles/; this header says how to read them.
//
// A profile has up to two stages. The start-up filter holds from the end of the set-up until the
// child asks for lockdown; the lockdown filter holds from then on and is never loosened. Whatever a
// filter does not list is refused; in lockdown the refused call is named to the host, which ends
// the child. Plain constant data; any thread.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace bulkhead::sandbox {

enum class ArgumentTest : uint8_t { equals, maskedEquals };

// A condition on one argument; a rule holds when all of its conditions do. Arguments are compared
// as 64-bit numbers, pointers are never tested.
struct ArgumentRule {
  uint8_t argument;
  ArgumentTest test;
  uint64_t value;
  uint64_t mask = ~uint64_t{0};
};

// What a rule answers: let the call through, or refuse it quietly with an errno, for calls that
// libraries try and can live without.
struct Verdict {
  int error = 0;  // 0: allowed
};
inline constexpr Verdict allowed{};
constexpr Verdict failsWith(int error) { return Verdict{error}; }

struct Rule {
  const char* syscall;
  const char* reason;
  std::span<const ArgumentRule> when = {};
  Verdict verdict = allowed;
};

// Facts about the build and the machine on which a rule may depend.
enum class OnlyIf : uint8_t { always, pidNamespace, sanitized };

struct Group {
  const char* name;
  const char* help;
  std::span<const Rule> rules;
  OnlyIf onlyIf = OnlyIf::always;
};

enum class ProfileId : uint8_t { zygote, compartmentScript, compartmentNative, worker, logger };
inline constexpr int profileCount = 5;

struct Profile {
  ProfileId id;
  const char* name;
  const char* description;
  // Empty: the child is under its parent's start-up filter, or has no start-up stage.
  std::span<const Group* const> startup;
  // Empty: never locked down (only the zygote).
  std::span<const Group* const> lockdown;
  // Whether close(2) works in lockdown: for those which receive or open descriptors there.
  bool mayClose = false;
  // Whether a program image is executed under the lockdown filter.
  bool executesImage = false;
};

std::span<const Profile> allProfiles();
const Profile& profileOf(ProfileId id);
// Null when there is no such name.
const Profile* findProfile(std::string_view name);

// The whole of one profile for people: each stage, each group with its help, each call with its
// condition and reason.
std::string describeProfile(const Profile& profile);

}  // namespace bulkhead::sandbox
