#include "host/supervisor/package-folder.h"
#include "host/supervisor/source-folders.h"
#include "schemas/package.capnp.h"

#include <capnp/serialize.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace bulkhead::supervisor {
namespace {

namespace fs = std::filesystem;

// A folder of its own for each test, gone afterwards.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (fs::temp_directory_path() / "bulkhead-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  ~Scratch() { fs::remove_all(root_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string path(const std::string& name) const { return (root_ / name).string(); }
  void write(const std::string& name, const std::string& text) {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << text;
  }

 private:
  fs::path root_;
};

TEST(SourceFolders, ANameIsTriedAsFileWithSuffixAndAsFolder) {
  Scratch disk;
  disk.write("base/a.zeek", "A");
  disk.write("base/b/__load__.zeek", "B");
  disk.write("base/c", "C");
  SourceFolders folders;
  folders.add(disk.path("base"), "base", SourceOrigin::base);
  EXPECT_EQ(folders.find("a", "")->text, "A");
  EXPECT_EQ(folders.find("a", "")->path, "base/a.zeek");
  EXPECT_EQ(folders.find("b", "")->path, "base/b/__load__.zeek");
  EXPECT_EQ(folders.find("c", "")->text, "C");
  EXPECT_FALSE(folders.find("d", ""));
}

TEST(SourceFolders, ARelativeNameIsBesideTheLoadingFileAndNowhereElse) {
  Scratch disk;
  disk.write("base/x.zeek", "base");
  disk.write("pkg/scripts/__load__.zeek", "");
  disk.write("pkg/scripts/y.zeek", "y");
  disk.write("pkg/z.zeek", "z");
  SourceFolders folders;
  folders.add(disk.path("base"), "base", SourceOrigin::base);
  folders.add(disk.path("pkg"), "pkg", SourceOrigin::package);
  EXPECT_EQ(folders.find("./y", "pkg/scripts/__load__.zeek")->text, "y");
  EXPECT_EQ(folders.find("../z", "pkg/scripts/__load__.zeek")->text, "z");
  EXPECT_FALSE(folders.find("./x", "pkg/scripts/__load__.zeek"));
  EXPECT_FALSE(folders.find("../../base/x", "pkg/scripts/__load__.zeek"));
}

TEST(SourceFolders, NothingLeadsOutOfTheFolders) {
  Scratch disk;
  disk.write("secret.zeek", "secret");
  disk.write("pkg/in.zeek", "in");
  fs::create_symlink(disk.path("secret.zeek"), disk.path("pkg/absolute.zeek"));
  fs::create_symlink("../secret.zeek", disk.path("pkg/relative.zeek"));
  fs::create_symlink("in.zeek", disk.path("pkg/inside.zeek"));
  SourceFolders folders;
  folders.add(disk.path("pkg"), "pkg", SourceOrigin::package);
  EXPECT_FALSE(folders.find("../secret", ""));
  EXPECT_FALSE(folders.find("../secret", "pkg/in.zeek"));
  EXPECT_FALSE(folders.find("absolute", ""));
  EXPECT_FALSE(folders.find("relative", ""));
  EXPECT_FALSE(folders.find(disk.path("secret.zeek"), ""));
  EXPECT_FALSE(folders.find("/etc/passwd", ""));
  EXPECT_FALSE(folders.find(std::string("in\0x", 4), ""));
  // The control: a link that stays inside is followed.
  EXPECT_EQ(folders.find("inside", "")->text, "in");
}

TEST(SourceFolders, AnOverlongNameAndAFileThatIsNoFileAreNotFound) {
  Scratch disk;
  disk.write("pkg/folder.zeek/x", "");
  SourceFolders folders;
  folders.add(disk.path("pkg"), "pkg", SourceOrigin::package);
  EXPECT_FALSE(folders.find(std::string(mostTargetBytes + 1, 'a'), ""));
  EXPECT_FALSE(folders.find("folder", ""));
}

TEST(PackageFolder, MetadataNamesTheScriptsAndTheFolderNamesThePackage) {
  Scratch disk;
  disk.write("known-clients/zkg.meta",
             "# a comment\n[package]\nDescription = first\n  second\nscript_dir = scripts\n"
             "[other]\nscript_dir = elsewhere\n");
  auto opened = openPackage(disk.path("known-clients/"));
  ASSERT_TRUE(std::holds_alternative<PackageFolder>(opened)) << std::get<std::string>(opened);
  const auto& package = std::get<PackageFolder>(opened);
  EXPECT_EQ(package.name, "known-clients");
  EXPECT_EQ(package.scriptDir, "scripts");
  EXPECT_EQ(package.description, "first second");
}

std::string problem(const std::string& path) {
  auto opened = openPackage(path);
  auto* text = std::get_if<std::string>(&opened);
  return text == nullptr ? "" : *text;
}

