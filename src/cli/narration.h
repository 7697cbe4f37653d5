// -v: the narrator's lines on standard error; on a server, each with the client that it is about.
#pragma once

#include "explain/narrator.h"

#include <bulla/config.h>
#include <bulla/os.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace bulla::cli {

/// A narrator that writes to standard error, every line after `prefix`.
std::shared_ptr<explain::Narrator> narrator_on_stderr(Role role, std::string prefix = {});

/// One narrator for each connection of a server, found again by the client's address. Safe in several
/// threads.
class ServerNarration {
 public:
  explicit ServerNarration(ServerOptions options) : options_(std::move(options)) {}
  /// The server's config with a narrator of its own for this client; nullptr where the options cannot work.
  ServerConfigPtr config_for(const Endpoint& client);
  /// Tells what was agreed, and forgets the connection: its narrator lives on in its config.
  void handshake_done(const Endpoint& client, const ConnectionInfo& info);
  void handshake_failed(const Endpoint& client);

 private:
  std::shared_ptr<explain::Narrator> take(const Endpoint& client);
  const ServerOptions options_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<explain::Narrator>> in_handshake_;
};

}  // namespace bulla::cli
