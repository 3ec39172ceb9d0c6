#include "common/escape.h"

#include <gtest/gtest.h>

namespace bulkhead {
namespace {

TEST(Escape, LeavesOnlyWhatATerminalShowsAsItIs) {
  EXPECT_EQ(escaped(" a~"), " a~");
  EXPECT_EQ(escaped("a\x1b[31mb\nc\xff"), "a\\x1b[31mb\\x0ac\\xff");
  EXPECT_EQ(escaped("a\nb\x1b[31m\x7f\xc3\xa9"), "a\\x0ab\\x1b[31m\\x7f\\xc3\\xa9");
  EXPECT_EQ(escaped(std::string_view("\0\x1f", 2)), "\\x00\\x1f");
}

}  // namespace
}  // namespace bulkhead
