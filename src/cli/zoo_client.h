// A client let loose on the zoo: our own, or any command.
#pragma once

#include "cli/zoo_server.h"

#include <string>
#include <vector>

namespace bulla::cli {

struct ZooTestFlags {
  std::vector<std::string> command = {};  ///< empty: our own client
  unsigned timeout = 20;                  ///< seconds for one run
  bool json = false;
};

/// Runs the client against every specimen of the server, which was started, and prints what came of it.
/// Returns how many verdicts show that the client is broken. Errors: bad_argument where the command cannot be
/// run; those of files.
Result<size_t> test_client(ZooServer& zoo, const ZooTestFlags& flags);

}  // namespace bulla::cli
