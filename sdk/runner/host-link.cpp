#include "sdk/runner/host-link.h"

#include "schemas/wire/log-wire.h"
#include "sdk/runner/limits.h"

#include <capnp/any.h>
#include <capnp/schema.h>

#include <algorithm>

namespace bulkhead::runner {

namespace {

constexpr size_t wordBytes = sizeof(capnp::word);
// On the wire: a Value's own words, and a Row's.
constexpr size_t valueBytes = 24;
constexpr size_t rowOverhead = 48;

size_t bytesOf(const LogValue& value) {
  size_t bytes = valueBytes;
  switch (value.kind) {
    case LogValue::Kind::string:
    case LogValue::Kind::enumeration:
    case LogValue::Kind::pattern:
    case LogValue::Kind::function:
    case LogValue::Kind::file:
      return bytes + value.text().size() + wordBytes;
    case LogValue::Kind::addr:
    case LogValue::Kind::subnet:
      return bytes + 2 * wordBytes;
    case LogValue::Kind::set:
    case LogValue::Kind::vector:
      for (const auto& element : value.elements()) bytes += bytesOf(element);
      return bytes + wordBytes;
    default:
      return bytes;
  }
}

kj::String text(std::string_view from) { return kj::heapString(from.data(), from.size()); }

}  // namespace

HostLink::HostLink(schemas::Host::Client host, kj::WaitScope& waitScope)
    : host_(kj::mv(host)), waitScope_(waitScope) {}

HostLink::~HostLink() noexcept = default;

void HostLink::setSeq(uint64_t seq) {
  if (seq <= seq_) return;
  if (!printed_.empty()) sendPrint();
  seq_ = seq;
}

void HostLink::openLog(uint32_t id, const LogDescriptor& descriptor) {
  // Rows of logs that were opened before may name nothing of this one: order between them is free.
  auto request = host_.openLogRequest();
  wire::write(request.initLog(), id - 1, descriptor);
  request.send().wait(waitScope_);
}

void HostLink::write(uint32_t id, LogRowKind kind, std::vector<LogValue> row, const LogCause& cause,
                     uint64_t identity) {
  size_t bytes = rowOverhead;
  for (const auto& value : row) bytes += bytesOf(value);
  if (bytes > maxRowBytes) {
    report(schemas::Host::Level::ERROR,
           "a log row of " + std::to_string(bytes) + " bytes was dropped; " +
               std::to_string(maxRowBytes) + " are allowed",
           {});
    return;
  }
  if (!rows_.empty() && rowBytes_ + bytes > maxRowBatchBytes) sendRows();
  // What the run's start and pure set-up write has no input to descend from but the start itself.
  rows_.push_back({id - 1, kind == LogRowKind::contribution, seq_,
                   cause.rootSeq != 0 ? cause.rootSeq : seq_, identity, std::move(row)});
  rowBytes_ += bytes;
  ++rowCount_;
  if (rows_.size() >= maxRows || rowBytes_ >= maxRowBatchBytes) sendRows();
}

void HostLink::sendRows() {
  auto rows = std::exchange(rows_, {});
  size_t words = std::exchange(rowBytes_, 0) / wordBytes + 64;
  auto request = host_.writeRowsRequest(capnp::MessageSize{words, 0});
  auto list = request.initBatch().initRows(static_cast<unsigned>(rows.size()));
  for (unsigned i = 0; i < rows.size(); ++i) {
    auto to = list[i];
    to.setLog(rows[i].log);
    to.setSeq(rows[i].seq);
    to.setRootSeq(rows[i].rootSeq);
    to.setContribution(rows[i].contribution);
    to.setIdentity(rows[i].identity);
    auto values = to.initValues(static_cast<unsigned>(rows[i].values.size()));
    for (unsigned k = 0; k < rows[i].values.size(); ++k) wire::write(values[k], rows[i].values[k]);
  }
  rows.clear();
  request.send().wait(waitScope_);
}

void HostLink::print(std::string_view bytes) {
  while (printed_.size() + bytes.size() > maxPrintBytes) {
    size_t part = maxPrintBytes - printed_.size();
    printed_.append(bytes.substr(0, part));
    bytes.remove_prefix(part);
    sendPrint();
  }
  printed_.append(bytes);
}

void HostLink::sendPrint() {
  // The logger takes what a compartment writes in the order of seq.
  if (!rows_.empty()) sendRows();
  auto request = host_.printRequest();
  request.setText({reinterpret_cast<const kj::byte*>(printed_.data()), printed_.size()});
  request.setSeq(seq_);
  printed_.clear();
  request.send().wait(waitScope_);
}

void HostLink::report(schemas::Host::Level level, std::string_view message,
                      std::string_view location) {
  if (++reports_ > maxReports && level != schemas::Host::Level::FATAL) return;
  auto fill = [&](schemas::Host::Message::Builder to) {
    to.setLevel(level);
    to.setText(text(message.substr(0, maxReportBytes)));
    to.setLocation(text(location));
    to.setSeq(seq_);
  };
  if (level == schemas::Host::Level::FATAL) {
    // The process leaves next, and a connection that closes takes along what its other end has not
    // looked at yet. So this one is called as if it were no stream: its answer is waited for.
    const auto method = capnp::Schema::from<schemas::Host>().getMethodByName("report");
    auto request =
        host_.typelessRequest(capnp::typeId<schemas::Host>(), method.getOrdinal(), nullptr);
    fill(request.initAs<schemas::Host::ReportParams>().initReport());
    request.send().wait(waitScope_);
    return;
  }
  auto request = host_.reportRequest();
  fill(request.initReport());
  request.send().wait(waitScope_);
}

void HostLink::terminate() {
  auto request = host_.terminateRequest();
  request.setSeq(seq_);
  request.send().wait(waitScope_);
}

void HostLink::flush() {
  if (!rows_.empty()) sendRows();
  if (!printed_.empty()) sendPrint();
}

}  // namespace bulkhead::runner
