#pragma once
// What a compartment asks of the world: files, commands, names, its environment.
//
// One Outside belongs to one compartment; event-loop thread. The arguments come from a hostile
// side: names are resolved by the kernel beneath the folders of the grant (openat2 with
// RESOLVE_BENEATH), and numbers of open files are looked up, never trusted. Nothing here waits:
// commands and look-ups run beside the loop, and several of them at once are refused. What cannot
// be done is an answer, and one for want of a grant names it.

#include "host/supervisor/grants.h"
#include "schemas/value.capnp.h"

#include <kj/async.h>
#include <kj/io.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace bulkhead::supervisor {

struct Refused {
  std::string why;
};
// The machine said no: the function returns F, and the script is told why.
struct Failure {
  std::string why;
};
struct NameList {
  std::vector<std::string> addresses;  // as text
};
// What the script function returns, by its type.
using Answer =
    std::variant<Refused, Failure, bool, uint64_t, int64_t, double, std::string, NameList>;

class Outside {
 public:
  static constexpr size_t mostOpenFiles = 256;
  static constexpr size_t mostNameBytes = 4096;
  static constexpr size_t mostCommandBytes = 128 * 1024;  // as many as the kernel takes
  static constexpr unsigned mostAtOnce = 16;              // commands and look-ups

  explicit Outside(Grants grants);
  ~Outside();
  Outside(const Outside&) = delete;
  Outside& operator=(const Outside&) = delete;

  using Arguments = capnp::List<schemas::Value>::Reader;
  // `function` as package.capnp and sdk/runner/world.h name it.
  kj::Promise<Answer> request(const std::string& function, Arguments arguments);

 private:
  struct Folder;
  struct Place;
  struct Command;
  using Method = kj::Promise<Answer> (Outside::*)(Arguments);
  struct Row;
  static const std::vector<Row>& rows();

  kj::Promise<Answer> openFile(Arguments arguments);
  kj::Promise<Answer> writeFile(Arguments arguments);
  kj::Promise<Answer> flushFile(Arguments arguments);
  kj::Promise<Answer> closeFile(Arguments arguments);
  kj::Promise<Answer> fileSize(Arguments arguments);
  kj::Promise<Answer> makeFolder(Arguments arguments);
  kj::Promise<Answer> removeFolder(Arguments arguments);
  kj::Promise<Answer> removeFile(Arguments arguments);
  kj::Promise<Answer> renameFile(Arguments arguments);
  kj::Promise<Answer> getVariable(Arguments arguments);
  kj::Promise<Answer> setVariable(Arguments arguments);
  kj::Promise<Answer> runCommand(Arguments arguments);
  kj::Promise<Answer> runCommandWith(Arguments arguments);
  kj::Promise<Answer> pipeInto(Arguments arguments);
  kj::Promise<Answer> nameOf(Arguments arguments);
  kj::Promise<Answer> addressesOf(Arguments arguments);
  kj::Promise<Answer> textOf(Arguments arguments);
  kj::Promise<Answer> isLocalInterface(Arguments arguments);

  // Where a name stands; the reason it stands nowhere instead.
  std::variant<Place, Refused> find(const std::string& name) const;
  std::vector<std::string> environment() const;
  kj::Promise<Answer> run(Command command);
  kj::Promise<Answer> beside(std::function<Answer()> work);

  Grants grants_;
  std::vector<Folder> folders_;
  std::map<uint64_t, kj::AutoCloseFd> files_;
  uint64_t nextFile_ = 1;
  std::map<std::string, std::string> variables_;  // set by the scripts
  std::shared_ptr<unsigned> running_;
};

// Into what the compartment decodes by the function's type.
void write(schemas::Value::Builder to, const Answer& answer);

}  // namespace bulkhead::supervisor
