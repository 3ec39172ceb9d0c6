#pragma once
// The values that analyzers put into events, before they are written to a subscriber's batch.
//
// Everything here lives in an Arena that is reset after the event is encoded, so every type is
// trivially destructible: an analyzer builds an event without a heap allocation of its own.
// Worker thread only. The catalog (schemas/catalog) fixes each event's parameter types; the encoder
// asserts that the kinds agree, since a mismatch is our bug and never the input's.

#include "common/net-types.h"

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace bulkhead::events {

struct ConnectionState;
struct FileState;

// Bump memory for one event (or one packet). reset() frees nothing until the arena is destroyed.
class Arena {
 public:
  template <typename T>
  std::span<T> copy(std::span<const T> from) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    auto* to = static_cast<T*>(allocate(from.size_bytes(), alignof(T)));
    if (!from.empty()) std::memcpy(static_cast<void*>(to), from.data(), from.size_bytes());
    return {to, from.size()};
  }
  std::string_view copy(std::string_view text) {
    auto bytes = copy(std::span<const char>(text.data(), text.size()));
    return {bytes.data(), bytes.size()};
  }
  void* allocate(size_t size, size_t alignment);
  void reset();

 private:
  static constexpr size_t blockSize = 64 * 1024;
  // The first block is kept over resets; the others are given back.
  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t used_ = 0;
  size_t capacity_ = 0;
};

// One argument, field or element. Names follow Zeek's types; `absent` is an unset &optional field.
struct Value {
  enum class Kind : uint8_t {
    absent,
    boolean,
    count,
    integer,
    real,
    time,
    interval,
    text,
    addr,
    port,
    subnet,
    enumeration,  // index into the catalog's enum, in `number`
    list,         // record (positional, catalog order), vector or set: `items`
    table,        // key, value, key, value, ...: `items`
    connection,
    file,
  };

  Kind kind = Kind::absent;
  Port portValue{};   // port
  uint8_t width = 0;  // subnet
  union {
    bool boolean;
    uint64_t number;  // count, enumeration
    int64_t integer;
    double real;            // real, time (seconds since epoch), interval (seconds)
    const IpAddr* address;  // addr, subnet
    ConnectionState* connectionState;
    FileState* fileState;
    struct {
      const char* data;
      size_t size;
    } text;
    struct {
      const Value* data;
      size_t size;
    } items;
  };

  Value() : number(0) {}
  static Value of(bool v) {
    Value x(Kind::boolean);
    x.boolean = v;
    return x;
  }
  static Value count(uint64_t v) {
    Value x(Kind::count);
    x.number = v;
    return x;
  }
  static Value integerOf(int64_t v) {
    Value x(Kind::integer);
    x.integer = v;
    return x;
  }
  static Value realOf(double v) {
    Value x(Kind::real);
    x.real = v;
    return x;
  }
  static Value timeOf(double seconds) {
    Value x(Kind::time);
    x.real = seconds;
    return x;
  }
  static Value intervalOf(double seconds) {
    Value x(Kind::interval);
    x.real = seconds;
    return x;
  }
  static Value enumOf(uint64_t index) {
    Value x(Kind::enumeration);
    x.number = index;
    return x;
  }
  static Value portOf(Port p) {
    Value x(Kind::port);
    x.portValue = p;
    return x;
  }
  // The text must outlive the event: arena memory, packet bytes or a string of the analyzer's own.
  static Value textOf(std::string_view v) {
    Value x(Kind::text);
    x.text = {v.data(), v.size()};
    return x;
  }
  static Value addrOf(const IpAddr& v) {
    Value x(Kind::addr);
    x.address = &v;
    return x;
  }
  static Value subnetOf(const IpAddr& prefix, uint8_t width) {
    Value x(Kind::subnet);
    x.address = &prefix;
    x.width = width;
    return x;
  }
  static Value listOf(std::span<const Value> v) {
    Value x(Kind::list);
    x.items = {v.data(), v.size()};
    return x;
  }
  static Value tableOf(std::span<const Value> v) {
    Value x(Kind::table);
    x.items = {v.data(), v.size()};
    return x;
  }
  static Value of(ConnectionState& c) {
    Value x(Kind::connection);
    x.connectionState = &c;
    return x;
  }
  static Value of(FileState& f) {
    Value x(Kind::file);
    x.fileState = &f;
    return x;
  }

  std::string_view view() const { return {text.data, text.size}; }
  std::span<const Value> list() const { return {items.data, items.size}; }

 private:
  explicit Value(Kind k) : kind(k), number(0) {}
};
static_assert(std::is_trivially_destructible_v<Value>);

}  // namespace bulkhead::events
