#include "host/flow/tcp-connection.h"

#include "host/flow/byte-order.h"
#include "host/flow/checksum.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace bulkhead::flow {

using events::EventId;
using events::Value;
using tcp::State;

namespace {

// Marks of history entries; the responder's stand 16 bits higher.
enum HistoryMark : uint32_t {
  markSyn = 0x1,
  markFin = 0x2,
  markRst = 0x4,
  markFinRst = 0x8,
  markData = 0x10,
  markAck = 0x20,
  markManyFlags = 0x40,
};

constexpr int32_t implausibleJump = 1 << 20;  // of a sequence number that a SYN or RST claims

bool isHandshake(State state) {
  return state == State::inactive || state == State::synSent || state == State::synAckSent;
}

bool isBetween(uint32_t number, uint32_t from, uint32_t to) {
  return from <= to ? number >= from && number <= to : number >= from || number <= to;
}

}  // namespace

TcpHeader TcpHeader::parse(Bytes data) {
  const uint8_t* p = data.data();
  TcpHeader h;
  h.sourcePort = be16(p);
  h.destinationPort = be16(p + 2);
  h.sequence = be32(p + 4);
  h.acknowledgement = be32(p + 8);
  h.headerLength = static_cast<uint8_t>((p[12] >> 4) * 4);
  h.flags.bits = p[13];
  h.window = be16(p + 14);
  return h;
}

void TcpConnection::Side::inOrder(Bytes data) {
  if (!connection.isSkipping()) connection.deliverStream(isOrig, data);
}

void TcpConnection::Side::missing(uint64_t sequence, uint64_t length) {
  connection.missing(*this, sequence, length);
}

bool TcpConnection::Side::peerIsSilent() const {
  const auto& options = connection.env_.options;
  return options.tcpMaxInitialWindow > 0 && endpoint.nothingAcked() &&
         endpoint.size(isOrig ? connection.resp_->endpoint : connection.orig_->endpoint) >
             options.tcpMaxInitialWindow;
}

TcpConnection::TcpConnection(Environment& env, const ConnectionKey& key, uint64_t hash,
                             const events::ConnectionId& id, const Segment& first)
    : Connection(env, key, hash, id, first), sides_{{*this, true}, {*this, false}} {}

void TcpConnection::start() {
  transportTimers_.add(env_.networkTime + env_.options.tcpSynTimeout, expireTimer);
  enableStatusUpdates();
  // Until the handshake is over.
  setInactivityTimeout(env_.options.udpInactivityTimeout);
}

void TcpConnection::refresh() {
  state_.orig.size = orig_->endpoint.size(resp_->endpoint);
  state_.orig.state = static_cast<uint64_t>(orig_->endpoint.state);
  state_.resp.size = resp_->endpoint.size(orig_->endpoint);
  state_.resp.state = static_cast<uint64_t>(resp_->endpoint.state);
}

void TcpConnection::flipped() {
  std::swap(orig_, resp_);
  orig_->isOrig = true;
  resp_->isOrig = false;
  std::swap(seenOrig_, seenResp_);
  partial_ = false;
}

void TcpConnection::ended() {
  if (env_.ending && active_ && !bothClosed()) raise(EventId::connection_pending);
}

bool TcpConnection::continues(const Segment& segment) {
  if (segment.captured.size() < TcpHeader::smallest) return true;
  const TcpHeader header = TcpHeader::parse(segment.captured);
  if (header.headerLength < TcpHeader::smallest || !header.flags.syn()) return true;
  Endpoint& orig = orig_->endpoint;
  Endpoint& resp = resp_->endpoint;
  Endpoint* side = &orig;
  if (header.flags.ack()) {
    if (orig.state != State::inactive) return true;
    side = &resp;
  }
  const bool wasReset = orig.state == State::reset || resp.state == State::reset;
  auto isActive = [](const Endpoint& e) { return e.state != State::inactive && !e.didClose; };
  if (!isClosed()) {
    if (header.sequence == side->startSequence()) return true;
    // SYN and SYN-ACK in the wrong order: process() puts it right.
    if (!header.flags.ack() && side->state == State::synAckSent && resp.state == State::inactive &&
        header.sequence == resp.startSequence())
      return true;
    layerWeird(side->state == State::synSent ? "SYN_seq_jump" : "active_connection_reuse");
  } else if ((isActive(orig) || isActive(resp)) && !wasReset) {
    layerWeird("active_connection_reuse");
  } else if (env_.packetTime - state_.lastTime < env_.options.tcpConnectionLinger && !wasReset) {
    layerWeird("premature_connection_reuse");
  }
  return false;
}

