// RotatingTickets: ticket = slice number (8) || nonce (12) || AEAD(state) with the first 20 bytes as aad. The
// key of each slice comes from the secret, the AEAD's name and the slice; the nonce, as in RFC 5297, from the
// secret, the slice and the state. So two states share a nonce by chance only, as if it were random, and a
// ticket takes nothing from the system's entropy.
#include "base/assert.h"
#include "base/reader.h"
#include "base/writer.h"
#include "crypto/hkdf.h"

#include <bulla/session.h>

#include <algorithm>

namespace bulla {
namespace {

constexpr size_t header_size = 8 + aead_nonce_size;

/// The strongest that the provider has; nullptr if it has none.
const AeadAlgorithm* ticket_aead(const Provider& provider) noexcept {
  for (const AeadId id : {AeadId::aes_256_gcm, AeadId::chacha20_poly1305, AeadId::aes_128_gcm})
    if (const AeadAlgorithm* aead = provider.aead(id)) return aead;
  return nullptr;
}

uint64_t slice_of(Time now, Seconds rotation) {
  return static_cast<uint64_t>(now.time_since_epoch() / rotation);
}

/// `header`: the slice. The label keeps what is hashed apart from what HKDF makes of the same secret.
AeadNonce nonce_of(const HashAlgorithm& hash, const SecretBytes& secret, Bytes header, Bytes state) {
  std::array<uint8_t, max_digest_size> mac;
  HmacKey(hash, secret.reveal()).mac({as_bytes("bulla ticket nonce "), header, state}, mac);
  AeadNonce nonce;
  std::ranges::copy(Bytes(mac).first(nonce.size()), nonce.begin());
  return nonce;
}

}  // namespace

RotatingTickets::RotatingTickets(SecretBytes secret, Seconds rotation, const Provider& provider)
    : secret_(std::move(secret)), rotation_(rotation), provider_(provider) {
  BULLA_ASSERT(secret_.size() >= 32 && rotation_ > Seconds{0},
               "ticket keys need 32 secret bytes and a rotation");
  BULLA_ASSERT(ticket_aead(provider), "tickets need an AEAD of the provider");
}

std::shared_ptr<const RotatingTickets> RotatingTickets::fresh(Seconds rotation, const Provider& provider) {
  SecretBytes secret(size_t{32});
  provider.random->fill(secret.writable());
  return std::make_shared<const RotatingTickets>(std::move(secret), rotation, provider);
}

std::unique_ptr<AeadKey> RotatingTickets::key_of(uint64_t slice) const {
  const AeadAlgorithm& aead = *ticket_aead(provider_);
  std::vector<uint8_t> info = to_vector(as_bytes("bulla ticket key "));
  const Bytes name = as_bytes(aead.name);
  info.insert(info.end(), name.begin(), name.end());
  Writer(info).u64(slice);
  const auto key = hkdf_expand<InlineSecret<struct TicketKeyRole, 32>>(*provider_.hash(HashId::sha256),
                                                                       secret_.reveal(), info, aead.key_size);
  return aead.make_key(key.reveal());
}

std::vector<uint8_t> RotatingTickets::seal(Bytes state, Time now) const {
  if (now.time_since_epoch().count() < 0) return {};
  const uint64_t slice = slice_of(now, rotation_);
  std::vector<uint8_t> ticket;
  ticket.reserve(header_size + state.size() + aead_tag_size);
  Writer(ticket).u64(slice);
  const AeadNonce nonce = nonce_of(*provider_.hash(HashId::sha256), secret_, ticket, state);
  ticket.insert(ticket.end(), nonce.begin(), nonce.end());
  ticket.resize(header_size + state.size() + aead_tag_size);
  const MutBytes all(ticket);
  key_of(slice)->seal(all.subspan(header_size), nonce, all.first(header_size),
                      std::span<const Bytes>(&state, 1));
  return ticket;
}

std::optional<SecretBytes> RotatingTickets::open(Bytes ticket, Time now) const {
  if (ticket.size() < header_size + aead_tag_size || now.time_since_epoch().count() < 0) return std::nullopt;
  Reader r(ticket);
  const uint64_t slice = r.u64(), present = slice_of(now, rotation_);
  if (slice != present && slice + 1 != present) return std::nullopt;
  AeadNonce nonce;
  std::ranges::copy(r.bytes(nonce.size()), nonce.begin());
  SecretBytes sealed(r.rest());
  if (!key_of(slice)->open(sealed.writable(), nonce, ticket.first(header_size))) return std::nullopt;
  return SecretBytes(sealed.reveal().first(sealed.size() - aead_tag_size));
}

}  // namespace bulla
