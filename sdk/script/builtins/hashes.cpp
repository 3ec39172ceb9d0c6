// Digests, in one go and step by step; keyed digests; hashes for hash tables.

#include "sdk/script/builtins/families.h"
#include "sdk/script/builtins/helpers.h"
#include "sdk/script/builtins/services.h"
#include "sdk/script/builtins/support/digest.h"

namespace bulkhead::builtins {

namespace {

// What is hashed for a value: a string's bytes, and of other values Zeek's binary description, that
// is the number of its type and its bytes. Values made of others go by their text.
void appendHashed(NativeCall& call, std::string& to, TypedSlot value) {
  auto numbered = [&](uint32_t type, auto bytes) {
    to.append(reinterpret_cast<const char*>(&type), sizeof type);
    to.append(reinterpret_cast<const char*>(&bytes), sizeof bytes);
  };
  auto named = [&](uint32_t type, const std::string& text) {
    to.append(reinterpret_cast<const char*>(&type), sizeof type);
    to.append(text.c_str(), text.size() + 1);
  };
  enum Numbers : uint32_t { boolean = 1, integer, count, real, time, port = 10, addr, subnet };
  switch (value.type->tag()) {
    case Tag::string:
      to += vm::textOf(value.slot);
      return;
    case Tag::boolean:
      return numbered(boolean, value.slot.bits);
    case Tag::integer:
      return numbered(integer, value.slot.bits);
    case Tag::count:
      return numbered(count, value.slot.bits);
    case Tag::real:
      return numbered(real, value.slot.bits);
    case Tag::time:
      return numbered(time, value.slot.bits);
    case Tag::port: {
      numbered(port, uint32_t{value.slot.port().number});
      std::string text = call.vm().describe(value);
      text.erase(0, text.find('/') + 1);
      to.append("/", 2).append(text.c_str(), text.size() + 1);
      return;
    }
    case Tag::addr:
      return named(addr, call.vm().describe(value));
    case Tag::subnet:
      return named(subnet, call.vm().describe(value));
    default:
      to += call.vm().describe(value);
  }
}

std::string hashedBytes(NativeCall& call) {
  std::string out;
  for (size_t i = 0; i < call.argumentCount(); ++i) appendHashed(call, out, call.any(i));
  call.charge(out.size() / 8);
  return out;
}

template <DigestKind kind>
void digestAll(NativeCall& call) {
  call.returnText(hexText(digestOf(kind, hashedBytes(call))));
}

struct DigestState final : vm::OpaqueState {
  explicit DigestState(RunningDigest d) : digest(std::move(d)) {}
  std::unique_ptr<OpaqueState> clone() const override {
    auto copy = std::make_unique<DigestState>(digest.clone());
    copy->finished = finished;
    return copy;
  }
  size_t bytes() const override { return 512; }
  RunningDigest digest;
  bool finished = false;
};
template <DigestKind kind>
void digestInit(NativeCall& call) {
  call.returnObject(
      call.heap().opaque(static_cast<const types::OpaqueType*>(call.functionType().result()),
                         std::make_unique<DigestState>(RunningDigest(kind))));
}
void digestUpdate(NativeCall& call) {
  auto& state = *static_cast<DigestState*>(call.opaque(0).state);
  if (!state.finished) state.digest.update(call.text(1));
  call.charge(call.text(1).size() / 8);
  call.returnBool(!state.finished);
}
void digestFinish(NativeCall& call) {
  auto& state = *static_cast<DigestState*>(call.opaque(0).state);
  if (std::exchange(state.finished, true)) return call.returnText("");
  call.returnText(hexText(state.digest.current()));
}

void keyedMd5(NativeCall& call) {
  call.returnText(hexText(keyedDigest(DigestKind::md5, call.vm().extension<Services>().facts.seeds,
                                      hashedBytes(call))));
}
void keyedSha256(NativeCall& call) {
  call.returnText(hexText(keyedDigest(
      DigestKind::sha256, call.vm().extension<Services>().facts.seeds, hashedBytes(call))));
}

void fnv32(NativeCall& call) { call.returnCount(fnv1a32(hashedBytes(call))); }
void fnv64(NativeCall& call) { call.returnCount(fnv1a64(hashedBytes(call))); }
void weightOf(NativeCall& call) {
  call.returnCount(rendezvousWeight(call.count(0), call.count(1)));
}

constexpr vm::NativeRow rows[] = {
    {"md5_hash", "function(...): string",
     "The MD5 digest of the arguments, in hex: strings as they are, other values in a binary form.",
     digestAll<DigestKind::md5>},
    {"sha1_hash", "function(...): string",
     "The SHA-1 digest of the arguments, in hex: strings as they are, other values in a binary "
     "form.",
     digestAll<DigestKind::sha1>},
    {"sha224_hash", "function(...): string",
     "The SHA-224 digest of the arguments, in hex: strings as they are, other values in a binary "
     "form.",
     digestAll<DigestKind::sha224>},
    {"sha256_hash", "function(...): string",
     "The SHA-256 digest of the arguments, in hex: strings as they are, other values in a binary "
     "form.",
     digestAll<DigestKind::sha256>},
    {"sha384_hash", "function(...): string",
     "The SHA-384 digest of the arguments, in hex: strings as they are, other values in a binary "
     "form.",
     digestAll<DigestKind::sha384>},
    {"sha512_hash", "function(...): string",
     "The SHA-512 digest of the arguments, in hex: strings as they are, other values in a binary "
     "form.",
     digestAll<DigestKind::sha512>},
    {"md5_hash_init", "function(): opaque of md5",
     "Begins a MD5 digest of texts that come piece by piece.", digestInit<DigestKind::md5>},
    {"md5_hash_update", "function(handle: opaque of md5, data: string): bool",
     "Adds data; F once the digest is finished.", digestUpdate},
    {"md5_hash_finish", "function(handle: opaque of md5): string",
     "The digest in hex; empty the second time.", digestFinish},
    {"sha1_hash_init", "function(): opaque of sha1",
     "Begins a SHA-1 digest of texts that come piece by piece.", digestInit<DigestKind::sha1>},
    {"sha1_hash_update", "function(handle: opaque of sha1, data: string): bool",
     "Adds data; F once the digest is finished.", digestUpdate},
    {"sha1_hash_finish", "function(handle: opaque of sha1): string",
     "The digest in hex; empty the second time.", digestFinish},
    {"sha224_hash_init", "function(): opaque of sha224",
     "Begins a SHA-224 digest of texts that come piece by piece.", digestInit<DigestKind::sha224>},
    {"sha224_hash_update", "function(handle: opaque of sha224, data: string): bool",
     "Adds data; F once the digest is finished.", digestUpdate},
    {"sha224_hash_finish", "function(handle: opaque of sha224): string",
     "The digest in hex; empty the second time.", digestFinish},
    {"sha256_hash_init", "function(): opaque of sha256",
     "Begins a SHA-256 digest of texts that come piece by piece.", digestInit<DigestKind::sha256>},
    {"sha256_hash_update", "function(handle: opaque of sha256, data: string): bool",
     "Adds data; F once the digest is finished.", digestUpdate},
    {"sha256_hash_finish", "function(handle: opaque of sha256): string",
     "The digest in hex; empty the second time.", digestFinish},
    {"sha384_hash_init", "function(): opaque of sha384",
     "Begins a SHA-384 digest of texts that come piece by piece.", digestInit<DigestKind::sha384>},
    {"sha384_hash_update", "function(handle: opaque of sha384, data: string): bool",
     "Adds data; F once the digest is finished.", digestUpdate},
    {"sha384_hash_finish", "function(handle: opaque of sha384): string",
     "The digest in hex; empty the second time.", digestFinish},
    {"sha512_hash_init", "function(): opaque of sha512",
     "Begins a SHA-512 digest of texts that come piece by piece.", digestInit<DigestKind::sha512>},
    {"sha512_hash_update", "function(handle: opaque of sha512, data: string): bool",
     "Adds data; F once the digest is finished.", digestUpdate},
    {"sha512_hash_finish", "function(handle: opaque of sha512): string",
     "The digest in hex; empty the second time.", digestFinish},
    {"md5_hmac", "function(...): string",
     "A digest of the arguments' texts that others cannot compute: keyed by the run's seed. Prefer "
     "sha256_hmac.",
     keyedMd5},
    {"sha256_hmac", "function(...): string", "As md5_hmac, with SHA-256.", keyedSha256},
    {"fnv1a32", "function(input: any): count", "The 32-bit FNV-1a hash.", fnv32},
    {"fnv1a64", "function(input: any): count", "The 64-bit FNV-1a hash.", fnv64},
    {"hrw_weight", "function(key_digest: count, site_id: count): count",
     "A site's weight for a key in rendezvous hashing.", weightOf},
};

}  // namespace

Rows hashRows() { return rows; }

}  // namespace bulkhead::builtins
