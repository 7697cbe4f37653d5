// How a failure is told to the runner: the name of the row of errors.def, and a few families of rows where
// the runner knows one reason and errors.def several. config.json maps the runner's names to these.
#pragma once

#include <bulla/error.h>

#include <string>

namespace bulla::bogo {

/// ":wrong_group: :peer_sent_alert: …" on one line, then the explanation.
std::string reason_for_runner(const Error& error);

}  // namespace bulla::bogo
