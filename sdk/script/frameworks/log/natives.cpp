// The native functions behind base/frameworks/logging.

#include "sdk/script/builtins/helpers.h"
#include "sdk/script/frameworks/families.h"
#include "sdk/script/frameworks/log/log-framework.h"

namespace bulkhead::frameworks {

namespace {

using vm::NativeCall;

LogFramework& of(NativeCall& call) { return call.vm().extension<LogFramework>(); }

struct DelayToken final : vm::OpaqueState {
  explicit DelayToken(uint64_t n) : number(n) {}
  std::unique_ptr<OpaqueState> clone() const override {
    return std::make_unique<DelayToken>(number);
  }
  size_t bytes() const override { return sizeof *this; }
  uint64_t number;
};

void createStream(NativeCall& call) {
  call.returnBool(of(call).createStream(call.enumeration(0), call.record(1)));
}
void removeStream(NativeCall& call) { call.returnBool(of(call).removeStream(call.enumeration(0))); }
void enableStream(NativeCall& call) {
  call.returnBool(of(call).enableStream(call.enumeration(0), true));
}
void disableStream(NativeCall& call) {
  call.returnBool(of(call).enableStream(call.enumeration(0), false));
}
void addFilter(NativeCall& call) {
  call.returnBool(of(call).addFilter(call.enumeration(0), call.record(1)));
}
void removeFilter(NativeCall& call) {
  call.returnBool(of(call).removeFilter(call.enumeration(0), call.text(1)));
}
void write(NativeCall& call) {
  vm::TypedSlot row = call.any(1);
  if (!row.type->is(types::Tag::record)) {
    call.warn("a log row must be a record");
    return call.returnBool(false);
  }
  call.returnBool(of(call).write(call.enumeration(0), row));
}
void setBuffered(NativeCall& call) {
  call.returnBool(of(call).setBuffered(call.enumeration(0), call.boolean(1)));
}
void flush(NativeCall& call) { call.returnBool(of(call).flush(call.enumeration(0))); }

void delay(NativeCall& call) {
  vm::TypedSlot callback = call.any(2);
  uint64_t token = of(call).delay(call.enumeration(0), call.any(1),
                                  vm::Value::share(callback.type, callback.slot));
  call.returnObject(
      call.heap().opaque(static_cast<const types::OpaqueType*>(call.functionType().result()),
                         std::make_unique<DelayToken>(token)));
}
void delayFinish(NativeCall& call) {
  uint64_t token = static_cast<DelayToken*>(call.opaque(2).state)->number;
  call.returnBool(of(call).finishDelay(call.enumeration(0), call.any(1), token));
}
void setMaxDelay(NativeCall& call) {
  call.returnBool(of(call).setMaxDelay(call.enumeration(0), call.real(1)));
}
void setMaxDelayQueue(NativeCall& call) {
  call.returnBool(of(call).setMaxDelayQueue(call.enumeration(0), call.count(1)));
}
void delayQueueSize(NativeCall& call) {
  call.returnInt(of(call).delayQueueSize(call.enumeration(0)));
}

constexpr vm::NativeRow rows[] = {
    {"Log::__create_stream", "function(id: Log::ID, stream: Log::Stream): bool",
     "Makes a stream, without filters. One of the same id is replaced.", createStream},
    {"Log::__remove_stream", "function(id: Log::ID): bool", "Removes a stream and its filters.",
     removeStream},
    {"Log::__enable_stream", "function(id: Log::ID): bool", "Lets rows through again.",
     enableStream},
    {"Log::__disable_stream", "function(id: Log::ID): bool", "Ignores rows until enabled.",
     disableStream},
    {"Log::__add_filter", "function(id: Log::ID, filter: Log::Filter): bool",
     "Adds a filter; one of the same name is replaced.", addFilter},
    {"Log::__remove_filter", "function(id: Log::ID, name: string): bool", "Removes a filter.",
     removeFilter},
    {"Log::__write", "function(id: Log::ID, columns: any): bool",
     "Passes a row through the hooks and filters of its stream.", write},
    {"Log::__set_buf", "function(id: Log::ID, buffered: bool): bool",
     "Whether the writers may keep rows back.", setBuffered},
    {"Log::__flush", "function(id: Log::ID): bool", "Writes out what was kept back.", flush},
    {"Log::__delay",
     "function(id: Log::ID, rec: any, post_delay_cb: Log::PostDelayCallback): Log::DelayToken",
     "Keeps the row that is being decided on until the delay is finished.", delay},
    {"Log::__delay_finish", "function(id: Log::ID, rec: any, token: Log::DelayToken): bool",
     "Gives back one delay of a row.", delayFinish},
    {"Log::__set_max_delay_interval", "function(id: Log::ID, max_delay: interval): bool",
     "How long a row of the stream may wait; never less than before.", setMaxDelay},
    {"Log::__set_max_delay_queue_size", "function(id: Log::ID, queue_size: count): bool",
     "How many rows of the stream may wait; past it the oldest goes.", setMaxDelayQueue},
    {"Log::__get_delay_queue_size", "function(id: Log::ID): int",
     "How many rows of the stream wait; -1 if there is no such stream.", delayQueueSize},
};

}  // namespace

std::span<const vm::NativeRow> logRows() { return rows; }

}  // namespace bulkhead::frameworks
