#include "host/worker/host-service.h"

#include "schemas/rows.capnp.h"

#include <kj/debug.h>

#include <algorithm>

namespace bulkhead::worker {

namespace {

constexpr size_t wordBytes = sizeof(capnp::word);

size_t bytesOf(capnp::MessageSize size) { return size.wordCount * wordBytes; }

// Counts values and the bytes of texts until one bound is passed.
bool withinBounds(capnp::List<schemas::Value>::Reader values, int depth, size_t& left) {
  if (depth > maxValueDepth || values.size() > left) return false;
  left -= values.size();
  for (auto value : values) {
    switch (value.which()) {
      case schemas::Value::TEXT:
        if (value.getText().size() > maxTextBytes) return false;
        break;
      case schemas::Value::LIST:
        if (!withinBounds(value.getList(), depth + 1, left)) return false;
        break;
      case schemas::Value::TABLE:
        if (!withinBounds(value.getTable(), depth + 1, left)) return false;
        break;
      default:
        break;
    }
  }
  return true;
}

bool withinBounds(capnp::List<schemas::Value>::Reader values) {
  size_t left = maxValues;
  return withinBounds(values, 0, left);
}

capnp::Text::Reader upTo(capnp::Text::Reader text, size_t most, std::string& keep) {
  if (text.size() <= most) return text;
  keep.assign(text.begin(), most);
  return {keep.c_str(), keep.size()};
}

}  // namespace

bool HostService::checkSeq(uint64_t seq) {
  if (seq > subscriber_.markedSeq() && seq <= subscriber_.sentSeq()) return true;
  subscriber_.end(kj::str("wrote for item ", seq, ", which it does not have"));
  return false;
}

kj::Promise<void> HostService::readSource(ReadSourceContext context) {
  auto params = context.getParams();
  if (!subscriber_.alive()) return kj::READY_NOW;
  if (!subscriber_.loading() || params.getTarget().size() > maxTargetBytes ||
      params.getFrom().size() > maxTargetBytes) {
    subscriber_.end("asked for a script after it had loaded, or by an overlong name");
    return kj::READY_NOW;
  }
  if (++sourcesAsked_ > maxSourcesAsked) {
    subscriber_.end(kj::str("asked for more than ", maxSourcesAsked, " scripts"));
    return kj::READY_NOW;
  }
  auto call = surroundings_.supervisor.readSourceRequest();
  call.setCompartment(subscriber_.index());
  call.setTarget(params.getTarget());
  call.setFrom(params.getFrom());
  context.releaseParams();
  return call.send().then(
      [context](capnp::Response<schemas::Supervisor::ReadSourceResults>&& response) mutable {
        auto results = context.getResults();
        results.setFound(response.getFound());
        results.setPath(response.getPath());
        results.setText(response.getText());
        results.setRefused(response.getRefused());
        results.setOrigin(response.getOrigin());
      });
}

// The methods below answer at once: a pending answer would hold back the compartment's later calls,
// and its acknowledgement would overtake them.

kj::Promise<void> HostService::openLog(OpenLogContext context) {
  if (!subscriber_.alive()) return kj::READY_NOW;
  auto log = context.getParams().getLog();
  size_t bytes = bytesOf(log.totalSize());
  subscriber_.sendRows();
  auto call = surroundings_.logger.openLogRequest();
  call.setCompartment(subscriber_.index());
  call.setLog(log);
  subscriber_.relay(call.send(), bytes);
  return kj::READY_NOW;
}

kj::Promise<void> HostService::writeRows(WriteRowsContext context) {
  if (!subscriber_.alive()) return kj::READY_NOW;
  auto batch = context.getParams().getBatch();
  auto rows = batch.getRows();
  if (rows.size() > schemas::MAX_ROWS_PER_BATCH) {
    subscriber_.end(kj::str("wrote ", rows.size(), " rows at once, ", schemas::MAX_ROWS_PER_BATCH,
                            " are allowed"));
    return kj::READY_NOW;
  }
  for (auto row : rows) {
    if (!checkSeq(row.getSeq())) return kj::READY_NOW;
  }
  size_t bytes = bytesOf(batch.totalSize());
  subscriber_.write(rows, bytes);
  return kj::READY_NOW;
}

kj::Promise<void> HostService::print(PrintContext context) {
  if (!subscriber_.alive()) return kj::READY_NOW;
  auto params = context.getParams();
  auto text = params.getText();
  if (text.size() > maxPrintBytes) {
    subscriber_.end(
        kj::str("printed ", text.size(), " bytes at once, ", maxPrintBytes, " are allowed"));
    return kj::READY_NOW;
  }
  if (!checkSeq(params.getSeq())) return kj::READY_NOW;
  subscriber_.sendRows();
  auto call = surroundings_.logger.printRequest();
  call.setCompartment(subscriber_.index());
  call.setText(text);
  call.setSeq(params.getSeq());
  subscriber_.relay(call.send(), text.size());
  return kj::READY_NOW;
}

kj::Promise<void> HostService::report(ReportContext context) {
  if (!subscriber_.alive() || ++reports_ > maxReports) return kj::READY_NOW;
  auto message = context.getParams().getReport();
  std::string text, location;
  auto call = surroundings_.supervisor.reportRequest();
  call.setCompartment(subscriber_.index());
  call.setLevel(static_cast<uint8_t>(message.getLevel()));
  call.setText(upTo(message.getText(), maxReportBytes, text));
  call.setLocation(upTo(message.getLocation(), maxTargetBytes, location));
  subscriber_.relay(call.send(), message.getText().size());
  return kj::READY_NOW;
}

kj::Promise<void> HostService::timer(TimerContext context) {
  subscriber_.setNextTimer(context.getParams().getState().getNext());
  return kj::READY_NOW;
}

kj::Promise<void> HostService::publish(PublishContext context) {
  // A node by itself has no peers: a message is checked and goes nowhere, as in Zeek.
  if (!subscriber_.alive()) return kj::READY_NOW;
  auto messages = context.getParams().getMessages();
  if (messages.size() > schemas::MAX_PUBLISHED_AT_ONCE) {
    subscriber_.end(kj::str("published ", messages.size(), " messages at once, ",
                            schemas::MAX_PUBLISHED_AT_ONCE, " are allowed"));
    return kj::READY_NOW;
  }
  for (auto message : messages) {
    if (message.getTopic().size() > maxTopicBytes || message.getEvent().size() > maxTopicBytes ||
        !withinBounds(message.getArgs())) {
      subscriber_.end("published an overlong message");
      break;
    }
    if (++published_ > maxPublished) {
      subscriber_.end(kj::str("published more than ", maxPublished, " messages"));
      break;
    }
  }
  return kj::READY_NOW;
}

kj::Promise<void> HostService::request(RequestContext context) {
  auto params = context.getParams();
  if (!subscriber_.alive()) return kj::READY_NOW;
  if (params.getFunction().size() > maxTargetBytes || !withinBounds(params.getArgs())) {
    subscriber_.end("made an overlong request");
    return kj::READY_NOW;
  }
  // Foreign bytes are for the confined to look at, not for the supervisor.
  if (params.getFunction() == "identify_data" && surroundings_.mimeTypeOf &&
      params.getArgs().size() > 0 && params.getArgs()[0].isText()) {
    auto bytes = params.getArgs()[0].getText();
    std::string_view type =
        surroundings_.mimeTypeOf({reinterpret_cast<const char*>(bytes.begin()), bytes.size()});
    context.getResults().initResult().setText(
        {reinterpret_cast<const kj::byte*>(type.data()), type.size()});
    return kj::READY_NOW;
  }
  auto call = surroundings_.supervisor.requestRequest();
  call.setCompartment(subscriber_.index());
  call.setFunction(params.getFunction());
  call.setArgs(params.getArgs());
  context.releaseParams();
  // A command or a look-up takes its time, which is not the compartment's.
  subscriber_.setHostAtWork(true);
  return call.send().then(
      [this, context](capnp::Response<schemas::Supervisor::RequestResults>&& response) mutable {
        subscriber_.setHostAtWork(false);
        auto results = context.getResults();
        results.setResult(response.getResult());
        results.setRefused(response.getRefused());
      },
      // A failure ends the host's work, too, and with it the excuse for silence.
      [this](kj::Exception&& exception) {
        subscriber_.setHostAtWork(false);
        kj::throwFatalException(kj::mv(exception));
      });
}

kj::Promise<void> HostService::terminate(TerminateContext context) {
  if (checkSeq(context.getParams().getSeq())) subscriber_.setTerminated();
  return kj::READY_NOW;
}

}  // namespace bulkhead::worker
