#include "host/cli/command.h"
#include "sandbox/doctor/doctor.h"

#include <kj/exception.h>

#include <iostream>

namespace bulkhead::cli {

int runDoctor(const Arguments& arguments) {
  if (arguments.size() == 1 && (arguments.front() == "--help" || arguments.front() == "-h")) {
    std::cout << "usage: bulkhead doctor\n"
                 "Says of each layer that confines packages whether this machine has it, what it "
                 "does, and why it is\nmissing. The status is 0 whatever is missing; bulkhead run "
                 "--require LAYERS insists on layers.\n";
    return std::cout.flush() ? 0 : 1;
  }
  if (!arguments.empty()) {
    std::cerr << "bulkhead doctor: takes no arguments\n";
    return 2;
  }
  int status = 0;
  KJ_IF_MAYBE (failure, kj::runCatchingExceptions(
                            [&] { std::cout << sandbox::doctorText(sandbox::examineMachine()); })) {
    std::cerr << "bulkhead doctor: " << failure->getDescription().cStr() << "\n";
    status = 1;
  }
  return std::cout.flush() ? status : 1;
}

}  // namespace bulkhead::cli
