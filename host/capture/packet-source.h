#pragma once
// A PacketSource reads frames from a capture file or a pipe, through libpcap, or from an interface.
//
// One thread. Frames come with nanosecond stamps; whatever the file's own precision is, libpcap
// scales. Both are read through an open descriptor, so a confined worker can be handed one. What
// is wrong with a file or an interface is a value (CaptureError) that names it, the place and the
// reason; frames read before the trouble stay good. The bytes come from anybody: libpcap bounds a
// frame by the file's snap length, and a link type outside the list of link-layer.h is refused.
// Source: https://www.tcpdump.org/manpages/pcap.3pcap.html

#include "host/capture/packet-socket.h"
#include "host/capture/packet.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

struct pcap;

namespace bulkhead::capture {

struct CaptureError {
  enum class Kind : uint8_t {
    noSuchFile,
    unreadable,   // a directory, no permission, ...
    empty,        // nothing in it
    notACapture,  // the first bytes are no capture file's
    truncated,    // ends in the middle of a record
    corrupt,      // a record that cannot be
    unknownLinkType,
    badFilter,
    interface,  // no such interface, not permitted, went away
  };
  Kind kind = Kind::unreadable;
  std::string name;                // the file's or interface's, as the caller gave it
  std::optional<uint64_t> offset;  // where in the file reading stopped
  std::string reason;

  // "trace.pcap: at byte 1234: the file ends in the middle of a packet".
  std::string message() const;
};

class PacketSource {
 public:
  using Opened = std::variant<std::unique_ptr<PacketSource>, CaptureError>;

  // "-" is standard input.
  static Opened openFile(const std::string& path);
  // Takes `fd` over, also when it fails. `name` is for messages.
  static Opened fromDescriptor(int fd, std::string name);
  // A packet socket of one interface, opened and bound by somebody with the right to
  // (host/supervisor/inputs.h). Takes `fd` over, also when it fails. Reading never waits.
  static Opened fromPacketSocket(int fd, std::string name, int linkType);

  ~PacketSource();
  PacketSource(const PacketSource&) = delete;
  PacketSource& operator=(const PacketSource&) = delete;

  // A BPF expression as tcpdump takes it; an empty one matches all. Evaluated in this process, on
  // frames with their VLAN tags: the same expression means the same on a file and an interface.
  [[nodiscard]] std::optional<CaptureError> setFilter(const std::string& expression);

  enum class Read : uint8_t {
    packet,  // `packet` is filled
    idle,    // live only: nothing now
    passed,  // live only: frames, none of which matched the filter; call again
    end,     // the file is over
    error,   // see error()
  };
  // `packet` stays valid until the next call.
  Read next(Packet& packet);
  const CaptureError& error() const { return error_; }

  int linkType() const { return linkType_; }
  // "EN10MB (Ethernet)"; for people.
  std::string linkTypeText() const;
  // For a pipe: called before each read(2) of the file, to wait for bytes in an event loop. False
  // ends the file there, as if the writer had closed it.
  void setBeforeRead(std::function<bool()> beforeRead);
  const std::string& name() const { return name_; }
  bool isLive() const { return live_; }
  // Files: bytes consumed so far, for a progress bar.
  uint64_t bytesRead() const;

  struct Statistics {
    uint64_t received = 0;  // frames given by next()
    uint64_t dropped = 0;   // by the kernel, for lack of buffer
  };
  Statistics statistics();

 private:
  struct File;
  struct Filter;
  Read nextOfSocket(Packet& packet);
  PacketSource(std::string name, bool live);
  CaptureError fail(CaptureError::Kind kind, std::string reason) const;
  std::optional<CaptureError> adopt(struct pcap* handle);

  std::string name_;
  bool live_;
  int linkType_ = 0;
  struct pcap* handle_ = nullptr;
  File* file_ = nullptr;  // owned by the FILE inside handle_
  std::unique_ptr<PacketSocket> socket_;
  std::unique_ptr<Filter> filter_;  // of a socket
  uint64_t received_ = 0;
  bool ended_ = false;
  CaptureError error_;
};

}  // namespace bulkhead::capture
