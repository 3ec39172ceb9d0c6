#include "host/capture/link-layer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

namespace bulkhead::capture {
namespace {

using Bytes = std::span<const uint8_t>;

// DLT_ numbers, https://www.tcpdump.org/linktypes.html. Raw IP has one number per system.
enum LinkType : int {
  linkNull = 0,
  linkEthernet = 1,
  linkPpp = 9,
  linkFddi = 10,
  linkRawLinux = 12,
  linkRawOpenBsd = 14,
  linkPppSerial = 50,
  linkRaw = 101,
  link80211 = 105,
  linkLoop = 108,
  linkCooked = 113,
  linkRadiotap = 127,
  linkIpv4 = 228,
  linkIpv6 = 229,
  linkNflog = 239,
  linkCooked2 = 276,
};

// IEEE 802 numbers, https://www.iana.org/assignments/ieee-802-numbers.
enum EtherType : uint32_t {
  etherIpv4 = 0x0800,
  etherArp = 0x0806,
  etherRarp = 0x8035,
  etherVlan = 0x8100,
  etherIpv6 = 0x86dd,
  etherMpls = 0x8847,
  etherPppoe = 0x8864,
  etherFabricPath = 0x8903,
  etherQinQ = 0x88a8,
  etherPbb = 0x88e7,
  etherVntag = 0x8926,
  etherQinQOld = 0x9100,
};
constexpr uint32_t smallestEtherType = 1536;  // below: a length field, IEEE 802.3 3.2.6
constexpr uint32_t largestLength = 1500;

enum PppProtocol : uint32_t { pppIpv4 = 0x0021, pppIpv6 = 0x0057, pppMpls = 0x0281 };

uint32_t be16(const uint8_t* p) { return static_cast<uint32_t>(p[0]) << 8 | p[1]; }

class Peeler {
 public:
  Peeler(Frame& frame, FrameVisitor& visitor) : frame_(frame), visitor_(visitor) {}

  bool ethernet(Bytes data) {
    if (data.size() <= 16) return weird("truncated_ethernet_frame", "ETHERNET");
    if (be16(&data[12]) == etherFabricPath) {
      constexpr size_t fabricPathHeader = 16;
      if (data.size() <= fabricPathHeader + 14)
        return weird("truncated_link_header_cfp", "ETHERNET");
      data = data.subspan(fabricPathHeader);
    }
    uint32_t protocol = be16(&data[12]);
    frame_.destinationMac = data.data();
    frame_.sourceMac = data.data() + 6;
    if (protocol >= smallestEtherType) return ether(data.subspan(14), protocol, "ETHERNET");
    if (protocol > largestLength) return weird("undefined_ether_type", "ETHERNET");
    return lengthField(data.subspan(14), protocol, "ETHERNET", "truncated_ethernet_frame");
  }

  bool vlan(Bytes data) {
    if (data.size() <= 4) return weird("truncated_VLAN_header", "VLAN");
    auto id = static_cast<uint16_t>(be16(&data[0]) & 0x0fff);
    if (!frame_.vlan) {
      frame_.vlan = id;
    } else {
      if (frame_.innerVlan)
        weird("triple_tagged_vlan_unsupported", "VLAN", "inner VLAN tag overwritten");
      frame_.innerVlan = id;
    }
    uint32_t protocol = be16(&data[2]);
    data = data.subspan(4);
    if (protocol >= smallestEtherType) return ether(data, protocol, "VLAN");
    if (protocol > largestLength) return weird("undefined_vlan_protocol", "VLAN");
    return lengthField(data, protocol, "VLAN", "truncated_VLAN_header");
  }

  bool cooked(Bytes data, size_t header, size_t protocolAt, size_t addressAt, const char* layer,
              const char* truncated) {
    if (data.size() <= header) return weird(truncated, layer);
    frame_.sourceMac = &data[addressAt];
    frame_.destinationMac = nullptr;
    return plain(data.subspan(header), be16(&data[protocolAt]), layer);
  }

