#include "host/supervisor/outside.h"

#include <capnp/message.h>
#include <kj/async-io.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <initializer_list>
#include <iterator>
#include <sys/wait.h>

namespace bulkhead::supervisor {
namespace {

namespace fs = std::filesystem;

// A folder of its own, with an Outside that may use it.
class OutsideTest : public testing::Test {
 protected:
  OutsideTest() {
    char name[] = "/tmp/outside-test-XXXXXX";
    folder_ = mkdtemp(name);
    fs::create_directory(folder_ / "granted");
    grants_.files = {(folder_ / "granted").string()};
  }
  ~OutsideTest() noexcept override { fs::remove_all(folder_); }

  fs::path granted(const std::string& name) const { return folder_ / "granted" / name; }

  Answer ask(const std::string& function, std::initializer_list<std::string> texts) {
    capnp::MallocMessageBuilder memory;
    auto list = memory.initRoot<schemas::Value>().initList(static_cast<unsigned>(texts.size()));
    unsigned i = 0;
    for (const std::string& text : texts)
      list[i++].setText({reinterpret_cast<const kj::byte*>(text.data()), text.size()});
    return ask(function, list.asReader());
  }
  Answer ask(const std::string& function, Outside::Arguments arguments) {
    if (!outside_) outside_ = std::make_unique<Outside>(grants_);
    return outside_->request(function, arguments).wait(io_.waitScope);
  }
  Answer write(uint64_t handle, const std::string& bytes) {
    capnp::MallocMessageBuilder memory;
    auto list = memory.initRoot<schemas::Value>().initList(2);
    list[0].setCount(handle);
    list[1].setText({reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()});
    return ask("file.write", list.asReader());
  }
  static std::string refusal(const Answer& answer) {
    if (const auto* failure = std::get_if<Failure>(&answer)) return failure->why;
    const auto* refused = std::get_if<Refused>(&answer);
    return refused == nullptr ? "" : refused->why;
  }
  static std::string contents(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  fs::path folder_;
  Grants grants_;
  std::unique_ptr<Outside> outside_;
};

TEST_F(OutsideTest, WithoutGrantsEveryRefusalNamesTheOneThatIsMissing) {
  grants_ = {};
  EXPECT_EQ(refusal(ask("mkdir", {"x"})), "mkdir needs the grant \"files\"");
  EXPECT_EQ(refusal(ask("file.open", {"x"})), "file.open needs the grant \"files\"");
  EXPECT_EQ(refusal(ask("system", {"true"})), "system needs the grant \"commands\"");
  EXPECT_EQ(refusal(ask("piped_exec", {"cat", ""})), "piped_exec needs the grant \"commands\"");
  EXPECT_EQ(refusal(ask("getenv", {"PATH"})), "getenv needs the grant \"environment\"");
  EXPECT_EQ(refusal(ask("lookup_hostname", {"x"})), "lookup_hostname needs the grant \"lookups\"");
  EXPECT_EQ(refusal(ask("rm -rf", {})), "no grant for rm -rf");
}

TEST_F(OutsideTest, FilesAreMadeWrittenMovedAndRemoved) {
  EXPECT_EQ(std::get<bool>(ask("mkdir", {"sub"})), true);
  EXPECT_EQ(std::get<bool>(ask("mkdir", {"sub"})), true) << "one that is there already";
  uint64_t handle = std::get<uint64_t>(ask("file.open", {"sub/a"}));
  EXPECT_EQ(std::get<bool>(write(handle, std::string("one\0two", 7))), true);
  EXPECT_EQ(std::get<double>(ask("file_size", {"sub/a"})), 7.0);
  EXPECT_EQ(contents(granted("sub/a")), std::string("one\0two", 7));
  EXPECT_EQ(std::get<bool>(ask("rename", {"sub/a", "b"})), true);
  EXPECT_EQ(std::get<bool>(ask("rmdir", {"sub"})), true);
  EXPECT_EQ(std::get<bool>(ask("unlink", {granted("b").string()})), true) << "by its whole name";
  EXPECT_EQ(std::get<double>(ask("file_size", {"b"})), -1.0);
  EXPECT_NE(refusal(ask("unlink", {"b"})), "");
  EXPECT_NE(refusal(ask("rmdir", {"sub"})), "");
}

TEST_F(OutsideTest, NoNameLeadsOutOfTheFolder) {
  std::ofstream(folder_ / "secret") << "kept";
  fs::create_symlink(folder_ / "secret", granted("link"));
  fs::create_symlink("..", granted("up"));
  for (const std::string& name :
       {std::string("../secret"), (folder_ / "secret").string(), std::string("link"),
        std::string("up/secret"), granted("../secret").string(), std::string("/etc/passwd")})
    EXPECT_NE(refusal(ask("file.open", {name})), "") << name;
  EXPECT_NE(refusal(ask("rename", {"../secret", "taken"})), "");
  EXPECT_NE(refusal(ask("rename", {"up/secret", "taken"})), "");
  EXPECT_NE(refusal(ask("unlink", {"../secret"})), "");
  EXPECT_NE(refusal(ask("unlink", {"up/secret"})), "");
  EXPECT_NE(refusal(ask("mkdir", {"../new"})), "");
  EXPECT_NE(refusal(ask("unlink", {".."})), "");
  EXPECT_EQ(contents(folder_ / "secret"), "kept");
}

TEST_F(OutsideTest, NumbersOfFilesAreLookedUp) {
  EXPECT_NE(refusal(write(1, "x")), "");
  uint64_t handle = std::get<uint64_t>(ask("file.open", {"a"}));
  EXPECT_EQ(std::get<bool>(write(handle, "x")), true);
  EXPECT_NE(refusal(write(handle + 1, "x")), "");
}

TEST_F(OutsideTest, AsManyFilesMayBeOpenAsTheLimitSays) {
  for (size_t i = 0; i < Outside::mostOpenFiles; ++i)
    ASSERT_EQ(refusal(ask("file.open", {"f" + std::to_string(i % 4)})), "") << i;
  EXPECT_NE(refusal(ask("file.open", {"one too many"})), "");
}

TEST_F(OutsideTest, NamesMayBeAsLongAsTheLimitSays) {
  std::string longest(Outside::mostNameBytes, 'x');
  EXPECT_EQ(refusal(ask("file_size", {longest})), "");
  EXPECT_NE(refusal(ask("file_size", {longest + "x"})), "");
}

TEST_F(OutsideTest, CommandsAnswerTheirStatusAndSeeTheirEnvironment) {
  grants_.commands = grants_.environment = true;
  EXPECT_EQ(WEXITSTATUS(std::get<int64_t>(ask("system", {"exit 3"}))), 3);
  EXPECT_EQ(std::get<bool>(ask("setenv", {"OUTSIDE_TEST", "of the package"})), true);
  EXPECT_EQ(std::get<std::string>(ask("getenv", {"OUTSIDE_TEST"})), "of the package");
  EXPECT_EQ(std::getenv("OUTSIDE_TEST"), nullptr) << "the host's own stays as it was";
  std::string out = granted("out").string();
  ask("system", {"printf '%s' \"$OUTSIDE_TEST\" > " + out});
  EXPECT_EQ(contents(out), "of the package");
  EXPECT_EQ(std::get<bool>(ask("piped_exec", {"cat > " + out, std::string("a\0b", 3)})), true);
  EXPECT_EQ(contents(out), std::string("a\0b", 3));
}

TEST_F(OutsideTest, ACommandOfTooManyBytesIsNotRun) {
  grants_.commands = true;
  std::string filler(Outside::mostCommandBytes, ' ');
  EXPECT_NE(refusal(ask("system", {filler + "x"})), "");
  EXPECT_NE(refusal(ask("system", {std::string("true\0x", 6)})), "");
}

}  // namespace
}  // namespace bulkhead::supervisor
