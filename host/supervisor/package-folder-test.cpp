#include "host/supervisor/package-folder.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>

namespace bulkhead::supervisor {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class PackageFolders : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "packages-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override { fs::remove_all(root_); }
  void write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  std::string at(const std::string& path) { return root_ / path; }

  fs::path root_;
};

TEST(Dependencies, AreNamesWithoutTheirSourcesAndVersions) {
  EXPECT_THAT(dependencies("zeek >=4.0.0 https://github.com/a/one >=1.2.2 zeek/b/two * "
                           "http://x/three.git/ * zkg >=2"),
              ElementsAre("one", "two", "three"));
  EXPECT_THAT(dependencies(""), ElementsAre());
  EXPECT_THAT(dependencies("../.. *  a/b\x1b *"), ElementsAre());
}

TEST_F(PackageFolders, AScriptIsItsOwnPackage) {
  write("some/odd.zeek", "print 1;");
  auto opened = openScripts(at("some/odd.zeek"));
  ASSERT_TRUE(std::holds_alternative<PackageFolder>(opened)) << std::get<std::string>(opened);
  EXPECT_EQ(std::get<PackageFolder>(opened).name, "odd");
  EXPECT_EQ(std::get<PackageFolder>(opened).target, "odd/odd.zeek");
}

TEST_F(PackageFolders, AFolderWithALoadFileNeedsNoMetadata) {
  write("plain/__load__.zeek", "");
  auto opened = openScripts(at("plain"));
  ASSERT_TRUE(std::holds_alternative<PackageFolder>(opened)) << std::get<std::string>(opened);
  EXPECT_EQ(std::get<PackageFolder>(opened).scriptDir, ".");
  EXPECT_TRUE(std::holds_alternative<std::string>(openPackage(at("plain"))));
}

TEST_F(PackageFolders, NothingElseIsAPackage) {
  write("text/notes.txt", "");
  fs::create_directories(root_ / "empty");
  EXPECT_TRUE(std::holds_alternative<std::string>(openScripts(at("text/notes.txt"))));
  EXPECT_TRUE(std::holds_alternative<std::string>(openScripts(at("empty"))));
  EXPECT_TRUE(std::holds_alternative<std::string>(openScripts(at("nowhere"))));
}

TEST_F(PackageFolders, TheOldNameOfTheMetadataIsTakenIfThereIsNoOther) {
  write("old/bro-pkg.meta", "[package]\nscript_dir = a\n");
  write("both/bro-pkg.meta", "[package]\nscript_dir = a\n");
  write("both/zkg.meta", "[package]\nscript_dir = b\n");
  EXPECT_EQ(std::get<PackageFolder>(openPackage(at("old"))).scriptDir, "a");
  EXPECT_EQ(std::get<PackageFolder>(openPackage(at("both"))).scriptDir, "b");
}

TEST_F(PackageFolders, AFolderOfPackagesGivesThoseThatCanBeOpenedByName) {
  write("all/b/zkg.meta", "[package]\n");
  write("all/a/zkg.meta", "[package]\ndepends = b *\n");
  write("all/broken/zkg.meta", "nothing");
  write("all/other/readme", "");
  auto found = packagesIn(at("all"));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].name, "a");
  EXPECT_THAT(found[0].depends, ElementsAre("b"));
  EXPECT_EQ(packagesIn(at("all/b")).size(), 1u);
  EXPECT_EQ(packagesIn(at("nowhere")).size(), 0u);
}

}  // namespace
}  // namespace bulkhead::supervisor
