// Writes a capture of many small sessions, the same bytes for the same arguments: a DNS look-up,
// then an HTTP exchange of one to three requests. Many overlap in time, as on a busy link.
//
//   bench-capture FILE SESSIONS

#include "tests/data/packet-builder/packet-builder.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

namespace {

using namespace bulkhead::packet_builder;

constexpr size_t segmentBytes = 1400;

std::string number(uint16_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}

std::string nameOf(const std::string& host) {
  std::string out;
  for (size_t from = 0; from < host.size();) {
    size_t dot = std::min(host.find('.', from), host.size());
    out += static_cast<char>(dot - from) + host.substr(from, dot - from);
    from = dot + 1;
  }
  return out + '\0';
}

std::string query(uint16_t id, const std::string& host) {
  return number(id) + number(0x0100) + number(1) + number(0) + number(0) + number(0) +
         nameOf(host) + number(1) + number(1);
}

std::string reply(uint16_t id, const std::string& host, const std::string& address) {
  return number(id) + number(0x8180) + number(1) + number(1) + number(0) + number(0) +
         nameOf(host) + number(1) + number(1) + number(0xc00c) + number(1) + number(1) + number(0) +
         number(300) + number(4) + address;
}

// One direction at a time; the clock of the session moves with each frame.
class Session {
 public:
  Session(PcapFile& file, double& now, const Ends& ends)
      : file_(file), now_(now), there_(ends), back_(ends.turned()) {}

  void open() {
    add(tcp(there_, syn, sent_++, 0));
    add(tcp(back_, syn | ack, received_++, sent_));
    add(tcp(there_, ack, sent_, received_));
  }
  void request(const std::string& text) {
    add(tcp(there_, psh | ack, sent_, received_, text));
    sent_ += static_cast<uint32_t>(text.size());
  }
  void answer(std::string_view text) {
    while (!text.empty()) {
      auto part = text.substr(0, segmentBytes);
      text.remove_prefix(part.size());
      add(tcp(back_, ack, received_, sent_, part));
      received_ += static_cast<uint32_t>(part.size());
    }
    add(tcp(there_, ack, sent_, received_));
  }
  void close() {
    add(tcp(there_, fin | ack, sent_++, received_));
    add(tcp(back_, fin | ack, received_++, sent_));
    add(tcp(there_, ack, sent_, received_));
  }
  void add(const Frame& frame) { file_.add(now_ += 20e-6, frame); }

 private:
  PcapFile& file_;
  double& now_;
  Ends there_, back_;
  uint32_t sent_ = 1000, received_ = 5000;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fputs("usage: bench-capture FILE SESSIONS\n", stderr);
    return 2;
  }
  std::mt19937 random(1);
  PcapFile file;
  double now = 1.6e9;
  const int sessions = std::atoi(arguments[2]);
  for (int i = 0; i < sessions; ++i) {
    auto client = "10.1." + std::to_string(i / 200 % 200) + "." + std::to_string(i % 200 + 1);
    unsigned server = random() % 250 + 1;
    auto port = static_cast<uint16_t>(1024 + i * 7 % 60000);
    auto host = "host" + std::to_string(random() % 1000) + ".example.com";
    auto id = static_cast<uint16_t>(random());

    auto resolver = Ends::of(client, static_cast<uint16_t>(port + 1), "10.2.0.53", 53);
    file.add(now += 20e-6, udp(resolver, query(id, host)));
    file.add(now += 200e-6,
             udp(resolver.turned(), reply(id, host, {10, 2, 1, static_cast<char>(server)})));

    Session session(file, now, Ends::of(client, port, "10.2.1." + std::to_string(server), 80));
    session.open();
    for (unsigned k = random() % 3 + 1; k > 0; --k) {
      session.request("GET /page/" + std::to_string(random() % 10000) + "?from=bench HTTP/1.1\r\n" +
                      "Host: " + host + "\r\nUser-Agent: bench/1.0\r\nAccept: */*\r\n\r\n");
      std::string body(random() % 12000 + 100, 'x');
      session.answer(
          "HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: text/plain\r\n"
          "Content-Length: " +
          std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    session.close();
  }
  std::ofstream(arguments[1], std::ios::binary) << file.bytes();
  return 0;
}
