#pragma once
// The groups of system calls. Every rule says why it is there; a rule without a reason does not
// pass the tests. Dangerous rights stand in groups of their own, never in a general one.

#include "sandbox/policy/child-descriptors.h"
#include "sandbox/policy/policy.h"

#include <cerrno>

namespace bulkhead::sandbox::groups {

inline constexpr uint64_t protExec = 4, protWrite = 2;
inline constexpr uint64_t solSocket = 1, soSndBuf = 7;
inline constexpr uint64_t fioNonBlock = 0x5421, fioCloseOnExec = 0x5451;
inline constexpr uint64_t atEmptyPath = 0x1000;
inline constexpr uint64_t seccompSetModeFilter = 1;
inline constexpr uint64_t sigAbort = 6;

using enum ArgumentTest;

inline constexpr ArgumentRule noExecProtection[] = {{2, maskedEquals, 0, protExec}};
inline constexpr ArgumentRule sealProtection[] = {{2, maskedEquals, 0, protExec | protWrite}};
inline constexpr ArgumentRule sendBufferOnly[] = {{1, equals, solSocket}, {2, equals, soSndBuf}};
inline constexpr ArgumentRule abortOnly[] = {{2, equals, sigAbort}};
inline constexpr ArgumentRule nonBlockOnly[] = {{1, equals, fioNonBlock}};
inline constexpr ArgumentRule closeOnExecOnly[] = {{1, equals, fioCloseOnExec}};
inline constexpr ArgumentRule onSetupSocket[] = {{0, equals, setupDescriptor}};
inline constexpr ArgumentRule plainFilter[] = {{0, equals, seccompSetModeFilter}, {1, equals, 0}};
inline constexpr ArgumentRule ownImage[] = {{0, equals, imageDescriptor}, {4, equals, atEmptyPath}};
inline constexpr ArgumentRule readOnlyLimit[] = {{2, equals, 0}};

inline constexpr Rule messageRules[] = {
    {"read", "frames arrive on the inherited socket"},
    {"write", "short frames, and messages to stderr"},
    {"writev", "a frame goes out as header and segments"},
    {"getsockopt", "the RPC library sizes its send window once", sendBufferOnly},
};
inline constexpr Group messages = {"messages", "speak over descriptors that are already open",
                                   messageRules};

inline constexpr Rule eventLoopRules[] = {
    {"epoll_wait", "wait for the socket, with the next timer as time-out"},
    {"epoll_ctl", "the event port arms and disarms the socket"},
    {"clock_gettime", "CPU clocks are real system calls"},
    {"futex", "the RPC library's once-initialised state"},
    {"rt_sigprocmask", "the event port masks its reserved signal around a wait"},
};
inline constexpr Group eventLoop = {"event-loop", "run one KJ event loop", eventLoopRules};

inline constexpr Rule memoryRules[] = {
    {"mmap", "allocate; never executable", noExecProtection},
    {"munmap", "free"},
    {"mremap", "grow a large block in place"},
    {"brk", "small allocations"},
};
inline constexpr Group memory = {"memory", "allocate memory, none of it executable", memoryRules};

inline constexpr Rule endRules[] = {
    {"exit_group", "leave"},
    {"getpid", "abort() asks for its own ids"},
    {"gettid", "abort() asks for its own ids"},
};
inline constexpr Group end = {"end", "leave, or abort after a broken invariant", endRules};

inline constexpr Rule abortRules[] = {
    {"tgkill", "abort() signals itself; the pid namespace holds nobody else", abortOnly},
};
inline constexpr Group abortSelf = {"abort", "raise SIGABRT", abortRules, OnlyIf::pidNamespace};

inline constexpr ArgumentRule abortFirst[] = {{0, equals, sigAbort}};
inline constexpr Rule abortAgainRules[] = {
    {"rt_sigaction", "abort() then takes its handler away; refused, it crashes and that is its end",
     abortFirst, failsWith(EPERM)},
};
inline constexpr Group abortAgain = {"abort-again", "let abort() come to its end", abortAgainRules};

inline constexpr Rule eventPortRules[] = {
    {"rt_sigaction", "the event port installs its signal handlers"},
    {"epoll_create1", "the event port's own descriptor"},
    {"signalfd4", "the event port's signal descriptor"},
    {"eventfd2", "the event port's wake-up descriptor"},
    {"ioctl", "wrapping the socket makes it non-blocking", nonBlockOnly},
    {"ioctl", "wrapping the socket marks it close-on-exec", closeOnExecOnly},
    {"fcntl", "wrapping a descriptor reads and sets its flags"},
    {"madvise", "the allocator tidies up after start-up"},
    {"mprotect", "the loader seals relocated tables", noExecProtection},
    {"getrandom", "hash seeds are drawn anew in every child"},
    {"prlimit64", "libraries ask for the stack size", readOnlyLimit},
};
inline constexpr Group eventPort = {"event-port", "create the event port, before lockdown",
                                    eventPortRules};

// What is needed to get from start-up into lockdown. Sealed away by the last filter.
inline constexpr Rule handOverRules[] = {
    {"sendmsg", "hand the notification listener to the host", onSetupSocket},
    {"seccomp", "stack the filter that seals the hand-over", plainFilter},
    {"close", "drop the listener and the set-up socket"},
};
inline constexpr Group handOver = {"hand-over", "give the listener away, then be sealed",
                                   handOverRules};

inline constexpr Rule loadFilterRules[] = {
    {"seccomp", "load the lockdown filter"},
};
inline constexpr Group loadFilter = {"load-filter", "enter lockdown", loadFilterRules};

inline constexpr Rule imageRules[] = {
    {"execveat", "start the package's program from its descriptor, nothing else", ownImage},
    {"arch_prctl", "the C library sets its thread pointer"},
    {"set_tid_address", "the C library at start"},
    {"set_robust_list", "the C library at start"},
    {"rseq", "the C library at start"},
    {"mprotect", "the static loader seals its relocations", sealProtection},
    {"prlimit64", "the C library asks for the stack size", readOnlyLimit},
    {"getrandom", "the allocator's and hash tables' seeds"},
    {"readlink", "the C library looks for its own path and does without", {}, failsWith(ENOENT)},
    {"readlinkat", "the C library looks for its own path and does without", {}, failsWith(ENOENT)},
    {"newfstatat", "stdio asks how to buffer and does without", {}, failsWith(EACCES)},
    {"fstat", "stdio asks how to buffer and does without", {}, failsWith(EACCES)},
};
inline constexpr Group image = {"image", "run one static program", imageRules};

inline constexpr Rule nativeRules[] = {
    {"rt_sigaction", "runtimes install handlers for their own faults"},
    {"rt_sigreturn", "return from such a handler"},
    {"sigaltstack", "runtimes handle stack overflow on a stack of its own"},
    {"madvise", "runtimes give memory back"},
    {"poll", "wait for the socket without an event port"},
    {"ppoll", "wait for the socket without an event port"},
    {"clock_nanosleep", "wait for a time"},
    {"nanosleep", "wait for a time"},
    {"sched_yield", "runtimes yield in spin locks"},
    {"sched_getaffinity", "runtimes count the CPUs"},
    {"restart_syscall", "the kernel resumes an interrupted wait"},
};
inline constexpr Group nativeRuntime = {"native-runtime", "what language runtimes take for granted",
                                        nativeRules};

inline constexpr Rule captureFileRules[] = {
    {"lseek", "libpcap looks at the beginning of a file again"},
    {"pread64", "read at a place in the capture"},
    {"newfstatat", "stdio sizes its buffer; there is no path to find in the empty root"},
    {"fstat", "stdio sizes its buffer"},
    {"readv", "read into several buffers"},
};
inline constexpr Group captureFile = {"capture-file", "read a capture that is already open",
                                      captureFileRules};

inline constexpr ArgumentRule packetOption[] = {{1, equals, 263}};
inline constexpr ArgumentRule socketOption[] = {{1, equals, solSocket}};
inline constexpr Rule captureLiveRules[] = {
    {"poll", "libpcap waits for a block of the ring"},
    {"ppoll", "libpcap waits for a block of the ring"},
    {"recvfrom", "packets where there is no ring"},
    {"recvmmsg", "many packets at once where there is no ring"},
    {"getsockopt", "packet counters of the kernel", packetOption},
    {"getsockopt", "libpcap asks for a pending socket error", socketOption},
};
inline constexpr Group captureLive = {"capture-live", "read a packet socket that is already open",
                                      captureLiveRules};

inline constexpr Rule receiveRules[] = {
    {"recvmsg", "the host sends descriptors along with messages"},
    {"fcntl", "a received descriptor is made non-blocking"},
    {"ioctl", "a received descriptor is made non-blocking", nonBlockOnly},
    {"ioctl", "a received descriptor is marked close-on-exec", closeOnExecOnly},
};
inline constexpr Group receiveDescriptors = {
    "receive-descriptors", "take descriptors from the host over the control socket", receiveRules};

inline constexpr Rule farewellRules[] = {
    {"shutdown", "the RPC library ends its half of a connection that a peer has broken"},
};
inline constexpr Group farewell = {"farewell", "outlive a peer on one of several sockets",
                                   farewellRules};

inline constexpr Rule hostMemoryRules[] = {
    {"madvise", "the allocator gives memory back"},
    {"mprotect", "the allocator grows an arena", noExecProtection},
};
inline constexpr Group hostMemory = {"host-memory", "large heaps of our own programs",
                                     hostMemoryRules};

inline constexpr Rule logFileRules[] = {
    {"openat", "create and append log files; the log directory is all there is to see"},
    {"mkdirat", "a log path with folders"},
    {"renameat", "rotation"},
    {"renameat2", "rotation"},
    {"unlinkat", "take back a file that never held a row"},
    {"newfstatat", "does it exist, how large is it"},
    {"fstat", "how large is it"},
    {"statx", "does it exist, how large is it"},
    {"lseek", "append behind what is there"},
    {"ftruncate", "take back a half-written row after a full disk"},
    {"fsync", "a rotated file is on disk before it gets its name"},
    {"fdatasync", "a rotated file is on disk before it gets its name"},
    {"getdents64", "list what an earlier run left behind"},
    {"pwrite64", "rewrite the #close line"},
    {"fcntl", "stdio reads the flags of an open file"},
};
inline constexpr Group logFiles = {"log-files", "write files beneath the log directory",
                                   logFileRules};

// The zygote: everything that the set-up of a child needs, and reading the script library.
inline constexpr Rule zygoteRules[] = {
    {"openat", "read the script library; the layers' proof tries to open what it must not"},
    {"newfstatat", "read the script library"},
    {"fstat", "read the script library"},
    {"statx", "read the script library"},
    {"lseek", "read the script library"},
    {"pread64", "read the script library"},
    {"getdents64", "read the script library"},
    {"readlink", "resolve a library path"},
    {"readlinkat", "resolve a library path"},
    {"faccessat", "find a script"},
    {"faccessat2", "find a script"},
    {"access", "find a script"},
    {"getcwd", "resolve a library path"},
    {"recvmsg", "requests to start a child, with its descriptors"},
    {"sendmsg", "answers, with the child's pidfd"},
    {"recvfrom", "the set-up conversation"},
    {"sendto", "the set-up conversation"},
    {"clone3", "start a child"},
    {"sysinfo", "the allocator sizes itself"},
    {"uname", "libraries look at the kernel"},
    {"clock_nanosleep", "libraries"},
    {"sched_getaffinity", "libraries"},
    {"sched_yield", "libraries"},
    {"rt_sigreturn", "libraries"},
    {"sigaltstack", "libraries"},
    {"getrusage", "report what compiling the library cost"},
    {"getuid", "libraries"},
    {"geteuid", "libraries"},
    {"getgid", "libraries"},
    {"getegid", "libraries"},
    {"getppid", "is the host still there"},
};
inline constexpr Group zygoteWork = {"zygote", "read the script library, start children",
                                     zygoteRules};

inline constexpr Rule setUpRules[] = {
    {"prctl", "death signal, no_new_privs, bounding set, dumpable"},
    {"poll", "is the host still there after the change of user"},
    {"setsid", "a session of its own"},
    {"dup3", "descriptors to their places"},
    {"dup2", "descriptors to their places"},
    {"dup", "descriptors to their places"},
    {"close_range", "drop all other descriptors"},
    {"setgroups", "no supplementary groups"},
    {"setresgid", "the mapped group"},
    {"setresuid", "the mapped user"},
    {"getresuid", "the proof looks at the user"},
    {"sethostname", "a host name that says nothing"},
    {"mount", "the empty root"},
    {"pivot_root", "the empty root"},
    {"umount2", "the empty root"},
    {"chdir", "the empty root"},
    {"fchdir", "the empty root"},
    {"mkdirat", "the proof tries to write"},
    {"mkdir", "the proof tries to write"},
    {"open_tree", "bind the log directory"},
    {"move_mount", "bind the log directory"},
    {"mount_setattr", "bind the log directory"},
    {"umask", "log files are private"},
    {"landlock_create_ruleset", "Landlock"},
    {"landlock_add_rule", "Landlock"},
    {"landlock_restrict_self", "Landlock"},
    {"capget", "the proof looks at the capabilities"},
    {"capset", "no capabilities"},
    {"prlimit64", "limits"},
    {"setrlimit", "limits"},
    {"getrlimit", "limits"},
    {"kill", "the proof tries to signal the host"},
    {"socket", "the proof tries to connect"},
    {"connect", "the proof tries to connect"},
    {"socketpair", "the proof's control"},
    {"execveat", "start a native program", ownImage},
    {"memfd_create", "the program image"},
};
inline constexpr Group setUp = {"set-up", "build and prove the layers of a child", setUpRules};

inline constexpr Rule sanitizerRules[] = {
    {"madvise", "shadow memory"},
    {"mprotect", "shadow memory"},
    {"mmap", "shadow memory"},
    {"pipe", "whether memory can be read is found out by writing it to a pipe"},
    {"pipe2", "whether memory can be read is found out by writing it to a pipe"},
    {"sigaltstack", "reports"},
    {"rt_sigaction", "reports"},
    {"rt_sigreturn", "reports"},
    {"sched_yield", "internal locks"},
    {"sched_getaffinity", "internal tables"},
    {"getrusage", "reports"},
    {"prctl", "reports"},
    {"getrandom", "internal tables"},
    {"clock_nanosleep", "the background thread"},
    {"nanosleep", "the background thread"},
    {"clone", "the symbolizer and the background thread"},
    {"clone3", "the background thread"},
    {"set_robust_list", "the background thread"},
    {"rseq", "the background thread"},
    {"exit", "the background thread"},
    {"readlink", "the symbolizer looks for its program", {}, failsWith(ENOENT)},
    {"getppid", "the leak checker"},
    {"tgkill", "reports end by a signal"},
};
inline constexpr Group sanitizer = {"sanitizer", "sanitizer builds only; never in a release",
                                    sanitizerRules, OnlyIf::sanitized};

}  // namespace bulkhead::sandbox::groups
