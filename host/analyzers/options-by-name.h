#pragma once
// The options that live in the worker, by their names in scripts.

#include "host/events/value.h"

#include <span>
#include <string>
#include <string_view>

namespace bulkhead::analyzers {

// The script names that setOption() takes: "dns_skip_all_auth", "MIME::max_depth", ...
std::span<const std::string_view> optionNames();

// Before the first packet. Empty if taken; otherwise why not: no such option, or not its type.
// Counts, intervals and booleans are the option's own; sets come as lists.
[[nodiscard]] std::string setOption(std::string_view name, const events::Value& value);

}  // namespace bulkhead::analyzers
