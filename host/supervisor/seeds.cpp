#include "host/supervisor/seeds.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bulkhead::supervisor {

namespace {
constexpr size_t seedBytesRead = 1024 * 1024;
constexpr size_t mostSeedFileBytes = 4096;
}  // namespace

std::string parseSeeds(std::string_view text, std::vector<uint32_t>& to) {
  to.clear();
  constexpr std::string_view space = " \t\r\n";
  for (size_t at = text.find_first_not_of(space); at != std::string_view::npos;
       at = text.find_first_not_of(space, at)) {
    size_t end = std::min(text.find_first_of(space, at), text.size());
    uint32_t word = 0;
    auto [stop, error] = std::from_chars(text.data() + at, text.data() + end, word);
    if (error != std::errc() || stop != text.data() + end) {
      return "\"" + std::string(text.substr(at, std::min<size_t>(end - at, 20))) +
             "\" is no 32-bit number";
    }
    to.push_back(word);
    at = end;
  }
  if (to.size() != seedWords) {
    return "has " + std::to_string(to.size()) + " numbers, " + std::to_string(seedWords) +
           " are expected";
  }
  return {};
}

std::string loadSeeds(const std::string& path, std::vector<uint32_t>& to) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return path + ": " + std::strerror(errno);
  std::string text(mostSeedFileBytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  std::string problem = parseSeeds(text, to);
  return problem.empty() ? problem : path + ": " + problem;
}

std::vector<uint32_t> seedsOfCapture(int fd) {
  struct stat about {};
  std::string bytes;
  if (fd >= 0 && ::fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) {
    bytes.resize(seedBytesRead);
    size_t have = 0;
    while (have < bytes.size()) {
      ssize_t n = ::pread(fd, bytes.data() + have, bytes.size() - have, static_cast<off_t>(have));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) break;
      have += static_cast<size_t>(n);
    }
    bytes.resize(have);
    bytes += std::to_string(about.st_size);
  }
  // Three digests make the 84 bytes: each over a number and the same content.
  std::vector<uint32_t> seeds;
  for (char part = '1'; seeds.size() < seedWords; ++part) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    std::string input = part + bytes;
    EVP_Digest(input.data(), input.size(), digest.data(), &length, EVP_sha256(), nullptr);
    for (unsigned i = 0; i + 4 <= length && seeds.size() < seedWords; i += 4) {
      uint32_t word = 0;
      std::memcpy(&word, digest.data() + i, 4);
      seeds.push_back(word);
    }
  }
  return seeds;
}

}  // namespace bulkhead::supervisor
