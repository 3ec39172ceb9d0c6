#include "sandbox/monitor/refusals.h"

#include "sandbox/policy/filter.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <seccomp.h>
#include <sys/ioctl.h>

namespace bulkhead::sandbox {

Refusals::Refusals(kj::UnixEventPort& port, kj::AutoCloseFd listener)
    : listener_(kj::mv(listener)),
      observer_(port, listener_.get(), kj::UnixEventPort::FdObserver::OBSERVE_READ) {}

kj::Maybe<Violation> Refusals::takeNow() {
  // Reading the listener blocks when nothing waits, so look first.
  pollfd look{listener_.get(), POLLIN, 0};
  if (poll(&look, 1, 0) <= 0) return nullptr;
  if ((look.revents & POLLIN) == 0) {
    over_ = true;  // every process under the filter is gone
    return nullptr;
  }
  // A newer kernel may write a longer record than this build knows.
  alignas(seccomp_notif) char record[1024] = {};
  if (ioctl(listener_.get(), SECCOMP_IOCTL_NOTIF_RECV, record) != 0) {
    return nullptr;  // ENOENT: it ended in the meantime
  }
  const auto* notification = reinterpret_cast<const seccomp_notif*>(record);
  const seccomp_data& data = notification->data;
  Violation violation;
  violation.nr = data.nr;
  violation.syscall = syscallName(data.nr, data.arch);
  violation.foreignEntry = data.arch != seccomp_arch_native() ||
                           (data.arch == AUDIT_ARCH_X86_64 && (data.nr & 0x40000000) != 0);
  std::copy(std::begin(data.args), std::end(data.args), violation.args.begin());
  return violation;
}

kj::Promise<kj::Maybe<Violation>> Refusals::first() {
  auto violation = takeNow();
  if (violation != nullptr || over_) return kj::mv(violation);
  return observer_.whenBecomesReadable().then([this]() { return first(); });
}

}  // namespace bulkhead::sandbox