  bool null(Bytes data) {
    if (data.size() <= 4) return weird("null_analyzer_failed", "NULL");
    // The address family in the byte order of whoever captured; 24, 28 and 30 are IPv6 in the BSDs.
    uint32_t family = static_cast<uint32_t>(data[3]) << 24 | static_cast<uint32_t>(data[2]) << 16 |
                      static_cast<uint32_t>(data[1]) << 8 | data[0];
    if ((family & 0xffff) == 0) family = __builtin_bswap32(family);
    if (family != 2 && family != 10 && family != 24 && family != 28 && family != 30) return false;
    return ip(data.subspan(4), "NULL");
  }

  bool ppp(Bytes data) {
    if (data.size() <= 2) return weird("truncated_ppp_header", "PPP");
    if (data[0] == 0xff && data[1] == 0x03) {  // HDLC-like framing, RFC 1662
      if (data.size() <= 4) return weird("truncated_ppp_hdlc_header", "PPP");
      return pppPayload(data.subspan(4), be16(&data[2]), "PPP");
    }
    return pppPayload(data.subspan(2), be16(&data[0]), "PPP");
  }

  bool pppSerial(Bytes data) {
    if (data.size() <= 4) return weird("truncated_ppp_serial_header", "PPPSERIAL");
    return pppPayload(data.subspan(4), be16(&data[2]), "PPPSERIAL");
  }

  bool fddi(Bytes data) {
    constexpr size_t header = 13 + 8;  // FDDI and LLC/SNAP
    if (data.size() <= header) return weird("FDDI_analyzer_failed", "FDDI");
    return ip(data.subspan(header), "FDDI");
  }

  // https://www.tcpdump.org/linktypes/LINKTYPE_NFLOG.html
  bool nflog(Bytes data) {
    if (data.size() <= 4) return weird("truncated_nflog_header", "NFLOG");
    uint8_t family = data[0];
    if (data[1] != 0) return weird("unknown_nflog_version", "NFLOG");
    data = data.subspan(4);
    constexpr uint16_t payloadType = 9;
    while (true) {
      if (data.size() <= 4) return weird("nflog_no_pcap_payload", "NFLOG");
      uint16_t length, type;  // in the capturing host's order, which libpcap turned into ours
      std::memcpy(&length, &data[0], 2);
      std::memcpy(&type, &data[2], 2);
      if (type == payloadType) break;
      size_t padded = (static_cast<size_t>(length) + 3) & ~size_t{3};
      if (length < 4 || padded > data.size()) return weird("nflog_bad_tlv_len", "NFLOG");
      data = data.subspan(padded);
    }
    if (family != 2 && family != 10) return false;
    return ip(data.subspan(4), "NFLOG");
  }

  bool radiotap(Bytes data) {
    if (data.size() <= 3) return weird("truncated_radiotap_header", "IEEE802_11_RADIO");
    size_t length = static_cast<size_t>(data[3]) << 8 | data[2];  // little endian by definition
    if (length >= data.size()) return weird("truncated_radiotap_header", "IEEE802_11_RADIO");
    if (!visitor_.descend(frame_, "IEEE802_11_RADIO")) return false;
    return wireless(data.subspan(length));
  }

