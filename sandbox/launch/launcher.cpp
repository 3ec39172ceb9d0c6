#include "sandbox/launch/launcher.h"

#include "sandbox/launch/starter.h"
#include "sandbox/launch/zygote-client.h"

#include <kj/debug.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bulkhead::sandbox {
namespace {

// What the proof's child does: one call that is listed, one that is not.
int provenMain(int socket, LockdownHook& lockdown) {
  lockdown();
  if (write(socket, "c", 1) != 1) return 3;
  // Harmless, in nobody's list, and not something that a library calls by itself.
  syscall(SYS_getpgid, 0);
  return 4;
}

}  // namespace

class Launcher::Impl {
 public:
  Impl(kj::UnixEventPort& port, Machine machine, CgroupTree* cgroups)
      : starter(port, kj::mv(machine), cgroups) {}

  Starter starter;
};

Launcher::Launcher(kj::UnixEventPort& port, Machine machine, CgroupTree* cgroups)
    : impl_(kj::heap<Impl>(port, kj::mv(machine), cgroups)) {}
Launcher::~Launcher() noexcept(false) {}

const Machine& Launcher::machine() const { return impl_->starter.machine(); }

kj::Own<Child> Launcher::launchProgram(const LaunchSpec& spec, int program,
                                       kj::Maybe<ErrorLines> onErrorLine) {
  KJ_REQUIRE(!profileOf(spec.profile).executesImage, "a package's program needs launchImage()");
  return impl_->starter.startProgram(spec, program, kj::mv(onErrorLine));
}

kj::Own<Child> Launcher::launchImage(const LaunchSpec& spec, int image,
                                     kj::Maybe<ErrorLines> onErrorLine) {
  KJ_REQUIRE(profileOf(spec.profile).executesImage, "not a profile for a package's program");
  return impl_->starter.startFork(spec, AfterSetup::executeImage, image, nullptr,
                                  kj::mv(onErrorLine));
}

kj::Own<Zygote> Launcher::launchZygote(const LaunchSpec& spec, int program,
                                       kj::Maybe<ErrorLines> onErrorLine) {
  KJ_REQUIRE(spec.profile == ProfileId::zygote, "not the zygote's profile");
  // Functions of shared libraries are looked up once, here, instead of in each fork at the first
  // call, where every look-up that is written down copies a page.
  auto environment = kj::heapArrayBuilder<kj::StringPtr>(spec.environment.size() + 1);
  environment.addAll(spec.environment);
  environment.add("LD_BIND_NOW=1");
  LaunchSpec bound = spec;
  bound.environment = environment.asPtr();
  return makeZygoteClient(impl_->starter,
                          impl_->starter.startProgram(bound, program, kj::mv(onErrorLine)));
}

kj::Promise<kj::Maybe<kj::String>> Launcher::prove(ProfileId profile) {
  KJ_REQUIRE(!profileOf(profile).lockdown.empty(), "nothing to prove", profileOf(profile).name);
  LaunchSpec spec;
  spec.name = "proof"_kj;
  spec.profile = profile;
  spec.limits = packageDefaults();
  auto child = impl_->starter.startFork(spec, AfterSetup::callMain, -1, &provenMain,
                                        kj::Maybe<ErrorLines>());
  auto socket = child->takeSocket();
  auto end = child->onEnd();
  return end.then([child = kj::mv(child),
                   socket = kj::mv(socket)](Outcome outcome) mutable -> kj::Maybe<kj::String> {
    char byte = 0;
    if (recv(socket.get(), &byte, 1, MSG_DONTWAIT) != 1 || byte != 'c') {
      return kj::str("the control failed: ", describe(outcome).c_str());
    }
    const auto* violation = std::get_if<Violation>(&outcome);
    if (violation == nullptr || violation->nr != SYS_getpgid) {
      return kj::str("a call that must be refused and named was not: ", describe(outcome).c_str());
    }
    return nullptr;
  });
}

kj::AutoCloseFd sealImage(int file, kj::StringPtr name) {
  struct stat status {};
  KJ_SYSCALL(fstat(file, &status), name);
  KJ_REQUIRE(S_ISREG(status.st_mode), "not a regular file", name);
  KJ_REQUIRE(status.st_size > 0 && static_cast<uint64_t>(status.st_size) <= mostImageBytes,
             "a program must have from 1 byte to 256 MiB", name, status.st_size);
  int raw;
  constexpr unsigned mayExecute = 0x10;  // MFD_EXEC, since kernel 6.3
  raw = memfd_create("bulkhead-image", MFD_CLOEXEC | MFD_ALLOW_SEALING | mayExecute);
  if (raw < 0) raw = memfd_create("bulkhead-image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  KJ_SYSCALL(raw, name);
  kj::AutoCloseFd image(raw);
  off_t offset = 0;
  while (offset < status.st_size) {
    ssize_t copied;
    KJ_SYSCALL(
        copied = sendfile(image.get(), file, &offset, static_cast<size_t>(status.st_size - offset)),
        name);
    KJ_REQUIRE(copied > 0, "the program became shorter while it was read", name);
  }
  // Not readable for the child: the kernel then keeps the process from being inspected too.
  KJ_SYSCALL(fchmod(image.get(), 0111));
  KJ_SYSCALL(
      fcntl(image.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL));
  return image;
}

kj::AutoCloseFd openOwnProgram() {
  int fd;
  KJ_SYSCALL(fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  return kj::AutoCloseFd(fd);
}

}  // namespace bulkhead::sandbox
