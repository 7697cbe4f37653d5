// Connections over the fake provider: configurations that an input's byte chooses, and a driver that checks
// what must hold whatever the peer sends. For fuzz targets, and for the tests that show that they reach what
// they should.
#pragma once

#include "support/fake_provider.h"

#include <bulla/connection.h>

#include <memory>
#include <string>
#include <vector>

namespace bulla::test {

/// 2026-11-21T00:00:00Z.
inline const Time fake_now = Time(Milliseconds(1795219200000));

/// What one byte chooses.
struct FakeChoice {
  explicit FakeChoice(uint8_t bits) noexcept : bits_(bits) {}
  VersionRange versions() const noexcept;
  bool resumption() const noexcept { return bits_ & 4; }  ///< tickets and caches; a client offers a session
  bool client_auth() const noexcept { return bits_ & 8; }
  bool alpn() const noexcept { return bits_ & 16; }
  bool staple() const noexcept { return bits_ & 32; }
  bool retry() const noexcept { return bits_ & 64; }  ///< the first key share is not what the server wants
  bool external() const noexcept { return bits_ & 128; }  ///< every operation leaves the engine

 private:
  uint8_t bits_;
};

Connection fake_client(FakeChoice choice);
Connection fake_server(FakeChoice choice);

/// What became of a connection that was fed.
struct FakeOutcome {
  bool done = false, closed = false, truncated = false;
  std::optional<Error> error = {};
  std::vector<uint8_t> received = {}, sent = {};
};

/// Feeds `input`, `chunk` bytes at a time (0: all at once), answers operations, and once the handshake is
/// done also sends, changes keys and exports. Asserts: events in their order, no more of them and no more
/// output than the input accounts for, and silence after a failure.
FakeOutcome drive(Connection& connection, FakeChoice choice, Bytes input, size_t chunk);

}  // namespace bulla::test
