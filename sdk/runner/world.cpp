#include "sdk/runner/world.h"

#include "sdk/runner/event-decoder.h"
#include "sdk/runner/limits.h"
#include "sdk/runner/value-writer.h"

#include <kj/debug.h>

#include <utility>

namespace bulkhead::runner {

namespace {

// A handle of ours that is no file of the host.
constexpr uint64_t standardOutput = 1;

kj::String text(std::string_view from) { return kj::heapString(from.data(), from.size()); }

capnp::Data::Reader data(std::string_view from) {
  return {reinterpret_cast<const kj::byte*>(from.data()), from.size()};
}

std::string str(capnp::Text::Reader from) { return {from.begin(), from.size()}; }

schemas::Host::Level levelOf(vm::Severity severity) {
  switch (severity) {
    case vm::Severity::info:
      return schemas::Host::Level::INFO;
    case vm::Severity::warning:
      return schemas::Host::Level::WARNING;
    case vm::Severity::error:
      return schemas::Host::Level::ERROR;
    case vm::Severity::fatal:
      break;
  }
  return schemas::Host::Level::FATAL;
}

}  // namespace

World::~World() noexcept = default;

void World::attach(vm::Vm& vm, EventDecoder& decoder) {
  vm_ = &vm;
  decoder_ = &decoder;
}

void World::setCapture(schemas::CaptureFigures::Reader figures) {
  capturedPackets_ = figures.getPackets();
  capturedBytes_ = figures.getBytes();
}

void World::setPacket(std::string_view bytes, uint32_t wireLength, double time) {
  packet_ = bytes;
  packetLength_ = wireLength;
  packetTime_ = time;
}

// ---- vm::Host

void World::report(const vm::Report& report) {
  auto level = levelOf(report.severity);
  if (report.severity >= vm::Severity::error) ++errors_;
  if (vm_ != nullptr && vm_->counters().budgetExceeded > abandonedSeen_) {
    abandonedSeen_ = vm_->counters().budgetExceeded;
    level = schemas::Host::Level::ABANDONED;
  }
  std::string location;
  if (report.place.line != 0)
    location = std::string(report.place.file) + ":" + std::to_string(report.place.line);
  link_.report(level, report.message, location);
}

bool World::simpleRequest(kj::StringPtr function, uint64_t handle, std::string_view bytes) {
  auto request = link_.host().requestRequest();
  request.setFunction(function);
  auto args = request.initArgs(bytes.empty() ? 1 : 2);
  args[0].setCount(handle);
  if (!bytes.empty()) args[1].setText(data(bytes));
  return request.send().wait(link_.waitScope()).getRefused().size() == 0;
}

std::optional<uint64_t> World::openFile(std::string_view name, FileMode mode, std::string& error) {
  if (name == "-" || name == "/dev/stdout") return standardOutput;
  auto request = link_.host().requestRequest();
  request.setFunction("file.open");
  auto args = request.initArgs(2);
  args[0].setText(data(name));
  args[1].setBoolean(mode == FileMode::append);
  auto response = request.send().wait(link_.waitScope());
  if (response.getRefused().size() > 0) {
    error = str(response.getRefused());
    return std::nullopt;
  }
  if (!response.getResult().isCount()) {
    error = "the host gave no file";
    return std::nullopt;
  }
  files_[nextFile_] = {response.getResult().getCount(), {}, true};
  return nextFile_++;
}

bool World::send(OpenFile& file) {
  if (file.buffer.empty()) return true;
  return simpleRequest("file.write", file.handle, std::exchange(file.buffer, {}));
}

bool World::writeFile(uint64_t handle, std::string_view bytes) {
  if (handle == standardOutput) {
    link_.print(bytes);
    return true;
  }
  auto found = files_.find(handle);
  if (found == files_.end()) return false;
  auto& file = found->second;
  while (file.buffer.size() + bytes.size() > fileBufferBytes) {
    size_t part = fileBufferBytes - file.buffer.size();
    file.buffer.append(bytes.substr(0, part));
    bytes.remove_prefix(part);
    if (!send(file)) return false;
  }
  file.buffer.append(bytes);
  return file.buffered || (send(file) && simpleRequest("file.flush", file.handle, {}));
}

void World::setFileBuffered(uint64_t handle, bool buffered) {
  auto found = files_.find(handle);
  if (found == files_.end()) return;
  flushFile(handle);
  found->second.buffered = buffered;
}

bool World::flushAllFiles() {
  bool all = true;
  for (auto& [handle, file] : files_) all = flushFile(handle) && all;
  return all;
}

bool World::flushFile(uint64_t handle) {
  if (handle == standardOutput) return true;
  auto found = files_.find(handle);
  return found != files_.end() && send(found->second) &&
         simpleRequest("file.flush", found->second.handle, {});
}

bool World::closeFile(uint64_t handle) {
  if (handle == standardOutput) return true;
  auto found = files_.find(handle);
  if (found == files_.end()) return false;
  bool sent = send(found->second);
  bool closed = simpleRequest("file.close", found->second.handle, {});
  files_.erase(found);
  return sent && closed;
}

void World::flush() {
  for (auto& [handle, file] : files_) send(file);
  if (!published_.empty()) sendPublished();
  link_.flush();
}

// ---- Answers

void World::answer(vm::Vm& vm, std::string_view function,
                   std::span<const vm::TypedSlot> arguments) {
  if (answers_.size() >= maxAnswers) {
    if (answers_.size() == maxAnswers)
      link_.report(schemas::Host::Level::ERROR, "too many answers to the analysis at once", {});
    return;
  }
  if (answerMemory_.get() == nullptr) answerMemory_ = kj::heap<capnp::MallocMessageBuilder>();
  vm::Cause cause = vm.currentCause();
  auto args = answerMemory_->getOrphanage().newOrphan<capnp::List<schemas::Value>>(
      static_cast<unsigned>(arguments.size()));
  writeValues(args.get(), arguments, vm.program());
  answers_.push_back({cause.rootSeq != 0 ? cause.rootSeq : link_.seq(), std::string(function),
                      !cause.viaPackage, kj::mv(args)});
}

void World::takeAnswers(capnp::List<schemas::Answer>::Builder to) {
  for (unsigned i = 0; i < answers_.size(); ++i) {
    to[i].setSeq(answers_[i].seq);
    to[i].setFunction(text(answers_[i].function));
    to[i].setFromBase(answers_[i].fromBase);
    to[i].setArgs(answers_[i].args.getReader());
  }
  answers_.clear();
  answerMemory_ = nullptr;
}

// ---- What reaches out

World::Reply World::request(vm::Vm& vm, std::string_view function,
                            std::span<const vm::TypedSlot> arguments, const types::Type* result) {
  // A command may read what the script has written.
  if (function == "system" || function == "system_env" || function == "piped_exec") flush();
  auto request = link_.host().requestRequest();
  request.setFunction(text(function));
  writeValues(request.initArgs(static_cast<unsigned>(arguments.size())), arguments, vm.program());
  auto response = request.send().wait(link_.waitScope());
  Reply reply;
  reply.refused = str(response.getRefused());
  if (response.getResult().isAbsent() || result->is(types::Tag::void_)) return reply;
  // What the host answers is its own, but a value that does not fit must not end the run.
  auto problem = kj::runCatchingExceptions(
      [&]() { reply.value = decoder_->decode(response.getResult(), result); });
  KJ_IF_MAYBE (exception, problem) {
    reply.refused = std::string(function) +
                    " was answered with something else: " + exception->getDescription().cStr();
  }
  return reply;
}

std::string World::requestLater(vm::Vm& vm, vm::AsyncToken token, std::string_view function,
                                std::span<const vm::TypedSlot> arguments,
                                const types::Type* result) {
  // Waited for like the others: the order of events and answers is then the same in every run. Only
  // the VM hears of it later, because it is in the middle of the `when` that asks.
  Reply reply = request(vm, function, arguments, result);
  if (reply.value.empty()) return reply.refused;
  later_.push_back({token, std::move(reply.value)});
  return {};
}

bool World::completeLater() {
  auto ready = std::exchange(later_, {});
  for (auto& each : ready) {
    if (each.value.empty()) {
      vm_->abandonAsync(each.token);
    } else {
      vm_->complete(each.token, std::move(each.value));
    }
  }
  return !ready.empty();
}

bool World::publish(vm::Vm& vm, std::string_view topic, std::string_view event,
                    std::span<const vm::TypedSlot> arguments) {
  if (topic.size() > maxTopicBytes || event.size() > maxTopicBytes) return false;
  auto& message = published_.emplace_back(kj::heap<capnp::MallocMessageBuilder>(64));
  auto to = message->initRoot<schemas::Host::Published>();
  to.setTopic(text(topic));
  to.setEvent(text(event));
  writeValues(to.initArgs(static_cast<unsigned>(arguments.size())), arguments, vm.program());
  to.setSeq(link_.seq());
  publishedBytes_ += message->sizeInWords() * sizeof(capnp::word);
  if (published_.size() >= schemas::MAX_PUBLISHED_AT_ONCE ||
      publishedBytes_ >= maxPublishedBatchBytes)
    sendPublished();
  return true;
}

void World::sendPublished() {
  auto messages = std::exchange(published_, {});
  publishedBytes_ = 0;
  auto request = link_.host().publishRequest();
  auto list = request.initMessages(static_cast<unsigned>(messages.size()));
  for (unsigned i = 0; i < messages.size(); ++i)
    list.setWithCaveats(i, messages[i]->getRoot<schemas::Host::Published>().asReader());
  request.send().wait(link_.waitScope());
}

// ---- Traffic

vm::Value World::connection(vm::Vm&, const vm::RecordObject& connId) {
  vm::RecordObject* found = decoder_ == nullptr ? nullptr : decoder_->connectionById(connId);
  if (found == nullptr) return {};
  return vm::Value::share(found->layout->type, vm::Slot::ofObject(found));
}

vm::Value World::file(vm::Vm&, std::string_view fuid) {
  vm::RecordObject* found = decoder_ == nullptr ? nullptr : decoder_->fileById(fuid);
  if (found == nullptr) return {};
  return vm::Value::share(found->layout->type, vm::Slot::ofObject(found));
}

uint64_t World::currentAnalyzer(vm::Vm& vm) {
  return decoder_ == nullptr ? 0 : decoder_->analyzerOf(vm.currentCause().rootSeq);
}

std::vector<World::Analyzer> World::analyzers(const vm::RecordObject& connId) {
  return decoder_ == nullptr ? std::vector<Analyzer>() : decoder_->analyzers(connId);
}

void World::takeOff(const vm::RecordObject& connId, uint64_t analyzerId) {
  if (decoder_ != nullptr) decoder_->takeOff(connId, analyzerId);
}

std::optional<World::RawPacket> World::currentPacket() {
  if (packet_.empty()) return std::nullopt;
  return RawPacket{packetTime_, static_cast<uint32_t>(packet_.size()), packetLength_, packet_,
                   linkType_};
}

std::map<std::string, uint64_t> World::statistics(std::string_view record) {
  if (record != "NetStats") return {};
  return {{"pkts_recvd", capturedPackets_}, {"bytes_recvd", capturedBytes_}};
}

}  // namespace bulkhead::runner
