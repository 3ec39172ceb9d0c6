#pragma once
// What a Vm asks of the world around it. One fake of this stands in for the world in tests.
//
// Called on the Vm's thread, from inside a running script: an implementation must not call back
// into the Vm. It outlives the Vm.

#include "sdk/script/vm/cause.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::vm {

// A place in a script, as messages name it. `file` is the path that the source was loaded under.
struct Place {
  std::string_view file;
  uint32_t line = 0;
  uint32_t column = 0;
};

enum class Severity : uint8_t { info, warning, error, fatal };

struct StackEntry {
  std::string_view function;
  Place place;
};

struct Report {
  Severity severity = Severity::error;
  std::string message;
  Place place;                    // line 0: nowhere in particular
  std::vector<StackEntry> stack;  // innermost first; empty for messages without one
  bool expression = false;        // a run-time error of an expression, which abandoned its handler
};

class Host {
 public:
  virtual ~Host() = default;

  // One `print` to standard output, line end included.
  virtual void print(std::string_view text) = 0;
  virtual void report(const Report& report) = 0;

  enum class FileMode : uint8_t { truncate, append };
  // A handle that is not 0, or empty with a reason in `error` (a missing grant names it).
  virtual std::optional<uint64_t> openFile(std::string_view name, FileMode mode,
                                           std::string& error) = 0;
  // False if the write failed.
  virtual bool writeFile(uint64_t handle, std::string_view bytes) = 0;
  virtual bool flushFile(uint64_t handle) = 0;
  virtual bool closeFile(uint64_t handle) = 0;
  // Whether what is written may be held back until flushFile() or closeFile(). It may, unless this
  // says otherwise.
  virtual void setFileBuffered(uint64_t handle, bool buffered) = 0;
  virtual bool flushAllFiles() = 0;
};

}  // namespace bulkhead::vm
