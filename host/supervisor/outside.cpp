#include "host/supervisor/outside.h"

#include "common/net-types.h"

#include <kj/debug.h>

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <ifaddrs.h>
#include <linux/openat2.h>
#include <netdb.h>
#include <resolv.h>
#include <set>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace bulkhead::supervisor {

namespace {

std::string str(capnp::Data::Reader from) {
  return {reinterpret_cast<const char*>(from.begin()), from.size()};
}

std::string textAt(Outside::Arguments arguments, unsigned at) {
  if (at >= arguments.size() || !arguments[at].isText()) return {};
  return str(arguments[at].getText());
}

kj::Promise<Answer> done(Answer answer) { return kj::Promise<Answer>(std::move(answer)); }
kj::Promise<Answer> refuse(std::string why) { return done(Refused{std::move(why)}); }
kj::Promise<Answer> refuseErrno(const std::string& what) {
  return refuse(what + ": " + std::strerror(errno));
}
kj::Promise<Answer> failErrno(const std::string& what) {
  return done(Failure{what + ": " + std::strerror(errno)});
}

// Without magic links, and never out of `folder`.
int openBeneath(int folder, const std::string& name, uint64_t flags) {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.mode = (flags & O_CREAT) != 0 ? 0666 : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(syscall(SYS_openat2, folder, name.c_str(), &how, sizeof how));
}

std::string addressText(schemas::Address::Reader from) {
  uint8_t bytes[16];
  for (int i = 0; i < 8; ++i) {
    bytes[i] = static_cast<uint8_t>(from.getHigh() >> (56 - 8 * i));
    bytes[8 + i] = static_cast<uint8_t>(from.getLow() >> (56 - 8 * i));
  }
  return IpAddr::v6(bytes).text();
}

}  // namespace

struct Outside::Folder {
  std::string path;  // absolute
  kj::AutoCloseFd fd;
};

// A name, taken apart into what must exist and what need not.
struct Outside::Place {
  int folder = -1;     // of the grant
  std::string name;    // beneath it
  std::string parent;  // of the name; "." for the folder itself
  std::string last;    // part of the name

  kj::AutoCloseFd openParent() const {
    return kj::AutoCloseFd(openBeneath(folder, parent, O_PATH | O_DIRECTORY));
  }
};

struct Outside::Command {
  std::string text = {};
  std::string input = {};
  bool hasInput = false;
  std::vector<std::string> environment = {};
};

