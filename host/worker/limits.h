#pragma once
// Limits of the worker's conversation with its compartments. Each has a test at its edge.

#include "schemas/batch.capnp.h"
#include "schemas/rows.capnp.h"

#include <cstddef>
#include <cstdint>

namespace bulkhead::worker {

// A batch closes when it holds so many items or packet times, ...
inline constexpr size_t maxItems = schemas::MAX_BATCH;
inline constexpr size_t maxPacketTimes = schemas::MAX_PACKET_TIMES;
// ... or so many bytes (estimated; one item may be larger), ...
inline constexpr size_t maxBatchBytes = 512 * 1024;
// ... or when its first item is so many seqs old: the logger holds every other compartment's rows
// until this one has marked their seq, so a rare event must not keep a batch open for long.
inline constexpr uint64_t maxBatchAge = 8192;

// Batches sent to a compartment and not yet acknowledged; offline the reader waits at this point.
inline constexpr size_t maxBatchesInFlight = 8;
inline constexpr size_t defaultQueueBytes = 4 * 1024 * 1024;

// Live, where nobody waits for a slow compartment: what waits to be sent beyond maxBatchesInFlight
// goes on growing up to so many batches and bytes. Past either it is suspended until all is taken.
inline constexpr size_t maxBatchesQueued = 256;
inline constexpr size_t defaultLiveQueueBytes = 32 * 1024 * 1024;
// Of one compartment; later ones add to the last.
inline constexpr size_t maxGaps = 1000;
// Live, the analysis waits for an answer at most so long, and so long in all within a window; past
// it the compartment's answers are off until the window is over.
inline constexpr uint32_t answerPatienceMs = 5;
inline constexpr uint32_t answerBudgetMs = 100;
inline constexpr uint32_t siteAnswerPatienceMs = 50;
inline constexpr uint32_t siteAnswerBudgetMs = 1000;
inline constexpr uint32_t answerWindowMs = 10000;
// Answers that may come later are waited for once trace time has gone on by so many seconds since
// the event. It is the shortest inactivity timeout that is kept to exactly.
inline constexpr double answerLag = 0.1;
// Live, the logger waits so long for a compartment's rows before it writes those of the others.
inline constexpr uint32_t lateRowsMs = 500;

// Marks for the logger are so many seqs apart, while there is traffic.
inline constexpr uint64_t marksApart = 512;
// The rows of one compartment are gathered up to so many bytes.
inline constexpr size_t relayGatherBytes = 64 * 1024;
// Rows taken from compartments and not yet by the logger: the reader waits at the first (all
// compartments together), a compartment is ended at the second (its own).
inline constexpr size_t relayPauseBytes = 8 * 1024 * 1024;
inline constexpr size_t maxRelayBytes = 64 * 1024 * 1024;

// Offline: a compartment that owes an answer and has used no CPU time for so long is ended, and so
// is one that has used this much CPU time without answering.
inline constexpr uint32_t defaultStallSeconds = 10;

// What the worker takes from one compartment.
inline constexpr size_t maxPrintBytes = 64 * 1024;   // one call
inline constexpr size_t maxReportBytes = 16 * 1024;  // one message; longer ones are cut
inline constexpr size_t maxReports = 10000;          // in a run; then counted only
inline constexpr size_t maxAnswers = 16 * 1024;      // to one batch
inline constexpr size_t maxTargetBytes = 1024;       // of an @load
inline constexpr size_t maxSourcesAsked = 30000;     // found or not: the script engine asks less
inline constexpr size_t maxDiagnostics = 200;
inline constexpr size_t maxDiagnosticBytes = 16 * 1024;
// Redefs that the site hands on, and the text of one. Past them it does not load: a redef that is
// cut or left out would change what packages do without a word.
inline constexpr size_t maxRedefs = 2000;
inline constexpr size_t maxRedefBytes = 1024 * 1024;
inline constexpr int maxValueDepth = schemas::MAX_NESTING;
inline constexpr size_t maxTopicBytes = 1024;
inline constexpr size_t maxPublished = 100000;       // messages in a run; then counted only
inline constexpr size_t maxTextBytes = 1024 * 1024;  // one text within an answer
inline constexpr size_t maxValues = 4096;            // in one answer, nested ones included

// Items entitle a compartment to frames of its own (rpc::GuardedStream::allowFrames).
inline constexpr uint32_t framesPerBatch = 64;
inline constexpr uint32_t framesPerItem = 2;

}  // namespace bulkhead::worker
