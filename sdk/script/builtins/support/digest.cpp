#include "sdk/script/builtins/support/digest.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <openssl/evp.h>
#include <utility>

namespace bulkhead::builtins {

namespace {

const EVP_MD* algorithm(DigestKind kind) {
  switch (kind) {
    case DigestKind::md5:
      return EVP_md5();
    case DigestKind::sha1:
      return EVP_sha1();
    case DigestKind::sha224:
      return EVP_sha224();
    case DigestKind::sha256:
      return EVP_sha256();
    case DigestKind::sha384:
      return EVP_sha384();
    case DigestKind::sha512:
      break;
  }
  return EVP_sha512();
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

Context newContext() {
  Context context(EVP_MD_CTX_new());
  if (!context) throw std::bad_alloc();
  return context;
}

}  // namespace

struct RunningDigest::State {
  Context context = newContext();
};

std::string_view digestName(DigestKind kind) {
  switch (kind) {
    case DigestKind::md5:
      return "md5";
    case DigestKind::sha1:
      return "sha1";
    case DigestKind::sha224:
      return "sha224";
    case DigestKind::sha256:
      return "sha256";
    case DigestKind::sha384:
      return "sha384";
    case DigestKind::sha512:
      break;
  }
  return "sha512";
}

RunningDigest::RunningDigest(DigestKind kind) : kind_(kind), state_(std::make_unique<State>()) {
  if (EVP_DigestInit_ex(state_->context.get(), algorithm(kind), nullptr) != 1)
    throw std::bad_alloc();
}
RunningDigest::RunningDigest(DigestKind kind, std::unique_ptr<State> state)
    : kind_(kind), state_(std::move(state)) {}
RunningDigest::~RunningDigest() = default;
RunningDigest::RunningDigest(RunningDigest&&) noexcept = default;
RunningDigest& RunningDigest::operator=(RunningDigest&&) noexcept = default;

RunningDigest RunningDigest::clone() const {
  auto state = std::make_unique<State>();
  if (EVP_MD_CTX_copy_ex(state->context.get(), state_->context.get()) != 1) throw std::bad_alloc();
  return RunningDigest(kind_, std::move(state));
}

void RunningDigest::update(std::string_view bytes) {
  if (EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size()) != 1)
    throw std::bad_alloc();
}

std::string RunningDigest::current() const {
  RunningDigest copy = clone();
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (EVP_DigestFinal_ex(copy.state_->context.get(), out, &length) != 1) throw std::bad_alloc();
  return {reinterpret_cast<const char*>(out), length};
}

std::string digestOf(DigestKind kind, std::string_view bytes) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), out, &length, algorithm(kind), nullptr) != 1)
    throw std::bad_alloc();
  return {reinterpret_cast<const char*>(out), length};
}

std::string keyedDigest(DigestKind kind, std::span<const uint32_t> seeds, std::string_view bytes) {
  // The first number seeds rand(); the last four are the key of unique_id().
  constexpr size_t words = 20, md5Words = 16, sha256Skip = 2;
  std::array<uint32_t, words> numbers{};
  if (seeds.size() == words + 1) std::copy(seeds.begin() + 1, seeds.end(), numbers.begin());
  std::string_view all(reinterpret_cast<const char*>(numbers.data()), sizeof numbers);
  std::string key = digestOf(
      kind, kind == DigestKind::md5 ? all.substr(0, md5Words * 4) : all.substr(sha256Skip * 4));
  std::string inner = digestOf(kind, bytes);
  for (size_t i = 0; i < inner.size(); ++i) inner[i] = static_cast<char>(inner[i] ^ key[i]);
  return digestOf(kind, inner);
}

uint64_t sipHash(SipKey key, std::string_view bytes) {
  auto rotate = [](uint64_t x, int bits) { return x << bits | x >> (64 - bits); };
  uint64_t v0 = key.low ^ 0x736f6d6570736575, v1 = key.high ^ 0x646f72616e646f6d;
  uint64_t v2 = key.low ^ 0x6c7967656e657261, v3 = key.high ^ 0x7465646279746573;
  auto round = [&] {
    v0 += v1, v2 += v3;
    v1 = rotate(v1, 13) ^ v0, v3 = rotate(v3, 16) ^ v2;
    v0 = rotate(v0, 32);
    v2 += v1, v0 += v3;
    v1 = rotate(v1, 17) ^ v2, v3 = rotate(v3, 21) ^ v0;
    v2 = rotate(v2, 32);
  };
  auto absorb = [&](uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  };
  size_t whole = bytes.size() / 8 * 8;
  for (size_t i = 0; i < whole; i += 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    absorb(word);
  }
  uint64_t last = static_cast<uint64_t>(bytes.size()) << 56;
  for (size_t i = whole; i < bytes.size(); ++i)
    last |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * (i - whole));
  absorb(last);
  v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

namespace {

template <typename Word>
Word fnv1a(std::string_view bytes, Word offset, Word prime) {
  for (char c : bytes) offset = (offset ^ static_cast<unsigned char>(c)) * prime;
  return offset;
}

}  // namespace

uint32_t fnv1a32(std::string_view bytes) { return fnv1a<uint32_t>(bytes, 2166136261u, 16777619u); }
uint64_t fnv1a64(std::string_view bytes) {
  return fnv1a<uint64_t>(bytes, 0xcbf29ce484222325, 0x100000001b3);
}

uint64_t rendezvousWeight(uint64_t keyDigest, uint64_t siteId) {
  // The paper's generator, in 32-bit arithmetic modulo 2^31.
  constexpr uint32_t a = 1103515245, b = 12345, mask = 0x7fffffff;
  auto digest = static_cast<uint32_t>(keyDigest) & mask;
  auto site = static_cast<uint32_t>(siteId);
  return (a * ((a * site + b) ^ digest) + b) & mask;
}

}  // namespace bulkhead::builtins