void TcpConnection::deliver(bool isOrig, const Segment& segment) {
  const TcpHeader header = TcpHeader::parse(segment.captured);
  if (header.headerLength < TcpHeader::smallest) return layerWeird("bad_TCP_header_len");
  if (header.headerLength > segment.length || header.headerLength > segment.captured.size())
    return layerWeird("truncated_header");
  Side& side = this->side(isOrig);
  if (!env_.options.ignoreChecksums && segment.captured.size() >= segment.length &&
      !checksumGood(segment.ip, ip::tcp, segment.captured)) {
    layerWeird("bad_TCP_checksum");
    oddity(side, 'C', side.endpoint.badChecksums, EventId::tcp_multiple_checksum_errors);
    return;
  }
  process(side, header, segment.captured.subspan(header.headerLength),
          segment.length - header.headerLength, segment);
  count(side.isOrig, segment);
}

void TcpConnection::process(Side& side, const TcpHeader& header, Bytes payload, uint32_t length,
                            const Segment& segment) {
  const Flags flags = header.flags;
  Endpoint& endpoint = side.endpoint;
  Side& peerSide = peerOf(side);
  Endpoint& peer = peerSide.endpoint;
  if (side.isOrig) {
    if (!seenOrig_) partial_ = !flags.syn() || flags.ack();
  } else if (!seenResp_ && !partial_) {
    partial_ = !flags.syn();
  }

  const uint32_t space = (flags.rst() ? 0 : length) + (flags.syn() ? 1 : 0) + (flags.fin() ? 1 : 0);
  const uint32_t past = header.sequence + space;
  beginNumbers(side, header, past);
  bool underflow = false;
  const uint64_t sequence =
      endpoint.relativeTo(header.sequence, endpoint.last, endpoint.lastWraps, underflow);
  if (underflow && !flags.rst()) layerWeird("TCP_seq_underflow_or_misorder");
  noteInHistory(side, header, sequence, length);
  weighWindow(side, header);
  if (!bothClosed()) state_.lastTime = env_.packetTime;

  const bool storm = env_.packetTime < endpoint.lastTime + env_.options.tcpStormInterarrival;
  const auto stormThreshold = static_cast<uint32_t>(env_.options.tcpStormThreshold);
  if (flags.syn()) seeSyn(side, header, length, segment);
  if (flags.fin()) {
    if (++endpoint.fins >= stormThreshold && storm) layerWeird("FIN_storm");
    endpoint.finSequence = sequence + space;
  }
  if (flags.rst()) {
    if (++endpoint.rsts >= stormThreshold && storm) layerWeird("RST_storm");
    forEachAnalyzer([](ProtocolAnalyzer& analyzer) { analyzer.reset(); });
  }

  uint64_t acknowledged = 0;
  if (flags.ack()) {
    if (side.isOrig && !seenFirstAck_ &&
        (endpoint.state == State::established || endpoint.state == State::synSent)) {
      seenFirstAck_ = true;
      raise(EventId::connection_first_ACK);
    }
    if (peer.state == State::inactive) {
      acknowledged = 1;
      beginPeer(side, peerSide, header);
    } else {
      bool below = false;
      acknowledged = peer.relativeTo(header.acknowledgement, peer.acked, peer.ackedWraps, below);
      if (below) {
        acknowledged = 0;
        layerWeird("TCP_ack_underflow_or_misorder");
      } else if (!flags.rst()) {
        const int32_t moved = tcp::sequenceDelta(header.acknowledgement, peer.acked);
        const bool broken = header.acknowledgement == 0 && moved > implausibleJump;
        if (moved > 0 && !broken) peer.advanceAcked(header.acknowledgement);
      }
    }
  }

  Step step{header, length};
  step.advance = advanceLast(side, header, past, length);
  endpoint.lastTime = env_.packetTime;
  this->step(side, step);
  // After the state machine: a gap that a FIN or RST reveals is no reliable one.
  if (flags.ack()) acknowledge(peerSide, acknowledged);
  if (env_.sink.wants(EventId::tcp_packet)) {
    std::string text;
    for (auto [bit, letter] :
         {std::pair{0x02, 'S'}, {0x01, 'F'}, {0x04, 'R'}, {0x10, 'A'}, {0x08, 'P'}, {0x20, 'U'}})
      if (flags.bits & bit) text += letter;
    raise(EventId::tcp_packet, Value::of(side.isOrig), Value::textOf(text), Value::count(sequence),
          Value::count(flags.ack() ? acknowledged : 0), Value::count(length),
          Value::textOf({reinterpret_cast<const char*>(payload.data()),
                         std::min<size_t>(payload.size(), length)}));
  }
  setSeenFirst(side.isOrig);
  if (length > 0 && !flags.rst() && !isSkipping() && !underflow)
    sendData(side, flags.syn() ? sequence + 1 : sequence, payload, length);
  checkEndOfStream(side);
  // After the data that came with the FIN.
  if (step.close) closed(side, step.report);
}

