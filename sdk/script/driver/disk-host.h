#pragma once
// A DiskHost lets scripts print and write files as their own user: for the command line's developer
// tools and for tests, never for a compartment.
//
// One thread. Errors of opening are answers; a failed write is false.

#include "sdk/script/vm/host.h"

#include <cstdio>
#include <map>
#include <string>

namespace bulkhead::driver {

class DiskHost final : public vm::Host {
 public:
  ~DiskHost() override;

  void print(std::string_view text) override;
  void report(const vm::Report& report) override;
  std::optional<uint64_t> openFile(std::string_view name, FileMode mode,
                                   std::string& error) override;
  bool writeFile(uint64_t handle, std::string_view bytes) override;
  bool flushFile(uint64_t handle) override;
  void setFileBuffered(uint64_t handle, bool buffered) override;
  bool flushAllFiles() override;
  bool closeFile(uint64_t handle) override;

 private:
  std::map<uint64_t, std::FILE*> files_;
  uint64_t next_ = 1;
};

// "error in a.zeek, line 3: message", with the script stack below it.
std::string reportText(const vm::Report& report);

}  // namespace bulkhead::driver
