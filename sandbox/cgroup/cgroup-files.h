#pragma once
// Small files of the kernel's cgroup trees, and where the trees are. Private to this room.

#include <kj/array.h>
#include <kj/string.h>
#include <kj/vector.h>

#include <cstdint>
#include <sys/types.h>

namespace bulkhead::sandbox {

// A mounted tree and the place of this process in it.
struct CgroupMount {
  // Comma-separated controllers for version 1, empty for version 2.
  kj::Vector<kj::String> controllers;
  bool isVersion2 = false;
  // Folder of this process's own cgroup.
  kj::String ownDirectory;
  // Folder where the tree is mounted; ownDirectory begins with it.
  kj::String mountPoint;
};

// Every tree that is mounted and shows our own cgroup.
kj::Vector<CgroupMount> findCgroupMounts();

// Reads at most 64 KiB; empty if there is no such file.
kj::Maybe<kj::String> readSmallFile(kj::StringPtr path);
// Throws kj::Exception with path and value if the kernel refuses.
void writeSmallFile(kj::StringPtr path, kj::StringPtr value);
// False instead, whatever the reason.
bool tryWriteSmallFile(kj::StringPtr path, kj::StringPtr value);
bool fileExists(kj::StringPtr path);

// The number in a file that holds one, or after `key ` in a file of lines; 0 if it is not there.
uint64_t numberIn(kj::StringPtr path);
uint64_t numberAfter(kj::StringPtr path, kj::StringPtr key);

// A folder name out of a package's name: letters, digits, '-', '_', '.'; never empty or hidden.
kj::String safeFolderName(kj::StringPtr name);

// What one of the two versions answers; see openCgroupTree().
struct CgroupTreeResult;
CgroupTreeResult openVersion1(kj::ArrayPtr<const CgroupMount> mounts);
CgroupTreeResult openVersion2(const CgroupMount& mount);

// Makes a folder of this process's own beneath `parent`: "bulkhead-PID", or with a number behind it
// if that is there already: left behind by a process that was killed together with its janitor, or
// by one of another PID namespace, which may live. Never one that exists, for the janitor ends what
// is in it. Null with errno set if none can be made, after mostOwnFolders names.
constexpr unsigned mostOwnFolders = 100;
kj::Maybe<kj::String> makeOwnFolder(kj::StringPtr parent);

}  // namespace bulkhead::sandbox
