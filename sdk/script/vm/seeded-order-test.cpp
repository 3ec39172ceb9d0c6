#include "sdk/script/vm/seeded-order.h"

#include "sdk/script/vm/heap.h"
#include "sdk/script/vm/table.h"

#include <gtest/gtest.h>
#include <set>

namespace bulkhead::vm {
namespace {

using types::Tag;

struct SeededOrderTest : ::testing::Test {
  types::TypeTable types;
  Heap heap{types};
  const types::TableType* countSet = types.set({types.basic(Tag::count)});
  SipKey key{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

  Ref<TableObject> setOf(const std::vector<uint64_t>& values) {
    auto table = Ref<TableObject>::adopt(heap.table(countSet));
    for (uint64_t value : values) {
      Slot slot = Slot::ofCount(value);
      EXPECT_NE(table->insert(&slot, Slot::unset()), TableObject::none);
    }
    return table;
  }
  std::vector<uint64_t> walk(TableObject& table) {
    std::vector<uint64_t> seen;
    for (TableWalk walk(table); !walk.done(); walk.advance()) seen.push_back(walk.keys()[0].count);
    return seen;
  }
};

TEST_F(SeededOrderTest, WithoutSeedsTheOrderIsThatOfInsertion) {
  auto table = setOf({5, 1, 9});
  EXPECT_EQ(walk(*table), (std::vector<uint64_t>{5, 1, 9}));
}

TEST_F(SeededOrderTest, WithSeedsEveryEntryIsWalkedOnceInAnOrderThatTheKeyDecides) {
  std::vector<uint64_t> values;
  for (uint64_t i = 0; i < 1000; ++i) values.push_back(i);
  auto table = setOf(values);
  heap.setOrder(SeededOrder(key));
  auto first = walk(*table);
  EXPECT_EQ(first.size(), values.size());
  EXPECT_EQ(std::set<uint64_t>(first.begin(), first.end()).size(), values.size());
  EXPECT_NE(first, values);
  EXPECT_EQ(walk(*table), first);
  key[0] ^= 1;
  heap.setOrder(SeededOrder(key));
  EXPECT_NE(walk(*table), first);
}

TEST_F(SeededOrderTest, AnEntryDeletedDuringTheWalkIsPassedOver) {
  auto table = setOf({1, 2, 3, 4});
  heap.setOrder(SeededOrder(key));
  TableWalk walk(*table);
  uint64_t first = walk.keys()[0].count;
  std::set<uint64_t> left{1, 2, 3, 4};
  left.erase(first);
  uint64_t gone = *left.begin();
  Slot slot = Slot::ofCount(gone);
  ASSERT_TRUE(table->erase(&slot));
  left.erase(gone);
  std::set<uint64_t> seen;
  for (walk.advance(); !walk.done(); walk.advance()) seen.insert(walk.keys()[0].count);
  EXPECT_EQ(seen, left);
}

TEST_F(SeededOrderTest, WhatIsLeftAfterManyDeletionsIsWalkedOnce) {
  heap.setOrder(SeededOrder(key));
  std::vector<uint64_t> values;
  for (uint64_t i = 0; i < 300; ++i) values.push_back(i);
  auto table = setOf(values);
  std::set<uint64_t> left(values.begin(), values.end());
  for (uint64_t i = 0; i < 300; i += 2) {
    Slot slot = Slot::ofCount(i);
    ASSERT_TRUE(table->erase(&slot));
    left.erase(i);
  }
  // Entries get other numbers as the table closes its gaps.
  for (uint64_t i = 1000; i < 1400; ++i) {
    Slot slot = Slot::ofCount(i);
    ASSERT_NE(table->insert(&slot, Slot::unset()), TableObject::none);
    left.insert(i);
  }
  auto seen = walk(*table);
  EXPECT_EQ(seen.size(), left.size());
  EXPECT_EQ(std::set<uint64_t>(seen.begin(), seen.end()), left);
}

TEST_F(SeededOrderTest, TheWalkOfExpiryMeetsEachEntryOnceWhileTheyGo) {
  heap.setOrder(SeededOrder(key));
  std::vector<uint64_t> values;
  for (uint64_t i = 0; i < 200; ++i) values.push_back(i);
  auto table = setOf(values);
  std::vector<uint64_t> seen;
  for (uint32_t e = table->nextExpiring(); e != TableObject::none; e = table->nextExpiring()) {
    seen.push_back(table->keysOf(e)[0].count);
    if (seen.back() % 3 == 0) table->eraseEntry(e);
  }
  EXPECT_EQ(seen.size(), values.size());
  EXPECT_EQ(std::set<uint64_t>(seen.begin(), seen.end()).size(), values.size());
  EXPECT_EQ(table->size(), 133u);
}

}  // namespace
}  // namespace bulkhead::vm