void TcpConnection::beginNumbers(Side& side, const TcpHeader& header, uint32_t last) {
  Endpoint& e = side.endpoint;
  const uint32_t first = header.sequence;
  const bool syn = header.flags.syn();
  switch (e.state) {
    case State::inactive:
      // Without a SYN the numbers are set as if one had been seen just before.
      if (syn)
        e.begin(first, last);
      else
        e.begin(first - 1, first);
      break;
    case State::synSent:
    case State::synAckSent:
      if (syn && first != e.startSequence()) {
        weird("SYN_seq_jump");
        e.begin(first, last);
      }
      break;
    case State::established:
    case State::partial:
      if (!syn) break;
      if (e.size(peerOf(side).endpoint) > 0) weird("SYN_inside_connection");
      if (first != e.startSequence()) weird("SYN_seq_jump");
      e.begin(first, last);
      break;
    case State::reset:
      if (syn && e.previous == State::inactive) e.begin(first, last);
      break;
    default:
      break;
  }
}

void TcpConnection::beginPeer(Side& side, Side& peer, const TcpHeader& header) {
  const Flags flags = header.flags;
  const State state = side.endpoint.state;
  if (!flags.syn() && !flags.fin() && !flags.rst() && !didWeird() &&
      (state == State::synSent || state == State::synAckSent || state == State::established))
    weird("possible_split_routing");
  const uint32_t before = header.acknowledgement - 1;
  peer.endpoint.begin(before, before);
}

bool TcpConnection::historyEntry(Side& side, uint32_t mark, char code) {
  // A SYN-ACK began it, and now there is traffic: no stealth scan, so the sides are the wrong way.
  if ((code == 'A' || code == 'D') && state_.history == "H") {
    flipRoles();
    state_.history = "^h";
    setSeenFirst(true);
  }
  if (!side.isOrig) {
    mark <<= 16;
    code = static_cast<char>(std::tolower(code));
  }
  return checkHistory(mark, code);
}

void TcpConnection::markHistory(Side& side, uint32_t mark, char code, uint64_t& last,
                                uint64_t sequence) {
  if (historyEntry(side, mark, code) && sequence != last)
    addHistory(side.isOrig ? code : static_cast<char>(std::tolower(code)));
  last = sequence;
}

void TcpConnection::noteInHistory(Side& side, const TcpHeader& header, uint64_t sequence,
                                  uint32_t length) {
  const Flags flags = header.flags;
  Endpoint& e = side.endpoint;
  const int several = flags.syn() + flags.fin() + flags.rst();
  if (several > 1) {
    if (flags.fin() && flags.rst())
      historyEntry(side, markFinRst, 'I');
    else
      historyEntry(side, markManyFlags, 'Q');
  } else if (flags.syn()) {
    markHistory(side, markSyn, flags.ack() ? 'H' : 'S', e.lastSyn, sequence);
  } else if (flags.fin()) {
    markHistory(side, markFin, 'F', e.lastFin, sequence + length);
  } else if (flags.rst()) {
    markHistory(side, markRst, 'R', e.lastRst, sequence);
  } else if (length > 0) {
    historyEntry(side, markData, 'D');
  } else if (flags.ack()) {
    historyEntry(side, markAck, 'A');
  }
}

