#include "sdk/runner/event-decoder.h"

#include "schemas/catalog/catalog.gen.h"
#include "schemas/wire/log-wire.h"

#include <kj/debug.h>

#include <algorithm>
#include <utility>

namespace bulkhead::runner {

using types::Tag;
using vm::RecordObject;
using vm::Ref;
using vm::Slot;

namespace {

// The base library declares these records; a program without them cannot name the objects at all.
const types::RecordType* findRecord(const vm::Program& program, std::string_view name) {
  const types::Type* type = program.findType(name);
  return type != nullptr && type->is(Tag::record) ? &type->asRecord() : nullptr;
}

uint32_t offset(const types::RecordType* type, std::string_view field) {
  if (type == nullptr) return 0;
  auto at = type->offsetOf(field);
  KJ_REQUIRE(at.has_value(), "the base library's record lacks a field of the documented name",
             type->name().c_str(), std::string(field).c_str());
  return *at;
}

std::string_view view(capnp::Text::Reader from) { return {from.begin(), from.size()}; }
std::string_view view(capnp::Data::Reader from) {
  return {reinterpret_cast<const char*>(from.begin()), from.size()};
}

void append(std::string& key, const IpAddr& address, Port port) {
  uint32_t packed = wire::packPort(port);
  key.append(reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size());
  key.append(reinterpret_cast<const char*>(&packed), sizeof packed);
}

}  // namespace

struct EventDecoder::Fields {
  struct {
    uint32_t id, orig, resp, startTime, duration, service, history, uid, tunnel, vlan, innerVlan;
  } connection;
  struct {
    uint32_t size, state, packets, ipBytes, flowLabel, l2Addr;
  } endpoint;
  struct {
    uint32_t origHost, origPort, respHost, respPort, protocol;
  } connId;
  struct {
    uint32_t id, parentId, source, isOrig, connections, lastActive, seen, total, missing, overflow,
        timeout, bofSize, bof;
  } file;
  struct {
    uint32_t id, type, uid;
  } encapsulation;
};

EventDecoder::EventDecoder(vm::Vm& vm)
    : vm_(vm),
      connectionType_(findRecord(vm.program(), "connection")),
      endpointType_(findRecord(vm.program(), "endpoint")),
      connIdType_(findRecord(vm.program(), "conn_id")),
      fileType_(findRecord(vm.program(), "fa_file")),
      encapsulationType_(findRecord(vm.program(), "Tunnel::EncapsulatingConn")),
      fields_(std::make_unique<Fields>()) {
  auto& c = fields_->connection;
  c = {offset(connectionType_, "id"),        offset(connectionType_, "orig"),
       offset(connectionType_, "resp"),      offset(connectionType_, "start_time"),
       offset(connectionType_, "duration"),  offset(connectionType_, "service"),
       offset(connectionType_, "history"),   offset(connectionType_, "uid"),
       offset(connectionType_, "tunnel"),    offset(connectionType_, "vlan"),
       offset(connectionType_, "inner_vlan")};
  fields_->endpoint = {offset(endpointType_, "size"),       offset(endpointType_, "state"),
                       offset(endpointType_, "num_pkts"),   offset(endpointType_, "num_bytes_ip"),
                       offset(endpointType_, "flow_label"), offset(endpointType_, "l2_addr")};
  fields_->connId = {offset(connIdType_, "orig_h"), offset(connIdType_, "orig_p"),
                     offset(connIdType_, "resp_h"), offset(connIdType_, "resp_p"),
                     offset(connIdType_, "proto")};
  fields_->file = {offset(fileType_, "id"),
                   offset(fileType_, "parent_id"),
                   offset(fileType_, "source"),
                   offset(fileType_, "is_orig"),
                   offset(fileType_, "conns"),
                   offset(fileType_, "last_active"),
                   offset(fileType_, "seen_bytes"),
                   offset(fileType_, "total_bytes"),
                   offset(fileType_, "missing_bytes"),
                   offset(fileType_, "overflow_bytes"),
                   offset(fileType_, "timeout_interval"),
                   offset(fileType_, "bof_buffer_size"),
                   offset(fileType_, "bof_buffer")};
  fields_->encapsulation = {offset(encapsulationType_, "cid"),
                            offset(encapsulationType_, "tunnel_type"),
                            offset(encapsulationType_, "uid")};
  events_.resize(events::eventCount);
  for (uint16_t i = 0; i < events::eventCount; ++i) {
    auto found = vm.program().findEvent(events::eventName(static_cast<events::EventId>(i)));
    if (!found) continue;
    const auto& function = vm.program().functions[vm.program().events[*found].function];
    events_[i] = {*found, function.type, vm.program().hasHandlers(*found)};
    if (events_[i].handled) handled_.push_back(i);
  }
}

EventDecoder::~EventDecoder() = default;

vm::Slot EventDecoder::text(std::string_view bytes) {
  auto* made = vm_.heap().string(bytes);
  KJ_REQUIRE(made != nullptr, "the package's memory limit leaves no room for an event");
  return Slot::ofObject(made);
}

Ref<RecordObject> EventDecoder::make(const types::RecordType* type) {
  auto made = vm_.makeRecord(type);
  KJ_REQUIRE(made.get() != nullptr, "a default of a record could not be evaluated",
             type->name().c_str());
  return made;
}

Slot EventDecoder::connId(schemas::ConnId::Reader from) {
  auto made = make(connIdType_);
  const auto& f = fields_->connId;
  made->set(f.origHost, vm_.heap().addr(wire::readAddress(from.getOrigHost())));
  made->set(f.origPort, Slot::ofPort(wire::unpackPort(from.getOrigPort())));
  made->set(f.respHost, vm_.heap().addr(wire::readAddress(from.getRespHost())));
  made->set(f.respPort, Slot::ofPort(wire::unpackPort(from.getRespPort())));
  made->set(f.protocol, Slot::ofCount(from.getProtocol()));
  return made.take();
}

void EventDecoder::endpoint(RecordObject& connection, uint32_t field,
                            schemas::Endpoint::Reader from) {
  if (!connection.has(field)) connection.set(field, make(endpointType_).take());
  auto& record = vm::recordOf(connection.get(field));
  const auto& f = fields_->endpoint;
  record.set(f.size, Slot::ofCount(from.getSize()));
  record.set(f.state, Slot::ofCount(from.getState()));
  record.set(f.packets, Slot::ofCount(from.getPackets()));
  record.set(f.ipBytes, Slot::ofCount(from.getIpBytes()));
  record.set(f.flowLabel, Slot::ofCount(from.getFlowLabel()));
  if (from.getL2Addr().size() > 0) record.set(f.l2Addr, text(view(from.getL2Addr())));
}

// Changes only what the host changed: scripts add names of their own to c$service.
void EventDecoder::services(Connection& connection, capnp::List<capnp::Text>::Reader now) {
  uint32_t field = fields_->connection.service;
  auto& record = *connection.record;
  if (!record.has(field)) {
    const auto* type = connectionType_->field(field).type;
    record.set(field, Slot::ofObject(vm_.heap().table(&type->asTable())));
  }
  auto& set = vm::tableOf(record.get(field));
  std::vector<std::string> names;
  for (auto name : now) names.emplace_back(view(name));
  for (const auto& old : connection.services)
    if (std::find(names.begin(), names.end(), old) == names.end()) {
      vm::Value key = vm::Value::adopt(vm_.types().basic(Tag::string), text(old));
      Slot slot = key.slot();
      vm_.tableErase(set, &slot);
    }
  for (const auto& name : names)
    if (std::find(connection.services.begin(), connection.services.end(), name) ==
        connection.services.end()) {
      vm::Value key = vm::Value::adopt(vm_.types().basic(Tag::string), text(name));
      Slot slot = key.slot();
      vm_.tableInsert(set, &slot, Slot::unset());
    }
  connection.services = std::move(names);
}

std::string EventDecoder::keyOf(const RecordObject& connId) const {
  const auto& f = fields_->connId;
  std::string key;
  append(key, vm::addrOf(connId.get(f.origHost)), connId.get(f.origPort).port());
  append(key, vm::addrOf(connId.get(f.respHost)), connId.get(f.respPort).port());
  return key;
}

void EventDecoder::update(schemas::ConnectionUpdate::Reader from) {
  if (connectionType_ == nullptr) return;
  auto& connection = connections_[from.getNumber()];
  const auto& f = fields_->connection;
  if (!connection.record) {
    KJ_REQUIRE(from.hasIntro(), "an update of a connection that was never introduced");
    connection.record = make(connectionType_);
  }
  auto& record = *connection.record;
  if (from.hasIntro()) {
    auto intro = from.getIntro();
    record.set(f.uid, text(view(intro.getUid())));
    // A new record when the sides are flipped: the old one may be a key of some table.
    record.set(f.id, connId(intro.getId()));
    auto held = connectionNumbers_.find(connection.id);
    if (held != connectionNumbers_.end() && held->second == from.getNumber())
      connectionNumbers_.erase(held);
    connection.id = keyOf(vm::recordOf(record.get(f.id)));
    connectionNumbers_[connection.id] = from.getNumber();
    record.set(f.startTime, Slot::ofReal(intro.getStartTime()));
    if (intro.getVlan() >= 0) record.set(f.vlan, Slot::ofInt(intro.getVlan()));
    if (intro.getInnerVlan() >= 0) record.set(f.innerVlan, Slot::ofInt(intro.getInnerVlan()));
    if (intro.getTunnel().size() > 0 && encapsulationType_ != nullptr) {
      const auto& levels = connectionType_->field(f.tunnel).type->asVector();
      auto* vector = vm_.heap().vector(&levels);
      record.set(f.tunnel, Slot::ofObject(vector));
      for (auto level : intro.getTunnel()) {
        auto made = make(encapsulationType_);
        made->set(fields_->encapsulation.id, connId(level.getId()));
        made->set(fields_->encapsulation.type, Slot::ofInt(level.getType()));
        made->set(fields_->encapsulation.uid, text(view(level.getUid())));
        KJ_REQUIRE(vector->append(made.take()), "no memory for the tunnels of a connection");
      }
    }
    if (!record.has(f.service)) services(connection, {});
    if (!record.has(f.history)) record.set(f.history, text({}));
  }
  record.set(f.duration, Slot::ofReal(from.getDuration()));
  if (from.hasOrig()) endpoint(record, f.orig, from.getOrig());
  if (from.hasResp()) endpoint(record, f.resp, from.getResp());
  if (from.hasServices()) services(connection, from.getServices());
  if (from.hasAnalyzers()) analyzers(connection, from.getAnalyzers());
  if (from.hasHistory()) record.set(f.history, text(view(from.getHistory())));
}

void EventDecoder::update(schemas::FileUpdate::Reader from) {
  if (fileType_ == nullptr) return;
  auto& held = files_[from.getNumber()];
  const auto& f = fields_->file;
  if (!held.record) {
    KJ_REQUIRE(from.hasIntro(), "an update of a file that was never introduced");
    held.record = make(fileType_);
  }
  auto& record = *held.record;
  if (from.hasIntro()) {
    auto intro = from.getIntro();
    held.id = view(intro.getId());
    fileNumbers_[held.id] = from.getNumber();
    record.set(f.id, text(view(intro.getId())));
    if (intro.getParentId().size() > 0) record.set(f.parentId, text(view(intro.getParentId())));
    record.set(f.source, text(view(intro.getSource())));
    if (intro.getIsOrig() >= 0) record.set(f.isOrig, Slot::ofBool(intro.getIsOrig() != 0));
  }
  record.set(f.lastActive, Slot::ofReal(from.getLastActive()));
  record.set(f.seen, Slot::ofCount(from.getSeenBytes()));
  if (from.getTotalBytes() != ~uint64_t{0})
    record.set(f.total, Slot::ofCount(from.getTotalBytes()));
  record.set(f.missing, Slot::ofCount(from.getMissingBytes()));
  record.set(f.overflow, Slot::ofCount(from.getOverflowBytes()));
  record.set(f.timeout, Slot::ofReal(from.getTimeoutInterval()));
  record.set(f.bofSize, Slot::ofCount(from.getBofBufferSize()));
  if (from.hasBofBuffer()) record.set(f.bof, text(view(from.getBofBuffer())));
  if (from.getConnections().size() == 0) return;
  if (!record.has(f.connections)) {
    const auto* type = fileType_->field(f.connections).type;
    record.set(f.connections, Slot::ofObject(vm_.heap().table(&type->asTable())));
  }
  auto& table = vm::tableOf(record.get(f.connections));
  for (uint64_t number : from.getConnections()) {
    RecordObject* connection = this->connection(number);
    if (connection == nullptr) continue;
    Slot key = connection->get(fields_->connection.id);
    vm_.tableInsert(table, &key, Slot::ofObject(connection));
  }
}

RecordObject* EventDecoder::connection(uint64_t number) const {
  auto found = connections_.find(number);
  return found == connections_.end() ? nullptr : found->second.record.get();
}

RecordObject* EventDecoder::connectionByUid(std::string_view uid) const {
  for (const auto& [number, connection] : connections_)
    if (vm::textOf(connection.record->get(fields_->connection.uid)) == uid)
      return connection.record.get();
  return nullptr;
}

const EventDecoder::Connection* EventDecoder::find(const RecordObject& connId) const {
  if (connId.layout->type != connIdType_) return nullptr;
  auto number = connectionNumbers_.find(keyOf(connId));
  if (number == connectionNumbers_.end()) return nullptr;
  auto found = connections_.find(number->second);
  return found == connections_.end() ? nullptr : &found->second;
}

RecordObject* EventDecoder::connectionById(const RecordObject& connId) const {
  const Connection* found = find(connId);
  return found == nullptr ? nullptr : found->record.get();
}

std::vector<builtins::TrafficView::Analyzer> EventDecoder::analyzers(
    const RecordObject& connId) const {
  const Connection* found = find(connId);
  if (found == nullptr) return {};
  return found->analyzers;
}

void EventDecoder::takeOff(const RecordObject& connId, uint64_t analyzerId) {
  auto* found = const_cast<Connection*>(find(connId));
  if (found == nullptr) return;
  found->takenOff.push_back(analyzerId);
  std::erase_if(found->analyzers, [&](const auto& one) { return one.id == analyzerId; });
}

// What was sent before the host knew may still name one that was taken off.
void EventDecoder::analyzers(Connection& connection,
                             capnp::List<schemas::ConnectionUpdate::Analyzer>::Reader now) {
  connection.analyzers.clear();
  for (auto each : now)
    if (std::find(connection.takenOff.begin(), connection.takenOff.end(), each.getId()) ==
        connection.takenOff.end())
      connection.analyzers.push_back({each.getId(), each.getTag()});
}

uint64_t EventDecoder::analyzerOf(uint64_t seq) const {
  auto found = std::lower_bound(raisedBy_.begin(), raisedBy_.end(), std::pair(seq, uint32_t{0}));
  return found == raisedBy_.end() || found->first != seq ? 0 : found->second;
}

RecordObject* EventDecoder::fileById(std::string_view fuid) const {
  auto number = fileNumbers_.find(std::string(fuid));
  if (number == fileNumbers_.end()) return nullptr;
  auto found = files_.find(number->second);
  return found == files_.end() ? nullptr : found->second.record.get();
}

vm::Value EventDecoder::decode(schemas::Value::Reader from, const types::Type* to) {
  return vm::Value::adopt(to, value(from, to, 0));
}

Slot EventDecoder::record(capnp::List<schemas::Value>::Reader from, const types::RecordType& to,
                          unsigned depth) {
  // The catalog's fields come first; what scripts added by redef keeps its default.
  KJ_REQUIRE(from.size() <= to.fields().size(), "a record with more fields than its type",
             to.name().c_str());
  auto made = make(&to);
  for (unsigned i = 0; i < from.size(); ++i) {
    if (from[i].isAbsent()) continue;
    made->set(i, value(from[i], to.field(i).type, depth + 1));
  }
  return made.take();
}

Slot EventDecoder::container(schemas::Value::Reader from, const types::Type* to, unsigned depth) {
  if (to->is(Tag::vector)) {
    const auto& type = to->asVector();
    Ref<vm::VectorObject> made = Ref<vm::VectorObject>::adopt(vm_.heap().vector(&type));
    for (auto each : from.getList())
      KJ_REQUIRE(made->append(value(each, type.element(), depth + 1)), "no memory for an event");
    return made.take();
  }
  const auto& type = to->asTable();
  auto items = from.isTable() ? from.getTable() : from.getList();
  unsigned step = from.isTable() ? 2 : 1;
  KJ_REQUIRE((type.value() != nullptr) == from.isTable() && items.size() % step == 0);
  Ref<vm::TableObject> made = Ref<vm::TableObject>::adopt(vm_.heap().table(&type));
  std::vector<vm::Value> keys;
  std::vector<Slot> slots;
  for (unsigned i = 0; i < items.size(); i += step) {
    keys.clear();
    slots.clear();
    auto each = items[i];
    const auto& indices = type.indices();
    for (unsigned k = 0; k < indices.size(); ++k) {
      auto part = indices.size() == 1 ? each : each.getList()[k];
      keys.push_back(vm::Value::adopt(indices[k], value(part, indices[k], depth + 1)));
      slots.push_back(keys.back().slot());
    }
    vm::Value held;
    if (type.value() != nullptr)
      held = vm::Value::adopt(type.value(), value(items[i + 1], type.value(), depth + 1));
    KJ_REQUIRE(vm_.tableInsert(*made, slots.data(), held.empty() ? Slot::unset() : held.slot()),
               "no memory for an event");
  }
  return made.take();
}

// Owned by the caller.
Slot EventDecoder::value(schemas::Value::Reader from, const types::Type* to, unsigned depth) {
  KJ_REQUIRE(depth <= schemas::MAX_NESTING, "a value nested too deep");
  using V = schemas::Value;
  auto fits = [&](Tag tag) {
    KJ_REQUIRE(to->is(tag), "an argument of another type than the script's",
               types::typeText(to).c_str());
  };
  switch (from.which()) {
    case V::ABSENT:
      KJ_FAIL_REQUIRE("an argument is missing");
    case V::BOOLEAN:
      fits(Tag::boolean);
      return Slot::ofBool(from.getBoolean());
    case V::COUNT:
      fits(Tag::count);
      return Slot::ofCount(from.getCount());
    case V::INTEGER:
      fits(Tag::integer);
      return Slot::ofInt(from.getInteger());
    case V::REAL:
      fits(Tag::real);
      return Slot::ofReal(from.getReal());
    case V::TIME:
      fits(Tag::time);
      return Slot::ofReal(from.getTime());
    case V::INTERVAL:
      fits(Tag::interval);
      return Slot::ofReal(from.getInterval());
    case V::TEXT:
      fits(Tag::string);
      return text(view(from.getText()));
    case V::ADDR:
      fits(Tag::addr);
      return vm_.heap().addr(wire::readAddress(from.getAddr()));
    case V::PORT:
      fits(Tag::port);
      return Slot::ofPort(wire::unpackPort(from.getPort()));
    case V::SUBNET: {
      fits(Tag::subnet);
      auto group = from.getSubnet();
      return vm_.heap().subnet({wire::readAddress(group.getPrefix()), group.getWidth()});
    }
    case V::ENUMERATION:
      fits(Tag::enumeration);
      return Slot::ofInt(from.getEnumeration());
    case V::ENUM_NAME: {
      fits(Tag::enumeration);
      const auto* entry = to->asEnum().findName(view(from.getEnumName()));
      KJ_REQUIRE(entry != nullptr, "an enum value that the script does not have",
                 from.getEnumName());
      return Slot::ofInt(entry->value);
    }
    case V::CONNECTION: {
      RecordObject* found = connection(from.getConnection());
      KJ_REQUIRE(found != nullptr && to == connectionType_, "an unknown connection");
      return Ref<RecordObject>::share(found).take();
    }
    case V::FILE: {
      auto found = files_.find(from.getFile());
      KJ_REQUIRE(found != files_.end() && to == fileType_, "an unknown file");
      return Ref<RecordObject>(found->second.record).take();
    }
    case V::LIST:
      if (to->is(Tag::record)) return record(from.getList(), to->asRecord(), depth);
      KJ_REQUIRE(to->isTableOrSet() || to->is(Tag::vector),
                 "a list where the script has another type");
      return container(from, to, depth);
    case V::TABLE:
      KJ_REQUIRE(to->isTableOrSet(), "a table where the script has another type");
      return container(from, to, depth);
    case V::PATTERN:
      break;
  }
  KJ_FAIL_REQUIRE("a value of a kind that events do not have");
}

void EventDecoder::raise(const Event& event, capnp::List<schemas::Value>::Reader args) {
  const auto& parameters = event.type->parameters();
  KJ_REQUIRE(args.size() == parameters.size(), "an event with a wrong number of arguments");
  std::vector<Slot> made = vm_.spareArguments();
  KJ_ON_SCOPE_FAILURE({
    for (size_t i = 0; i < made.size(); ++i)
      if (parameters[i].type->isManaged()) vm::release(made[i]);
  });
  made.reserve(args.size());
  for (unsigned i = 0; i < args.size(); ++i) made.push_back(value(args[i], parameters[i].type, 0));
  vm_.raiseOwned(event.id, std::move(made));
}

// Published by the package in another process, possibly of another version: what does not fit is
// that package's error, not the host's.
void EventDecoder::packageEvent(schemas::Item::Package::Reader from) {
  std::string name(view(from.getName()));
  auto found = vm_.program().findEvent(name);
  if (!found || !vm_.program().hasHandlers(*found)) return;
  Event event{*found, vm_.program().functions[vm_.program().events[*found].function].type, true};
  auto problem = kj::runCatchingExceptions([&]() { raise(event, from.getArgs()); });
  KJ_IF_MAYBE (exception, problem) {
    vm_.report(vm::Severity::warning,
               "dropped the published event " + name + ": " + exception->getDescription().cStr());
  }
}

void EventDecoder::apply(schemas::Item::Reader item) {
  // Most items have neither, and an absent list is read at length.
  if (item.hasConnections())
    for (auto each : item.getConnections()) update(each);
  if (item.hasFiles())
    for (auto each : item.getFiles()) update(each);
  switch (item.which()) {
    case schemas::Item::EVENT: {
      auto id = item.getEvent().getId();
      KJ_REQUIRE(id < events_.size(), "an event that the catalog lacks", id);
      if (item.getAnalyzer() != 0) raisedBy_.emplace_back(item.getSeq(), item.getAnalyzer());
      if (events_[id].handled) raise(events_[id], item.getEvent().getArgs());
      break;
    }
    case schemas::Item::FORGET_CONNECTION: {
      auto found = connections_.find(item.getForgetConnection());
      if (found == connections_.end()) break;
      auto number = connectionNumbers_.find(found->second.id);
      // The addresses may belong to a later connection by now.
      if (number != connectionNumbers_.end() && number->second == found->first)
        connectionNumbers_.erase(number);
      connections_.erase(found);
      break;
    }
    case schemas::Item::FORGET_FILE: {
      auto found = files_.find(item.getForgetFile());
      if (found == files_.end()) break;
      auto number = fileNumbers_.find(found->second.id);
      if (number != fileNumbers_.end() && number->second == found->first)
        fileNumbers_.erase(number);
      files_.erase(found);
      break;
    }
    case schemas::Item::PACKAGE:
      packageEvent(item.getPackage());
      break;
    default:
      break;
  }
}

}  // namespace bulkhead::runner
