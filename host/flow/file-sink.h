#pragma once
// The files framework as protocol analyzers see it.
//
// Analyzers hand over what they take for file contents and get back nothing but whether to go on.
// Implemented in host/analyzers/files; owned by the worker; worker thread only. All input is
// hostile: sizes and offsets are claims. Names follow Zeek's files framework
// (https://docs.zeek.org/en/master/frameworks/file-analysis.html).

#include "host/flow/protocol-analyzer.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace bulkhead::flow {

// Where a piece of a file came from. Borrowed for one call.
struct FileOrigin {
  ConnectionContext& context;
  uint32_t analyzerTag;     // Analyzer::Tag
  std::string_view source;  // fa_file$source: "HTTP"
  bool isOrig;
};

class FileSink {
 public:
  virtual ~FileSink() = default;

  // False if nobody asked for any file event: analyzers need not describe files at all.
  virtual bool active() const = 0;
  // `handle` is what the base library answers to get_file_handle; scripts of others may give
  // another. The fuid for a handle, the text that tells one file of a protocol from another. The
  // same handle gives the same fuid in every run. Empty: this file is not to be followed.
  virtual std::string identify(const FileOrigin& origin, std::string_view handle) = 0;

  // Each answers whether `fuid` still names a file in progress: false once it is complete or
  // ignored, and then the analyzer identifies afresh before it delivers more. Contents that follow
  // on what came before; from one connection only.
  virtual bool dataIn(const FileOrigin& origin, const std::string& fuid, Bytes data) = 0;
  // Contents at `offset`, from any connection (range requests).
  virtual bool dataAt(const FileOrigin& origin, const std::string& fuid, uint64_t offset,
                      Bytes data) = 0;
  // `length` bytes from `offset` will not come.
  virtual bool gap(const FileOrigin& origin, const std::string& fuid, uint64_t offset,
                   uint64_t length) = 0;
  virtual bool setSize(const FileOrigin& origin, const std::string& fuid, uint64_t size) = 0;

  // No more will come. Unknown fuids are no error.
  virtual void endOfFile(const std::string& fuid) = 0;
  // The connection's state is about to be destroyed; files that it carried may live on.
  virtual void connectionRemoved(events::ConnectionState& connection) = 0;
};

}  // namespace bulkhead::flow
