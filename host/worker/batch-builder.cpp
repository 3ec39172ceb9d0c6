#include "host/worker/batch-builder.h"

#include "schemas/wire/log-wire.h"

#include <kj/debug.h>

#include <algorithm>
#include <string>
#include <utility>

namespace bulkhead::worker {

using events::ConnectionState;
using events::EndpointState;
using events::FileState;
using events::Value;

namespace {

// What an item and a value take on the wire, for the estimate.
constexpr size_t itemBytes = 88;
constexpr size_t valueBytes = 24;
constexpr size_t connectionBytes = 160;
constexpr size_t fileBytes = 136;

kj::StringPtr textOf(const std::string& text) { return {text.c_str(), text.size()}; }

bool same(const EndpointState& a, const EndpointState& b) {
  return a.packets == b.packets && a.size == b.size && a.ipBytes == b.ipBytes &&
         a.state == b.state && a.flowLabel == b.flowLabel && a.l2Addr == b.l2Addr;
}

void write(schemas::Endpoint::Builder to, const EndpointState& from) {
  to.setSize(from.size);
  to.setState(static_cast<uint32_t>(from.state));
  to.setPackets(from.packets);
  to.setIpBytes(from.ipBytes);
  to.setFlowLabel(from.flowLabel);
  if (from.l2Addr) to.setL2Addr(textOf(from.l2Addr->text()));
}

void write(schemas::ConnId::Builder to, const events::ConnectionId& from) {
  wire::writeAddress(to.initOrigHost(), from.origHost);
  wire::writeAddress(to.initRespHost(), from.respHost);
  to.setOrigPort(wire::packPort(from.origPort));
  to.setRespPort(wire::packPort(from.respPort));
  to.setProtocol(from.protocol);
}

}  // namespace

BatchBuilder::BatchBuilder(schemas::Batch::Builder batch, uint32_t subscriber, const Demand& demand,
                           size_t likelyItems)
    : batch_(batch),
      orphanage_(capnp::Orphanage::getForMessageContaining(batch)),
      subscriber_(subscriber),
      demand_(demand) {
  items_.reserve(likelyItems);
}

BatchBuilder::Entry& BatchBuilder::add(schemas::Item::Which kind, uint64_t seq,
                                       const Clock& clock) {
  if (empty()) firstSeq_ = seq;
  lastSeq_ = seq;
  bytes_ += itemBytes;
  items_.push_back(Entry{.kind = kind,
                         .packetsBefore = static_cast<uint32_t>(times_.size()),
                         .seq = seq,
                         .clock = clock});
  return items_.back();
}

BatchBuilder::Extra& BatchBuilder::extra(Entry& of) {
  if (of.extra == noExtra) {
    of.extra = static_cast<uint32_t>(extras_.size());
    extras_.emplace_back();
  }
  return extras_[of.extra];
}

void BatchBuilder::addEvent(uint64_t seq, const Clock& clock, events::EventId event,
                            std::span<const Value> args, std::span<const uint8_t> packet) {
  KJ_ASSERT(args.size() == events::eventParameters(event).size(),
            "arguments differ from the catalog", static_cast<uint16_t>(event));
  ++events_;
  auto& entry = add(schemas::Item::EVENT, seq, clock);
  entry.event = static_cast<uint16_t>(event);
  connections_.clear();
  files_.clear();
  for (const auto& arg : args) collect(arg);
  if (!connections_.empty()) {
    auto& made = extra(entry).connections;
    made = orphanage_.newOrphan<capnp::List<schemas::ConnectionUpdate>>(
        static_cast<unsigned>(connections_.size()));
    auto list = made.get();
    for (unsigned i = 0; i < connections_.size(); ++i) write(list[i], *connections_[i]);
  }
  if (!files_.empty()) {
    auto& made = extra(entry).files;
    made = orphanage_.newOrphan<capnp::List<schemas::FileUpdate>>(
        static_cast<unsigned>(files_.size()));
    auto list = made.get();
    for (unsigned i = 0; i < files_.size(); ++i) write(list[i], *files_[i]);
  }
  if (!args.empty()) {
    entry.args = orphanage_.newOrphan<Values>(static_cast<unsigned>(args.size()));
    auto list = entry.args.get();
    for (unsigned i = 0; i < args.size(); ++i) write(list[i], args[i]);
  }
  if (demand_.rawPackets && !packet.empty()) {
    bytes_ += packet.size();
    extra(entry).packet =
        orphanage_.newOrphanCopy(capnp::Data::Reader(packet.data(), packet.size()));
  }
}

void BatchBuilder::addForget(uint64_t seq, const Clock& clock, const ConnectionState& connection) {
  addForgetConnection(seq, clock, connection.number);
}

void BatchBuilder::addForget(uint64_t seq, const Clock& clock, const FileState& file) {
  addForgetFile(seq, clock, file.number);
}

void BatchBuilder::addForgetConnection(uint64_t seq, const Clock& clock, uint64_t number) {
  add(schemas::Item::FORGET_CONNECTION, seq, clock).number = number;
}

void BatchBuilder::addForgetFile(uint64_t seq, const Clock& clock, uint64_t number) {
  add(schemas::Item::FORGET_FILE, seq, clock).number = number;
}

void BatchBuilder::addTick(uint64_t seq, const Clock& clock) {
  add(schemas::Item::TICK, seq, clock);
}

void BatchBuilder::addEndOfTrace(uint64_t seq, const Clock& clock) {
  add(schemas::Item::END_OF_TRACE, seq, clock);
}

void BatchBuilder::addPacketTime(uint64_t seq, double time) {
  if (empty()) firstSeq_ = seq;
  // It may come after events of the same packet, which its timers raised: their numbers are higher.
  lastSeq_ = std::max(lastSeq_, seq);
  bytes_ += sizeof(PacketTime);
  times_.push_back({time, seq});
}

bool BatchBuilder::endGroup() {
  if (grouped_ == items_.size()) return false;
  items_.back().drainAfter = true;
  grouped_ = items_.size();
  return true;
}

void BatchBuilder::collect(const Value& value) {
  switch (value.kind) {
    case Value::Kind::connection:
      meet(*value.connectionState);
      break;
    case Value::Kind::file:
      meet(*value.fileState);
      break;
    case Value::Kind::list:
    case Value::Kind::table:
      for (const auto& item : value.list()) collect(item);
      break;
    default:
      break;
  }
}

void BatchBuilder::meet(ConnectionState& connection) {
  if (std::find(connections_.begin(), connections_.end(), &connection) != connections_.end())
    return;
  if (changed(connection)) connections_.push_back(&connection);
}

void BatchBuilder::meet(FileState& file) {
  if (std::find(files_.begin(), files_.end(), &file) != files_.end()) return;
  for (auto* connection : file.connections) meet(*connection);
  if (file.sentVersion.size() <= subscriber_) file.sentVersion.resize(subscriber_ + 1, 0);
  // The sent version is kept plus one, so that 0 means: never sent.
  if (file.sentVersion[subscriber_] != file.version + 1) files_.push_back(&file);
}

events::SentState& BatchBuilder::sent(ConnectionState& connection) const {
  if (connection.sent.size() <= subscriber_) connection.sent.resize(subscriber_ + 1);
  return connection.sent[subscriber_];
}

bool BatchBuilder::changed(ConnectionState& connection) const {
  const auto& last = sent(connection);
  return !last.known || last.idVersion != connection.idVersion ||
         last.duration != connection.duration() ||
         (demand_.endpoints &&
          !(same(last.orig, connection.orig) && same(last.resp, connection.resp))) ||
         (demand_.services && last.serviceVersion != connection.serviceVersion) ||
         (demand_.analyzers && last.analyzerVersion != connection.analyzerVersion) ||
         (demand_.history && last.historySize != connection.history.size());
}

void BatchBuilder::write(schemas::ConnectionUpdate::Builder to, ConnectionState& from) {
  auto& last = sent(from);
  bytes_ += connectionBytes;
  to.setNumber(from.number);
  to.setDuration(from.duration());
  last.duration = from.duration();
  if (!last.known || last.idVersion != from.idVersion) {
    auto intro = to.initIntro();
    intro.setUid(textOf(from.uid));
    worker::write(intro.initId(), from.id);
    intro.setStartTime(from.startTime);
    if (!from.tunnel.empty()) {
      auto tunnel = intro.initTunnel(static_cast<unsigned>(from.tunnel.size()));
      for (unsigned i = 0; i < from.tunnel.size(); ++i) {
        worker::write(tunnel[i].initId(), from.tunnel[i].id);
        tunnel[i].setType(static_cast<uint32_t>(from.tunnel[i].type));
        tunnel[i].setUid(textOf(from.tunnel[i].uid));
      }
    }
    if (from.vlan) intro.setVlan(*from.vlan);
    if (from.innerVlan) intro.setInnerVlan(*from.innerVlan);
  }
  bool first = !last.known;
  if (demand_.endpoints) {
    if (first || !same(last.orig, from.orig)) worker::write(to.initOrig(), last.orig = from.orig);
    if (first || !same(last.resp, from.resp)) worker::write(to.initResp(), last.resp = from.resp);
  }
  if (demand_.services && (first || last.serviceVersion != from.serviceVersion)) {
    auto services = to.initServices(static_cast<unsigned>(from.services.size()));
    for (unsigned i = 0; i < from.services.size(); ++i) services.set(i, textOf(from.services[i]));
    last.serviceVersion = from.serviceVersion;
  }
  if (demand_.analyzers && (first || last.analyzerVersion != from.analyzerVersion)) {
    std::vector<events::AttachedAnalyzer> seen = from.analyzers;
    std::erase_if(seen, [&](const auto& analyzer) {
      return std::find(last.off.begin(), last.off.end(), analyzer.id) != last.off.end();
    });
    bytes_ += seen.size() * sizeof(events::AttachedAnalyzer);
    auto analyzers = to.initAnalyzers(static_cast<unsigned>(seen.size()));
    for (unsigned i = 0; i < seen.size(); ++i) {
      analyzers[i].setId(seen[i].id);
      analyzers[i].setTag(seen[i].tag);
    }
    last.analyzerVersion = from.analyzerVersion;
  }
  // A flip rewrites the history without changing its length.
  if (demand_.history &&
      (first || last.historySize != from.history.size() || last.idVersion != from.idVersion)) {
    to.setHistory(textOf(from.history));
    last.historySize = from.history.size();
  }
  last.idVersion = from.idVersion;
  last.known = true;
}

void BatchBuilder::write(schemas::FileUpdate::Builder to, FileState& from) {
  bytes_ += fileBytes;
  bool first = from.sentVersion[subscriber_] == 0;
  from.sentVersion[subscriber_] = from.version + 1;
  to.setNumber(from.number);
  if (first) {
    auto intro = to.initIntro();
    intro.setId(textOf(from.id));
    intro.setParentId(textOf(from.parentId));
    intro.setSource(textOf(from.source));
    if (from.isOrig) intro.setIsOrig(*from.isOrig ? 1 : 0);
  }
  auto connections = to.initConnections(static_cast<unsigned>(from.connections.size()));
  for (unsigned i = 0; i < from.connections.size(); ++i) {
    connections.set(i, from.connections[i]->number);
  }
  to.setLastActive(from.lastActive);
  to.setSeenBytes(from.seenBytes);
  if (from.totalBytes) to.setTotalBytes(*from.totalBytes);
  to.setMissingBytes(from.missingBytes);
  to.setOverflowBytes(from.overflowBytes);
  to.setTimeoutInterval(from.timeoutInterval);
  to.setBofBufferSize(from.bofBufferSize);
  if (from.bofBufferSet) {
    bytes_ += from.bofBuffer.size();
    to.setBofBuffer(capnp::Data::Reader(reinterpret_cast<const kj::byte*>(from.bofBuffer.data()),
                                        from.bofBuffer.size()));
  }
}

void BatchBuilder::write(schemas::Value::Builder to, const Value& from) {
  bytes_ += valueBytes;
  switch (from.kind) {
    case Value::Kind::absent:
      to.setAbsent();
      break;
    case Value::Kind::boolean:
      to.setBoolean(from.boolean);
      break;
    case Value::Kind::count:
      to.setCount(from.number);
      break;
    case Value::Kind::integer:
      to.setInteger(from.integer);
      break;
    case Value::Kind::real:
      to.setReal(from.real);
      break;
    case Value::Kind::time:
      to.setTime(from.real);
      break;
    case Value::Kind::interval:
      to.setInterval(from.real);
      break;
    case Value::Kind::text:
      bytes_ += from.text.size;
      to.setText(
          capnp::Data::Reader(reinterpret_cast<const kj::byte*>(from.text.data), from.text.size));
      break;
    case Value::Kind::addr:
      wire::writeAddress(to.initAddr(), *from.address);
      break;
    case Value::Kind::port:
      to.setPort(wire::packPort(from.portValue));
      break;
    case Value::Kind::subnet: {
      auto subnet = to.initSubnet();
      wire::writeAddress(subnet.initPrefix(), *from.address);
      subnet.setWidth(from.width);
      break;
    }
    case Value::Kind::enumeration:
      to.setEnumeration(static_cast<uint32_t>(from.number));
      break;
    case Value::Kind::list:
    case Value::Kind::table: {
      auto items = from.list();
      auto size = static_cast<unsigned>(items.size());
      auto list = from.kind == Value::Kind::list ? to.initList(size) : to.initTable(size);
      for (unsigned i = 0; i < size; ++i) write(list[i], items[i]);
      break;
    }
    case Value::Kind::connection:
      to.setConnection(from.connectionState->number);
      break;
    case Value::Kind::file:
      to.setFile(from.fileState->number);
      break;
  }
}

void BatchBuilder::close() {
  auto items = batch_.initItems(static_cast<unsigned>(items_.size()));
  for (unsigned i = 0; i < items_.size(); ++i) {
    auto& from = items_[i];
    auto to = items[i];
    to.setSeq(from.seq);
    to.setNetworkTime(from.clock.networkTime);
    to.setDueTime(from.clock.dueTime);
    to.setPacketsBefore(from.packetsBefore);
    to.setDrainAfter(from.drainAfter);
    to.setPacketSeq(from.clock.packetSeq);
    // Handlers run when the group is whole: its last item tells in time.
    if (demand_.captureFigures && from.drainAfter) {
      auto figures = to.initCapture();
      figures.setPackets(from.clock.packets);
      figures.setBytes(from.clock.bytes);
    }
    switch (from.kind) {
      case schemas::Item::EVENT: {
        auto event = to.initEvent();
        event.setId(from.event);
        if (from.args != nullptr) event.adoptArgs(kj::mv(from.args));
        if (demand_.analyzers) to.setAnalyzer(from.clock.analyzer);
        break;
      }
      case schemas::Item::FORGET_CONNECTION:
        to.setForgetConnection(from.number);
        break;
      case schemas::Item::FORGET_FILE:
        to.setForgetFile(from.number);
        break;
      case schemas::Item::END_OF_TRACE:
        to.setEndOfTrace();
        break;
      case schemas::Item::TICK:
      case schemas::Item::PACKAGE:
        to.setTick();
        break;
    }
    if (from.extra == noExtra) continue;
    auto& extra = extras_[from.extra];
    if (extra.connections != nullptr) to.adoptConnections(kj::mv(extra.connections));
    if (extra.files != nullptr) to.adoptFiles(kj::mv(extra.files));
    if (extra.packet != nullptr) {
      to.adoptRawPacket(kj::mv(extra.packet));
      to.setRawPacketLength(from.clock.wireLength);
    }
  }
  auto times = batch_.initPacketTimes(static_cast<unsigned>(times_.size()));
  for (unsigned i = 0; i < times_.size(); ++i) {
    times[i].setTime(times_[i].time);
    times[i].setSeq(times_[i].seq);
  }
}

}  // namespace bulkhead::worker