void TcpConnection::oddity(Side& side, char code, tcp::Scaled& scaled, EventId event) {
  const uint32_t threshold = scaled.threshold;
  if (!side.isOrig) code = static_cast<char>(std::tolower(code));
  if (scaledHistory(code, scaled.count, scaled.threshold))
    thresholdEvent(event, side.isOrig, threshold);
}

void TcpConnection::weighWindow(Side& side, const TcpHeader& header) {
  Endpoint& e = side.endpoint;
  const Flags flags = header.flags;
  const uint32_t window = static_cast<uint32_t>(header.window) << e.windowScale;
  if (window == 0 && !flags.rst() && peerOf(side).endpoint.state != State::closed &&
      e.state != State::reset)
    oddity(side, 'W', e.zeroWindows, EventId::tcp_multiple_zero_windows);
  if (flags.syn() || flags.fin() || flags.rst() || e.state == State::closed ||
      e.state == State::reset)
    return;
  if (tcp::sequenceDelta(header.sequence, e.windowSequence) < 0 ||
      tcp::sequenceDelta(header.acknowledgement, e.windowAck) < 0)
    return;
  const int64_t advance =
      tcp::sequenceDelta(header.acknowledgement + window, e.windowAck + e.window);
  // Less than one unit of the scale is rounding.
  if (advance < 0 && -advance >= (int64_t{1} << e.windowScale)) weird("window_recision");
  e.window = window;
  e.windowAck = header.acknowledgement;
  e.windowSequence = header.sequence;
}

int32_t TcpConnection::advanceLast(Side& side, const TcpHeader& header, uint32_t last,
                                   uint32_t length) {
  Endpoint& e = side.endpoint;
  const Flags flags = header.flags;
  const int32_t moved = tcp::sequenceDelta(last, e.last);
  if ((flags.syn() || flags.rst()) && (moved > implausibleJump || moved < -implausibleJump))
    return moved;
  if (flags.fin() && e.last == e.startSequence() + 1)
    e.advanceLast(last);  // more than 2 GB of which only SYN and FIN were seen
  else if (e.state == State::reset)
    return moved;
  else if (moved > 0)
    e.advanceLast(last);
  else if (length > 0)
    oddity(side, 'T', e.retransmissions, EventId::tcp_multiple_retransmissions);
  return moved;
}

void TcpConnection::setState(Side& side, State state) {
  Endpoint& e = side.endpoint;
  if (state == e.state) return;
  if (!isHandshake(state) && isHandshake(e.state) && isHandshake(peerOf(side).endpoint.state))
    setInactivityTimeout(env_.options.tcpInactivityTimeout);
  e.previous = e.state;
  e.state = state;
}

void TcpConnection::step(Side& side, Step& step) {
  const Flags flags = step.header.flags;
  switch (side.endpoint.state) {
    case State::inactive:
      return stepInactive(side, step);
    case State::synSent:
    case State::synAckSent:
      return stepSynSent(side, step);
    case State::established:
    case State::partial:
      return stepEstablished(side, step);
    case State::closed:
      return stepClosed(side, step);
    case State::reset:
      if (flags.syn()) layerWeird("SYN_after_reset");
      if (flags.fin()) layerWeird("FIN_after_reset");
      if (step.length > 0 && !flags.rst()) layerWeird("data_after_reset");
  }
}

