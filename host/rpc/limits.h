#pragma once
// Limits of one connection to a less trusted peer. Each has a test at its edge and one past it.

#include <cstddef>
#include <cstdint>

namespace bulkhead::rpc {

// A frame: one Cap'n Proto message on the wire. The largest honest one is a batch of log rows,
// which the runner closes at 256 KiB or after one row of at most 1 MiB (schemas/rows.capnp).
inline constexpr uint32_t maxSegments = 64;
inline constexpr uint64_t maxFrameWords = 512 * 1024;  // 4 MiB
// Pointers may alias: how many words a reader may walk over one frame.
inline constexpr uint64_t maxTraversalWords = 4 * maxFrameWords;
inline constexpr int maxNestingDepth = 64;

inline constexpr size_t readBufferBytes = 64 * 1024;

// A peer asks for our bootstrap at most once.
inline constexpr uint32_t maxBootstraps = 1;
// Calls (and bootstraps) of the peer that are not yet both returned and finished. Each costs us an
// answer-table entry and what its method holds. A streaming peer has at most a window of them.
inline constexpr uint32_t maxUnfinishedQuestions = 1024;
// Capabilities that the peer makes us import: its bootstrap.
inline constexpr uint32_t maxExports = 1;
// Messages to the peer that it has not read: it makes us queue a return for each of its calls.
inline constexpr size_t maxQueuedMessages = 4096;

// Frames taken without letting the event loop look at other peers.
inline constexpr uint32_t framesPerTurn = 256;
// Frames that a peer may send ahead of what its work entitles it to; then they are taken at this
// rate, so that a flood costs itself time and the host a few per cent of a core.
inline constexpr uint32_t frameBurst = 16 * 1024;
inline constexpr uint32_t framesPerSecond = 4 * 1024;

}  // namespace bulkhead::rpc
