#pragma once
// The Heap makes script objects and keeps the accounts of their bytes.
//
// It owns every object that it made; objects still referred to when it goes are dropped with it.
// One thread. Small objects come from slabs of 64 KiB whose first word names the heap, so that an
// object needs no pointer back. Past the hard limit the growing calls refuse (null or false), which
// the Vm turns into a run-time error of the handler; past the soft limit a flag goes up once.

#include "sdk/script/vm/value.h"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace bulkhead::vm {

class SeededOrder;
struct TableAttributes;
struct TableInfo;

class Heap {
 public:
  struct Limits {
    size_t soft = SIZE_MAX;
    size_t hard = SIZE_MAX;
  };
  // One string cannot be longer than this, whatever the limits.
  static constexpr size_t maxString = size_t{1} << 30;

  explicit Heap(types::TypeTable& types);
  // From now on tables and sets without &ordered are walked in this order.
  void setOrder(const SeededOrder& order);
  const SeededOrder* order() const { return order_.get(); }
  bool walksSeeded() const { return order_ != nullptr; }
  // The entries in the order of a walk, if that is not the order of insertion.
  std::optional<std::vector<uint32_t>> walkOrder(const TableObject& table) const;
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  static Heap& of(const Object* object);

  types::TypeTable& types() { return types_; }
  void setLimits(Limits limits) { limits_ = limits; }
  size_t bytesInUse() const { return inUse_; }
  size_t peakBytes() const { return peak_; }
  // Objects and buffers asked for so far, a buffer that grew counted again.
  uint64_t allocations() const { return allocations_; }
  // Whether `more` bytes still fit under the hard limit.
  bool fits(size_t more) const { return more <= limits_.hard && inUse_ <= limits_.hard - more; }
  bool pastSoftLimit() const { return inUse_ > limits_.soft; }
  // Set far below zero whenever the heap is past its hard limit: the Vm's instruction budget.
  void setAlarm(int64_t* alarm) { alarm_ = alarm; }
  // Where it stands whether what runs now runs for a package (the Vm's; both outlive the heap).
  void watchPackageWork(const uint32_t& frames, const bool& cause) {
    packageFrames_ = &frames;
    packageCause_ = &cause;
  }
  bool packageAtWork() const {
    return packageFrames_ != nullptr && (*packageFrames_ > 0 || *packageCause_);
  }
  bool pastHardLimit() const { return inUse_ > limits_.hard; }
  // Seed of the hashes of table keys; iteration order does not depend on it.
  void setHashSeed(uint64_t seed) { hashSeed_ = seed; }
  uint64_t hashSeed() const { return hashSeed_; }

  // ---- Makers. Results carry one count. Small fixed-size objects are always granted (the limit is
  // ---- enforced at loop edges and calls as well); sized ones can be null at the hard limit.
  StringObject* string(std::string_view bytes);
  // Bytes are not initialised; the caller fills all `size` of them.
  StringObject* uninitializedString(size_t size);
  StringObject* emptyString();
  Slot addr(const IpAddr& address);
  Slot subnet(const Subnet& subnet);
  // Takes over the pattern.
  PatternObject* pattern(std::unique_ptr<CompiledPattern> pattern);
  // Without computed defaults: Vm::makeRecord runs those. Constant defaults are in.
  RecordObject* record(const RecordLayout& layout);
  // Every field absent.
  RecordObject* blankRecord(const RecordLayout& layout);
  VectorObject* vector(const types::VectorType* type);
  // `attributes` may be null; it must outlive the heap (the Program owns them).
  TableObject* table(const types::TableType* type, const TableAttributes* attributes = nullptr);
  FunctionObject* function(const types::FuncType* type, uint32_t index, uint32_t captures,
                           uint32_t managedCaptures, const Type* const* captureTypes = nullptr);
  FileObject* file(std::string_view name, uint64_t handle);
  OpaqueObject* opaque(const types::OpaqueType* type, std::unique_ptr<OpaqueState> state);
  // Takes over one count of `slot`. An `any` is not boxed twice.
  Slot box(const Type* type, Slot slot);

  RecordLayout& layout(const types::RecordType* type);
  const TableInfo& tableInfo(const types::TableType* type);

