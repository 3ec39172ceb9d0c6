#include "sandbox/monitor/error-pipe.h"

#include "sandbox/monitor/child.h"

#include <kj/debug.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace bulkhead::sandbox {

// One turn reads no more than this, so that a child that floods stderr gets its turn like others.
constexpr int readsPerTurn = 16;

std::string escapeForTerminal(kj::ArrayPtr<const char> bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string result;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte >= 0x20 && byte < 0x7f) || c == '\n') {
      result += c;
    } else {
      result += "\\x";
      result += digits[byte >> 4];
      result += digits[byte & 15];
    }
  }
  return result;
}

ErrorPipe::ErrorPipe(kj::UnixEventPort& port, kj::AutoCloseFd pipe,
                     kj::Maybe<kj::Function<void(kj::StringPtr)>> onLine)
    : pipe_(kj::mv(pipe)),
      observer_(port, pipe_.get(), kj::UnixEventPort::FdObserver::OBSERVE_READ),
      onLine_(kj::mv(onLine)) {
  KJ_SYSCALL(fcntl(pipe_.get(), F_SETFL, O_NONBLOCK));
}

ErrorPipe::Read ErrorPipe::readOnce() {
  char buffer[4096];
  const ssize_t got = read(pipe_.get(), buffer, sizeof(buffer));
  if (got > 0) {
    take(kj::arrayPtr(buffer, static_cast<size_t>(got)));
    return Read::some;
  }
  if (got < 0 && errno == EINTR) return Read::some;
  return got < 0 && errno == EAGAIN ? Read::nothing : Read::end;
}

kj::Promise<void> ErrorPipe::drain() {
  for (int i = 0; i < readsPerTurn; ++i) {
    switch (readOnce()) {
      case Read::some:
        break;
      case Read::nothing:
        return observer_.whenBecomesReadable().then([this]() { return drain(); });
      case Read::end:
        finishLine();
        return kj::READY_NOW;
    }
  }
  return kj::evalLast([this]() { return drain(); });
}

void ErrorPipe::drainNow() {
  for (int i = 0; i < readsPerTurn && readOnce() == Read::some; ++i) {
  }
  finishLine();
}

void ErrorPipe::take(kj::ArrayPtr<const char> bytes) {
  total_ += bytes.size();
  kept_.insert(kept_.end(), bytes.begin(), bytes.end());
  if (kept_.size() > keptErrorBytes) {
    kept_.erase(kept_.begin(), kept_.begin() + static_cast<long>(kept_.size() - keptErrorBytes));
  }
  if (onLine_ != nullptr) handOn(bytes);
}

void ErrorPipe::handOn(kj::ArrayPtr<const char> bytes) {
  for (const char c : bytes) {
    if (forwarded_ >= forwardedErrorBytes) return;
    ++forwarded_;
    if (c == '\n') {
      finishLine();
    } else {
      line_ += c;
      if (line_.size() >= longestErrorLine) finishLine();
    }
  }
}

void ErrorPipe::finishLine() {
  if (line_.empty()) return;
  const std::string text = escapeForTerminal(kj::arrayPtr(line_.data(), line_.size()));
  line_.clear();
  KJ_IF_MAYBE (onLine, onLine_) (*onLine)(kj::StringPtr(text.c_str(), text.size()));
}

std::string ErrorPipe::tail() const {
  const std::string bytes(kept_.begin(), kept_.end());
  return escapeForTerminal(kj::arrayPtr(bytes.data(), bytes.size()));
}

}  // namespace bulkhead::sandbox