void TcpConnection::stepInactive(Side& side, Step& step) {
  const Flags flags = step.header.flags;
  Side& peerSide = peerOf(side);
  Endpoint& e = side.endpoint;
  Endpoint& peer = peerSide.endpoint;
  // As it stood when the packet came; a flip below does not change what this packet is.
  const bool isOrig = side.isOrig;
  if (flags.syn() && isOrig) {
    if (flags.ack()) {
      layerWeird("connection_originator_SYN_ack");
      setState(side, State::synAckSent);
    } else {
      setState(side, State::synSent);
    }
    if (env_.options.tcpAttemptDelay > 0)
      transportTimers_.add(env_.packetTime + env_.options.tcpAttemptDelay, attemptTimer,
                           AtEnd::fire);
  } else if (flags.syn()) {
    if (flags.ack()) {
      if (peer.state != State::inactive && peer.state != State::partial &&
          !isBetween(step.header.acknowledgement, peer.startSequence(), peer.last))
        layerWeird("bad_SYN_ack");
    } else if (peer.state == State::synAckSent && step.header.sequence == e.startSequence()) {
      partial_ = false;
      flipRoles();
      setState(peerSide, State::established);
      setSeenFirst(true);
    } else {
      layerWeird("simultaneous_open");
    }
    if (peer.state == State::synSent)
      setState(peerSide, State::established);
    else if (peer.state == State::inactive)
      layerWeird("unsolicited_SYN_response");
    setState(side, State::established);
    if (peer.state != State::partial) {
      raise(EventId::connection_established);
      enableStatusUpdates();
    }
  }
  if (flags.fin()) {
    setState(side, State::closed);
    step.close = step.report = true;
    if (peer.state != State::partial && !flags.syn()) layerWeird("spontaneous_FIN");
  }
  if (flags.rst()) {
    setState(side, State::reset);
    const bool rejects = isOrig ? peer.state == State::established
                                : peer.state == State::synSent || peer.state == State::synAckSent;
    step.close = true;
    step.report = !rejects;
    if (rejects)
      raise(EventId::connection_rejected);
    else if (peer.state == State::inactive)
      layerWeird("spontaneous_RST");
  }
  if (e.state != State::inactive) return;
  // An ACK of the SYN that comes before the SYN-ACK says nothing yet.
  if (!isOrig && step.length == 0 && orig_->endpoint.state == State::synSent) return;
  if (flags.ack() && peer.state == State::established) {
    setState(side, State::established);  // only the SYN was missed
    partial_ = false;
    setSeenFirst(isOrig);
    return;
  }
  setState(side, State::partial);
  enableStatusUpdates();
  if (peer.state == State::partial) raise(EventId::partial_connection);
}

void TcpConnection::stepSynSent(Side& side, Step& step) {
  const Flags flags = step.header.flags;
  const State peer = peerOf(side).endpoint.state;
  if (flags.syn()) {
    if (side.isOrig) {
      if (flags.ack() && !flags.fin() && !flags.rst() && side.endpoint.state != State::synAckSent)
        layerWeird("repeated_SYN_with_ack");
    } else if (!flags.ack() && side.endpoint.state != State::synSent) {
      layerWeird("repeated_SYN_reply_wo_ack");
    }
  }
  if (flags.fin()) {
    if (peer == State::inactive || peer == State::synSent) layerWeird("inappropriate_FIN");
    setState(side, State::closed);
    step.close = step.report = true;
  }
  if (flags.rst()) {
    setState(side, State::reset);
    wasReset();
    step.close = true;
  } else if (step.length > 0) {
    layerWeird("data_before_established");
  }
}

void TcpConnection::stepEstablished(Side& side, Step& step) {
  const Flags flags = step.header.flags;
  Side& peerSide = peerOf(side);
  Endpoint& peer = peerSide.endpoint;
  if (flags.syn() && !flags.ack() && side.endpoint.state == State::partial &&
      peer.state == State::inactive) {
    layerWeird("SYN_after_partial");
    setState(side, State::synSent);
  }
  if (flags.fin() && !flags.rst()) {
    setState(side, State::closed);
    // The peer's RST after its FIN was an orderly end after all.
    if (peer.state == State::reset && peer.previous == State::closed)
      setState(peerSide, State::closed);
    step.close = step.report = true;
  }
  if (flags.rst()) {
    setState(side, State::reset);
    step.close = true;
    if (peer.state != State::reset || peer.previous != State::established) wasReset();
  }
}

void TcpConnection::stepClosed(Side& side, Step& step) {
  const Flags flags = step.header.flags;
  if (flags.syn()) layerWeird("SYN_after_close");
  if (flags.fin() && step.advance > 0) layerWeird("FIN_advanced_last_seq");
  if (!flags.rst() || peerOf(side).endpoint.state == State::closed) return;
  setState(side, State::reset);
  if (!side.endpoint.didClose) step.close = true;
  if (env_.sink.wants(EventId::connection_reset))
    transportTimers_.add(env_.packetTime + env_.options.tcpResetDelay, resetTimer, AtEnd::fire);
}

