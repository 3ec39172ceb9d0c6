#include "host/analyzers/files/fuid.h"

#include <cstring>
#include <highwayhash/highwayhash.h>
#include <new>
#include <openssl/evp.h>

namespace bulkhead::analyzers::files {
namespace {

void appendBase62(std::string& out, uint64_t value) {
  static constexpr char digits[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  do out += digits[value % 62];
  while (value /= 62);
}

}  // namespace

FuidMaker::FuidMaker(std::string_view salt) {
  static_assert(sizeof key_ == 32);
  // Only memory can fail here.
  if (EVP_Digest(salt.data(), salt.size(), reinterpret_cast<unsigned char*>(key_.data()), nullptr,
                 EVP_sha256(), nullptr) != 1)
    throw std::bad_alloc();
}

std::string FuidMaker::make(std::string_view handle) const {
  alignas(32) highwayhash::HHKey key;
  static_assert(sizeof key == sizeof key_);
  std::memcpy(key, key_.data(), sizeof key);
  highwayhash::HHResult128 hash;
  highwayhash::HHStateT<HH_TARGET_PREFERRED> state(key);
  highwayhash::HighwayHashT(&state, handle.data(), handle.size(), &hash);
  // 96 bits: half of the first word and all of the second.
  std::string fuid = "F";
  appendBase62(fuid, hash[0] >> 32);
  appendBase62(fuid, hash[1]);
  return fuid;
}

}  // namespace bulkhead::analyzers::files
