#include "sdk/script/builtins/support/certificate.h"

#include "sdk/script/builtins/support/distinguished-name.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace bulkhead::builtins {

namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(BIGNUM* number) const { BN_free(number); }
};

// What libcrypto complained about is of no further interest.
struct ForgetErrors {
  ~ForgetErrors() { ERR_clear_error(); }
};

// The name of an algorithm, or its number if it has none.
std::string objectText(const ASN1_OBJECT* object) {
  if (object == nullptr) return {};
  std::array<char, 256> text{};
  int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 0);
  return {text.data(), std::min(static_cast<size_t>(std::max(size, 0)), text.size() - 1)};
}

// Two digits a byte, as certificates are listed everywhere.
std::string serialText(const ASN1_INTEGER* serial) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  if (serial->type == V_ASN1_NEG_INTEGER) out += '-';
  for (unsigned char byte : std::string_view(reinterpret_cast<const char*>(serial->data),
                                             static_cast<size_t>(serial->length))) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out.empty() || out == "-" ? "00" : out;
}

double secondsOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return static_cast<double>(timegm(&parts));
}

std::optional<std::string> lastCommonName(const X509_NAME* subject) {
  int at = -1;
  for (int next; (next = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) at = next;
  if (at < 0) return std::nullopt;
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
  return std::string(
      reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
      std::min(static_cast<size_t>(std::max(ASN1_STRING_length(value), 0)), maxDistinguishedName));
}

std::optional<std::string> exponentText(const EVP_PKEY* key) {
  BIGNUM* given = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &given) != 1) return std::nullopt;
  std::unique_ptr<BIGNUM, Free> exponent(given);
  if (BN_num_bits(exponent.get()) > Certificate::maxExponentBits) return std::nullopt;
  char* text = BN_bn2dec(exponent.get());
  if (text == nullptr) return std::nullopt;
  std::string out(text);
  OPENSSL_free(text);
  return out;
}

std::optional<std::string> curveName(const EVP_PKEY* key) {
  std::array<char, 80> name{};
  size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1) return std::nullopt;
  return std::string(name.data(), std::min(size, name.size()));
}

void describeKey(X509* certificate, Certificate::Facts& facts) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return;
  if (int bits = EVP_PKEY_get_bits(key); bits > 0) facts.keyBits = static_cast<uint64_t>(bits);
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      facts.keyType = "rsa";
      facts.exponent = exponentText(key);
      break;
    case EVP_PKEY_DSA:
      facts.keyType = "dsa";
      break;
    case EVP_PKEY_EC:
      facts.keyType = "ecdsa";
      facts.curve = curveName(key);
      break;
    default:
      break;
  }
}

std::string contentsOf(BIO* bio) {
  char* text = nullptr;
  long size = BIO_get_mem_data(bio, &text);
  return {text, static_cast<size_t>(std::max(size, 0L))};
}

}  // namespace

std::optional<Certificate> Certificate::fromDer(std::string_view der) {
  if (der.size() > maxBytes) return std::nullopt;
  ForgetErrors forget;
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  X509* parsed = d2i_X509(nullptr, &at, static_cast<long>(der.size()));
  if (parsed == nullptr) return std::nullopt;
  return Certificate(std::shared_ptr<X509>(parsed, X509_free));
}

Certificate::Facts Certificate::facts() const {
  ForgetErrors forget;
  X509* certificate = certificate_.get();
  Facts out;
  out.version = static_cast<uint64_t>(std::max(X509_get_version(certificate), 0L)) + 1;
  out.serial = serialText(X509_get0_serialNumber(certificate));
  const X509_NAME* subject = X509_get_subject_name(certificate);
  out.subject = distinguishedNameText(*subject);
  out.issuer = distinguishedNameText(*X509_get_issuer_name(certificate));
  out.commonName = lastCommonName(subject);
  out.notValidBefore = secondsOf(X509_get0_notBefore(certificate));
  out.notValidAfter = secondsOf(X509_get0_notAfter(certificate));

  ASN1_OBJECT* key = nullptr;
  X509_PUBKEY_get0_param(&key, nullptr, nullptr, nullptr, X509_get_X509_PUBKEY(certificate));
  out.keyAlgorithm = objectText(key);
  out.signatureAlgorithm = objectText(OBJ_nid2obj(X509_get_signature_nid(certificate)));
  const ASN1_OBJECT* signedBy = nullptr;
  X509_ALGOR_get0(&signedBy, nullptr, nullptr, X509_get0_tbs_sigalg(certificate));
  out.signedAlgorithm = objectText(signedBy);
  describeKey(certificate, out);
  return out;
}

std::string Certificate::der() const {
  unsigned char* bytes = nullptr;
  int size = i2d_X509(certificate_.get(), &bytes);
  if (size < 0) return {};
  std::string out(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  return out;
}

std::string Certificate::pem() const {
  std::unique_ptr<BIO, Free> out(BIO_new(BIO_s_mem()));
  if (!out || PEM_write_bio_X509(out.get(), certificate_.get()) != 1) return {};
  return contentsOf(out.get());
}

}  // namespace bulkhead::builtins
