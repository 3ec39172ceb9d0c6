#pragma once
// A file's identity: the text "F..." that its handle hashes to, in every run the same.
// Source: the keyed hash that Zeek documents as `digest_salt`.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace bulkhead::analyzers::files {

class FuidMaker {
 public:
  // Zeek's default digest_salt.
  static constexpr std::string_view defaultSalt = "Please change this value.";

  explicit FuidMaker(std::string_view salt = defaultSalt);
  std::string make(std::string_view handle) const;

 private:
  alignas(32) std::array<uint64_t, 4> key_;
};

}  // namespace bulkhead::analyzers::files