void TcpConnection::seeSyn(Side& side, const TcpHeader& header, uint32_t length,
                           const Segment& segment) {
  if (header.flags.rst()) layerWeird("TCP_christmas");
  if (header.flags.urg()) layerWeird("baroque_SYN");
  if (length > 0) layerWeird("SYN_with_data");
  int scale = -1;
  uint64_t mss = 0, stamp = 0, echo = 0;
  bool sack = false, stamps = false;
  Bytes rest = segment.captured.first(header.headerLength).subspan(TcpHeader::smallest);
  while (!rest.empty() && rest[0] != 0) {
    if (rest[0] == 1) {
      rest = rest.subspan(1);
      continue;
    }
    if (rest.size() < 2 || rest[1] < 2 || rest[1] > rest.size()) break;
    const uint8_t size = rest[1];
    switch (rest[0]) {
      case 2:
        if (size >= 4) mss = be16(&rest[2]);
        break;
      case 3:
        if (size >= 3) scale = rest[2];
        break;
      case 4:
        sack = true;
        break;
      case 8:
        if (size >= 10) {
          stamps = true;
          stamp = be32(&rest[2]);
          echo = be32(&rest[6]);
        }
        break;
      default:
        break;
    }
    rest = rest.subspan(size);
  }
  beginWindows(side, header, scale);
  if (!env_.sink.wants(EventId::connection_SYN_packet)) return;
  const Value packet[] = {Value::of(side.isOrig),
                          Value::of(segment.ip.dontFragment),
                          Value::count(segment.ip.ttl),
                          Value::count(segment.ip.totalLength),
                          Value::count(header.window),
                          Value::integerOf(scale),
                          Value::count(mss),
                          Value::of(sack),
                          stamps ? Value::count(stamp) : Value(),
                          stamps ? Value::count(echo) : Value()};
  raise(EventId::connection_SYN_packet, Value::listOf(packet));
}

void TcpConnection::beginWindows(Side& side, const TcpHeader& header, int scale) {
  Endpoint& e = side.endpoint;
  Endpoint& peer = peerOf(side).endpoint;
  if (scale < 0) {
    e.windowScale = 0;
    if (header.flags.ack()) peer.windowScale = 0;  // both must offer it
    return;
  }
  constexpr int largestScale = 14;  // RFC 7323 2.3
  if (scale > largestScale) {
    if (!didWeird()) layerWeird("TCP_scale_range", std::to_string(scale));
    scale = largestScale;
  }
  e.windowScale = scale;
  e.windowSequence = peer.windowAck = header.sequence;
  e.windowAck = peer.windowSequence = header.acknowledgement;
}

void TcpConnection::missing(Side& side, uint64_t sequence, uint64_t length) {
  // In other states it may be an artefact of numbers that had to be guessed.
  const bool clean = orig_->endpoint.isClean() && resp_->endpoint.isClean();
  if (clean) oddity(side, 'G', side.endpoint.gaps, EventId::tcp_multiple_gap);
  if (clean || env_.options.reportGapsForPartial)
    raise(EventId::content_gap, Value::of(side.isOrig), Value::count(sequence),
          Value::count(length));
  if (!isSkipping()) deliverGap(side.isOrig, sequence, length);
}

void TcpConnection::sendData(Side& side, uint64_t sequence, Bytes payload, uint32_t length) {
  if (payload.size() < length) return layerWeird("truncated_tcp_payload");
  payload = payload.first(length);
  Endpoint& e = side.endpoint;
  if (e.stream.gaveUp()) return;
  const uint64_t acknowledged = e.relative(e.acked, e.ackedWraps);
  if (sequence < acknowledged) {
    if (sequence + length <= acknowledged) return;
    payload = payload.subspan(acknowledged - sequence);
    sequence = acknowledged;
  }
  e.stream.add(sequence, payload);
  const auto& options = env_.options;
  if (options.tcpMaxAboveHoleWithoutAnyAcks > 0 && e.nothingAcked() &&
      e.stream.undelivered() > options.tcpMaxAboveHoleWithoutAnyAcks) {
    layerWeird("above_hole_data_without_any_acks");
    e.stream.giveUp();
  }
  if (options.tcpExcessiveDataWithoutFurtherAcks > 0 &&
      e.stream.held() > options.tcpExcessiveDataWithoutFurtherAcks) {
    layerWeird("excessive_data_without_further_acks");
    e.stream.giveUp();
  }
}

