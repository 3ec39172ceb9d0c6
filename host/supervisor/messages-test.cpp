#include "host/supervisor/messages.h"

#include "host/supervisor/compartment.h"
#include "host/supervisor/progress.h"

#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>

namespace bulkhead::supervisor {
namespace {

using Level = Messages::Level;

// What the user sees of the messages that `speak` gives.
template <typename Speak>
std::string seen(Speak speak) {
  char* text = nullptr;
  size_t size = 0;
  std::FILE* out = open_memstream(&text, &size);
  {
    Progress progress(out, false, 0);
    Messages messages(out, progress);
    speak(messages);
  }
  std::fclose(out);
  std::string result(text, size);
  std::free(text);
  return result;
}

Compartment package(const char* name, uint32_t index = 1) {
  Compartment made;
  made.index = index;
  made.name = name;
  return made;
}

TEST(Messages, APackagesRepeatedLineIsCountedAndTold) {
  auto spin = package("spin");
  auto other = package("other", 2);
  EXPECT_EQ(seen([&](Messages& to) {
              for (int i = 0; i < 3; ++i) to.say(spin, Level::error, "over budget", "a.zeek:5");
              to.say(other, Level::error, "over budget", "a.zeek:5");
              to.say(spin, Level::error, "over budget", "a.zeek:5");
              to.say(spin, Level::error, "over budget", "a.zeek:5");
            }),
            "[spin] error in a.zeek, line 5: over budget\n"
            "(the same 2 times more)\n"
            "[other] error in a.zeek, line 5: over budget\n"
            "[spin] error in a.zeek, line 5: over budget\n"
            "(the same once more)\n");
}

TEST(Messages, TheSitesLinesComeAsOftenAsZeekWritesThem) {
  auto site = package("site", 0);
  EXPECT_EQ(seen([&](Messages& to) {
              for (int i = 0; i < 2; ++i) to.say(site, Level::warning, "odd", "a.zeek:5");
            }),
            "warning in a.zeek, line 5: odd\nwarning in a.zeek, line 5: odd\n");
}

TEST(Messages, PastItsLimitAPackageIsOnlyCounted) {
  auto chatty = package("chatty");
  std::string text = seen([&](Messages& to) {
    for (uint64_t i = 0; i < Messages::mostPerPackage + 5; ++i)
      to.say(chatty, Level::info, std::to_string(i), "");
  });
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), Messages::mostPerPackage + 1);
  EXPECT_NE(text.find("[chatty] 99\n[chatty] further messages of this package are only counted\n"),
            std::string::npos);
  EXPECT_EQ(chatty.messages, Messages::mostPerPackage + 5);
}

TEST(Messages, NothingThatATerminalObeysPassesThrough) {
  auto evil = package("evil");
  EXPECT_EQ(seen([&](Messages& to) { to.say(evil, Level::error, "\x1b[2J\nline", "x\r:1"); }),
            "[evil] error in x\\x0d, line 1: \\x1b[2J\\x0aline\n");
}

}  // namespace
}  // namespace bulkhead::supervisor
