#pragma once
// An X.509 certificate, as far as scripts ask for what is in it.
//
// Immutable; copies share it. The bytes come from the network and are parsed by libcrypto; what is
// no certificate gives an empty optional, what a certificate lacks or garbles an empty field.
// Source: RFC 5280; Zeek script reference, X509::Certificate.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct x509_st;

namespace bulkhead::builtins {

class Certificate {
 public:
  // Longer ones are refused: a certificate of the web has one or two thousand bytes.
  static constexpr size_t maxBytes = 64 * 1024;
  // The text of a longer exponent is not computed: its time grows with the square.
  static constexpr int maxExponentBits = 4096;

  // Bytes behind the certificate are of no concern.
  static std::optional<Certificate> fromDer(std::string_view der);

  struct Facts {
    uint64_t version = 0;
    std::string serial;  // in hex
    std::string subject, issuer;
    std::optional<std::string> commonName;  // the last one of the subject
    // Seconds since the epoch; 0: not a time.
    double notValidBefore = 0, notValidAfter = 0;
    std::string keyAlgorithm, signatureAlgorithm, signedAlgorithm;
    // Only of a key that could be parsed.
    std::optional<std::string> keyType;  // "rsa", "dsa" or "ecdsa"
    std::optional<uint64_t> keyBits;
    std::optional<std::string> exponent, curve;
  };
  Facts facts() const;

  std::string der() const;
  std::string pem() const;

 private:
  explicit Certificate(std::shared_ptr<x509_st> certificate)
      : certificate_(std::move(certificate)) {}
  std::shared_ptr<x509_st> certificate_;
};

}  // namespace bulkhead::builtins
