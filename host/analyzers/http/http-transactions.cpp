#include "host/analyzers/http/http-transactions.h"

#include "host/analyzers/options.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace bulkhead::analyzers::http {
namespace {

std::string uriHost(const IpAddr& address) {
  return address.isV4() ? address.text() : "[" + address.text() + "]";
}

}  // namespace

std::string timeText(double seconds) {
  double whole = std::floor(seconds);
  double fraction = (seconds - whole) * 1e6;
  auto millionths = static_cast<uint64_t>(fraction);
  double rest = fraction - static_cast<double>(millionths);
  if (rest > 0.5 || (rest == 0.5 && (millionths == 0 || millionths % 2 == 1))) ++millionths;
  if (millionths >= 1000000) {
    millionths = 0;
    whole += 1;
  }
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, "%.0f.%06u", whole, static_cast<unsigned>(millionths));
  std::string text = buffer;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text += '0';
  return text;
}

void Transactions::select(bool isOrig) {
  auto& transaction = pending_[isOrig ? requests_ : replies_];
  if (!transaction) {
    transaction = std::make_shared<Transaction>();
    transaction->depth = ++depth_;
  }
  current_ = transaction;
}

void Transactions::request(std::string_view unescapedUri) {
  if (requests_ < replies_) requests_ = replies_;
  const size_t option = options().httpMaxPendingRequests;
  if (pending_.size() > (option == 0 ? mostPending : std::min(option, mostPending))) {
    if (replies_ == 0) ++replies_;
    for (; replies_ < requests_; ++replies_) pending_.erase(replies_);
  }
  ++requests_;
  select(true);
  current_->uri = unescapedUri;
  current_->hasUri = true;
}

void Transactions::reply(uint32_t code) {
  auto found = pending_.find(replies_);
  if (found == pending_.end() || (found->second->status != 0 && !interim(found->second->status)))
    ++replies_;
  select(false);
  current_->status = code;
}

void Transactions::header(bool isOrig, std::string_view upperName, std::string_view value) {
  select(isOrig);
  if (!isOrig) return;
  if (upperName == "RANGE") {
    current_->ranges = true;
  } else if (upperName == "HOST") {
    current_->host = value;
    current_->hasHost = true;
  }
}

void Transactions::beginEntity(bool isOrig) {
  select(isOrig);
  ++current_->mimeDepth[isOrig];
}

void Transactions::messageDone(bool isOrig) {
  select(isOrig);
  if (!isOrig && !interim(current_->status)) pending_.erase(replies_);
}

std::string Transactions::fileHandle(const events::ConnectionState& connection, bool isOrig) const {
  if (!current_) return {};
  const auto& id = connection.id;
  std::string handle = "Analyzer::ANALYZER_HTTP";
  if (handleIsShared(isOrig)) {
    handle += isOrig ? "T" : "F";
    handle += id.origHost.text();
    if (current_->hasUri && current_->uri.find("://") != std::string::npos)
      return handle + current_->uri;
    handle += current_->hasHost ? current_->host : uriHost(id.respHost);
    if (id.respPort.number != 80) handle += ":" + std::to_string(id.respPort.number);
    return handle + (current_->hasUri ? current_->uri : "/<missed_request>");
  }
  handle += timeText(connection.startTime);
  handle += isOrig ? "T" : "F";
  handle += std::to_string(current_->depth) + std::to_string(current_->mimeDepth[isOrig]);
  return handle + id.origHost.text() + ":" + std::to_string(id.origPort.number) + " > " +
         id.respHost.text() + ":" + std::to_string(id.respPort.number);
}

}  // namespace bulkhead::analyzers::http
