// Certificates as opaque values: made of bytes, and looked into.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/support/certificate.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace bulkhead::builtins {

namespace {

struct CertificateState final : vm::OpaqueState {
  explicit CertificateState(std::optional<Certificate> c, size_t b)
      : certificate(std::move(c)), size(b) {}
  std::unique_ptr<OpaqueState> clone() const override {
    return std::make_unique<CertificateState>(certificate, size);
  }
  size_t bytes() const override { return size; }
  std::optional<Certificate> certificate;  // empty: the bytes were none
  size_t size;
};

void fromDer(NativeCall& call) {
  std::string_view der = call.text(0);
  // Parsed, a certificate takes some times the room of its bytes.
  const size_t bytes = 1024 + 8 * std::min(der.size(), Certificate::maxBytes);
  if (!call.heap().fits(bytes)) return call.fail(outOfMemory);
  call.charge(der.size());
  auto certificate = Certificate::fromDer(der);
  if (!certificate)
    call.warn(der.size() > Certificate::maxBytes
                  ? "x509_from_der: " + std::to_string(der.size()) +
                        " bytes are too long for a certificate; at most " +
                        std::to_string(Certificate::maxBytes) + " are read"
                  : "x509_from_der: these bytes are not a certificate in DER");
  call.returnObject(
      call.heap().opaque(static_cast<const types::OpaqueType*>(call.functionType().result()),
                         std::make_unique<CertificateState>(std::move(certificate), bytes)));
}

// Null, which is said, if it was made of something else.
const Certificate* certificateOf(NativeCall& call, const char* function) {
  auto& state = *static_cast<CertificateState*>(call.opaque(0).state);
  if (state.certificate) return &*state.certificate;
  call.warn(std::string(function) + ": there is no certificate in this value");
  return nullptr;
}

void parse(NativeCall& call) {
  const Certificate* certificate = certificateOf(call, "x509_parse");
  call.charge(4096);
  auto facts = certificate != nullptr ? certificate->facts() : Certificate::Facts();
  RecordBuilder out(call, call.functionType().result());
  if (!out) return;
  auto optional = [&](std::string_view field, const std::optional<std::string>& value) {
    if (value) out.text(field, *value);
  };
  out.count("version", facts.version);
  out.text("serial", facts.serial);
  out.text("subject", facts.subject);
  out.text("issuer", facts.issuer);
  optional("cn", facts.commonName);
  out.real("not_valid_before", facts.notValidBefore);
  out.real("not_valid_after", facts.notValidAfter);
  out.text("key_alg", facts.keyAlgorithm);
  out.text("sig_alg", facts.signatureAlgorithm);
  optional("key_type", facts.keyType);
  if (facts.keyBits) out.count("key_length", *facts.keyBits);
  optional("exponent", facts.exponent);
  optional("curve", facts.curve);
  out.text("tbs_sig_alg", facts.signedAlgorithm);
  if (!call.failed()) call.returnRef(out.take());
}

void certificateText(NativeCall& call) {
  const Certificate* certificate = certificateOf(call, "x509_get_certificate_string");
  if (certificate == nullptr) return call.returnText("");
  call.returnText(call.boolean(1) ? certificate->pem() : certificate->der());
}

constexpr vm::NativeRow rows[] = {
    {"x509_from_der", "function(der: string): opaque of x509",
     "The certificate that these bytes are, in DER. If they are none an error says so, and what is "
     "asked of the value is empty.",
     fromDer},
    {"x509_parse", "function(cert: opaque of x509): X509::Certificate", "What is in a certificate.",
     parse},
    {"x509_get_certificate_string", "function(cert: opaque of x509, pem: bool &default=F): string",
     "The bytes of a certificate in DER, or its text in PEM.", certificateText},
};

}  // namespace

Rows certificateRows() { return rows; }

}  // namespace bulkhead::builtins
