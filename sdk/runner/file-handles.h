#pragma once
// Whether the site names the bodies of HTTP as the worker does by itself.
//
// The worker counts transactions along with the base library (host/analyzers/http/
// http-transactions.h), so its handle is what the base library answers to get_file_handle, and it
// need not wait for that: unless the operator's scripts have a hand in it. A pure function of the
// program; it errs on the side of waiting.

#include "sdk/script/vm/program.h"

namespace bulkhead::runner {

bool namesFilesAsTheWorkerDoes(const vm::Program& program);

}  // namespace bulkhead::runner