  // IEEE 802.11-2016, 9.2 and 9.3.2: data frames that carry something.
  bool wireless(Bytes data) {
    const char* layer = "IEEE802_11";
    size_t header = 24;
    if (data.size() <= header) return weird("truncated_802_11_header", layer);
    uint8_t control = data[0], flags = data[1];
    bool isData = (control >> 2) & 0x02;
    bool isNull = (control >> 4) & 0x04;
    if (!isData || isNull) return false;
    if ((flags & 0x03) == 0x03) header += 6;  // the fourth address
    if (data.size() <= header) return weird("truncated_802_11_header", layer);
    bool aggregated = false;
    if ((control >> 4) & 0x08) {  // QoS
      aggregated = (data[header] & 0x80) != 0;
      if (flags & 0x40) return true;  // encrypted
      header += 2;
    }
    if (data.size() <= header) return weird("truncated_802_11_header", layer);
    static constexpr struct {
      uint8_t source, destination;
    } addresses[4] = {{10, 4}, {10, 16}, {16, 4}, {24, 16}};
    frame_.sourceMac = &data[addresses[flags & 3].source];
    frame_.destinationMac = &data[addresses[flags & 3].destination];
    data = data.subspan(header);
    if (!aggregated) return wirelessPayload(data);
    while (!data.empty()) {
      if (data.size() < 14) return weird("truncated_802_11_amsdu_header", layer);
      size_t length = be16(&data[12]);
      if (data.size() < length + 14) return weird("truncated_802_11_amsdu_packet", layer);
      data = data.subspan(14);
      if (!wirelessPayload(data.first(length)))
        return weird("invalid_802_11_amsdu_inner_packet", layer);
      data = data.subspan(length);
      data = data.subspan(std::min(length % 4, data.size()));
    }
    return true;
  }

  bool ip(Bytes data, const char* layer) {
    return visitor_.descend(frame_, layer) && visitor_.network(frame_, data);
  }

 private:
  bool weird(std::string_view name, std::string_view layer, std::string_view addl = {}) {
    visitor_.frameWeird(frame_, name, addl, layer);
    return false;
  }

  bool arp(Bytes data, const char* layer) {
    return visitor_.descend(frame_, layer) && visitor_.arp(frame_, data);
  }

  // The protocols that each wrapper may carry; others are ignored without a word.
  bool plain(Bytes data, uint32_t protocol, const char* layer) {
    switch (protocol) {
      case etherIpv4:
      case etherIpv6:
        return ip(data, layer);
      case etherArp:
      case etherRarp:
        return arp(data, layer);
      default:
        return false;
    }
  }

  bool ether(Bytes data, uint32_t protocol, const char* layer) {
    bool step = false;
    switch (protocol) {
      case etherMpls:
      case etherPbb:
      case etherVlan:
      case etherQinQ:
      case etherQinQOld:
      case etherPppoe:
      case etherVntag:
        step = visitor_.descend(frame_, layer);
        break;
      default:
        return plain(data, protocol, layer);
    }
    if (!step) return false;
    switch (protocol) {
      case etherMpls:
        return mpls(data);
      case etherPbb:
        return backbone(data);
      case etherPppoe:
        return pppoe(data);
      case etherVntag:
        return vntag(data);
      default:
        return vlan(data);
    }
  }

  bool lengthField(Bytes data, uint32_t length, const char* layer, const char* truncated) {
    if (data.size() < 2) return weird(truncated, layer);
    data = data.first(std::min<size_t>(data.size(), length));  // what follows is padding
    if (data.size() < 2) return false;
    if (data[0] == 0xff && data[1] == 0xff) return false;  // Novell raw: IPX
    if (data[0] != 0xaa || data[1] != 0xaa) return logicalLink(data);
    if (!visitor_.descend(frame_, layer)) return false;
    return snap(data);
  }

  bool logicalLink(Bytes data) {
    bool unnumbered = data.size() >= 3 && (data[2] & 0x03) == 0x03;
    if (data.size() < (unnumbered ? 3u : 4u)) return weird("truncated_llc_header", "LLC");
    return false;  // no upper protocol that we know
  }

  bool snap(Bytes data) {
    if (data.size() < 3) return weird("truncated_snap_llc_header", "SNAP");
    size_t header = (data[2] & 0x03) == 0x03 ? 3 : 4;
    if (data.size() < header + 5) return weird("truncated_snap_header", "SNAP");
    data = data.subspan(header);
    bool encapsulatedEthernet = data[0] == 0 && data[1] == 0 && data[2] == 0;
    if (!encapsulatedEthernet) return false;
    return plain(data.subspan(5), be16(&data[3]), "SNAP");
  }

