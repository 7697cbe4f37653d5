#include "cli/narration.h"

#include "cli/terminal.h"

namespace bulla::cli {

std::shared_ptr<explain::Narrator> narrator_on_stderr(Role role, std::string prefix) {
  return std::make_shared<explain::Narrator>(
      role, [prefix = std::move(prefix)](std::string_view line) { say(prefix + std::string(line)); });
}

ServerConfigPtr ServerNarration::config_for(const Endpoint& client) {
  ServerOptions options = options_;
  auto narrator = narrator_on_stderr(Role::server, "[" + client.to_string() + "] ");
  options.common.tap = narrator;
  auto config = make_server_config(std::move(options));
  if (!config) return nullptr;
  const std::lock_guard lock(mutex_);
  in_handshake_[client.to_string()] = std::move(narrator);
  return *std::move(config);
}

std::shared_ptr<explain::Narrator> ServerNarration::take(const Endpoint& client) {
  const std::lock_guard lock(mutex_);
  const auto found = in_handshake_.find(client.to_string());
  if (found == in_handshake_.end()) return nullptr;
  auto narrator = std::move(found->second);
  in_handshake_.erase(found);
  return narrator;
}

void ServerNarration::handshake_done(const Endpoint& client, const ConnectionInfo& info) {
  if (const auto narrator = take(client)) narrator->handshake_done(info);
}

void ServerNarration::handshake_failed(const Endpoint& client) {
  (void)take(client);
}

}  // namespace bulla::cli
