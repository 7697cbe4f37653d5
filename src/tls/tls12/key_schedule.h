// The key schedule of TLS 1.2, as types that are consumed in its order:
//
//   PremasterSecret  --PRF("master secret", randoms)-------------->  MasterSecret   RFC 5246 §8.1
//                    --PRF("extended master secret", session_hash)->                RFC 7627 §4
//   MasterSecret     --PRF("key expansion", randoms)-------------->  KeyBlock       RFC 5246 §6.3
//                    --PRF("client finished" | "server finished")->  verify_data    RFC 5246 §7.4.9
//
// Client and server keys are different types, so that they cannot be mixed up.
#pragma once

#include "tls/connected.h"
#include "tls/record/keys.h"
#include "tls/transcript.h"

#include <bulla/connection.h>

namespace bulla::tls::tls12 {

/// The hellos' randoms, always in this order here; key expansion swaps them by itself.
struct Randoms {
  Bytes client;
  Bytes server;
};

class MasterSecret {
 public:
  static constexpr size_t size = 48;
  /// The secret of an earlier session. `bytes` are 48.
  static MasterSecret from_session(Bytes bytes) noexcept {
    return MasterSecret(InlineSecret<struct MasterRole, size>(bytes));
  }
  Bytes reveal() const noexcept { return secret_.reveal(); }
  /// From here on the connection is CONNECTED, and the master secret is what exporters are computed from.
  ExporterSecret exporter() && noexcept { return ExporterSecret(secret_.reveal()); }

 private:
  friend class PremasterSecret;
  explicit MasterSecret(InlineSecret<struct MasterRole, size>&& secret) noexcept
      : secret_(std::move(secret)) {}
  InlineSecret<struct MasterRole, size> secret_;
};

/// The result of the key agreement: the x-coordinate of the ECDH point (RFC 8422 §5.10), or what X25519
/// gives.
class PremasterSecret {
 public:
  explicit PremasterSecret(SecretBytes shared) noexcept : secret_(std::move(shared)) {}
  MasterSecret master(const HashAlgorithm& hash, const Randoms& randoms) &&;
  /// `session_hash`: of all handshake messages up to and including the ClientKeyExchange.
  MasterSecret extended_master(const HashAlgorithm& hash, Bytes session_hash) &&;

 private:
  SecretBytes secret_;
};

/// The write keys of both sides, ready for record protection. The implicit nonce parts stand in `iv`.
struct ClientWriteKeys {
  DirectionKeys keys;
};
struct ServerWriteKeys {
  DirectionKeys keys;
};
struct KeyBlock {
  ClientWriteKeys client;
  ServerWriteKeys server;
};
KeyBlock expand(const Provider& provider, const Suite& suite, const MasterSecret& master,
                const Randoms& randoms);

/// Keys for the record layer, from a secret of the right side; only the pairs below exist.
ReadKeys client_reads(ServerWriteKeys&& server) noexcept;
WriteKeys client_writes(ClientWriteKeys&& client) noexcept;
ReadKeys server_reads(ClientWriteKeys&& client) noexcept;
WriteKeys server_writes(ServerWriteKeys&& server) noexcept;

/// The Finished of `sender` over the hash of all handshake messages before it: 12 bytes for every suite of
/// ours.
inline constexpr size_t verify_data_size = 12;
using VerifyData = std::array<uint8_t, verify_data_size>;
VerifyData verify_data(const HashAlgorithm& hash, const MasterSecret& master, Role sender,
                       Bytes transcript_hash);

/// RFC 5705 §4: an exporter without context differs from one with an empty context.
void export_keying_material(const HashAlgorithm& hash, const ExporterSecret& master, const Randoms& randoms,
                            std::string_view label, std::optional<Bytes> context, MutBytes out);

}  // namespace bulla::tls::tls12
