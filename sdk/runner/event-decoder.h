#pragma once
// Items of a batch as calls into the VM: events with their values, and the `connection` and
// `fa_file` records that they name.
//
// A record is made once for each connection or file and updated in place, so that what scripts hang
// on it (c$http, c$my_state) is there at the next event and a reference kept in a table stays
// current: as in Zeek. It is let go when the host forgets the object and no script refers to it any
// more.
//
// One per compartment, on the VM's thread. The host is trusted, but a batch that does not fit the
// catalog is answered with kj::Exception rather than believed.

#include "schemas/batch.capnp.h"
#include "sdk/script/builtins/services.h"
#include "sdk/script/vm/vm.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace bulkhead::runner {

class EventDecoder {
 public:
  explicit EventDecoder(vm::Vm& vm);
  ~EventDecoder();

  // The catalog numbers of the events that this program handles, ascending.
  const std::vector<uint16_t>& handled() const { return handled_; }
  // Applies the item's updates and queues its event, if it is one; forgets what it says.
  void apply(schemas::Item::Reader item);

  // The record of a living connection; null if the host never introduced that number.
  vm::RecordObject* connection(uint64_t number) const;
  vm::RecordObject* connectionByUid(std::string_view uid) const;
  // By addresses and ports of a conn_id record; null if there is no such connection now.
  vm::RecordObject* connectionById(const vm::RecordObject& connId) const;
  // The analyzers of a living connection, as builtins::TrafficView has them; takeOff() takes one
  // out, whatever the host says of it later.
  std::vector<builtins::TrafficView::Analyzer> analyzers(const vm::RecordObject& connId) const;
  void takeOff(const vm::RecordObject& connId, uint64_t analyzerId);
  // The analyzer that raised the event of that seq; 0: none, or the group it is of has been
  // drained.
  uint64_t analyzerOf(uint64_t seq) const;
  // The events of the items so far were handled.
  void drained() { raisedBy_.clear(); }
  // The record of a living file; null if there is none of that id.
  vm::RecordObject* fileById(std::string_view fuid) const;

  // A value of a host's answer as a script value of that type. Throws kj::Exception if it does not
  // fit.
  vm::Value decode(schemas::Value::Reader from, const types::Type* to);

 private:
  struct Event {
    vm::EventId id = 0;
    const types::FuncType* type = nullptr;
    bool handled = false;
  };
  struct Connection {
    vm::Ref<vm::RecordObject> record;
    std::vector<std::string> services;  // as the host last said
    std::string id;                     // its key in connectionNumbers_
    std::vector<builtins::TrafficView::Analyzer> analyzers;
    std::vector<uint64_t> takenOff;  // ids
  };
  struct File {
    vm::Ref<vm::RecordObject> record;
    std::string id;
  };

  vm::Slot value(schemas::Value::Reader from, const types::Type* to, unsigned depth);
  vm::Slot record(capnp::List<schemas::Value>::Reader from, const types::RecordType& to,
                  unsigned depth);
  vm::Slot container(schemas::Value::Reader from, const types::Type* to, unsigned depth);
  void update(schemas::ConnectionUpdate::Reader from);
  void update(schemas::FileUpdate::Reader from);
  vm::Slot connId(schemas::ConnId::Reader from);
  // Null if there is none now.
  const Connection* find(const vm::RecordObject& connId) const;
  void analyzers(Connection& connection,
                 capnp::List<schemas::ConnectionUpdate::Analyzer>::Reader now);
  std::string keyOf(const vm::RecordObject& connId) const;
  void endpoint(vm::RecordObject& connection, uint32_t field, schemas::Endpoint::Reader from);
  void services(Connection& connection, capnp::List<capnp::Text>::Reader now);
  vm::Ref<vm::RecordObject> make(const types::RecordType* type);
  vm::Slot text(std::string_view bytes);
  void raise(const Event& event, capnp::List<schemas::Value>::Reader args);
  void packageEvent(schemas::Item::Package::Reader from);

  vm::Vm& vm_;
  std::vector<Event> events_;  // by catalog number
  std::vector<uint16_t> handled_;
  const types::RecordType* connectionType_;
  const types::RecordType* endpointType_;
  const types::RecordType* connIdType_;
  const types::RecordType* fileType_;
  const types::RecordType* encapsulationType_;
  struct Fields;
  std::unique_ptr<Fields> fields_;
  std::unordered_map<uint64_t, Connection> connections_;
  std::unordered_map<uint64_t, File> files_;
  std::unordered_map<std::string, uint64_t> connectionNumbers_;  // by addresses and ports
  std::unordered_map<std::string, uint64_t> fileNumbers_;        // by fuid
  std::vector<std::pair<uint64_t, uint32_t>> raisedBy_;  // seq of an event and analyzer, ascending
};

}  // namespace bulkhead::runner
