#include "schemas/wire/log-wire.h"

#include <capnp/message.h>

#include <gtest/gtest.h>

namespace bulkhead::wire {
namespace {

using Kind = LogValue::Kind;

std::vector<LogColumn> allKinds() {
  return {{.name = "b", .type = Kind::boolean},
          {.name = "i", .type = Kind::integer},
          {.name = "c", .type = Kind::count},
          {.name = "d", .type = Kind::real},
          {.name = "t", .type = Kind::time},
          {.name = "v", .type = Kind::interval},
          {.name = "s", .type = Kind::string},
          {.name = "e", .type = Kind::enumeration},
          {.name = "a", .type = Kind::addr},
          {.name = "n", .type = Kind::subnet},
          {.name = "p", .type = Kind::port},
          {.name = "ss", .type = Kind::set, .elementType = Kind::port},
          {.name = "u", .type = Kind::vector, .elementType = Kind::string}};
}

TEST(LogWire, ReturnsEveryKindAsItWasSent) {
  std::vector<LogValue> row = {LogValue::ofBool(true),
                               LogValue::ofInt(-5),
                               LogValue::ofCount(~0ull),
                               LogValue::ofReal(0.25),
                               LogValue::ofTime(1.5),
                               LogValue::ofInterval(-2),
                               LogValue::ofString(std::string("a\0b", 3)),
                               LogValue::ofEnum("Notice::LOG"),
                               LogValue::ofAddr(*IpAddr::parse("2001:db8::1")),
                               LogValue::ofSubnet(*Subnet::parse("10.0.0.0/8")),
                               LogValue::ofPort({53, Transport::udp}),
                               LogValue::ofSet({LogValue::ofPort({1, Transport::tcp})}),
                               LogValue{}};
  capnp::MallocMessageBuilder message;
  auto values = message.initRoot<schemas::Row>().initValues(static_cast<unsigned>(row.size()));
  for (unsigned i = 0; i < row.size(); ++i) write(values[i], row[i]);
  std::vector<LogValue> back;
  EXPECT_EQ(read(values.asReader(), allKinds(), back), "");
  EXPECT_EQ(back, row);
}

TEST(LogWire, ReturnsADescriptorAsItWasSent) {
  LogDescriptor log{.stream = "Conn::LOG",
                    .filter = "default",
                    .path = "conn",
                    .writer = "Log::WRITER_ASCII",
                    .config = {{"use_json", "T"}},
                    .columns = allKinds(),
                    .standard = true};
  log.columns[3].origin = LogColumnOrigin::package;
  log.columns[4].identifying = true;
  capnp::MallocMessageBuilder message;
  auto builder = message.initRoot<schemas::LogDescriptor>();
  write(builder, 7, log);
  LogDescriptor back;
  EXPECT_EQ(read(builder.asReader(), back), "");
  EXPECT_EQ(back, log);
  EXPECT_EQ(builder.getId(), 7u);

  log.standard = false;
  log.standardStream = true;
  log.names = {.restricted = true,
               .include = {"a", "b"},
               .exclude = {"c"},
               .renames = {{"a", "x"}},
               .scopeSeparator = "_"};
  auto filtered = message.initRoot<schemas::LogDescriptor>();
  write(filtered, 8, log);
  EXPECT_EQ(read(filtered.asReader(), back), "");
  EXPECT_EQ(back, log);
}

TEST(LogWire, NamesTheColumnWhoseValueIsOfAnotherKind) {
  capnp::MallocMessageBuilder message;
  auto values = message.initRoot<schemas::Row>().initValues(1);
  std::vector<LogColumn> columns = {{.name = "uid", .type = Kind::string}};
  std::vector<LogValue> back;
  values[0].setCount(1);
  EXPECT_EQ(read(values.asReader(), columns, back), "a row whose column uid is no string");
  values[0].initList(1);
  EXPECT_NE(read(values.asReader(), columns, back), "");
  columns[0].type = Kind::port;
  values[0].setPort(4u << 16);
  EXPECT_NE(read(values.asReader(), columns, back), "");
  columns.push_back(columns[0]);
  EXPECT_EQ(read(values.asReader(), columns, back), "a row with a wrong number of columns");
}

TEST(LogWire, RefusesTypesThatNoHeaderMayShow) {
  for (auto type : {"", "unset", "set", "set[", "set[set]", "count[int]", "nonsense"}) {
    capnp::MallocMessageBuilder message;
    auto builder = message.initRoot<schemas::LogDescriptor>();
    auto column = builder.initColumns(1)[0];
    column.setName("x");
    column.setType(type);
    LogDescriptor back;
    EXPECT_NE(read(builder.asReader(), back), "") << type;
  }
}

}  // namespace
}  // namespace bulkhead::wire
