#include "net/server/shared.h"

#include <unistd.h>

#include <cerrno>

namespace bulla::net {

std::string ServerNotice::line() const {
  std::string out = peer.host.empty() ? std::string() : peer.to_string() + " ";
  out += std::string(what) + ": " + error.message();
  if (error.alert) out += " (alert " + name_of(*error.alert) + ")";
  // A client's certificate is its owner's to mend, who has this log's word for it.
  if (error.row().fault == Fault::certificate) out += "; remedy: " + std::string(error.next_step());
  return printable(out) + " [" + std::string(error.row().name) + "]";
}

void ServerShared::notice(const Endpoint& peer, std::string_view what, const Error& error) const noexcept {
  try {
    const ServerNotice notice{now(), peer, what, error};
    if (options.on_notice) return options.on_notice(notice);
    write_lines(STDERR_FILENO, notice.line() + '\n');
  } catch (...) {
    // A log that fails takes no connection along.
  }
}

void ServerShared::write_lines(int descriptor, std::string_view lines) const noexcept {
  // A pipe takes only some kilobytes in one piece: without the lock, lines of several loops would run
  // together.
  const std::lock_guard lock(writing_);
  while (!lines.empty()) {
    const ssize_t n = ::write(descriptor, lines.data(), lines.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    lines.remove_prefix(static_cast<size_t>(n));
  }
}

}  // namespace bulla::net
