#pragma once
// The descriptor numbers of a confined child, the same for every launcher. A policy may test for
// them, so they are part of it.

namespace bulkhead::sandbox {

// 0 reads /dev/null; 1 and 2 write to the bounded stderr pipe that the monitor drains.
// The one inherited socket: Cap'n Proto RPC, or whatever the launching side speaks.
inline constexpr int rpcDescriptor = 3;
// The conversation of the set-up; closed when the child is locked down.
inline constexpr int setupDescriptor = 4;
// Further descriptors handed over by the launcher, in its order.
inline constexpr int firstExtraDescriptor = 5;
inline constexpr int maxExtraDescriptors = 8;
// The program image of a native package until its exec.
inline constexpr int imageDescriptor = 15;
static_assert(firstExtraDescriptor + maxExtraDescriptors <= imageDescriptor);
inline constexpr int firstFreeDescriptor = 16;

}  // namespace bulkhead::sandbox
