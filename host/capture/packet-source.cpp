#include "host/capture/packet-source.h"

#include "host/capture/link-layer.h"
#include "host/capture/snap-lengths.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <pcap/pcap.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bulkhead::capture {

namespace {

// Trace time is counted in microseconds, as Zeek's is; a finer stamp is cut off, not rounded.
double traceTime(uint64_t ns) {
  return static_cast<double>(ns / 1'000'000'000) +
         static_cast<double>(ns % 1'000'000'000 / 1000) / 1e6;
}

}  // namespace

std::string CaptureError::message() const {
  std::string out = name + ": ";
  if (offset) out += "at byte " + std::to_string(*offset) + ": ";
  return out + reason;
}

// libpcap reads from a FILE. Ours counts bytes itself, so that an offset can be named for pipes
// too.
struct PacketSource::File {
  int fd;
  uint64_t consumed = 0;
  std::function<bool()> beforeRead = {};
  SnapLengths snapLengths = {};

  static ssize_t read(void* cookie, char* buffer, size_t size) {
    auto* self = static_cast<File*>(cookie);
    ssize_t got;
    if (self->beforeRead && !self->beforeRead()) return 0;
    do {
      got = ::read(self->fd, buffer, size);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return got;
    self->consumed += static_cast<uint64_t>(got);
    self->snapLengths.pass({reinterpret_cast<uint8_t*>(buffer), static_cast<size_t>(got)});
    return got;
  }
  // Only to answer "where are we", which ftell() asks before it subtracts what it has buffered.
  static int seek(void* cookie, off64_t* offset, int whence) {
    auto* self = static_cast<File*>(cookie);
    if (whence != SEEK_CUR || *offset != 0) return -1;
    *offset = static_cast<off64_t>(self->consumed);
    return 0;
  }
  static int close(void* cookie) {
    auto* self = static_cast<File*>(cookie);
    ::close(self->fd);
    delete self;
    return 0;
  }
};

struct PacketSource::Filter {
  bpf_program program{};
  ~Filter() { pcap_freecode(&program); }
};

PacketSource::PacketSource(std::string name, bool live) : name_(std::move(name)), live_(live) {}

PacketSource::~PacketSource() {
  if (handle_) pcap_close(handle_);
}

CaptureError PacketSource::fail(CaptureError::Kind kind, std::string reason) const {
  CaptureError error{kind, name_, std::nullopt, std::move(reason)};
  if (handle_ && !live_) {
    long at = std::ftell(pcap_file(handle_));
    if (at >= 0) error.offset = static_cast<uint64_t>(at);
  }
  return error;
}

std::optional<CaptureError> PacketSource::adopt(pcap* handle) {
  handle_ = handle;
  linkType_ = pcap_datalink(handle);
  if (knownLinkType(linkType_)) return std::nullopt;
  const char* name = pcap_datalink_val_to_name(linkType_);
  CaptureError error = fail(CaptureError::Kind::unknownLinkType,
                            "link type " + std::to_string(linkType_) +
                                (name ? " (" + std::string(name) + ")" : "") + " is not supported");
  error.offset.reset();
  return error;
}

PacketSource::Opened PacketSource::openFile(const std::string& path) {
  if (path == "-") {
    int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
      return CaptureError{
          CaptureError::Kind::unreadable, "standard input", {}, std::strerror(errno)};
    return fromDescriptor(fd, "standard input");
  }
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    auto kind = errno == ENOENT ? CaptureError::Kind::noSuchFile : CaptureError::Kind::unreadable;
    return CaptureError{kind, path, {}, std::strerror(errno)};
  }
  return fromDescriptor(fd, path);
}

PacketSource::Opened PacketSource::fromDescriptor(int fd, std::string name) {
  using Kind = CaptureError::Kind;
  struct stat status {};
  auto refuse = [&](Kind kind, std::string reason) {
    ::close(fd);
    return CaptureError{kind, std::move(name), {}, std::move(reason)};
  };
  if (fstat(fd, &status) != 0) return refuse(Kind::unreadable, std::strerror(errno));
  if (S_ISDIR(status.st_mode))
    return refuse(Kind::unreadable, "is a directory, not a capture file");
  if (S_ISREG(status.st_mode) && status.st_size == 0)
    return refuse(Kind::empty, "the file is empty");

  auto* file = new File{.fd = fd};
  FILE* stream = fopencookie(file, "r", {&File::read, nullptr, &File::seek, &File::close});
  if (!stream) {
    delete file;
    return refuse(Kind::unreadable, "out of memory");
  }
  char reason[PCAP_ERRBUF_SIZE] = "";
  pcap_t* handle =
      pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, reason);
  if (!handle) {
    Kind kind = Kind::notACapture;
    std::string text = reason;
    if (file->consumed == 0) {
      kind = Kind::empty;
      text = "there is nothing to read";
    } else if (text.find("truncated") != std::string::npos) {
      kind = Kind::truncated;
      text = "ends within the file header (" + text + ")";
    } else if (text.find("unknown file format") != std::string::npos) {
      text = "is neither a pcap nor a pcapng file";
    }
    CaptureError error{kind, std::move(name), std::nullopt, std::move(text)};
    if (kind == Kind::truncated) error.offset = file->consumed;
    std::fclose(stream);
    return error;
  }
  std::unique_ptr<PacketSource> source(new PacketSource(std::move(name), false));
  source->file_ = file;
  if (auto error = source->adopt(handle)) return *error;
  return source;
}

PacketSource::Opened PacketSource::fromPacketSocket(int fd, std::string name, int linkType) {
  std::unique_ptr<PacketSource> source(new PacketSource(std::move(name), true));
  source->socket_ = std::make_unique<PacketSocket>(fd);
  // Compiles filters; reads nothing.
  pcap_t* handle = pcap_open_dead(linkType, PacketSocket::longestFrame);
  if (!handle) return source->fail(CaptureError::Kind::interface, "out of memory");
  if (auto error = source->adopt(handle)) return *error;
  return source;
}

std::optional<CaptureError> PacketSource::setFilter(const std::string& expression) {
  auto filter = std::make_unique<Filter>();
  if (pcap_compile(handle_, &filter->program, expression.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0)
    return CaptureError{CaptureError::Kind::badFilter,
                        name_,
                        {},
                        "filter \"" + expression + "\": " + pcap_geterr(handle_)};
  if (socket_) {
    filter_ = std::move(filter);
    return std::nullopt;
  }
  if (pcap_setfilter(handle_, &filter->program) != 0)
    return CaptureError{CaptureError::Kind::badFilter, name_, {}, pcap_geterr(handle_)};
  return std::nullopt;
}

PacketSource::Read PacketSource::nextOfSocket(Packet& packet) {
  for (unsigned i = 0; i < PacketSocket::framesPerBatch; ++i) {
    const auto* frame = socket_->next();
    if (!frame && socket_->error() == 0) return Read::idle;
    if (!frame) {
      ended_ = true;
      error_ = fail(CaptureError::Kind::interface, socket_->error() == ENETDOWN
                                                       ? "the interface went down"
                                                       : std::strerror(socket_->error()));
      return Read::error;
    }
    if (filter_) {
      pcap_pkthdr header{};
      header.caplen = static_cast<bpf_u_int32>(frame->data.size());
      header.len = frame->wireLength;
      if (pcap_offline_filter(&filter_->program, &header, frame->data.data()) == 0) continue;
    }
    ++received_;
    packet.timeNs = frame->timeNs;
    packet.time = traceTime(frame->timeNs);
    packet.data = frame->data;
    packet.wireLength = frame->wireLength;
    packet.linkType = linkType_;
    return Read::packet;
  }
  return Read::passed;
}

PacketSource::Read PacketSource::next(Packet& packet) {
  if (ended_) return error_.reason.empty() ? Read::end : Read::error;
  if (socket_) return nextOfSocket(packet);
  pcap_pkthdr* header = nullptr;
  const u_char* data = nullptr;
  switch (pcap_next_ex(handle_, &header, &data)) {
    case 1:
      break;
    case 0:
      return Read::idle;
    case PCAP_ERROR_BREAK:
      ended_ = true;
      return Read::end;
    default: {
      ended_ = true;
      std::string text = pcap_geterr(handle_);
      if (text.find("truncated") != std::string::npos)
        error_ = fail(CaptureError::Kind::truncated,
                      "the file ends in the middle of a packet (" + text + ")");
      else
        error_ = fail(CaptureError::Kind::corrupt, std::move(text));
      return Read::error;
    }
  }
  ++received_;
  const auto seconds = static_cast<uint64_t>(header->ts.tv_sec);
  // libpcap was asked for nanoseconds, whatever the field is called.
  packet.timeNs = seconds * 1'000'000'000 + static_cast<uint64_t>(header->ts.tv_usec);
  packet.time = traceTime(packet.timeNs);
  packet.data = {data, header->caplen};
  packet.wireLength = header->len;
  packet.linkType = linkType_;
  return Read::packet;
}

std::string PacketSource::linkTypeText() const {
  const char* name = pcap_datalink_val_to_name(linkType_);
  const char* description = pcap_datalink_val_to_description(linkType_);
  std::string out = name ? name : std::to_string(linkType_);
  if (description) out += " (" + std::string(description) + ")";
  return out;
}

void PacketSource::setBeforeRead(std::function<bool()> beforeRead) {
  if (file_) file_->beforeRead = std::move(beforeRead);
}

uint64_t PacketSource::bytesRead() const { return file_ ? file_->consumed : 0; }

PacketSource::Statistics PacketSource::statistics() {
  Statistics out;
  out.received = received_;
  if (socket_) out.dropped = socket_->counters().dropped;
  return out;
}

}  // namespace bulkhead::capture
