#include "host/flow/connection.h"

#include <algorithm>
#include <cassert>
#include <cctype>
#include <utility>

namespace bulkhead::flow {

using events::EventId;
using events::Value;

Environment::Environment(events::EventSink& s, FileSink& f, TimerQueue& t,
                         std::span<const AnalyzerRow> rows, EngineOptions o)
    : sink(s),
      files(f),
      timers(t),
      options(std::move(o)),
      weirds(s, t),
      uids(options.seed ? UniqueIds(*options.seed, UniqueIds::Pool::connections)
                        : UniqueIds(UniqueIds::Pool::connections)),
      analyzers(rows, s) {}

Connection::Connection(Environment& env, const ConnectionKey& key, uint64_t hash,
                       const events::ConnectionId& id, const Segment& first)
    : env_(env),
      sessionTimers_(env.timers, *this),
      transportTimers_(env.timers, *this),
      key_(key),
      hash_(hash) {
  state_.number = ++env.lastNumber;
  state_.id = id;
  state_.startTime = state_.lastTime = env.packetTime;
  state_.orig.flowLabel = first.ip.flowLabel;
  auto mac = [](const uint8_t* bytes) -> std::optional<MacAddr> {
    static constexpr uint8_t none[6] = {};
    if (!bytes || std::memcmp(bytes, none, 6) == 0) return std::nullopt;
    MacAddr out;
    std::memcpy(out.bytes.data(), bytes, 6);
    return out;
  };
  state_.orig.l2Addr = mac(first.frame.sourceMac);
  state_.resp.l2Addr = mac(first.frame.destinationMac);
  state_.vlan = first.frame.vlan;
  state_.innerVlan = first.frame.innerVlan;
  state_.tunnel = first.tunnel;
}

Connection::~Connection() = default;

void Connection::begin(bool flip) {
  state_.uid = env_.uids.next("C");
  if (flip) flipRoles();
  start();
  attachTransport();
  for (const AnalyzerRow* row : env_.analyzers.byPort(state_.id.respPort))
    if (!env_.options.dpdIgnorePorts && !isAtWork(row->tag)) attach(*row);
  if (transport() != Transport::unknown) ++env_.lastAid;  // of what counts its packets
  detectAnew();
  raise(EventId::new_connection);
}

// ---- Identity

namespace {

bool sameTunnel(const events::EncapsulationState& a, const events::EncapsulationState& b) {
  if (a.type != b.type || a.uid != b.uid || a.id.protocol != b.id.protocol) return false;
  const bool same = a.id.origHost == b.id.origHost && a.id.respHost == b.id.respHost;
  const bool swapped = a.id.origHost == b.id.respHost && a.id.respHost == b.id.origHost;
  namespace types = events::Tunnel_Type_values;
  switch (a.type) {  // tunnels without ports are the same seen from either end
    case types::Tunnel_IP:
    case types::Tunnel_GRE:
      return same || swapped;
    case types::Tunnel_VXLAN:
      return a.id.respPort == b.id.respPort && (same || swapped);
    default:
      return same && a.id.origPort == b.id.origPort && a.id.respPort == b.id.respPort;
  }
}

}  // namespace

void Connection::checkTunnel(const std::vector<events::EncapsulationState>& tunnel) {
  if (state_.tunnel.empty() && tunnel.empty()) return;
  if (state_.tunnel.size() == tunnel.size() &&
      std::equal(tunnel.begin(), tunnel.end(), state_.tunnel.begin(), sameTunnel))
    return;
  if (env_.sink.wants(EventId::tunnel_changed)) {
    if (env_.options.tunnelMaxChanges != 0 && tunnelChanges_ >= env_.options.tunnelMaxChanges) {
      weird("tunnel_max_changes_per_connection_exceeded",
            std::to_string(env_.options.tunnelMaxChanges));
      noteLimitReached();
    } else {
      ++tunnelChanges_;
      std::vector<Value> levels;
      std::vector<std::array<Value, 6>> ids(tunnel.size());
      std::vector<std::array<Value, 3>> conns(tunnel.size());
      for (size_t i = 0; i < tunnel.size(); ++i) {
        const auto& one = tunnel[i];
        ids[i] = {Value::addrOf(one.id.origHost), Value::portOf(one.id.origPort),
                  Value::addrOf(one.id.respHost), Value::portOf(one.id.respPort),
                  Value::count(one.id.protocol),  Value::listOf({})};
        conns[i] = {Value::listOf(ids[i]), Value::enumOf(one.type), Value::textOf(one.uid)};
        levels.push_back(Value::listOf(conns[i]));
      }
      env_.sink.raise(EventId::tunnel_changed, {Value::of(state()), Value::listOf(levels)});
    }
  }
  state_.tunnel = tunnel;
}

void Connection::checkFlowLabel(bool isOrig, uint32_t label) {
  auto& endpoint = isOrig ? state_.orig : state_.resp;
  bool& seen = isOrig ? sawOrig_ : sawResp_;
  if (endpoint.flowLabel != label) {
    uint32_t old = endpoint.flowLabel;
    endpoint.flowLabel = label;
    if (seen)
      raise(EventId::connection_flow_label_changed, Value::of(isOrig), Value::count(old),
            Value::count(label));
  }
  seen = true;
}

void Connection::flipRoles() {
  std::swap(state_.id.origHost, state_.id.respHost);
  std::swap(state_.id.origPort, state_.id.respPort);
  std::swap(state_.orig, state_.resp);
  std::swap(sawOrig_, sawResp_);
  ++state_.idVersion;
  flipped();
  if (detection_) detection_->turn();
  forEachAnalyzer([](ProtocolAnalyzer& analyzer) { analyzer.rolesFlipped(); });
  addHistory('^');
  raise(EventId::connection_flipped);
}

// ---- History and weirds

bool Connection::checkHistory(uint32_t mark, char code) {
  if (historySeen_ & mark) return true;
  historySeen_ |= mark;
  addHistory(code);
  return false;
}

bool Connection::scaledHistory(char code, uint32_t& counter, uint32_t& threshold) {
  if (++counter != threshold) return false;
  addHistory(code);
  if (threshold > UINT32_MAX / 10)
    counter = 0;  // as far as it goes; count anew
  else
    threshold *= 10;
  return true;
}

void Connection::thresholdEvent(EventId event, bool isOrig, uint32_t threshold) {
  if (threshold > 1) raise(event, Value::of(isOrig), Value::count(threshold));
}

void Connection::weird(std::string_view name, std::string_view addl, std::string_view source) {
  didWeird_ = true;
  if (!weirds_) weirds_ = std::make_unique<WeirdReporter::Counts>();
  env_.weirds.connection(env_.networkTime, state(), *weirds_, name, addl, source);
}

void Connection::layerWeird(std::string_view name, std::string_view addl) {
  auto layer = [this]() -> std::string_view {
    switch (transport()) {
      case Transport::tcp:
        return "TCP";
      case Transport::udp:
        return "UDP";
      case Transport::icmp:
        return "ICMP";
      default:
        return {};
    }
  };
  weird(name, addl, layer());
}

void Connection::raise(EventId event) {
  if (env_.sink.wants(event)) env_.sink.raise(event, {Value::of(state())});
}

void Connection::count(bool isOrig, const Segment& segment) {
  auto& endpoint = isOrig ? state_.orig : state_.resp;
  ++endpoint.packets;
  endpoint.ipBytes += segment.ip.totalLength;
}

// ---- Timers and the end

void Connection::setInactivityTimeout(double seconds) {
  if (seconds == inactivityTimeout_) return;
  sessionTimers_.cancel(inactivityTimer);
  if (seconds > 0 && inTable_) sessionTimers_.add(state_.lastTime + seconds, inactivityTimer);
  inactivityTimeout_ = seconds;
}

void Connection::enableStatusUpdates() {
  if (statusUpdates_ || env_.options.statusUpdateInterval <= 0 ||
      !env_.sink.wants(EventId::connection_status_update))
    return;
  statusUpdates_ = true;
  sessionTimers_.add(env_.networkTime + env_.options.statusUpdateInterval, statusTimer);
}

void Connection::timerDue(uint32_t kind, double now) {
  switch (kind) {
    case inactivityTimer:
      if (state_.lastTime + inactivityTimeout_ <= now)
        expire();
      else
        sessionTimers_.add(state_.lastTime + inactivityTimeout_, inactivityTimer);
      return;
    case statusTimer:
      raise(EventId::connection_status_update);
      sessionTimers_.add(env_.networkTime + env_.options.statusUpdateInterval, statusTimer);
      return;
    default:
      transportTimerDue(kind, now);
  }
}

void Connection::expire() {
  raise(EventId::connection_timeout);
  env_.remove(*this);
}

void Connection::done() {
  if (finished_) return;
  finished_ = true;
  for (size_t i = 0; i < attached_.size(); ++i) end(*attached_[i]);
  ended();
}

void Connection::leftTable() {
  inTable_ = false;
  sessionTimers_.cancelAll();
  transportTimers_.cancelAll();
}

void Connection::removalEvents() {
  raise(EventId::connection_state_remove);
  env_.files.connectionRemoved(state_);
  env_.sink.forget(state_);
}

// ---- Analyzers

namespace {

bool contains(const std::vector<uint32_t>& numbers, uint32_t number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

}  // namespace

// Ids are given out as Zeek does: scripts print them.
void Connection::attachTransport() {
  namespace tags = events::Analyzer_Tag_values;
  const uint32_t id = ++env_.lastAid;
  uint32_t tag = tags::Analyzer_ANALYZER_TCP;
  switch (transport()) {
    case Transport::tcp:
      break;
    case Transport::udp:
      tag = tags::Analyzer_ANALYZER_UDP;
      break;
    case Transport::icmp:
      tag = tags::Analyzer_ANALYZER_ICMP;
      break;
    case Transport::unknown:
      return;
  }
  state_.analyzers.push_back({id, tag});
  ++env_.lastAid;  // of content detection
}

void Connection::receive(bool isOrig, const Segment& segment) {
  const auto before =
      env_.setAtWork({state_.analyzers.empty() ? 0 : state_.analyzers.front().id, &state_});
  deliver(isOrig, segment);
  env_.setAtWork(before);
}

Connection::Attached* Connection::attach(const AnalyzerRow& row) {
  if (contains(prevented_, row.tag)) return nullptr;
  auto made = std::make_unique<Attached>();
  made->row = &row;
  made->aid = ++env_.lastAid;
  made->analyzer = row.make(*this);
  state_.analyzers.push_back({made->aid, row.tag});
  ++state_.analyzerVersion;
  for (auto& subscriber : state_.sent)
    if (contains(subscriber.prevented, row.tag)) subscriber.off.push_back(made->aid);
  attached_.push_back(std::move(made));
  return attached_.back().get();
}

bool Connection::isAtWork(uint32_t tag) const {
  return std::any_of(attached_.begin(), attached_.end(), [&](const auto& one) {
    return one->row->tag == tag && !one->removed && !one->muted;
  });
}

// The youngest of that kind: an inner HTTP confirms itself, not the one that tunnels it.
Connection::Attached* Connection::byTag(uint32_t tag) {
  if (delivering_ < attached_.size() && attached_[delivering_]->row->tag == tag)
    return attached_[delivering_].get();
  for (size_t i = attached_.size(); i-- > 0;)
    if (attached_[i]->row->tag == tag) return attached_[i].get();
  return nullptr;
}

void Connection::end(Attached& attached) {
  if (attached.removed) return;
  attached.removed = true;
  noteGone(attached);
  within(attached, [&]() { attached.analyzer->done(); });
}

void Connection::noteGone(const Attached& attached) {
  if (std::erase_if(state_.analyzers, [&](const auto& one) { return one.id == attached.aid; }) > 0)
    ++state_.analyzerVersion;
}

void Connection::takeOff(uint32_t id, uint32_t subscriber, size_t subscribers, bool prevent) {
  auto found = std::find_if(attached_.begin(), attached_.end(),
                            [&](const auto& one) { return one->aid == id && !one->removed; });
  if (found == attached_.end()) return;
  Attached& attached = **found;
  const uint32_t tag = attached.row->tag;
  auto& sent = state_.sent;
  if (sent.size() <= subscriber) sent.resize(subscriber + 1);
  if (!contains(sent[subscriber].off, id)) sent[subscriber].off.push_back(id);
  if (prevent && !contains(sent[subscriber].prevented, tag))
    sent[subscriber].prevented.push_back(tag);
  auto all = [&](auto has) {
    return static_cast<size_t>(std::count_if(sent.begin(), sent.end(), has)) >= subscribers;
  };
  if (all([&](const auto& one) { return contains(one.prevented, tag); })) prevented_.push_back(tag);
  if (!all([&](const auto& one) { return contains(one.off, id); })) return;
  // It gets nothing more, but may be further up the stack (a file of its own is being sniffed).
  attached.muted = true;
  takenOff_.push_back(id);
  if (working_ == 0)
    settleTakenOff();
  else if (takenOff_.size() == 1)
    env_.violated(*this, id);
}

void Connection::settleTakenOff() {
  for (uint32_t id : std::exchange(takenOff_, {}))
    for (auto& attached : attached_)
      if (attached->aid == id && !attached->removed) {
        attached->removed = true;
        noteGone(*attached);
        // What it says at its end is for those, too, who have just taken it off.
        attached->analyzer->done();
      }
}

void Connection::confirm(uint32_t tag) {
  Attached* attached = byTag(tag);
  if (!attached || attached->confirmed || attached->removed) return;
  attached->confirmed = true;
  std::string service(attached->row->name);
  if (std::find(state_.services.begin(), state_.services.end(), service) == state_.services.end()) {
    state_.services.push_back(std::move(service));
    ++state_.serviceVersion;
  }
  if (!env_.sink.wants(EventId::analyzer_confirmation_info)) return;
  const Value info[] = {Value::of(state()), Value(), Value::count(attached->aid), Value()};
  env_.sink.raise(EventId::analyzer_confirmation_info,
                  {Value::enumOf(env_.analyzers.allTag(tag)), Value::listOf(info)});
}

void Connection::violation(uint32_t tag, std::string_view reason, Bytes data) {
  Attached* attached = byTag(tag);
  if (!attached || (attached->removed && !finished_)) return;
  if (env_.sink.wants(EventId::analyzer_violation_info)) {
    Value shown = data.empty()
                      ? Value()
                      : Value::textOf({reinterpret_cast<const char*>(data.data()), data.size()});
    const Value info[] = {Value::textOf(reason), Value::of(state()), Value(),
                          Value::count(attached->aid), shown};
    env_.sink.raise(EventId::analyzer_violation_info,
                    {Value::enumOf(env_.analyzers.allTag(tag)), Value::listOf(info)});
  }
  if (finished_) return;
  if (violators_.empty()) env_.violated(*this, attached->aid);
  violators_.push_back(attached->aid);
}

void Connection::settleViolations() {
  settleTakenOff();
  const auto& s = state();
  const bool ignored =
      env_.options.dpdMaxPayload > 0 && s.orig.size + s.resp.size > env_.options.dpdMaxPayload;
  for (uint32_t aid : std::exchange(violators_, {})) {
    if (ignored) continue;
    for (auto& attached : attached_) {
      if (attached->aid != aid) continue;
      if (inTable_) end(*attached);
      auto found = std::find(state_.services.begin(), state_.services.end(), attached->row->name);
      if (found != state_.services.end()) {
        state_.services.erase(found);
        ++state_.serviceVersion;
      }
    }
  }
}

void Connection::detectAnew() {
  auto candidates = env_.analyzers.byContent(transport());
  ++detections_;
  detection_.reset();
  if (!candidates.empty())
    detection_ = std::make_unique<ContentDetection>(candidates, env_.options.dpdBufferSize);
}

void Connection::handOverRest(bool isOrig, Bytes rest) {
  assert(delivering_ < attached_.size());
  attached_[delivering_]->muted = true;
  detectAnew();
  if (!rest.empty()) detectStream(isOrig, rest);
}

void Connection::replay(Attached& attached) {
  if (!detection_) return;
  const size_t index = attached_.size() - 1;
  // A copy: the analyzer may hand over, which starts a detection of its own.
  const std::vector<ContentDetection::Piece> pieces = detection_->pieces();
  const uint32_t before = std::exchange(delivering_, static_cast<uint32_t>(index));
  for (const auto& piece : pieces) {
    if (attached.removed || attached.muted) break;
    Bytes data(reinterpret_cast<const uint8_t*>(piece.data.data()), piece.data.size());
    within(attached, [&]() {
      if (piece.isGap)
        attached.analyzer->streamGap(piece.isOrig, piece.offset, piece.length);
      else if (isUdp())
        attached.analyzer->deliverPacket(piece.isOrig, data, data.size());
      else
        attached.analyzer->deliverStream(piece.isOrig, data);
    });
  }
  delivering_ = before;
}

void Connection::detectStream(bool isOrig, Bytes data) {
  if (!detection_) return;
  auto found = detection_->add(isOrig, data);
  for (const AnalyzerRow* row : found)
    if (!isAtWork(row->tag))
      if (Attached* attached = attach(*row)) replay(*attached);
  if (detection_ && detection_->over()) detection_.reset();
}

void Connection::deliverStream(bool isOrig, Bytes data) {
  const uint32_t detections = detections_;
  const size_t count = attached_.size();
  for (size_t i = 0; i < count; ++i) {
    Attached& attached = *attached_[i];
    if (attached.removed || attached.muted) continue;
    const uint32_t before = std::exchange(delivering_, static_cast<uint32_t>(i));
    within(attached, [&]() { attached.analyzer->deliverStream(isOrig, data); });
    delivering_ = before;
    if (skipping_) return;
  }
  // One that began within this delivery has had its share.
  if (detections == detections_) detectStream(isOrig, data);
}

void Connection::deliverGap(bool isOrig, uint64_t sequence, uint64_t length) {
  const uint64_t offset = sequence > 0 ? sequence - 1 : 0;
  const size_t count = attached_.size();
  for (size_t i = 0; i < count; ++i) {
    Attached& attached = *attached_[i];
    if (attached.removed || attached.muted) continue;
    const uint32_t before = std::exchange(delivering_, static_cast<uint32_t>(i));
    within(attached, [&]() { attached.analyzer->streamGap(isOrig, offset, length); });
    delivering_ = before;
  }
  if (detection_) detection_->addGap(isOrig, offset, length);
}

void Connection::deliverPacket(bool isOrig, Bytes payload, uint64_t wireLength) {
  const size_t count = attached_.size();
  for (size_t i = 0; i < count; ++i) {
    Attached& attached = *attached_[i];
    if (attached.removed || attached.muted) continue;
    const uint32_t before = std::exchange(delivering_, static_cast<uint32_t>(i));
    within(attached, [&]() { attached.analyzer->deliverPacket(isOrig, payload, wireLength); });
    delivering_ = before;
    if (skipping_) return;
  }
  if (detection_ && !payload.empty()) detectStream(isOrig, payload);
}

}  // namespace bulkhead::flow
