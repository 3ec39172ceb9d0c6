// Valid programs that are made of any bytes: what the engine prints of the text must be what a walk
// over the tree says. A difference is told with the program and both outputs.
#include "tests/fuzz/programs/compare.h"
#include "tests/fuzz/programs/generate.h"

#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bulkhead::programs;
  const Outcome outcome = compare(generate({data, size}));
  if (outcome.is != Outcome::Is::different) return 0;
  std::fprintf(stderr, "%s\n--- expected:\n%s\n--- printed:\n%s\n", outcome.text.c_str(),
               outcome.expected.c_str(), outcome.printed.c_str());
  std::abort();
}
