#pragma once
// What looks at a file's contents: hashes, entropy, extraction, raw data for scripts.
//
// A File owns its analyzers; they are fed in order (streams) and as it comes (chunks). Each call
// answers whether to go on; false removes the analyzer. Worker thread.
// Source: https://docs.zeek.org/en/master/frameworks/file-analysis.html and OpenSSL's EVP_Digest.

#include "host/events/sink.h"
#include "host/flow/protocol-analyzer.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace bulkhead::analyzers::files {

class File;

// Zeek's Files::AnalyzerArgs, as far as the analyzers of this build know it.
struct AnalyzerArgs {
  std::string chunkEvent, streamEvent;  // names of the package's own events
  std::string extractFilename;
  uint64_t extractLimit = 104857600;  // bytes; 0: none
  bool extractLimitIncludesMissing = true;

  auto operator<=>(const AnalyzerArgs&) const = default;
};

class FileAnalyzer {
 public:
  virtual ~FileAnalyzer() = default;
  virtual bool inOrder(flow::Bytes) { return true; }
  virtual bool chunk(flow::Bytes, uint64_t /*offset*/) { return true; }
  virtual bool missing(uint64_t /*offset*/, uint64_t /*length*/) { return true; }
  virtual bool endOfFile() { return true; }
  // Only extraction has a limit.
  virtual bool setLimit(uint64_t) { return false; }
};

// Where extracted files go. The worker has no file system: the implementation sends them to whoever
// may write, and refuses what the package was not granted.
class Extraction {
 public:
  virtual ~Extraction() = default;  // closes
  // False: cannot be written (any more).
  virtual bool write(uint64_t offset, flow::Bytes data) = 0;
};
class Extractor {
 public:
  virtual ~Extractor() = default;
  // Null: refused.
  virtual std::unique_ptr<Extraction> open(uint32_t subscriber, const std::string& filename) = 0;
};

// Null if `tag` (a value of the catalog's Files::Tag) names none, or the arguments do not suffice.
std::unique_ptr<FileAnalyzer> makeFileAnalyzer(File& file, uint32_t tag, const AnalyzerArgs& args,
                                               uint32_t subscriber);

}  // namespace bulkhead::analyzers::files
