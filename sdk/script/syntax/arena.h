#pragma once
// Bump memory for the syntax tree of one run. The tree and everything its nodes point at live until
// the Arena dies; nothing is freed earlier, so nodes are trivially destructible and refer to each
// other freely. One thread.

#include <cstring>
#include <memory_resource>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace bulkhead::syntax {

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  template <typename T, typename... Args>
  T* make(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>);
    used_ += sizeof(T);
    return new (memory_.allocate(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
  }

  template <typename T>
  std::span<T> list(const std::vector<T>& from) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    if (from.empty()) return {};
    const size_t bytes = std::span(from).size_bytes();
    used_ += bytes;
    T* at = static_cast<T*>(memory_.allocate(bytes, alignof(T)));
    std::memcpy(static_cast<void*>(at), from.data(), bytes);
    return {at, from.size()};
  }

  std::string_view text(std::string_view from) {
    if (from.empty()) return {};
    used_ += from.size();
    char* at = static_cast<char*>(memory_.allocate(from.size(), 1));
    std::memcpy(at, from.data(), from.size());
    return {at, from.size()};
  }

  // Bytes handed out so far, for the bound on one run's trees.
  size_t used() const { return used_; }

 private:
  std::pmr::monotonic_buffer_resource memory_{64 * 1024};
  size_t used_ = 0;
};

}  // namespace bulkhead::syntax
