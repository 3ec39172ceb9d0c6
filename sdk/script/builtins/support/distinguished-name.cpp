#include "sdk/script/builtins/support/distinguished-name.h"

#include "sdk/script/builtins/support/text.h"

#include <algorithm>
#include <memory>
#include <openssl/bio.h>
#include <openssl/x509.h>

namespace bulkhead::builtins {

namespace {

struct Free {
  void operator()(X509_NAME* name) const { X509_NAME_free(name); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};

}  // namespace

std::string distinguishedNameText(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  std::unique_ptr<X509_NAME, Free> name(d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size())));
  return name ? distinguishedNameText(*name) : std::string();
}

std::string distinguishedNameText(const X509_NAME& name) {
  std::unique_ptr<BIO, Free> out(BIO_new(BIO_s_mem()));
  if (!out || X509_NAME_print_ex(out.get(), &name, 0, XN_FLAG_RFC2253) < 0) return {};
  char* text = nullptr;
  long size = BIO_get_mem_data(out.get(), &text);
  return {text, std::min(static_cast<size_t>(std::max(size, 0L)), maxDistinguishedName)};
}

bool hostnameMatches(std::string_view host, std::string_view certificateName) {
  std::string name = asciiLower(host), pattern = asciiLower(certificateName);
  size_t star = pattern.find('*');
  if (star == std::string::npos) return name == pattern;
  if (name.find('\0') != std::string::npos) return false;
  // The star stands in the first label only, below a domain of at least two.
  size_t label = pattern.find('.');
  if (label == std::string::npos || star > label) return false;
  std::string_view domain = std::string_view(pattern).substr(label);
  if (domain.find('*') != std::string_view::npos || std::ranges::count(domain, '.') < 2)
    return false;
  if (pattern.find('*', star + 1) != std::string::npos) return false;
  size_t first = name.find('.');
  if (first == std::string::npos || std::string_view(name).substr(first) != domain) return false;
  std::string_view before = std::string_view(pattern).substr(0, star);
  std::string_view after = std::string_view(pattern).substr(star + 1, label - star - 1);
  std::string_view host1 = std::string_view(name).substr(0, first);
  return host1.size() >= before.size() + after.size() && host1.starts_with(before) &&
         host1.ends_with(after);
}

}  // namespace bulkhead::builtins
