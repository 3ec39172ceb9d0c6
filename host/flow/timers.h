#pragma once
// Trace-time timers of connections, fragments, tunnels, files and analyzers.
//
// One queue per worker, on its one thread. A client owns a TimerGroup; destroying the group cancels
// what is pending in it. Timers fire from Engine::packet() and Engine::advanceTime(), earliest
// first, when the trace's time has passed them; a client may destroy itself or add timers from
// timerDue(). Nothing here fails. The order of timers with equal due times is that of the
// underlying binary heap, as it is in Zeek, so that rows written from timers keep Zeek's order.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace bulkhead::flow {

class TimerClient {
 public:
  virtual ~TimerClient() = default;
  // `kind` is what the client passed to add(). `now` is the trace's time, at or after the due time.
  virtual void timerDue(uint32_t kind, double now) = 0;
};

// What becomes of a timer that is still pending when the trace ends.
enum class AtEnd : bool { drop, fire };

class TimerGroup;

class TimerQueue {
 public:
  // Fires what is due at `now`, at most `most` timers. `before` is told each timer's due time
  // first.
  size_t advance(double now, size_t most, const std::function<void(double)>& before);
  // End of trace: takes every timer out, in order, and fires those that asked for it.
  void expireAll(double now, const std::function<void(double)>& before);
  // Due time of the earliest timer; empty if there is none.
  std::optional<double> next() const;
  size_t size() const { return heap_.size(); }

 private:
  friend class TimerGroup;
  static constexpr uint32_t none = UINT32_MAX;

  struct Entry {
    double due;
    uint32_t slot;
  };
  struct Slot {
    TimerClient* client = nullptr;
    TimerGroup* group = nullptr;
    uint32_t previous = none, next = none;  // in the group's list
    uint32_t position = none;               // in heap_
    uint32_t kind = 0;
    AtEnd atEnd = AtEnd::drop;
  };

  uint32_t add(double due, TimerClient& client, TimerGroup& group, uint32_t kind, AtEnd atEnd);
  void remove(uint32_t slot);
  uint32_t popTop();
  void release(uint32_t slot);
  void place(uint32_t position, Entry entry);
  void bubbleUp(uint32_t position, bool toTop);
  void bubbleDown(uint32_t position);

  std::vector<Entry> heap_;
  std::vector<Slot> slots_;
  std::vector<uint32_t> freeSlots_;
};

// The pending timers of one client. Neither copied nor moved; must not outlive the queue.
class TimerGroup {
 public:
  TimerGroup(TimerQueue& queue, TimerClient& client) : queue_(queue), client_(client) {}
  ~TimerGroup() { cancelAll(); }
  TimerGroup(const TimerGroup&) = delete;
  TimerGroup& operator=(const TimerGroup&) = delete;

  // A due time in the past fires at the next advance.
  void add(double due, uint32_t kind, AtEnd atEnd = AtEnd::drop);
  // Cancels the first pending timer of that kind, if there is one.
  void cancel(uint32_t kind);
  void cancelAll();
  bool pending(uint32_t kind) const;

 private:
  friend class TimerQueue;
  TimerQueue& queue_;
  TimerClient& client_;
  uint32_t head_ = TimerQueue::none;
};

}  // namespace bulkhead::flow
