#include "host/flow/timers.h"

#include <cassert>

namespace bulkhead::flow {

uint32_t TimerQueue::add(double due, TimerClient& client, TimerGroup& group, uint32_t kind,
                         AtEnd atEnd) {
  uint32_t slot;
  if (freeSlots_.empty()) {
    slot = static_cast<uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = freeSlots_.back();
    freeSlots_.pop_back();
  }
  slots_[slot] = {&client, &group, none, none, none, kind, atEnd};
  auto position = static_cast<uint32_t>(heap_.size());
  heap_.push_back({due, slot});
  slots_[slot].position = position;
  bubbleUp(position, false);
  return slot;
}

void TimerQueue::place(uint32_t position, Entry entry) {
  heap_[position] = entry;
  slots_[entry.slot].position = position;
}

void TimerQueue::bubbleUp(uint32_t position, bool toTop) {
  Entry moving = heap_[position];
  while (position > 0) {
    uint32_t parent = (position - 1) / 2;
    if (!toTop && heap_[parent].due <= moving.due) break;
    place(position, heap_[parent]);
    position = parent;
  }
  place(position, moving);
}

void TimerQueue::bubbleDown(uint32_t position) {
  Entry moving = heap_[position];
  const auto size = static_cast<uint32_t>(heap_.size());
  while (true) {
    uint32_t left = 2 * position + 1;
    if (left >= size) break;
    uint32_t smaller = left;
    if (left + 1 < size && heap_[left].due >= heap_[left + 1].due) smaller = left + 1;
    if (heap_[smaller].due >= moving.due) break;
    place(position, heap_[smaller]);
    position = smaller;
  }
  place(position, moving);
}

uint32_t TimerQueue::popTop() {
  uint32_t slot = heap_.front().slot;
  Entry last = heap_.back();
  heap_.pop_back();
  if (!heap_.empty()) {
    place(0, last);
    bubbleDown(0);
  }
  slots_[slot].position = none;
  return slot;
}

void TimerQueue::release(uint32_t slot) {
  Slot& s = slots_[slot];
  if (s.previous != none)
    slots_[s.previous].next = s.next;
  else
    s.group->head_ = s.next;
  if (s.next != none) slots_[s.next].previous = s.previous;
  s.client = nullptr;
  s.group = nullptr;
  freeSlots_.push_back(slot);
}

void TimerQueue::remove(uint32_t slot) {
  assert(slots_[slot].position != none);
  bubbleUp(slots_[slot].position, true);
  popTop();
  release(slot);
}

size_t TimerQueue::advance(double now, size_t most, const std::function<void(double)>& before) {
  size_t fired = 0;
  while (fired < most && !heap_.empty() && heap_.front().due <= now) {
    double due = heap_.front().due;
    uint32_t slot = popTop();
    TimerClient* client = slots_[slot].client;
    uint32_t kind = slots_[slot].kind;
    release(slot);
    ++fired;
    if (before) before(due);
    client->timerDue(kind, now);
  }
  return fired;
}

void TimerQueue::expireAll(double now, const std::function<void(double)>& before) {
  while (!heap_.empty()) {
    double due = heap_.front().due;
    uint32_t slot = popTop();
    TimerClient* client = slots_[slot].client;
    uint32_t kind = slots_[slot].kind;
    bool fire = slots_[slot].atEnd == AtEnd::fire;
    release(slot);
    if (!fire) continue;
    if (before) before(due);
    client->timerDue(kind, now);
  }
}

std::optional<double> TimerQueue::next() const {
  if (heap_.empty()) return std::nullopt;
  return heap_.front().due;
}

void TimerGroup::add(double due, uint32_t kind, AtEnd atEnd) {
  uint32_t slot = queue_.add(due, client_, *this, kind, atEnd);
  queue_.slots_[slot].next = head_;
  if (head_ != TimerQueue::none) queue_.slots_[head_].previous = slot;
  head_ = slot;
}

void TimerGroup::cancel(uint32_t kind) {
  for (uint32_t slot = head_; slot != TimerQueue::none; slot = queue_.slots_[slot].next) {
    if (queue_.slots_[slot].kind != kind) continue;
    queue_.remove(slot);
    return;
  }
}

void TimerGroup::cancelAll() {
  while (head_ != TimerQueue::none) queue_.remove(head_);
}

bool TimerGroup::pending(uint32_t kind) const {
  for (uint32_t slot = head_; slot != TimerQueue::none; slot = queue_.slots_[slot].next)
    if (queue_.slots_[slot].kind == kind) return true;
  return false;
}

}  // namespace bulkhead::flow
