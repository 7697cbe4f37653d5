#include "net/server/shared.h"

#include <unistd.h>

namespace bulla::net {

std::string ServerNotice::line() const {
  std::string out = peer.host.empty() ? std::string() : peer.to_string() + " ";
  out += std::string(what) + ": " + error.message();
  if (error.alert) out += " (alert " + name_of(*error.alert) + ")";
  return printable(out) + " [" + std::string(error.row().name) + "]";
}

void ServerShared::notice(const Endpoint& peer, std::string_view what, const Error& error) const noexcept {
  try {
    const ServerNotice notice{now(), peer, what, error};
    if (options.on_notice) return options.on_notice(notice);
    const std::string line = notice.line() + '\n';
    // One write, so that lines of several threads stay apart; a closed standard error loses them.
    if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
  } catch (...) {
    // A log that fails takes no connection along.
  }
}

}  // namespace bulla::net
