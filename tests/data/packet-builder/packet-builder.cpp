#include "tests/data/packet-builder/packet-builder.h"

#include <cmath>

namespace bulkhead::packet_builder {
namespace {

void put16(Frame& out, uint32_t v) {
  out.push_back(static_cast<uint8_t>(v >> 8));
  out.push_back(static_cast<uint8_t>(v));
}
void put32(Frame& out, uint32_t v) {
  put16(out, v >> 16);
  put16(out, v);
}
void put(Frame& out, std::string_view text) { out.insert(out.end(), text.begin(), text.end()); }

uint16_t checksum(const Frame& data) {  // RFC 1071
  uint32_t sum = 0;
  for (size_t i = 0; i < data.size(); ++i) sum += i % 2 ? data[i] : uint32_t{data[i]} << 8;
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

void putAddress(Frame& out, const IpAddr& a) {
  out.insert(out.end(), a.bytes.begin() + (a.isV4() ? 12 : 0), a.bytes.end());
}

uint16_t transportChecksum(const Ends& ends, uint8_t protocol, const Frame& segment) {
  Frame all;
  putAddress(all, ends.source);
  putAddress(all, ends.destination);
  put32(all, static_cast<uint32_t>(segment.size()));
  put32(all, protocol);
  all.insert(all.end(), segment.begin(), segment.end());
  return checksum(all);
}

std::string_view text(const Frame& f) {
  return {reinterpret_cast<const char*>(f.data()), f.size()};
}

void store16(Frame& out, size_t at, uint16_t v) {
  out[at] = static_cast<uint8_t>(v >> 8);
  out[at + 1] = static_cast<uint8_t>(v);
}

}  // namespace

Ends Ends::of(std::string_view source, uint16_t sourcePort, std::string_view destination,
              uint16_t destinationPort) {
  return {IpAddr::parse(source).value(), IpAddr::parse(destination).value(), sourcePort,
          destinationPort};
}

Frame ip(const Ends& ends, uint8_t protocol, std::string_view payload) {
  Frame out = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1};
  if (ends.source.isV4()) {
    put16(out, 0x0800);
    Frame header = {0x45, 0};
    put16(header, static_cast<uint32_t>(20 + payload.size()));
    put32(header, 0x00010000);
    header.push_back(64);
    header.push_back(protocol);
    put16(header, 0);
    putAddress(header, ends.source);
    putAddress(header, ends.destination);
    store16(header, 10, checksum(header));
    put(out, text(header));
  } else {
    put16(out, 0x86dd);
    put32(out, 0x60000000);
    put16(out, static_cast<uint32_t>(payload.size()));
    out.push_back(protocol);
    out.push_back(64);
    putAddress(out, ends.source);
    putAddress(out, ends.destination);
  }
  put(out, payload);
  return out;
}

Frame tcp(const Ends& ends, uint8_t flags, uint32_t sequence, uint32_t acknowledgement,
          std::string_view payload) {
  Frame segment;
  put16(segment, ends.sourcePort);
  put16(segment, ends.destinationPort);
  put32(segment, sequence);
  put32(segment, acknowledgement);
  segment.push_back(0x50);
  segment.push_back(flags);
  put16(segment, 65535);
  put32(segment, 0);
  put(segment, payload);
  store16(segment, 16, transportChecksum(ends, 6, segment));
  return ip(ends, 6, text(segment));
}

Frame udp(const Ends& ends, std::string_view payload) {
  Frame segment;
  put16(segment, ends.sourcePort);
  put16(segment, ends.destinationPort);
  put16(segment, static_cast<uint32_t>(8 + payload.size()));
  put16(segment, 0);
  put(segment, payload);
  store16(segment, 6, transportChecksum(ends, 17, segment));
  return ip(ends, 17, text(segment));
}

PcapFile::PcapFile(bool nanoseconds, uint32_t linkType) : nanoseconds_(nanoseconds) {
  auto number = [&](uint32_t v, int size) {
    for (int i = 0; i < size; ++i) bytes_ += static_cast<char>(v >> (8 * i));
  };
  number(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, 4);
  number(2, 2);
  number(4, 2);
  number(0, 4);
  number(0, 4);
  number(262144, 4);
  number(linkType, 4);
}

void PcapFile::add(double time, const Frame& frame) {
  auto number = [&](uint32_t v) {
    for (int i = 0; i < 4; ++i) bytes_ += static_cast<char>(v >> (8 * i));
  };
  const double whole = std::floor(time);
  number(static_cast<uint32_t>(whole));
  number(static_cast<uint32_t>(std::lround((time - whole) * (nanoseconds_ ? 1e9 : 1e6))));
  number(static_cast<uint32_t>(frame.size()));
  number(static_cast<uint32_t>(frame.size()));
  bytes_.append(frame.begin(), frame.end());
}

}  // namespace bulkhead::packet_builder
