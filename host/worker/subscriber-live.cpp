// Of a Subscriber what is about keeping up: gaps, the stall budget, and the tally.

#include "host/worker/subscriber.h"

#include <algorithm>

namespace bulkhead::worker {

namespace {

constexpr const char* suspendedReason = "suspended until it has caught up";
constexpr const char* olderReason = "connections from before a gap";

}  // namespace

void Subscriber::miss(uint64_t seq, const char* reason) {
  ++missed_;
  lastMissed_ = seq;
  const bool begins = newGap_ || gaps_.empty() || gaps_.back().reason != reason;
  newGap_ = false;
  if (begins && gaps_.size() < maxGaps)
    gaps_.push_back({.firstSeq = seq, .lastSeq = seq, .events = 1, .reason = reason});
  else {
    gaps_.back().lastSeq = seq;
    ++gaps_.back().events;
  }
}

bool Subscriber::takes(uint64_t seq, const ObjectNumbers& about) {
  if (suspended_) {
    miss(seq, suspendedReason);
    return false;
  }
  if (about.oldestConnection <= afterConnection_ || about.oldestFile <= afterFile_) {
    miss(seq, olderReason);
    return false;
  }
  return true;
}

void Subscriber::beginAfter(uint64_t connection, uint64_t file) {
  afterConnection_ = unknownConnection_ = connection;
  afterFile_ = unknownFile_ = file;
}

bool Subscriber::forgets(uint64_t number, bool isFile) {
  if (number <= (isFile ? unknownFile_ : unknownConnection_)) return false;
  if (!suspended_) return true;
  // Bounded by what it knew when it was suspended: meanwhile it is told of nothing new.
  (isFile ? forgottenFiles_ : forgottenConnections_).push_back(number);
  return false;
}

bool Subscriber::lags() const {
  return ready() && !suspended_ &&
         (inFlight_.size() >= maxBatchesQueued ||
          inFlightBytes_ + openBytes() >= surroundings_.maxQueueBytes);
}

void Subscriber::keepUp(uint64_t& seq, const Clock& clock, const ObjectNumbers& newest) {
  if (!ready()) return;
  if (!suspended_) {
    suspended_ = lags();
    if (!suspended_) return;
    newGap_ = true;
    sendOpenBatch(seq);
    return;
  }
  if (!inFlight_.empty()) return;
  suspended_ = false;
  afterConnection_ = std::max(afterConnection_, newest.newestConnection);
  afterFile_ = std::max(afterFile_, newest.newestFile);
  const uint64_t drained = seq;
  for (uint64_t number : forgottenConnections_)
    open(drained).addForgetConnection(++seq, clock, number);
  for (uint64_t number : forgottenFiles_) open(drained).addForgetFile(++seq, clock, number);
  // They are a drain group, as everything is.
  if (seq != drained) open(drained).endGroup();
  forgottenConnections_.clear();
  forgottenFiles_.clear();
  // Nothing was raised for it meanwhile: then there is no gap to tell of.
  if (newGap_ || gaps_.empty()) return;
  const Gap& gap = gaps_.back();
  auto request = surroundings_.supervisor.gapRequest();
  request.setCompartment(index_);
  auto to = request.initGap();
  to.setFirstSeq(gap.firstSeq);
  to.setLastSeq(gap.lastSeq);
  to.setEvents(gap.events);
  to.setReason(gap.reason);
  relay(request.send().ignoreResult(), 0);
}

uint32_t Subscriber::patienceMs() {
  const auto now = surroundings_.timer.now();
  if (now - window_ > answerWindowMs * kj::MILLISECONDS) {
    window_ = now;
    stalledMs_ = 0;
  }
  if (stalledMs_ >= (isSite() ? siteAnswerBudgetMs : answerBudgetMs)) return 0;
  return isSite() ? siteAnswerPatienceMs : answerPatienceMs;
}

void Subscriber::waited(uint32_t milliseconds, bool inVain) {
  stalledMs_ += milliseconds;
  if (!inVain) return;
  lateAnswers_ = batches_;
  if (stalledMs_ < (isSite() ? siteAnswerBudgetMs : answerBudgetMs) || saidStalled_) return;
  saidStalled_ = true;
  tell(schemas::Host::Level::WARNING,
       "answers too slowly: the analysis does not wait for it, and goes on without its answers, "
       "whenever it has cost " +
           std::to_string(isSite() ? siteAnswerBudgetMs : answerBudgetMs) + " ms within " +
           std::to_string(answerWindowMs / 1000) + " s");
}

void Subscriber::tell(schemas::Host::Level level, const std::string& text) {
  auto request = surroundings_.supervisor.reportRequest();
  request.setCompartment(index_);
  request.setLevel(static_cast<uint8_t>(level));
  request.setText(text);
  relay(request.send(), text.size());
}

Subscriber::Tally Subscriber::tally() const {
  Tally out{.generated = generated_, .delivered = delivered_, .rows = rows_, .gaps = gaps_};
  if (const uint64_t lost = generated_ - delivered_ - missed_; lost > 0) {
    // What it was owed when it ended: delivered and gaps make up what was generated.
    out.gaps.push_back({.firstSeq = acknowledgedSeq_ + 1,
                        .lastSeq = lastGenerated_,
                        .events = lost,
                        .reason = "ended"});
  }
  return out;
}

void Subscriber::Tally::add(const Tally& other) {
  generated += other.generated;
  delivered += other.delivered;
  rows += other.rows;
  for (const Gap& gap : other.gaps) {
    if (gaps.size() < maxGaps) {
      gaps.push_back(gap);
      continue;
    }
    gaps.back().lastSeq = std::max(gaps.back().lastSeq, gap.lastSeq);
    gaps.back().events += gap.events;
  }
}

void Subscriber::describe(schemas::Subscriber::Builder to, const Tally& earlier) const {
  Tally all = earlier;
  all.add(tally());
  to.setIndex(index_);
  to.setGenerated(all.generated);
  to.setEvents(all.delivered);
  to.setRows(all.rows);
  to.setProtocolViolation(violation_.c_str());
  auto gaps = to.initGaps(static_cast<unsigned>(all.gaps.size()));
  for (unsigned i = 0; i < gaps.size(); ++i) {
    gaps[i].setFirstSeq(all.gaps[i].firstSeq);
    gaps[i].setLastSeq(all.gaps[i].lastSeq);
    gaps[i].setEvents(all.gaps[i].events);
    gaps[i].setReason(all.gaps[i].reason);
  }
  if (report_) to.setReport(report_->getRoot<schemas::Report>().asReader());
}

}  // namespace bulkhead::worker