  // ---- Memory for the objects themselves.
  void* allocate(size_t size);
  void deallocate(void* memory, size_t size);
  // Buffers of vectors and tables. Null at the hard limit.
  void* allocateBuffer(size_t size);
  void* growBuffer(void* memory, size_t oldSize, size_t newSize);
  void freeBuffer(void* memory, size_t size);
  // For state that native code keeps outside; `delta` may be negative.
  void charge(int64_t delta);

  // What of the watched objects and variables changed since the last call, in order: addresses to
  // compare, not to follow. Past a limit nothing is added, and `tooMany` says so.
  struct Changes {
    static constexpr size_t limit = 4096;
    std::vector<const void*> what;
    bool tooMany = false;
  };
  Changes takeChanges() { return std::exchange(changes_, {}); }
  bool hasChanges() const { return !changes_.what.empty(); }
  void noteChange(const Object& object) {
    if ((object.flags & objectWatched) != 0) noteWatchedChange(&object);
  }
  void noteWatchedChange(const void* what) {
    if (!changes_.what.empty() && changes_.what.back() == what) return;
    if (changes_.what.size() < Changes::limit) {
      changes_.what.push_back(what);
    } else {
      changes_.tooMany = true;
    }
  }

  // Tables with an expiry attribute that were made since the last call: the Vm gives them timers.
  std::vector<Ref<TableObject>> takeUnarmed() { return std::exchange(unarmed_, {}); }
  bool hasUnarmed() const { return !unarmed_.empty(); }

  // Host handles of files that lost their last reference unclosed; the Vm closes them.
  std::vector<uint64_t> takeDroppedFiles() { return std::exchange(droppedFiles_, {}); }

 private:
  friend void destroyObject(Object* object);
  static constexpr size_t slabSize = 64 * 1024;
  static constexpr size_t granule = 16;
  static constexpr size_t maxSmall = 1024;
  static constexpr size_t chunkSize = 8 * slabSize;
  static constexpr size_t pageSize = 4096;
  static constexpr size_t maxKeptPages = 16;   // of one object
  static constexpr size_t maxKeptInAll = 256;  // pages
  struct FreeCell {
    FreeCell* next;
  };
  struct Slab;
  struct Large;
  struct Cell;  // of sanitized builds
  // Sanitized builds, at the end: frees what objects hold outside the heap that only refer to one
  // another, so that the leak checker tells of nothing else. Elsewhere nobody knows these objects,
  // and the end of the heap is the end of the process.
  void emptyCycles();

  void* refill(size_t sizeClass);
  void* takeSlab();
  void destroyNow(Object* object);
  void account(size_t size) {
    inUse_ += size;
    ++allocations_;
    if (inUse_ > peak_) peak_ = inUse_;
    if (inUse_ > limits_.hard && alarm_ != nullptr) *alarm_ = INT64_MIN / 2;
  }

  std::unique_ptr<SeededOrder> order_;
  types::TypeTable& types_;
  Limits limits_;
  int64_t* alarm_ = nullptr;
  const uint32_t* packageFrames_ = nullptr;
  const bool* packageCause_ = nullptr;
  size_t inUse_ = 0;
  size_t peak_ = 0;
  uint64_t allocations_ = 0;
  uint64_t hashSeed_ = 0x9e3779b97f4a7c15;
  Changes changes_;
  std::array<FreeCell*, maxSmall / granule + 1> free_{};
  // Cells of each size that were never used: a page is touched when its cells are.
  struct Fresh {
    char* next = nullptr;
    char* end = nullptr;
  };
  std::array<Fresh, maxSmall / granule + 1> fresh_{};
  std::vector<void*> chunks_;  // mappings of chunkSize
  size_t slabsLeft_ = 0;       // at the end of the last chunk
  Large* large_ = nullptr;
#ifdef BULKHEAD_SANITIZED
  Cell* cells_ = nullptr;
#endif
  // Large objects of few pages that were given back, by pages: scripts make and drop such strings
  // for each file, and to map one costs more than to fill it.
  std::array<Large*, maxKeptPages + 1> kept_{};
  size_t keptPages_ = 0;
  std::vector<std::unique_ptr<RecordLayout>> layouts_;  // by type id
  std::vector<std::unique_ptr<TableInfo>> tableInfos_;  // by type id
  StringObject* empty_ = nullptr;
  uint32_t destroyDepth_ = 0;
  std::vector<Object*> pendingDestroy_;
  std::vector<uint64_t> droppedFiles_;
  std::vector<Ref<TableObject>> unarmed_;
};

}  // namespace bulkhead::vm
