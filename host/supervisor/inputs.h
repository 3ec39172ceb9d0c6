#pragma once
// What the user named on the command line, opened: the capture, the log folder. Errors are messages
// for the user. Any thread; touches the disk.

#include <kj/io.h>

#include <cstdint>
#include <string>
#include <variant>

namespace bulkhead::supervisor {

struct OpenCapture {
  kj::AutoCloseFd fd;
  uint64_t size = 0;      // bytes; 0: not known (a pipe)
  uint32_t linkType = 0;  // of an interface, as libpcap numbers them
};
// "-" is standard input. Nothing of the content is looked at: it is hostile.
std::variant<OpenCapture, std::string> openCapture(const std::string& path);

// A packet socket that is bound to the interface, which hears all that passes, with the kernel's
// stamps, and never makes its reader wait. Needs CAP_NET_RAW.
std::variant<OpenCapture, std::string> openInterface(const std::string& name);

// Makes the last folder of the path if it is missing, and proves that files can be made there.
std::variant<kj::AutoCloseFd, std::string> openLogDirectory(const std::string& path);

}  // namespace bulkhead::supervisor