  bool mpls(Bytes data) {
    bool bottom = false;
    while (!bottom) {
      if (data.size() <= 4) return weird("truncated_link_header", "MPLS");
      bottom = data[2] & 0x01;
      data = data.subspan(4);
    }
    return ip(data, "MPLS");  // what follows is not encoded, RFC 3032 2.2
  }

  bool backbone(Bytes data) {
    if (data.size() <= 18) return weird("truncated_PBB_header", "PBB");
    return visitor_.descend(frame_, "PBB") && ethernet(data.subspan(4));
  }

  bool pppoe(Bytes data) {
    if (data.size() <= 8) return weird("truncated_pppoe_header", "PPPOE");
    size_t length = be16(&data[4]);
    uint32_t protocol = be16(&data[6]);
    if (length < data.size() - 6) weird("pppoe_extra_data_after_payload", "PPPOE");
    if (length > data.size() - 6) weird("pppoe_truncated_payload", "PPPOE");
    data = data.subspan(8);
    data = data.first(std::min(length >= 2 ? length - 2 : 0, data.size()));
    if (protocol != pppIpv4 && protocol != pppIpv6) return false;
    return ip(data, "PPPOE");
  }

  bool vntag(Bytes data) {
    if (data.size() <= 6) return weird("truncated_vntag_header", "VNTAG");
    uint32_t protocol = be16(&data[4]);
    if (protocol != etherVlan && protocol != etherQinQ && protocol != etherQinQOld) return false;
    return visitor_.descend(frame_, "VNTAG") && vlan(data.subspan(6));
  }

  bool pppPayload(Bytes data, uint32_t protocol, const char* layer) {
    if (protocol == pppMpls) return visitor_.descend(frame_, layer) && mpls(data);
    if (protocol != pppIpv4 && protocol != pppIpv6) return false;
    return ip(data, layer);
  }

  bool wirelessPayload(Bytes data) {
    if (data.size() < 8) return weird("truncated_802_11_llc_header", "IEEE802_11");
    static constexpr uint8_t snapHeader[6] = {0xaa, 0xaa, 0x03, 0, 0, 0};
    if (std::memcmp(data.data(), snapHeader, sizeof snapHeader) != 0) return false;
    return plain(data.subspan(8), be16(&data[6]), "IEEE802_11");
  }

  Frame& frame_;
  FrameVisitor& visitor_;
};

}  // namespace

bool knownLinkType(int linkType) {
  switch (linkType) {
    case linkNull:
    case linkEthernet:
    case linkPpp:
    case linkFddi:
    case linkRawLinux:
    case linkRawOpenBsd:
    case linkPppSerial:
    case linkRaw:
    case link80211:
    case linkLoop:
    case linkCooked:
    case linkRadiotap:
    case linkIpv4:
    case linkIpv6:
    case linkNflog:
    case linkCooked2:
      return true;
    default:
      return false;
  }
}

bool decodeFrame(int linkType, Frame& frame, FrameVisitor& visitor) {
  Peeler peel(frame, visitor);
  Bytes data(frame.start, frame.captured);
  if (!visitor.descend(frame, "ROOT")) return false;
  switch (linkType) {
    case linkEthernet:
      return peel.ethernet(data);
    case linkNull:
    case linkLoop:
      return peel.null(data);
    case linkPpp:
      return peel.ppp(data);
    case linkPppSerial:
      return peel.pppSerial(data);
    case linkFddi:
      return peel.fddi(data);
    case link80211:
      return peel.wireless(data);
    case linkRadiotap:
      return peel.radiotap(data);
    case linkCooked:
      return peel.cooked(data, 16, 14, 6, "LINUXSLL", "truncated_Linux_SLL_header");
    case linkCooked2:
      return peel.cooked(data, 20, 0, 12, "LINUXSLL2", "truncated_Linux_SLL2_header");
    case linkNflog:
      return peel.nflog(data);
    default:
      return visitor.network(frame, data);  // the step inwards was counted above
  }
}

bool decodeEthernet(Frame& frame, Bytes data, FrameVisitor& visitor) {
  return Peeler(frame, visitor).ethernet(data);
}

}  // namespace bulkhead::capture
