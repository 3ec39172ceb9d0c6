#include "host/capture/snap-lengths.h"

#include "host/capture/packet-source.h"

#include <gtest/gtest.h>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

namespace bulkhead::capture {
namespace {

// Blocks in either byte order.
struct Writer {
  bool big;
  std::string out = {};

  static std::string number(bool big, uint64_t value, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) {
      text += static_cast<char>(value >> 8 * (big ? bytes - 1 - i : i));
    }
    return text;
  }
  void block(uint32_t type, const std::string& body) {
    const std::string length = number(big, body.size() + 12, 4);
    out += number(big, type, 4) + length + body + length;
  }
  void section() {
    block(0x0A0D0D0A, number(big, 0x1A2B3C4D, 4) + number(big, 1, 2) + number(big, 0, 2) +
                          number(big, ~uint64_t{0}, 8));
  }
  void interface(uint32_t snapLength) {
    block(1, number(big, 1, 2) + number(big, 0, 2) + number(big, snapLength, 4));
  }
  void packet(uint32_t of, const std::string& frame) {
    block(6, number(big, of, 4) + number(big, 0, 4) + number(big, 1, 4) +
                 number(big, frame.size(), 4) + number(big, frame.size(), 4) + frame);
  }
};

std::string file(bool big, uint32_t one, uint32_t other) {
  Writer to{big};
  to.section();
  to.interface(one);
  to.packet(0, std::string(60, 'a'));
  to.interface(other);
  to.packet(1, std::string(100, 'b'));
  return to.out;
}

std::string passed(std::string text, size_t step) {
  SnapLengths lengths;
  for (size_t at = 0; at < text.size(); at += step) {
    lengths.pass({reinterpret_cast<uint8_t*>(text.data()) + at, std::min(step, text.size() - at)});
  }
  return text;
}

TEST(SnapLengths, BecomeNoneWhereverTheReadsAreCut) {
  for (bool big : {false, true}) {
    for (size_t step : {1, 3, 7, 1000}) {
      EXPECT_EQ(passed(file(big, 96, 8192), step), file(big, 0, 0)) << big << step;
    }
  }
}

TEST(SnapLengths, ASectionMayChangeTheByteOrder) {
  EXPECT_EQ(passed(file(true, 96, 8192) + file(false, 96, 8192), 5),
            file(true, 0, 0) + file(false, 0, 0));
}

TEST(SnapLengths, WhatIsNoPcapngPassesUnchanged) {
  std::string pcap = "\xd4\xc3\xb2\xa1" + file(false, 96, 8192);
  EXPECT_EQ(passed(pcap, 9), pcap);
  // A length that cannot be: what follows is not taken for blocks.
  Writer broken{false};
  broken.section();
  broken.out += Writer::number(false, 5, 4) + Writer::number(false, 11, 4);
  broken.interface(96);
  EXPECT_EQ(passed(broken.out, 9), broken.out);
}

TEST(SnapLengths, AFileWhoseInterfacesDifferIsReadWhole) {
  const std::string text = file(false, 96, 8192);
  const int fd = ::memfd_create("capture", MFD_CLOEXEC);
  ASSERT_EQ(::pwrite(fd, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  auto opened = PacketSource::fromDescriptor(fd, "two.pcapng");
  auto* source = std::get_if<std::unique_ptr<PacketSource>>(&opened);
  ASSERT_NE(source, nullptr) << std::get<CaptureError>(opened).message();
  Packet packet;
  ASSERT_EQ((*source)->next(packet), PacketSource::Read::packet);
  EXPECT_EQ(packet.data.size(), 60u);
  ASSERT_EQ((*source)->next(packet), PacketSource::Read::packet) << (*source)->error().message();
  EXPECT_EQ(packet.data.size(), 100u);
  EXPECT_EQ((*source)->next(packet), PacketSource::Read::end);
}

}  // namespace
}  // namespace bulkhead::capture
