#include "tls/tls12/key_schedule.h"

#include "base/assert.h"
#include "base/reader.h"
#include "base/writer.h"
#include "crypto/tls12_prf.h"

#include <algorithm>

namespace bulla::tls::tls12 {

MasterSecret PremasterSecret::master(const HashAlgorithm& hash, const Randoms& randoms) && {
  InlineSecret<MasterRole, MasterSecret::size> master(size_t{MasterSecret::size});
  tls12_prf(hash, secret_.reveal(), "master secret", {randoms.client, randoms.server}, master.writable());
  secret_.reset();
  return MasterSecret(std::move(master));
}

MasterSecret PremasterSecret::extended_master(const HashAlgorithm& hash, Bytes session_hash) && {
  InlineSecret<MasterRole, MasterSecret::size> master(size_t{MasterSecret::size});
  tls12_prf(hash, secret_.reveal(), "extended master secret", {session_hash}, master.writable());
  secret_.reset();
  return MasterSecret(std::move(master));
}

namespace {

/// RFC 5288 §3: GCM takes four bytes of its nonce from the key block, and eight from each record. RFC 7905
/// §2: all twelve of ChaCha20-Poly1305 come from the key block.
size_t fixed_iv_size(AeadId aead) noexcept {
  return aead == AeadId::chacha20_poly1305 ? aead_nonce_size : 4;
}

DirectionKeys direction_keys(const Suite& suite, Bytes key, Bytes iv) noexcept {
  DirectionKeys keys;
  keys.version = ProtocolVersion::tls12;
  keys.suite = &suite;
  keys.secret = InlineSecret<DirectionRole, 48>(key);
  std::ranges::copy(iv, keys.iv.begin());
  return keys;
}

template <class Keys>
Keys installed(DirectionKeys&& keys) noexcept {
  return Keys{std::move(keys)};
}

}  // namespace

KeyBlock expand(const Provider& provider, const Suite& suite, const MasterSecret& master,
                const Randoms& randoms) {
  const size_t key_size = provider.aead(suite.aead)->key_size;
  const size_t iv_size = fixed_iv_size(suite.aead);
  // An AEAD has no MAC keys: RFC 5246 §6.3 with mac_key_length = 0. The server's random comes first here.
  SecretBytes block(2 * (key_size + iv_size));
  tls12_prf(*provider.hash(suite.hash), master.reveal(), "key expansion", {randoms.server, randoms.client},
            block.writable());
  Reader r(block.reveal());
  const Bytes client_key = r.bytes(key_size), server_key = r.bytes(key_size);
  const Bytes client_iv = r.bytes(iv_size), server_iv = r.bytes(iv_size);
  return {{direction_keys(suite, client_key, client_iv)}, {direction_keys(suite, server_key, server_iv)}};
}

ReadKeys client_reads(ServerWriteKeys&& server) noexcept {
  return installed<ReadKeys>(std::move(server.keys));
}
WriteKeys client_writes(ClientWriteKeys&& client) noexcept {
  return installed<WriteKeys>(std::move(client.keys));
}
ReadKeys server_reads(ClientWriteKeys&& client) noexcept {
  return installed<ReadKeys>(std::move(client.keys));
}
WriteKeys server_writes(ServerWriteKeys&& server) noexcept {
  return installed<WriteKeys>(std::move(server.keys));
}

VerifyData verify_data(const HashAlgorithm& hash, const MasterSecret& master, Role sender,
                       Bytes transcript_hash) {
  VerifyData data;
  tls12_prf(hash, master.reveal(), sender == Role::client ? "client finished" : "server finished",
            {transcript_hash}, data);
  return data;
}

void export_keying_material(const HashAlgorithm& hash, const ExporterSecret& master, const Randoms& randoms,
                            std::string_view label, std::optional<Bytes> context, MutBytes out) {
  std::vector<uint8_t> framed;
  if (context) Writer(framed).u16_bytes(*context);
  tls12_prf(hash, master.reveal(), label, {randoms.client, randoms.server, framed}, out);
}

}  // namespace bulla::tls::tls12
