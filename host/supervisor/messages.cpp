#include "host/supervisor/messages.h"

#include "common/escape.h"
#include "host/supervisor/compartment.h"
#include "host/supervisor/progress.h"

namespace bulkhead::supervisor {

Messages::Level Messages::levelOf(schemas::Host::Level level) {
  switch (level) {
    case schemas::Host::Level::INFO:
      return Level::info;
    case schemas::Host::Level::WARNING:
    case schemas::Host::Level::MEMORY:
      return Level::warning;
    case schemas::Host::Level::FATAL:
      return Level::fatal;
    default:
      return Level::error;
  }
}

void Messages::line(const std::string& text) {
  tellRepeated();
  last_.clear();
  write(text);
}

void Messages::tellRepeated() {
  if (repeated_ > 0) {
    write("(the same " + (repeated_ == 1 ? "once" : std::to_string(repeated_) + " times") +
          " more)");
  }
  repeated_ = 0;
}

void Messages::write(const std::string& text) {
  progress_.clear();
  std::fwrite(text.data(), 1, text.size(), out_);
  std::fputc('\n', out_);
  std::fflush(out_);
}

void Messages::say(Compartment& from, Level level, std::string_view text,
                   std::string_view location) {
  if (++from.messages > mostPerPackage && !from.isSite()) {
    if (from.messages == mostPerPackage + 1) {
      line("[" + from.name + "] further messages of this package are only counted");
    }
    return;
  }
  std::string out = from.isSite() ? "" : "[" + from.name + "] ";
  out += level == Level::info      ? ""
         : level == Level::warning ? "warning"
         : level == Level::error   ? "error"
                                   : "fatal error";
  if (!location.empty() && level != Level::info) {
    std::string where = escaped(location);
    size_t colon = where.rfind(':');
    out += " in " + where.substr(0, colon);
    if (colon != std::string::npos) out += ", line " + where.substr(colon + 1);
  }
  if (level != Level::info) out += ": ";
  out += escaped(text.substr(0, mostBytes));
  // The site's messages come as zeek writes them, each.
  if (!from.isSite() && out == last_) {
    ++repeated_;
    return;
  }
  line(out);
  last_ = std::move(out);
}

void Messages::diagnostics(const Compartment& from, std::string_view text) {
  std::string out = sandbox::escapeForTerminal(kj::arrayPtr(text.data(), text.size()));
  while (!out.empty() && out.back() == '\n') out.pop_back();
  line((from.isSite() ? "" : "[" + from.name + "] ") + out);
}

void Messages::host(std::string_view text) { line("bulkhead: " + std::string(text)); }

}  // namespace bulkhead::supervisor
