// Sessions between the connections of one test: one client session, one server cache. A test has one peer and
// one policy, so keys make no difference.
#pragma once

#include <bulla/session.h>

#include <map>

namespace bulla::bogo {

/// Holds the latest session; offering it does not spend it, as the reference shim has it.
class LatestSession : public ClientSessionStore {
 public:
  void put(const std::string&, ClientSessionPtr session) override {
    if (session != latest_) ++news_;
    latest_ = std::move(session);
  }
  ClientSessionPtr take(const std::string&) override { return latest_; }
  /// How many new sessions came since the last call.
  unsigned news() noexcept { return std::exchange(news_, 0u); }

 private:
  ClientSessionPtr latest_;
  unsigned news_ = 0;
};

class SessionsById : public ServerSessionCache {
 public:
  void put(Bytes id, Bytes state, Time) override {
    sessions_[to_vector(id)] = to_vector(state);
    ++puts_;
  }
  std::optional<SecretBytes> find(Bytes id, Time) override {
    const auto at = sessions_.find(to_vector(id));
    if (at == sessions_.end()) return std::nullopt;
    return SecretBytes(Bytes(at->second));
  }
  /// How many sessions were put since the last call.
  unsigned puts() noexcept { return std::exchange(puts_, 0u); }

 private:
  std::map<std::vector<uint8_t>, std::vector<uint8_t>> sessions_;
  unsigned puts_ = 0;
};

/// What the connections of a test share.
struct Memory {
  std::shared_ptr<LatestSession> client = std::make_shared<LatestSession>();
  std::shared_ptr<SessionsById> server = std::make_shared<SessionsById>();
  TicketSealerPtr tickets = {};
};

}  // namespace bulla::bogo
