// What the opaque handles of the C API are made of.
#pragma once

#include <bulla/bulla.h>
#include <bulla/connection.h>

#include <mutex>
#include <string>
#include <vector>

/// Fields and connections may come from several threads at once: the mutex guards all members.
struct bulla_client_config {
  mutable std::mutex mutex = {};
  bulla::ClientOptions options = {};
  bulla::ClientConfigPtr made = {};  ///< with the first connection; no changes after that
  std::string error = {};
};

struct bulla_server_config {
  mutable std::mutex mutex = {};
  bulla::ServerOptions options = {};
  bulla::ServerConfigPtr made = {};
  std::string error = {};
};

struct bulla_conn {
  explicit bulla_conn(bulla::Connection made) : connection(std::move(made)) {}
  bulla::Connection connection;
  std::vector<uint8_t> input = {};
  size_t taken = 0;  ///< bytes at the front of input that the engine is done with, or has lent out as data
  bulla::Output output = {};
  bool ended = false;
  std::string version = {}, suite = {}, error_code = {}, error_text = {}, error_json = {};
};

namespace bulla::capi {

/// Runs `body`, which may exhaust memory in the standard library: nothing is thrown into C.
template <class Body>
bulla_status guarded(Body&& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return BULLA_NO_MEMORY;
  } catch (...) {
    return BULLA_ERROR;
  }
}

/// The same for work on a config, which other threads may use meanwhile.
template <class Config, class Body>
bulla_status locked(Config& config, Body&& body) noexcept {
  return guarded([&] {
    const std::lock_guard lock(config.mutex);
    return body();
  });
}

/// Keeps the explained error on the handle.
template <class Handle>
bulla_status failed(Handle& handle, const Error& error) {
  handle.error = error.explain();
  return BULLA_ERROR;
}

/// "h2,http/1.1" into its parts; false where one is empty.
bool split_protocols(std::string_view text, std::vector<std::string>& out);
/// 12 and 13 into a range; false for anything else.
bool versions_of(int lowest, int highest, VersionRange& out) noexcept;
Result<RootStore> roots_of(Bytes pem_or_der);

}  // namespace bulla::capi
