// The names that libpcap's filter compiler looks up, answered without leaving the process.
//
// A locked worker can neither open /etc/services nor ask a name server: the C library's own
// functions would have it ended for trying. libpcap finds these in the program first. Known are
// numeric addresses and the services below; any other name is an error of the filter.

#include <arpa/inet.h>
#include <cstdlib>
#include <cstring>
#include <netdb.h>
#include <netinet/ether.h>
#include <netinet/in.h>
#include <string_view>

namespace {

struct Service {
  std::string_view name;
  uint16_t port;
};
// Of https://www.iana.org/assignments/service-names-port-numbers, those that filters name.
constexpr Service services[] = {
    {"ftp-data", 20}, {"ftp", 21},    {"ssh", 22},          {"telnet", 23}, {"smtp", 25},
    {"domain", 53},   {"bootps", 67}, {"bootpc", 68},       {"tftp", 69},   {"http", 80},
    {"kerberos", 88}, {"pop3", 110},  {"sunrpc", 111},      {"ntp", 123},   {"imap2", 143},
    {"imap", 143},    {"snmp", 161},  {"bgp", 179},         {"ldap", 389},  {"https", 443},
    {"syslog", 514},  {"ldaps", 636}, {"imaps", 993},       {"pop3s", 995}, {"mysql", 3306},
    {"sip", 5060},    {"mdns", 5353}, {"postgresql", 5432},
};

struct Found {
  addrinfo info;
  sockaddr_storage address;
};

addrinfo* make(int family, int type, int protocol) {
  auto* found = static_cast<Found*>(std::calloc(1, sizeof(Found)));
  if (!found) return nullptr;
  found->address.ss_family = static_cast<sa_family_t>(family);
  found->info.ai_family = family;
  found->info.ai_socktype = type;
  found->info.ai_protocol = protocol;
  found->info.ai_addrlen = family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  found->info.ai_addr = reinterpret_cast<sockaddr*>(&found->address);
  return &found->info;
}

}  // namespace

extern "C" {

int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
  const int family = hints ? hints->ai_family : AF_UNSPEC;
  const int type = hints ? hints->ai_socktype : 0;
  const int protocol = hints ? hints->ai_protocol : 0;
  in_addr v4{};
  in6_addr v6{};
  const bool isV4 = node && family != AF_INET6 && inet_pton(AF_INET, node, &v4) == 1;
  const bool isV6 = node && family != AF_INET && !isV4 && inet_pton(AF_INET6, node, &v6) == 1;
  if (node && !isV4 && !isV6) return EAI_NONAME;
  uint16_t port = 0;
  if (service) {
    const Service* known = nullptr;
    for (const auto& each : services)
      if (each.name == service) known = &each;
    if (!known) return EAI_NONAME;
    port = known->port;
  }
  addrinfo* made = make(isV6 || (!node && family == AF_INET6) ? AF_INET6 : AF_INET, type, protocol);
  if (!made) return EAI_MEMORY;
  if (made->ai_family == AF_INET) {
    auto* address = reinterpret_cast<sockaddr_in*>(made->ai_addr);
    address->sin_addr = v4;
    address->sin_port = htons(port);
  } else {
    auto* address = reinterpret_cast<sockaddr_in6*>(made->ai_addr);
    address->sin6_addr = v6;
    address->sin6_port = htons(port);
  }
  *result = made;
  return 0;
}

void freeaddrinfo(addrinfo* result) { std::free(reinterpret_cast<Found*>(result)); }

int getnetbyname_r(const char*, netent*, char*, size_t, netent** result, int* error) {
  *result = nullptr;
  *error = HOST_NOT_FOUND;
  return 0;
}
int getprotobyname_r(const char*, protoent*, char*, size_t, protoent** result) {
  *result = nullptr;
  return 0;
}
hostent* gethostbyname(const char*) { return nullptr; }
int ether_hostton(const char*, ether_addr*) { return -1; }

}  // extern "C"