void TcpConnection::acknowledge(Side& side, uint64_t sequence) {
  Endpoint& e = side.endpoint;
  if (e.fins > 0 && sequence >= e.finSequence) sequence = e.finSequence - 1;
  if (sequence <= e.stream.released()) return;
  e.stream.acknowledged(sequence);
  checkEndOfStream(side);
}

void TcpConnection::checkEndOfStream(Side& side) {
  Endpoint& e = side.endpoint;
  Endpoint& peer = peerOf(side).endpoint;
  if (e.atEnd || (e.fins == 0 && e.state != State::closed && e.state != State::reset) ||
      e.dataPending(peer))
    return;
  e.atEnd = true;
  raise(EventId::connection_EOF, Value::of(side.isOrig));
  forEachAnalyzer([&](ProtocolAnalyzer& analyzer) { analyzer.endOfStream(side.isOrig); });
  if (!closeDeferred_) return;
  if (!isSkipping() && e.dataPending(peer) && bothClosed()) layerWeird("pending_data_when_closed");
  closed(side, deferredReport_);
  closeDeferred_ = false;
}

void TcpConnection::closed(Side& side, bool report) {
  Endpoint& e = side.endpoint;
  Endpoint& peer = peerOf(side).endpoint;
  if (!isSkipping() && e.dataPending(peer)) {
    closeDeferred_ = true;  // until the rest is delivered
    deferredReport_ = deferredReport_ || report;
    return;
  }
  closeDeferred_ = false;
  if (e.didClose) return;
  e.didClose = true;
  const auto& options = env_.options;
  if (e.state == State::reset || peer.didClose || peer.state == State::inactive) {
    if (e.previous != State::inactive || peer.state != State::inactive) {
      report = report || std::exchange(deferredReport_, false);
      if (report) finished(peer.state == State::inactive);
    }
    transportTimers_.cancelAll();
    transportTimers_.add(state_.lastTime + options.tcpCloseDelay, deleteTimer);
  } else if (e.previous == State::inactive) {
    if (env_.sink.wants(EventId::connection_partial_close))
      transportTimers_.add(state_.lastTime + options.tcpPartialCloseDelay, partialCloseTimer);
  } else {
    transportTimers_.add(state_.lastTime + options.tcpSessionTimer, expireTimer);
  }
}

void TcpConnection::finished(bool half) {
  forEachAnalyzer([&](ProtocolAnalyzer& analyzer) { analyzer.finished(half); });
  raise(half ? EventId::connection_half_finished : EventId::connection_finished);
  active_ = false;
}

void TcpConnection::wasReset() {
  raise(EventId::connection_reset);
  forEachAnalyzer([](ProtocolAnalyzer& analyzer) { analyzer.reset(); });
  active_ = false;
}

void TcpConnection::transportTimerDue(uint32_t kind, double now) {
  Endpoint& orig = orig_->endpoint;
  Endpoint& resp = resp_->endpoint;
  if (kind == deleteTimer) return expire();
  if (!active_) return;
  const bool anyReset = orig.state == State::reset || resp.state == State::reset;
  const bool anyInactive = orig.state == State::inactive || resp.state == State::inactive;
  switch (kind) {
    case attemptTimer:
      if ((orig.state == State::synSent || orig.state == State::synAckSent) &&
          resp.state == State::inactive) {
        raise(EventId::connection_attempt);
        active_ = false;
        env_.remove(*this);
      }
      return;
    case partialCloseTimer:
      if (anyInactive || bothClosed() || anyReset) return;
      raise(EventId::connection_partial_close);
      env_.remove(*this);
      return;
    case resetTimer:
      if (!bothClosed()) wasReset();
      env_.remove(*this);
      return;
    case expireTimer:
      if (state_.lastTime + env_.options.tcpConnectionLinger < now) {
        const bool over = (isClosed() && (bothClosed() || anyReset || anyInactive));
        const bool nothing = orig.state == State::inactive && resp.state == State::inactive;
        if (over) active_ = false;
        if (over || nothing) return expire();
      }
      transportTimers_.add(now + env_.options.tcpSessionTimer, expireTimer);
      return;
    default:
      return;
  }
}

}  // namespace bulkhead::flow
