#include "sandbox/policy/policy.h"

#include "sandbox/profiles/profiles.h"

#include <cstdio>
#include <cstring>

namespace bulkhead::sandbox {
namespace {

std::string conditionText(const ArgumentRule& rule) {
  char text[96];
  if (rule.test == ArgumentTest::equals) {
    std::snprintf(text, sizeof(text), "arg%u == %#llx", rule.argument,
                  static_cast<unsigned long long>(rule.value));
  } else {
    std::snprintf(text, sizeof(text), "arg%u & %#llx == %#llx", rule.argument,
                  static_cast<unsigned long long>(rule.mask),
                  static_cast<unsigned long long>(rule.value));
  }
  return text;
}

void describeStage(std::string& out, const char* title, std::span<const Group* const> stage) {
  if (stage.empty()) return;
  out += std::string("  ") + title + ":\n";
  for (const Group* group : stage) {
    out += std::string("    @") + group->name + ": " + group->help;
    if (group->onlyIf == OnlyIf::pidNamespace) out += " [only in a pid namespace]";
    if (group->onlyIf == OnlyIf::sanitized) out += " [only in sanitizer builds]";
    out += "\n";
    for (const Rule& rule : group->rules) {
      std::string call = rule.syscall;
      for (size_t i = 0; i < rule.when.size(); ++i) {
        call += (i == 0 ? " when " : " and ") + conditionText(rule.when[i]);
      }
      if (rule.verdict.error != 0) {
        call += std::string(" fails with ") + strerrorname_np(rule.verdict.error);
      }
      out += "      " + call + ": " + rule.reason + "\n";
    }
  }
}

}  // namespace

std::span<const Profile> allProfiles() { return profiles::table; }

const Profile& profileOf(ProfileId id) { return profiles::table[static_cast<int>(id)]; }

const Profile* findProfile(std::string_view name) {
  for (const Profile& profile : profiles::table) {
    if (name == profile.name) return &profile;
  }
  return nullptr;
}

std::string describeProfile(const Profile& profile) {
  std::string out = std::string(profile.name) + ": " + profile.description + "\n";
  describeStage(out, "start-up", profile.startup);
  describeStage(out, "lockdown", profile.lockdown);
  return out;
}

}  // namespace bulkhead::sandbox
