#pragma once
// Limits of the compartment's side of the conversation. They keep an honest compartment within what
// its worker takes (host/worker/limits.h); the worker does not rely on them.

#include "schemas/rows.capnp.h"

#include <cstddef>
#include <cstdint>

namespace bulkhead::runner {

// A batch of rows closes when it holds so many rows or so many bytes.
inline constexpr size_t maxRows = schemas::MAX_ROWS_PER_BATCH;
inline constexpr size_t maxRowBatchBytes = 256 * 1024;
inline constexpr size_t maxPublishedBatchBytes = 256 * 1024;
// A larger row is dropped and reported.
inline constexpr size_t maxRowBytes = schemas::MAX_ROW_BYTES;
inline constexpr size_t maxPrintBytes = 64 * 1024;   // one call
inline constexpr size_t maxReportBytes = 16 * 1024;  // one message; longer ones are cut
inline constexpr size_t maxReports = 10000;          // in a run; then counted only
inline constexpr size_t maxAnswers = 16 * 1024;      // to one batch; more are refused
inline constexpr size_t maxDiagnostics = 200;
// Of an overview, all its texts together; what goes beyond is left out and said to be.
inline constexpr size_t maxOverviewBytes = 1024 * 1024;
inline constexpr size_t maxOverviewText = 4096;
inline constexpr size_t maxTopicBytes = 1024;
inline constexpr size_t maxTargetBytes = 1024;  // of an @load; longer names are not found
// Of a file that a script writes, before it is sent.
inline constexpr size_t fileBufferBytes = 64 * 1024;
// A batch holds at most about 1 MiB of items, plus one large item; pointers may be read twice.
inline constexpr uint64_t maxTraversalWords = 64ull * 1024 * 1024;
inline constexpr int maxNestingDepth = 64;

// Exit statuses. 120 stands for "out of memory" everywhere (sandbox/README.md).
inline constexpr int exitOutOfMemory = 120;
// Too many handlers were abandoned: Settings.maxAbandoned.
inline constexpr int exitAbandoned = 121;
inline constexpr int exitBrokenPeer = 122;

}  // namespace bulkhead::runner
