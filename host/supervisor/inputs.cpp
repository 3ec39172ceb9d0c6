#include "host/supervisor/inputs.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <optional>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bulkhead::supervisor {

namespace {

// What the kernel keeps for us while the worker is busy.
constexpr int packetBufferBytes = 64 << 20;

std::string interfaceNames() {
  std::string out;
  auto* all = ::if_nameindex();
  if (all == nullptr) return out;
  for (auto* each = all; each->if_index != 0; ++each)
    out += (out.empty() ? "" : ", ") + std::string(each->if_name);
  ::if_freenameindex(all);
  return out;
}

// DLT_ numbers of https://www.tcpdump.org/linktypes.html for what a raw packet socket gives.
std::optional<uint32_t> linkTypeOf(unsigned short hardware) {
  constexpr uint32_t ethernet = 1, rawIp = 12;
  // Not in every C library's list: those of tunnels without a link layer.
  constexpr unsigned short hardwareRawIp = 519, hardwareNone = 0xfffe;
  switch (hardware) {
    case ARPHRD_ETHER:
    case ARPHRD_LOOPBACK:
      return ethernet;
    case hardwareNone:
    case hardwareRawIp:
    case ARPHRD_TUNNEL:
    case ARPHRD_TUNNEL6:
    case ARPHRD_SIT:
      return rawIp;
    default:
      return std::nullopt;
  }
}

// Compressed files, by their first bytes.
struct Compression {
  std::string_view magic;
  const char* name;
  const char* reader;
};
constexpr Compression compressions[] = {{"\x1f\x8b", "gzip", "zcat"},
                                        {"\x28\xb5\x2f\xfd", "zstd", "zstdcat"},
                                        {"\xfd\x37zXZ", "xz", "xzcat"},
                                        {"BZh", "bzip2", "bzcat"}};

const Compression* compressionOf(int fd) {
  char start[8] = "";
  ssize_t n = ::pread(fd, start, sizeof start, 0);
  const std::string_view bytes(start, n > 0 ? static_cast<size_t>(n) : 0);
  for (const Compression& each : compressions)
    if (bytes.starts_with(each.magic)) return &each;
  return nullptr;
}

}  // namespace

std::variant<OpenCapture, std::string> openInterface(const std::string& name) {
  auto refused = [&name](const char* what) { return name + ": " + what + ": " + strerror(errno); };
  const unsigned index = name.size() < IFNAMSIZ ? ::if_nametoindex(name.c_str()) : 0;
  if (index == 0) return name + ": there is no such interface; there are: " + interfaceNames();
  OpenCapture capture;
  // Bound before it takes any protocol: nothing of other interfaces ever gets in.
  capture.fd = kj::AutoCloseFd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (capture.fd.get() < 0 && (errno == EPERM || errno == EACCES)) {
    return name +
           ": reading packets needs the right CAP_NET_RAW: run bulkhead as root, for example with "
           "sudo (packages and parsers run confined, without this right)";
  }
  if (capture.fd.get() < 0) return refused("packet socket");
  const int fd = capture.fd.get();
  ifreq request{};
  std::memcpy(request.ifr_name, name.c_str(), name.size());
  if (::ioctl(fd, SIOCGIFFLAGS, &request) != 0) return refused("flags of the interface");
  if ((request.ifr_flags & IFF_UP) == 0)
    return name + ": the interface is down: ip link set dev " + name + " up";
  if (::ioctl(fd, SIOCGIFHWADDR, &request) != 0) return refused("type of the interface");
  auto linkType = linkTypeOf(request.ifr_hwaddr.sa_family);
  if (!linkType)
    return name + ": interfaces of hardware type " + std::to_string(request.ifr_hwaddr.sa_family) +
           " are not supported";
  capture.linkType = *linkType;
  // The first asks for more than an unprivileged process may have.
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &packetBufferBytes, sizeof packetBufferBytes) !=
      0)
    ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &packetBufferBytes, sizeof packetBufferBytes);
  const int on = 1;
  if (::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0)
    return refused("time stamps");
  if (::setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof on) != 0)
    return refused("VLAN tags");
  packet_mreq everything{};
  everything.mr_ifindex = static_cast<int>(index);
  everything.mr_type = PACKET_MR_PROMISC;
  if (::setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &everything, sizeof everything) != 0)
    return refused("promiscuous mode");
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(index);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return refused("binding the packet socket");
  return capture;
}

std::variant<OpenCapture, std::string> openCapture(const std::string& path) {
  OpenCapture capture;
  if (path == "-") {
    capture.fd = kj::AutoCloseFd(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
    if (capture.fd.get() < 0) return std::string("standard input: ") + std::strerror(errno);
  } else {
    capture.fd = kj::AutoCloseFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (capture.fd.get() < 0) return path + ": " + std::strerror(errno);
  }
  struct stat about {};
  if (::fstat(capture.fd.get(), &about) != 0) return path + ": " + std::strerror(errno);
  if (S_ISDIR(about.st_mode)) return path + ": is a folder, a capture file is expected";
  if (S_ISREG(about.st_mode)) {
    capture.size = static_cast<uint64_t>(about.st_size);
    if (const Compression* found = compressionOf(capture.fd.get())) {
      return path + ": is compressed with " + found->name +
             "; read it through a pipe: " + found->reader + " FILE | ... -r -";
    }
  }
  return capture;
}

std::variant<kj::AutoCloseFd, std::string> openLogDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) {
    if (errno == ENOENT)
      return path + ": the log folder cannot be made: the folder that it would be in is not there";
    return path + ": the log folder cannot be made: " + std::strerror(errno);
  }
  kj::AutoCloseFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return path + ": " + std::strerror(errno);
  // Asked of the kernel and not by access(2), which knows no read-only mounts of others. A file
  // without a name leaves nothing behind; where the file system knows none, a name that is removed.
  int probe = ::openat(fd.get(), ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (probe < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
    std::string name = ".bulkhead-" + std::to_string(::getpid());
    probe = ::openat(fd.get(), name.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (probe >= 0) ::unlinkat(fd.get(), name.c_str(), 0);
  }
  if (probe < 0) return path + ": logs cannot be written there: " + std::strerror(errno);
  ::close(probe);
  return fd;
}

}  // namespace bulkhead::supervisor
