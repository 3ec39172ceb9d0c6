#pragma once
// What the `connection` and `fa_file` records of an event are read from.
//
// flow::Connection and the files framework own these and keep them current; the encoder reads them
// when an event is raised and sends each subscriber only what changed since it last saw that
// object. Worker thread only. Names and meanings: Zeek's `connection`, `endpoint` and `fa_file`
// records (https://docs.zeek.org/en/master/scripts/base/init-bare.zeek.html).

#include "common/net-types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bulkhead::events {

// Zeek's `endpoint`.
struct EndpointState {
  uint64_t size = 0;   // payload bytes by sequence numbers (TCP) or seen (UDP, ICMP)
  uint64_t state = 0;  // the TCP_* or UDP_* constant of the catalog
  uint64_t packets = 0;
  uint64_t ipBytes = 0;
  uint32_t flowLabel = 0;         // IPv6
  std::optional<MacAddr> l2Addr;  // empty if the link layer has none
};

struct ConnectionId {
  IpAddr origHost, respHost;
  Port origPort, respPort;
  uint8_t protocol = 0;  // IP protocol number (conn_id$proto); 65535 in scripts means unknown
};

// One level of Zeek's `EncapsulatingConnVector`.
struct EncapsulationState {
  ConnectionId id;
  uint64_t type = 0;  // Tunnel::Type
  std::string uid;
};

// A protocol analyzer at work on a connection.
struct AttachedAnalyzer {
  uint32_t id = 0;   // never 0, not used again in the run
  uint32_t tag = 0;  // Analyzer::Tag
};

// Per-subscriber memory of what was last sent. `generation` is bumped by the encoder.
struct SentState {
  bool known = false;
  EndpointState orig, resp;
  double duration = 0;
  uint32_t serviceVersion = 0;
  size_t historySize = 0;
  uint32_t idVersion = 0;
  uint32_t analyzerVersion = 0;
  // What it has taken off for itself: analyzers by id, and by tag those that it never wants.
  std::vector<uint32_t> off, prevented;
};

struct ConnectionState {
  uint64_t number = 0;  // unique in this worker's run, from 1: how a batch refers to it
  std::string uid;      // "C...", set when the connection is created
  ConnectionId id;
  uint32_t idVersion = 0;  // bumped when the sides are flipped
  EndpointState orig, resp;
  double startTime = 0;  // seconds since epoch
  double lastTime = 0;
  double duration() const { return lastTime - startTime; }
  std::vector<std::string> services;  // analyzers' names in order of confirmation, as in c$service
  uint32_t serviceVersion = 0;        // bumped at each change of `services`
  std::string history;
  std::vector<AttachedAnalyzer> analyzers;  // the transport protocol's first
  uint32_t analyzerVersion = 0;             // bumped at each change of `analyzers`
  std::vector<EncapsulationState>
      tunnel;  // outermost first, as at the start; later ones come with tunnel_changed
  std::optional<uint16_t> vlan, innerVlan;
  std::vector<SentState> sent;  // by subscriber index; the encoder grows it
};

// Zeek's `fa_file`.
struct FileState {
  uint64_t number = 0;
  std::string id;        // fuid, "F..."
  std::string parentId;  // empty if none
  std::string source;    // "HTTP", ...
  std::optional<bool> isOrig;
  std::vector<ConnectionState*> connections;  // those alive that carry it; flow clears on removal
  double lastActive = 0;
  uint64_t seenBytes = 0;
  std::optional<uint64_t> totalBytes;
  uint64_t missingBytes = 0;
  uint64_t overflowBytes = 0;
  double timeoutInterval = 120;  // seconds
  uint64_t bofBufferSize = 4096;
  std::string bofBuffer;
  bool bofBufferSet = false;
  uint32_t version = 0;               // bumped at each change; the encoder compares
  std::vector<uint32_t> sentVersion;  // by subscriber index
};

}  // namespace bulkhead::events
