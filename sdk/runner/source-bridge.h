#pragma once
// Script text from the host: every `@load` is one question to the worker, asked once.
//
// On the VM's thread, at the top level of the event loop: resolve() waits for the answer. The host
// is trusted with what a name means; it answers path, text and owner at once, and the text is kept
// until it is read. Texts of the base library may be held from before (BaseLibrary), so that they
// do not cross the socket once for every compartment.

#include "schemas/package.capnp.h"
#include "sdk/script/source/source-provider.h"

#include <kj/async.h>

#include <map>
#include <optional>
#include <string>

namespace bulkhead::runner {

class SourceBridge final : public source::SourceProvider {
 public:
  SourceBridge(schemas::Host::Client host, kj::WaitScope& waitScope)
      : host_(kj::mv(host)), waitScope_(waitScope) {}
  ~SourceBridge() noexcept override;

  std::optional<source::ResolvedFile> resolve(std::string_view target, std::string_view fromPath,
                                              source::LoadKind kind) override;
  std::variant<std::string, source::Unreadable> read(const std::string& path) override;
  std::string directoryOf(const source::ResolvedFile& file) const override;
  // What the names of the operator's own scripts are relative to; empty: @DIR stays relative.
  void setWorkingDirectory(std::string path) { workingDirectory_ = std::move(path); }

 private:
  std::optional<source::ResolvedFile> ask(const std::string& target, std::string_view fromPath);

  schemas::Host::Client host_;
  kj::WaitScope& waitScope_;
  // By folder of the loading file and target: what is relative differs from folder to folder.
  std::map<std::pair<std::string, std::string>, std::optional<source::ResolvedFile>> asked_;
  std::map<std::string, std::string> texts_;    // by path
  std::map<std::string, std::string> refused_;  // why there is no text, by path
  std::string workingDirectory_;
};

}  // namespace bulkhead::runner
