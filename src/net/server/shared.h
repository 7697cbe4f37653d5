// What all event loops of one server share.
#pragma once

#include <bulla/https_server.h>

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>

namespace bulla::net {

struct SharedMetrics {
  std::atomic<uint64_t> connections{0}, accepted{0}, refused{0}, handshakes_full{0}, handshakes_resumed{0},
      handshakes_failed{0}, batches{0}, batched_operations{0}, requests{0}, bad_requests{0}, timeouts{0},
      accept_pauses{0}, bytes_received{0}, bytes_sent{0};
};

inline void count(std::atomic<uint64_t>& counter, uint64_t by = 1) noexcept {
  counter.fetch_add(by, std::memory_order_relaxed);
}

struct ServerShared {
  ServerShared(ServerConfigPtr with_config, HttpsServerOptions with_options)
      : options(std::move(with_options)), config_(std::move(with_config)) {}

  ServerConfigPtr config_for(const Endpoint& peer) const {
    ServerConfigPtr chosen = options.config_for ? options.config_for(peer) : nullptr;
    return chosen ? chosen : config();
  }
  ServerConfigPtr config() const {
    const std::lock_guard lock(mutex_);
    return config_;
  }
  void set_config(ServerConfigPtr config) {
    if (!config) return;
    const std::lock_guard lock(mutex_);
    config_.swap(config);
  }
  /// Tells the program; a program that throws meanwhile is not told about that.
  void notice(const Endpoint& peer, std::string_view what, const Error& error) const noexcept;
  /// Writes whole lines to standard output or error. Loops do not cut each other's lines; what a closed
  /// output does not take is lost.
  void write_lines(int descriptor, std::string_view lines) const noexcept;
  /// Runs what the program supplied (handlers, hooks) or what may exhaust memory: whatever it throws becomes
  /// a notice, and the loop goes on. False if it threw.
  template <class Work>
  bool survives(const Endpoint& peer, std::string_view what, Work&& work) const noexcept {
    try {
      work();
      return true;
    } catch (const std::exception& exception) {
      notice(peer, what, Error{ErrorCode::internal, exception.what()});
    } catch (...) {
      notice(peer, what, Error{ErrorCode::internal});
    }
    return false;
  }

  const HttpsServerOptions options;
  http::Router router;
  SharedMetrics metrics;
  std::atomic<bool> stopping{false};
  /// Set while connections are refused for their number, so that it is logged once.
  std::atomic<bool> full{false};

 private:
  mutable std::mutex mutex_;
  mutable std::mutex writing_;
  ServerConfigPtr config_;
};

}  // namespace bulla::net
