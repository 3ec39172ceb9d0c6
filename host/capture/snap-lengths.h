#pragma once
// Makes the snapshot lengths of a pcapng file's interfaces alike while the file is read.
//
// libpcap refuses a file whose interfaces differ in it, because its own interface has room for one
// number; captures of several interfaces at once often do. A length of 0 means "no limit", and
// libpcap then bounds a frame as it does everywhere. What is no pcapng file, or is a broken one,
// passes as it is. One per file, any thread.
// Source: https://ietf-opsawg-wg.github.io/draft-ietf-opsawg-pcap/draft-ietf-opsawg-pcapng.html

#include <cstddef>
#include <cstdint>
#include <span>

namespace bulkhead::capture {

class SnapLengths {
 public:
  // The next bytes of the file, changed in place.
  void pass(std::span<uint8_t> bytes);

 private:
  void take(uint8_t& byte);
  void skipRest();
  uint32_t number(size_t at) const;
  bool isSection() const;

  // Of a block: type, length, and as much of its body as is looked at.
  static constexpr size_t mostHeader = 16;
  uint8_t header_[mostHeader] = {};
  size_t have_ = 0;
  uint64_t skip_ = 0;  // bytes up to the next block
  bool bigEndian_ = false;
  bool inSection_ = false;
  bool off_ = false;
};

}  // namespace bulkhead::capture
