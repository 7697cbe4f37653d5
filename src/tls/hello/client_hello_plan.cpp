#include "tls/hello/client_hello_plan.h"

#include "tls/ext/names.h"
#include "tls/session_state.h"
#include "tls/tls13/key_schedule.h"

namespace bulla::tls::hello {
namespace {

constexpr uint8_t null_compression[] = {0};
constexpr uint8_t uncompressed_points[] = {0};
constexpr uint8_t psk_dhe_ke[] = {1};

/// What the views of a ClientHello point into while it is encoded.
struct Storage {
  std::vector<uint8_t> suites, groups, schemes, versions, binder;
  std::vector<Bytes> alpn;
};

/// Extensions that say the same in both versions.
void add_common(ClientHello& hello, Storage& s, const ClientContext& ctx) {
  const CommonOptions& o = ctx.common;
  s.suites.clear();
  Writer suites(s.suites);
  for (const CipherSuite id : o.cipher_suites)
    if (o.versions.has(find_suite(id)->version)) suites.value(id);
  s.groups = encode_u16s<NamedGroup>(o.groups);
  s.schemes = encode_u16s<SignatureScheme>(o.signature_schemes);
  for (const std::string& protocol : o.alpn) s.alpn.push_back(as_bytes(protocol));

  hello.cipher_suites = U16List<CipherSuite>(s.suites);
  hello.compression_methods = null_compression;
  if (ctx.name.kind() == ServerName::Kind::dns) hello.server_name = as_bytes(ctx.name.text());
  hello.supported_groups = U16List<NamedGroup>(s.groups);
  hello.signature_algorithms = U16List<SignatureScheme>(s.schemes);
  if (!s.alpn.empty()) hello.alpn = s.alpn;
  hello.status_request = ctx.config.options().ocsp == OcspStapling::requested;
}

void add_tls12(ClientHello& hello, const Offer& offer, const ClientContext& ctx) {
  hello.ec_point_formats = uncompressed_points;
  hello.extended_master_secret = true;
  hello.renegotiation_info = Bytes();
  if (!ctx.config.options().sessions) return;
  const bool has_ticket = offer.session && offer.session->version == ProtocolVersion::tls12;
  hello.session_ticket = has_ticket ? Bytes(offer.session->ticket) : Bytes();
}

void add_tls13(ClientHello& hello, Storage& s, const Offer& offer, Bytes cookie, const ClientContext& ctx) {
  using enum ProtocolVersion;
  Writer versions(s.versions);
  versions.value(tls13);
  if (ctx.common.versions.has(tls12)) versions.value(tls12);
  hello.supported_versions = U16List<ProtocolVersion>(s.versions);
  hello.psk_modes = psk_dhe_ke;
  if (!cookie.empty()) hello.cookie = cookie;
  std::vector<KeyShareEntry> shares;
  for (const OfferedShare& share : offer.shares) shares.push_back({share.group, share.keys.share});
  hello.key_share = std::move(shares);
}

/// RFC 9846 §4.3.11: the one identity, with a binder of zeros that is overwritten once the hello is encoded.
void add_psk(ClientHello& hello, Storage& s, const Offer& offer, const ClientContext& ctx) {
  const ClientSession& session = *offer.session;
  const HashAlgorithm& hash = ctx.hash_of(*find_suite(session.suite));
  s.binder.assign(hash.digest_size, 0);
  const auto age = static_cast<uint32_t>((ctx.now - session.received).count());
  OfferedPsks psks;
  psks.identities.push_back({session.ticket, age + session.age_add});
  psks.binders.push_back(s.binder);
  hello.pre_shared_key = std::move(psks);
}

/// §4.3.11.2: the binder is the last thing in the hello, and covers all that stands before the binders list.
void sign_binder(std::vector<uint8_t>& whole, const Storage& s, const Offer& offer,
                 const ClientContext& ctx) {
  const HashAlgorithm& hash = ctx.hash_of(*find_suite(offer.session->suite));
  const size_t binders = 2 + 1 + s.binder.size();
  const Bytes truncated = Bytes(whole).first(whole.size() - binders);
  const tls13::EarlyStage early(hash, offer.session->secret.reveal());
  const Digest mac = early.binder(ctx.transcript.digest_with(hash, truncated));
  const Bytes bytes = mac;
  std::copy(bytes.begin(), bytes.end(), whole.end() - static_cast<ptrdiff_t>(bytes.size()));
}

}  // namespace

ClientSessionPtr session_to_offer(ClientContext& ctx) {
  const auto& store = ctx.config.options().sessions;
  if (!store) return nullptr;
  ClientSessionPtr session = store->take(session_key(ctx));
  if (!session || session->expired(ctx.now) || !ctx.common.versions.has(session->version)) return nullptr;
  // Stores may be fed from elsewhere: what does not fit into a ClientHello is no session.
  if (session->ticket.size() > longest_ticket || session->session_id.size() > 32) return nullptr;
  if (session->version == ProtocolVersion::tls13 && session->ticket.empty()) return nullptr;
  const auto& enabled = ctx.common.cipher_suites;
  if (std::ranges::find(enabled, session->suite) == enabled.end()) return nullptr;
  // A certificate that has run out since does not get in by way of an old session.
  if (!session->peer_chain.empty() && session->asserted_because.empty() &&
      session->peer_chain.front()->not_after() < ctx.now)
    return nullptr;
  return session;
}

void send_client_hello(ClientContext& ctx, Offer& offer, Bytes cookie) {
  using enum ProtocolVersion;
  Storage storage;
  ClientHello hello;
  hello.random = ctx.client_random;
  hello.session_id = offer.session_id;
  add_common(hello, storage, ctx);
  if (ctx.common.versions.has(tls12)) add_tls12(hello, offer, ctx);
  if (ctx.common.versions.has(tls13)) add_tls13(hello, storage, offer, cookie, ctx);
  const bool psk = offer.session && offer.session->version == tls13;
  if (psk) add_psk(hello, storage, offer, ctx);

  std::vector<uint8_t> whole = encode_client_hello(hello);
  offer.extensions = hello.extension_types();
  if (const auto& shape = ctx.common.wire_shape) {
    ctx.shape(whole);
    const bool retried = ctx.info.kind == HandshakeKind::retried;
    for (const auto& [type, body] : (retried ? shape->second_client_hello : shape->client_hello).bodies)
      offer.extensions.push_back(type);
  }
  if (psk) sign_binder(whole, storage, offer, ctx);
  ctx.send(EncryptionLevel::initial, Bytes(whole));
}

}  // namespace bulla::tls::hello
