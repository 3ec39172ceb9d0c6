#include "host/capture/snap-lengths.h"

#include <algorithm>

namespace bulkhead::capture {

namespace {

constexpr uint32_t sectionBlock = 0x0A0D0D0A;  // the same in either byte order
constexpr uint32_t interfaceBlock = 1;
constexpr uint32_t byteOrderMagic = 0x1A2B3C4D;

// Offsets within a block.
constexpr size_t lengthAt = 4, bodyAt = 8, snapLengthAt = 12;
constexpr uint32_t smallestBlock = 12, smallestInterfaceBlock = 20;

}  // namespace

uint32_t SnapLengths::number(size_t at) const {
  uint32_t out = 0;
  for (size_t i = 0; i < 4; ++i) {
    out = out << 8 | header_[at + (bigEndian_ ? i : 3 - i)];
  }
  return out;
}

bool SnapLengths::isSection() const { return number(0) == sectionBlock; }

void SnapLengths::skipRest() {
  const uint32_t length = number(lengthAt);
  if (length < smallestBlock || length < have_) {
    off_ = true;
    return;
  }
  skip_ = length - have_;
  have_ = 0;
}

void SnapLengths::take(uint8_t& byte) {
  // So far only an interface's block is looked at.
  if (have_ >= snapLengthAt) byte = 0;
  header_[have_++] = byte;
  if (have_ == bodyAt && !isSection()) {
    const bool isInterface = inSection_ && number(0) == interfaceBlock;
    if (!inSection_ || (isInterface && number(lengthAt) < smallestInterfaceBlock)) {
      off_ = true;
    } else if (!isInterface) {
      skipRest();
    }
  } else if (have_ == snapLengthAt && isSection()) {
    bigEndian_ = false;
    bigEndian_ = number(bodyAt) != byteOrderMagic;
    inSection_ = true;
    if (number(bodyAt) == byteOrderMagic) {
      skipRest();
    } else {
      off_ = true;
    }
  } else if (have_ == mostHeader) {
    skipRest();
  }
}

void SnapLengths::pass(std::span<uint8_t> bytes) {
  while (!bytes.empty() && !off_) {
    if (skip_ > 0) {
      const auto passed = static_cast<size_t>(std::min<uint64_t>(skip_, bytes.size()));
      skip_ -= passed;
      bytes = bytes.subspan(passed);
    } else {
      take(bytes.front());
      bytes = bytes.subspan(1);
    }
  }
}

}  // namespace bulkhead::capture
