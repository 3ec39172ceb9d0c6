#pragma once
// The profiles: who runs under which groups. One screen; read it before trusting anything else.

#include "sandbox/profiles/groups.h"

namespace bulkhead::sandbox::profiles {

using namespace groups;

// What a locked compartment may do: seventeen calls, no path, no new descriptor, no new code.
inline constexpr const Group* compartmentLockdown[] = {
    &messages, &eventLoop, &memory, &end, &abortSelf, &abortAgain, &handOver, &sanitizer};

inline constexpr const Group* nativeLockdown[] = {&messages,      &eventLoop, &memory,
                                                  &end,           &abortSelf, &image,
                                                  &nativeRuntime, &handOver,  &eventPort};

inline constexpr const Group* workerLockdown[] = {
    &messages,  &eventLoop,  &memory,      &hostMemory,  &end,
    &abortSelf, &abortAgain, &captureFile, &captureLive, &receiveDescriptors,
    &farewell,  &handOver,   &sanitizer};

inline constexpr const Group* loggerLockdown[] = {&messages, &eventLoop, &memory,     &hostMemory,
                                                  &end,      &abortSelf, &abortAgain, &logFiles,
                                                  &farewell, &handOver,  &sanitizer};

inline constexpr const Group* startup[] = {&messages, &eventLoop, &memory,    &hostMemory,
                                           &end,      &abortSelf, &eventPort, &loadFilter,
                                           &handOver, &sanitizer};

inline constexpr const Group* workerStartup[] = {
    &messages,   &eventLoop, &memory,      &hostMemory,  &end,
    &abortSelf,  &eventPort, &captureFile, &captureLive, &receiveDescriptors,
    &loadFilter, &handOver,  &sanitizer};

inline constexpr const Group* loggerStartup[] = {&messages,   &eventLoop, &memory,    &hostMemory,
                                                 &end,        &abortSelf, &eventPort, &logFiles,
                                                 &loadFilter, &handOver,  &sanitizer};

inline constexpr const Group* zygoteStartup[] = {
    &messages,   &eventLoop, &memory,     &hostMemory, &end,      &abortSelf, &eventPort,
    &zygoteWork, &setUp,     &loadFilter, &handOver,   &logFiles, &sanitizer};

inline constexpr Profile table[] = {
    {ProfileId::zygote,
     "zygote",
     "reads the script library and starts compartments; also the start-up stage of these",
     zygoteStartup,
     {}},
    {ProfileId::compartmentScript,
     "compartment-script",
     "computes on events; no files, no network, no other process",
     {},
     compartmentLockdown},
    {ProfileId::compartmentNative,
     "compartment-native",
     "one static program of a package; no files, no network, no other process",
     {},
     nativeLockdown,
     false,
     true},
    {ProfileId::worker, "worker", "reads packets from descriptors that are already open",
     workerStartup, workerLockdown, true},
    {ProfileId::logger, "logger", "writes files beneath one directory", loggerStartup,
     loggerLockdown, true},
};
static_assert(sizeof(table) / sizeof(table[0]) == profileCount);

}  // namespace bulkhead::sandbox::profiles
