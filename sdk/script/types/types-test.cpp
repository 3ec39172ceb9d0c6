#include "sdk/script/types/types.h"

#include <gtest/gtest.h>

namespace bulkhead::types {
namespace {

TEST(TypeTable, structurally_equal_containers_are_one_pointer) {
  TypeTable table;
  const Type* count = table.basic(Tag::count);
  const Type* addr = table.basic(Tag::addr);
  EXPECT_EQ(table.table({addr, count}, table.vector(count)),
            table.table({addr, count}, table.vector(count)));
  EXPECT_NE(static_cast<const Type*>(table.set({addr})), table.table({addr}, count));
}

TEST(TypeTable, a_recursive_record_equals_its_twin_and_not_a_stranger) {
  TypeTable table;
  auto make = [&](const char* name, Tag last) -> RecordType& {
    auto& record = table.makeRecord(name);
    record.add({.name = "next", .type = &record, .optional = true});
    record.add({.name = "n", .type = table.basic(last)});
    return record;
  };
  auto& a = make("A", Tag::count);
  auto& b = make("B", Tag::count);
  auto& c = make("C", Tag::string);
  EXPECT_TRUE(sameType(&a, &b));
  EXPECT_FALSE(sameType(&a, &c));
}

TEST(TypeText, spells_types_as_type_name_does) {
  TypeTable table;
  const Type* count = table.basic(Tag::count);
  const Type* string = table.basic(Tag::string);
  const Type* port = table.basic(Tag::port);
  auto& record = table.makeRecord("");
  record.add({.name = "c", .type = count});
  record.add({.name = "s", .type = string});
  EXPECT_EQ(typeText(&record), "record { c:count; s:string; }");
  EXPECT_EQ(typeText(table.set({port, string})), "set[port,string]");
  EXPECT_EQ(typeText(table.vector(table.table({count}, string))),
            "vector of table[count] of string");
  EXPECT_EQ(typeText(&table.function(Flavor::function,
                                     {{.name = "aa", .type = count}, {.name = "bb", .type = count}},
                                     table.basic(Tag::boolean))),
            "function(aa:count, bb:count) : bool");
  EXPECT_EQ(typeText(&table.function(Flavor::event, {}, nullptr)), "event()");
  EXPECT_EQ(typeText(&table.makeEnum("color")), "color");
}

TEST(TypeTable, what_is_another_name_for_a_type_is_told_with_it) {
  TypeTable table;
  const Type* string = table.basic(Tag::string);
  const Type* text = table.standIn(string, "Text");
  EXPECT_EQ(typeText(text), "Text");
  EXPECT_TRUE(sameType(text, string));
  EXPECT_EQ(table.namesOf(text), std::vector<std::string>{"Text"});
  EXPECT_TRUE(table.namesOf(string).empty());
  table.addAlias(text, text, "Line");
  EXPECT_EQ(table.namesOf(text), (std::vector<std::string>{"Text", "Line"}));

  const Type* rows = table.named(table.vector(string), "Rows");
  const Type* lines = table.named(rows, "Lines");
  table.addAlias(rows, lines, "Lines");
  EXPECT_EQ(table.namesOf(lines), table.namesOf(rows));
  EXPECT_EQ(table.namesOf(rows), (std::vector<std::string>{"Rows", "Lines"}));
}

TEST(TypeTable, a_vector_of_any_may_say_what_it_holds) {
  TypeTable table;
  const VectorType* ports = table.boxedVector(table.basic(Tag::port));
  EXPECT_EQ(ports, table.boxedVector(table.basic(Tag::port)));
  EXPECT_EQ(typeText(ports), "vector of port");
  EXPECT_TRUE(ports->element()->is(Tag::any));
}

TEST(EnumType, an_alias_value_keeps_the_first_name) {
  TypeTable table;
  auto& colour = table.makeEnum("colour");
  EXPECT_TRUE(colour.add({"RED", 0, originBase, false, ""}));
  EXPECT_TRUE(colour.add({"ROUGE", 0, originBase, true, ""}));
  EXPECT_FALSE(colour.add({"RED", 5, originBase, true, ""}));
  EXPECT_EQ(colour.findValue(0)->name, "RED");
  EXPECT_EQ(colour.nextValue(), 1);
}

}  // namespace
}  // namespace bulkhead::types
