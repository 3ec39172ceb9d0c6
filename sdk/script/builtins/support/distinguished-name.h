#pragma once
// Names in certificates: their text, and whether one covers a host.
//
// Pure. DER from the network is parsed by libcrypto; what is malformed gives the empty text.
// Sources: RFC 2253 for the text, RFC 6125 section 6.4.3 for wildcards.

#include <string>
#include <string_view>

struct X509_name_st;

namespace bulkhead::builtins {

// Longer texts are cut, as in Zeek.
constexpr size_t maxDistinguishedName = 255;

std::string distinguishedNameText(std::string_view der);
std::string distinguishedNameText(const X509_name_st& name);
bool hostnameMatches(std::string_view host, std::string_view certificateName);

}  // namespace bulkhead::builtins
