#pragma once
// Hash functions: in one go, step by step, and keyed; and the numeric digests for hashing keys.
//
// A RunningDigest belongs to one script value; single-threaded. libcrypto does the work; it throws
// std::bad_alloc when it cannot have memory and nothing else.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace bulkhead::builtins {

enum class DigestKind : uint8_t { md5, sha1, sha224, sha256, sha384, sha512 };

std::string_view digestName(DigestKind kind);

class RunningDigest {
 public:
  explicit RunningDigest(DigestKind kind);
  ~RunningDigest();
  RunningDigest(RunningDigest&&) noexcept;
  RunningDigest& operator=(RunningDigest&&) noexcept;

  RunningDigest clone() const;
  DigestKind kind() const { return kind_; }
  void update(std::string_view bytes);
  // The raw digest. Further updates continue as if it had not been asked.
  std::string current() const;

 private:
  struct State;
  RunningDigest(DigestKind kind, std::unique_ptr<State> state);
  DigestKind kind_;
  std::unique_ptr<State> state_;
};

// The raw digest of `bytes`.
std::string digestOf(DigestKind kind, std::string_view bytes);

// A digest that nobody without the numbers of the seed file can compute. The key is a digest of
// part of them; the data's digest, combined with it, is digested again.
std::string keyedDigest(DigestKind kind, std::span<const uint32_t> seeds, std::string_view bytes);

// SipHash-2-4 (Aumasson and Bernstein, 2012) with a 128-bit key.
struct SipKey {
  uint64_t low = 0;
  uint64_t high = 0;
  bool operator==(const SipKey&) const = default;
};
uint64_t sipHash(SipKey key, std::string_view bytes);

// FNV-1a (draft-eastlake-fnv).
uint32_t fnv1a32(std::string_view bytes);
uint64_t fnv1a64(std::string_view bytes);

// The weight of a site for a key in rendezvous hashing (Thaler and Ravishankar, CSE-TR-316-96).
uint64_t rendezvousWeight(uint64_t keyDigest, uint64_t siteId);

}  // namespace bulkhead::builtins