Outside::Outside(Grants grants)
    : grants_(std::move(grants)), running_(std::make_shared<unsigned>(0)) {
  for (const std::string& name : grants_.files) {
    char path[PATH_MAX];
    if (realpath(name.c_str(), path) == nullptr) continue;
    kj::AutoCloseFd fd(::open(path, O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() >= 0) folders_.push_back({path, std::move(fd)});
  }
}
Outside::~Outside() = default;

struct Outside::Row {
  std::string_view function;
  Method method;
  bool Grants::*grant;  // null: files
};

const std::vector<Outside::Row>& Outside::rows() {
  static const std::vector<Row> all = {
      {"file.open", &Outside::openFile, nullptr},
      {"file.write", &Outside::writeFile, nullptr},
      {"file.flush", &Outside::flushFile, nullptr},
      {"file.close", &Outside::closeFile, nullptr},
      {"file_size", &Outside::fileSize, nullptr},
      {"mkdir", &Outside::makeFolder, nullptr},
      {"rmdir", &Outside::removeFolder, nullptr},
      {"unlink", &Outside::removeFile, nullptr},
      {"rename", &Outside::renameFile, nullptr},
      {"getenv", &Outside::getVariable, &Grants::environment},
      {"setenv", &Outside::setVariable, &Grants::environment},
      {"is_local_interface", &Outside::isLocalInterface, &Grants::environment},
      {"system", &Outside::runCommand, &Grants::commands},
      {"system_env", &Outside::runCommandWith, &Grants::commands},
      {"piped_exec", &Outside::pipeInto, &Grants::commands},
      {"lookup_addr", &Outside::nameOf, &Grants::lookups},
      {"lookup_hostname", &Outside::addressesOf, &Grants::lookups},
      {"lookup_hostname_txt", &Outside::textOf, &Grants::lookups},
  };
  return all;
}

kj::Promise<Answer> Outside::request(const std::string& function, Arguments arguments) {
  for (const Row& row : rows()) {
    if (row.function != function) continue;
    bool granted = row.grant == nullptr ? !folders_.empty() : grants_.*row.grant;
    const char* name = row.grant == nullptr                ? "files"
                       : row.grant == &Grants::environment ? "environment"
                       : row.grant == &Grants::commands    ? "commands"
                                                           : "lookups";
    if (!granted) return refuse(function + " needs the grant \"" + name + "\"");
    return (this->*row.method)(arguments);
  }
  return refuse("no grant for " + function);
}

// ---- Files

std::variant<Outside::Place, Refused> Outside::find(const std::string& given) const {
  std::string name = given;
  if (name.empty() || name.size() > mostNameBytes || name.find('\0') != std::string::npos)
    return Refused{"a file's name of between 1 and " + std::to_string(mostNameBytes) +
                   " bytes is expected"};
  const Folder* folder = &folders_.front();
  if (name.front() == '/') {
    folder = nullptr;
    for (const Folder& each : folders_) {
      if (!name.starts_with(each.path) || name.size() <= each.path.size() ||
          (each.path != "/" && name[each.path.size()] != '/'))
        continue;
      folder = &each;
      name.erase(0, name.find_first_not_of('/', each.path.size()));
      break;
    }
    if (folder == nullptr || name.empty())
      return Refused{given + ": the grant \"files\" does not reach there"};
  }
  while (name.size() > 1 && name.ends_with('/')) name.pop_back();
  Place out{folder->fd.get(), name, ".", name};
  if (size_t slash = name.rfind('/'); slash != std::string::npos) {
    out.parent = name.substr(0, slash);
    out.last = name.substr(slash + 1);
  }
  if (out.last == "." || out.last == "..") return Refused{given + ": a file's name is expected"};
  return out;
}

kj::Promise<Answer> Outside::openFile(Arguments arguments) {
  std::string name = textAt(arguments, 0);
  bool append = arguments.size() > 1 && arguments[1].isBoolean() && arguments[1].getBoolean();
  if (files_.size() >= mostOpenFiles)
    return refuse("more than " + std::to_string(mostOpenFiles) + " files are open");
  kj::AutoCloseFd fd;
  if (name == "/dev/null") {
    fd = kj::AutoCloseFd(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  } else if (name == "/dev/stderr") {
    fd = kj::AutoCloseFd(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
  } else {
    auto place = find(name);
    if (auto* refused = std::get_if<Refused>(&place)) return done(std::move(*refused));
    auto& found = std::get<Place>(place);
    // A pipe would make the host wait for somebody who reads it.
    fd = kj::AutoCloseFd(
        openBeneath(found.folder, found.name,
                    O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY | (append ? O_APPEND : O_TRUNC)));
  }
  if (fd.get() < 0) return refuse(std::strerror(errno));
  uint64_t handle = nextFile_++;
  files_.emplace(handle, std::move(fd));
  return done(handle);
}

kj::Promise<Answer> Outside::writeFile(Arguments arguments) {
  auto file = arguments.size() == 2 && arguments[0].isCount() && arguments[1].isText()
                  ? files_.find(arguments[0].getCount())
                  : files_.end();
  if (file == files_.end()) return refuse("there is no such open file");
  auto bytes = arguments[1].getText();
  while (bytes.size() > 0) {
    ssize_t n = ::write(file->second.get(), bytes.begin(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return refuseErrno("writing");
    bytes = bytes.slice(static_cast<size_t>(n), bytes.size());
  }
  return done(true);
}

kj::Promise<Answer> Outside::flushFile(Arguments arguments) {
  bool known =
      arguments.size() == 1 && arguments[0].isCount() && files_.contains(arguments[0].getCount());
  return known ? done(true) : refuse("there is no such open file");
}

kj::Promise<Answer> Outside::closeFile(Arguments arguments) {
  bool known =
      arguments.size() == 1 && arguments[0].isCount() && files_.erase(arguments[0].getCount()) > 0;
  return known ? done(true) : refuse("there is no such open file");
}

kj::Promise<Answer> Outside::fileSize(Arguments arguments) {
  auto place = find(textAt(arguments, 0));
  if (auto* refused = std::get_if<Refused>(&place)) return done(std::move(*refused));
  auto& found = std::get<Place>(place);
  kj::AutoCloseFd fd(openBeneath(found.folder, found.name, O_PATH));
  struct stat status {};
  if (fd.get() < 0 || fstat(fd.get(), &status) != 0) return done(-1.0);
  return done(static_cast<double>(status.st_size));
}

kj::Promise<Answer> Outside::makeFolder(Arguments arguments) {
  std::string name = textAt(arguments, 0);
  auto place = find(name);
  if (auto* refused = std::get_if<Refused>(&place)) return done(std::move(*refused));
  auto& found = std::get<Place>(place);
  auto parent = found.openParent();
  if (parent.get() >= 0 && mkdirat(parent.get(), found.last.c_str(), 0777) == 0) return done(true);
  int problem = errno;
  struct stat status {};
  if (problem == EEXIST && fstatat(parent.get(), found.last.c_str(), &status, 0) == 0 &&
      S_ISDIR(status.st_mode))
    return done(true);
  errno = problem;
  return failErrno("cannot create directory '" + name + "'");
}

kj::Promise<Answer> Outside::removeFolder(Arguments arguments) {
  std::string name = textAt(arguments, 0);
  auto place = find(name);
  if (auto* refused = std::get_if<Refused>(&place)) return done(std::move(*refused));
  auto& found = std::get<Place>(place);
  auto parent = found.openParent();
  if (parent.get() >= 0 && unlinkat(parent.get(), found.last.c_str(), AT_REMOVEDIR) == 0)
    return done(true);
  return failErrno("cannot remove directory '" + name + "'");
}

kj::Promise<Answer> Outside::removeFile(Arguments arguments) {
  std::string name = textAt(arguments, 0);
  auto place = find(name);
  if (auto* refused = std::get_if<Refused>(&place)) return done(std::move(*refused));
  auto& found = std::get<Place>(place);
  auto parent = found.openParent();
  if (parent.get() >= 0 && unlinkat(parent.get(), found.last.c_str(), 0) == 0) return done(true);
  return failErrno("cannot unlink file '" + name + "'");
}

kj::Promise<Answer> Outside::renameFile(Arguments arguments) {
  std::string from = textAt(arguments, 0), to = textAt(arguments, 1);
  auto source = find(from), target = find(to);
  if (auto* refused = std::get_if<Refused>(&source)) return done(std::move(*refused));
  if (auto* refused = std::get_if<Refused>(&target)) return done(std::move(*refused));
  auto &one = std::get<Place>(source), &other = std::get<Place>(target);
  auto oneParent = one.openParent(), otherParent = other.openParent();
  if (oneParent.get() >= 0 && otherParent.get() >= 0 &&
      renameat(oneParent.get(), one.last.c_str(), otherParent.get(), other.last.c_str()) == 0)
    return done(true);
  return failErrno("cannot rename file '" + from + "' to '" + to + "'");
}

// ---- Environment

kj::Promise<Answer> Outside::getVariable(Arguments arguments) {
  std::string name = textAt(arguments, 0);
  if (auto own = variables_.find(name); own != variables_.end()) return done(own->second);
  const char* value = std::getenv(name.c_str());
  return done(std::string(value == nullptr ? "" : value));
}

kj::Promise<Answer> Outside::setVariable(Arguments arguments) {
  std::string name = textAt(arguments, 0), value = textAt(arguments, 1);
  constexpr size_t mostVariables = 1024;
  if (name.empty() || name.find('=') != std::string::npos || name.find('\0') != std::string::npos ||
      value.find('\0') != std::string::npos || name.size() + value.size() > mostCommandBytes ||
      variables_.size() >= mostVariables)
    return done(false);
  // Only for this compartment's own getenv() and commands: the host's stays as it is.
  variables_[name] = value;
  return done(true);
}

std::vector<std::string> Outside::environment() const {
  std::vector<std::string> out;
  for (char** each = environ; *each != nullptr; ++each) {
    std::string line = *each;
    if (!variables_.contains(line.substr(0, line.find('=')))) out.push_back(std::move(line));
  }
  for (const auto& [name, value] : variables_) out.push_back(name + "=" + value);
  return out;
}

kj::Promise<Answer> Outside::isLocalInterface(Arguments arguments) {
  if (arguments.size() != 1 || !arguments[0].isAddr()) return refuse("an address is expected");
  std::string wanted = addressText(arguments[0].getAddr());
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return refuseErrno("the interfaces");
  KJ_DEFER(freeifaddrs(all));
  for (ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
    char text[INET6_ADDRSTRLEN] = "";
    if (each->ifa_addr == nullptr) continue;
    if (each->ifa_addr->sa_family == AF_INET)
      inet_ntop(AF_INET, &reinterpret_cast<sockaddr_in*>(each->ifa_addr)->sin_addr, text,
                sizeof text);
    if (each->ifa_addr->sa_family == AF_INET6)
      inet_ntop(AF_INET6, &reinterpret_cast<sockaddr_in6*>(each->ifa_addr)->sin6_addr, text,
                sizeof text);
    if (wanted == text) return done(true);
  }
  return done(false);
}

// ---- Beside the loop

kj::Promise<Answer> Outside::beside(std::function<Answer()> work) {
  if (*running_ >= mostAtOnce)
    return refuse("more than " + std::to_string(mostAtOnce) + " commands and look-ups at once");
  ++*running_;
  auto pair = kj::newPromiseAndCrossThreadFulfiller<Answer>();
  // A thread's state must not throw when it goes, which an Own may.
  auto fulfiller = std::make_shared<decltype(pair.fulfiller)>(kj::mv(pair.fulfiller));
  // Detached: a command that never ends must not keep the host from ending.
  std::thread([work = std::move(work), fulfiller]() mutable {
    auto problem = kj::runCatchingExceptions([&]() { (*fulfiller)->fulfill(work()); });
    (void)problem;  // the loop is gone, and nobody waits
  }).detach();
  return pair.promise.then([running = running_](Answer answer) {
    --*running;
    return answer;
  });
}

namespace {

// Runs a shell command to its end. The status is that of waitpid(2).
Answer runToEnd(const std::string& text, const std::string* input,
                std::vector<std::string> environment) {
  int ends[2] = {-1, -1};
  if (input != nullptr && pipe2(ends, O_CLOEXEC) != 0)
    return Refused{std::string("a pipe: ") + std::strerror(errno)};
  kj::AutoCloseFd reading(ends[0]), writing(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  KJ_DEFER({
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  });
  if (input != nullptr) posix_spawn_file_actions_adddup2(&actions, reading.get(), STDIN_FILENO);
  // The event loop blocks and ignores signals that a command is used to.
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<char*> variables;
  for (std::string& each : environment) variables.push_back(each.data());
  variables.push_back(nullptr);
  std::string shell = "sh", flag = "-c", command = text;
  char* arguments[] = {shell.data(), flag.data(), command.data(), nullptr};
  pid_t child = 0;
  int problem = posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, variables.data());
  if (problem != 0) return Refused{std::string("/bin/sh: ") + std::strerror(problem)};
  bool whole = true;
  if (input != nullptr) {
    reading = nullptr;
    std::string_view rest = *input;
    while (!rest.empty()) {
      ssize_t n = ::write(writing.get(), rest.data(), rest.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) break;
      rest.remove_prefix(static_cast<size_t>(n));
    }
    whole = rest.empty();
    writing = nullptr;
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (input == nullptr) return static_cast<int64_t>(status);
  if (whole) return true;
  return Refused{"the command did not read all of its input"};
}

bool fakesNames() { return std::getenv("ZEEK_DNS_FAKE") != nullptr; }

}  // namespace

kj::Promise<Answer> Outside::run(Command command) {
  if (command.text.size() > mostCommandBytes || command.text.find('\0') != std::string::npos)
    return refuse("a command of at most " + std::to_string(mostCommandBytes) +
                  " bytes and without zero bytes is expected");
  return beside([command = std::move(command)]() {
    return runToEnd(command.text, command.hasInput ? &command.input : nullptr, command.environment);
  });
}

kj::Promise<Answer> Outside::runCommand(Arguments arguments) {
  return run({.text = textAt(arguments, 0), .environment = environment()});
}

kj::Promise<Answer> Outside::runCommandWith(Arguments arguments) {
  Command command{.text = textAt(arguments, 0), .environment = environment()};
  if (arguments.size() < 2 || !arguments[1].isTable())
    return refuse("system_env: a table of variables is expected");
  auto table = arguments[1].getTable();
  for (unsigned i = 0; i + 1 < table.size(); i += 2) {
    std::string name = textAt(table, i), value = textAt(table, i + 1);
    if (name.find('=') != std::string::npos) continue;
    // Apart from those that mean something to the shell and its kind.
    std::string variable = "ZEEK_ARG_" + name + "=" + value;
    if (variable.find('\0') == std::string::npos) command.environment.push_back(variable);
  }
  return run(std::move(command));
}

kj::Promise<Answer> Outside::pipeInto(Arguments arguments) {
  return run({.text = textAt(arguments, 0),
              .input = textAt(arguments, 1),
              .hasInput = true,
              .environment = environment()});
}

kj::Promise<Answer> Outside::nameOf(Arguments arguments) {
  if (arguments.size() != 1 || !arguments[0].isAddr()) return refuse("an address is expected");
  std::string address = addressText(arguments[0].getAddr());
  if (fakesNames()) return done("fake_addr_lookup_result_" + address);
  return beside([address]() -> Answer {
    addrinfo hints{}, *found = nullptr;
    hints.ai_flags = AI_NUMERICHOST;
    if (getaddrinfo(address.c_str(), nullptr, &hints, &found) != 0) return std::string("<\?\?\?>");
    KJ_DEFER(freeaddrinfo(found));
    char name[NI_MAXHOST];
    if (getnameinfo(found->ai_addr, found->ai_addrlen, name, sizeof name, nullptr, 0,
                    NI_NAMEREQD) != 0)
      return std::string("<\?\?\?>");
    return std::string(name);
  });
}

kj::Promise<Answer> Outside::addressesOf(Arguments arguments) {
  std::string name = textAt(arguments, 0);
  if (name.size() > NI_MAXHOST || name.find('\0') != std::string::npos)
    return refuse("a host's name is expected");
  return beside([name]() -> Answer {
    NameList out;
    addrinfo hints{}, *found = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    if (!fakesNames() && getaddrinfo(name.c_str(), nullptr, &hints, &found) == 0) {
      KJ_DEFER(freeaddrinfo(found));
      std::set<std::string> seen;
      for (addrinfo* each = found; each != nullptr; each = each->ai_next) {
        char text[NI_MAXHOST];
        if (getnameinfo(each->ai_addr, each->ai_addrlen, text, sizeof text, nullptr, 0,
                        NI_NUMERICHOST) == 0 &&
            seen.insert(text).second)
          out.addresses.emplace_back(text);
      }
    }
    // Nothing found, as in Zeek.
    if (out.addresses.empty()) out.addresses.emplace_back("0.0.0.0");
    return out;
  });
}

kj::Promise<Answer> Outside::textOf(Arguments arguments) {
  std::string name = textAt(arguments, 0);
  if (name.size() > NI_MAXHOST || name.find('\0') != std::string::npos)
    return refuse("a host's name is expected");
  if (fakesNames()) return done("fake_lookup_result_" + std::to_string(ns_t_txt) + "_" + name);
  return beside([name]() -> Answer {
    unsigned char reply[NS_MAXMSG];
    int size = res_query(name.c_str(), ns_c_in, ns_t_txt, reply, sizeof reply);
    ns_msg message;
    ns_rr record;
    if (size < 0 || ns_initparse(reply, size, &message) != 0) return std::string("<\?\?\?>");
    for (int i = 0; i < ns_msg_count(message, ns_s_an); ++i) {
      if (ns_parserr(&message, ns_s_an, i, &record) != 0 || ns_rr_type(record) != ns_t_txt)
        continue;
      const unsigned char* data = ns_rr_rdata(record);
      if (ns_rr_rdlen(record) == 0 || data[0] >= ns_rr_rdlen(record)) continue;
      return std::string(reinterpret_cast<const char*>(data + 1), data[0]);
    }
    return std::string("<\?\?\?>");
  });
}

// ---- Answers on the wire

void write(schemas::Value::Builder to, const Answer& answer) {
  struct Visitor {
    schemas::Value::Builder to;
    void operator()(const Refused&) { to.setAbsent(); }
    void operator()(const Failure&) { to.setBoolean(false); }
    void operator()(bool value) { to.setBoolean(value); }
    void operator()(uint64_t value) { to.setCount(value); }
    void operator()(int64_t value) { to.setInteger(value); }
    void operator()(double value) { to.setReal(value); }
    void operator()(const std::string& value) {
      to.setText({reinterpret_cast<const kj::byte*>(value.data()), value.size()});
    }
    void operator()(const NameList& value) {
      auto list = to.initList(static_cast<unsigned>(value.addresses.size()));
      for (unsigned i = 0; i < list.size(); ++i) {
        IpAddr address = IpAddr::parse(value.addresses[i]).value_or(IpAddr{});
        uint64_t high = 0, low = 0;
        for (size_t k = 0; k < 8; ++k) {
          high = high << 8 | address.bytes[k];
          low = low << 8 | address.bytes[8 + k];
        }
        auto addr = list[i].initAddr();
        addr.setHigh(high);
        addr.setLow(low);
      }
    }
  };
  std::visit(Visitor{to}, answer);
}

}  // namespace bulkhead::supervisor