TEST(PackageFolder, EachMistakeSaysWhatIsWrong) {
  Scratch disk;
  disk.write("empty/readme", "");
  disk.write("nosection/zkg.meta", "script_dir = scripts\n");
  disk.write("climber/zkg.meta", "[package]\nscript_dir = scripts/../../x\n");
  disk.write("bad name/zkg.meta", "[package]\n");
  disk.write("huge/zkg.meta", "[package]\n" + std::string(mostMetadataBytes, '#'));
  disk.write("file", "");
  disk.write("secrets/zkg.meta", "[package]\n");
  disk.write("pipe/readme", "");
  ASSERT_EQ(::mkfifo(disk.path("pipe/zkg.meta").c_str(), 0600), 0);
  disk.write("borrowed/readme", "");
  fs::create_symlink("../secrets/zkg.meta", disk.path("borrowed/zkg.meta"));
  disk.write("linked/zkg.meta", "[package]\nscript_dir = scripts\n");
  fs::create_directory_symlink(disk.path("secrets"), disk.path("linked/scripts"));
  disk.write("inside/zkg.meta", "[package]\nscript_dir = scripts\n");
  disk.write("inside/real/__load__.zeek", "");
  fs::create_directory_symlink("real", disk.path("inside/scripts"));
  EXPECT_NE(problem(disk.path("missing")).find("no such package folder"), std::string::npos);
  EXPECT_NE(problem(disk.path("file")).find("is not a folder"), std::string::npos);
  EXPECT_NE(problem(disk.path("empty")).find("has no zkg.meta"), std::string::npos);
  EXPECT_NE(problem(disk.path("nosection")).find("no section [package]"), std::string::npos);
  EXPECT_NE(problem(disk.path("climber")).find("leads out"), std::string::npos);
  EXPECT_NE(problem(disk.path("bad name")).find("folder's name"), std::string::npos);
  EXPECT_NE(problem(disk.path("huge")).find("is larger than"), std::string::npos);
  EXPECT_NE(problem(disk.path("pipe")).find("no regular file"), std::string::npos);
  EXPECT_NE(problem(disk.path("borrowed")).find("leads out"), std::string::npos);
  EXPECT_NE(problem(disk.path("linked")).find("leads out"), std::string::npos);
  // The control: a link within the package is as good as a folder.
  EXPECT_EQ(problem(disk.path("inside")), "");
}

TEST(SourceFolders, OnlyTheOperatorsScriptsMayLeaveTheirFolder) {
  Scratch disk;
  disk.write("site/local.zeek", "");
  disk.write("shared/x.zeek", "x");
  SourceFolders folders;
  folders.add(disk.path("site"), disk.path("site"), SourceOrigin::package);
  std::string local = disk.path("site/local.zeek");
  EXPECT_FALSE(folders.find("../shared/x", local));
  EXPECT_FALSE(folders.find(disk.path("shared/x"), local));
  folders.allowAnywhere();
  ASSERT_TRUE(folders.find("../shared/x", local));
  EXPECT_EQ(folders.find("../shared/x", local)->origin, SourceOrigin::site);
  EXPECT_EQ(folders.find(disk.path("shared/x"), local)->text, "x");
}

TEST(SourceFolders, APackageIsFoundByItsNameAndSoIsWhatIsInIt) {
  Scratch disk;
  disk.write("p/scripts/__load__.zeek", "all");
  disk.write("p/scripts/more.zeek", "more");
  SourceFolders folders;
  folders.add(disk.path("p/scripts"), "p", SourceOrigin::package);
  EXPECT_EQ(folders.find("p", "")->text, "all");
  EXPECT_EQ(folders.find("p/more", "")->text, "more");
  EXPECT_FALSE(folders.find("px", ""));
}

TEST(SourceFolders, TheStandardLibraryIsFoundAsZeekpathHasIt) {
  Scratch disk;
  disk.write("lib/base/init-bare.zeek", "");
  disk.write("lib/policy/misc/loaded.zeek", "policy");
  disk.write("lib/site/local.zeek", "local");
  SourceFolders folders;
  addLibrary(folders, disk.path("lib"));
  EXPECT_EQ(folders.find("misc/loaded", "")->text, "policy");
  EXPECT_EQ(folders.find("local", "")->path, "<zeek>/site/local.zeek");
  EXPECT_EQ(libraryTarget(folders.find("misc/loaded", "")->path), "policy/misc/loaded.zeek");
}

TEST(SourceFolders, AFolderWithABaseOfItsOwnStandsBeforeTheLibrary) {
  Scratch disk;
  disk.write("lib/base/init-bare.zeek", "");
  disk.write("lib/policy/a.zeek", "");
  disk.write("lib/site/local.zeek", "");
  disk.write("plain/main.zeek", "");
  disk.write("own/base/init-bare.zeek", "mine");
  auto shadows = [&](const char* folder, const char* label) {
    SourceFolders folders;
    folders.add(disk.path(folder), label, SourceOrigin::package);
    addLibrary(folders, disk.path("lib"));
    return folders.shadowsLibrary();
  };
  EXPECT_FALSE(shadows("plain", "plain"));
  EXPECT_TRUE(shadows("own", "own"));
  EXPECT_TRUE(shadows("plain", "base")) << "base/x is then the package's x";
}

TEST(SourceFolders, ThePackedLibraryHoldsTheScriptsBeneathBaseUnderTheirNames) {
  Scratch disk;
  disk.write("lib/base/init-bare.zeek", "bare");
  disk.write("lib/base/utils/site.zeek", "site");
  disk.write("lib/base/utils/README", "no script");
  disk.write("lib/policy/misc/loaded.zeek", "policy");
  auto memory = packLibrary(disk.path("lib"));
  capnp::StreamFdMessageReader message(memory.get());
  auto files = message.getRoot<schemas::ScriptLibrary>().getFiles();
  ASSERT_EQ(files.size(), 2u);
  EXPECT_STREQ(files[0].getPath().cStr(), "<zeek>/base/init-bare.zeek");
  EXPECT_STREQ(files[1].getPath().cStr(), "<zeek>/base/utils/site.zeek");
  auto text = files[1].getText();
  EXPECT_EQ(std::string(text.begin(), text.end()), "site");
}

}  // namespace
}  // namespace bulkhead::supervisor
