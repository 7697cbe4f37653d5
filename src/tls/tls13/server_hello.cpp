// The server up to the choice of everything: RECVD_CH, HelloRetryRequest, NEGOTIATED.
#include "tls/tls13/server.h"

#include "tls/hello/negotiation.h"
#include "tls/msg/server_hello.h"
#include "tls/schemes.h"

#include "base/ct.h"

#include <algorithm>

namespace bulla::tls::tls13::server {
namespace {

Error missing_extension(ExtensionType type) {
  return Error{ErrorCode::missing_extension, name_of(type) + " in ClientHello"};
}

/// RFC 9846 §4.2.2 and §9.2: what a ClientHello for 1.3 must have.
Result<void> check_hello(const ClientHello& hello) {
  static constexpr uint8_t null_compression[] = {0};
  // RFC 9846 §4.2.2, §E.5: it must be 0x0303. Larger values are tolerated, as BoringSSL's tests want it.
  if (hello.legacy_version < ProtocolVersion::tls12)
    return Error{ErrorCode::unsupported_version, "legacy_version " + name_of(hello.legacy_version)};
  if (!equal_vartime(hello.compression_methods, null_compression)) return ErrorCode::no_null_compression;
  if (hello.supported_groups && !hello.key_share) return missing_extension(ExtensionType::key_share);
  if (hello.key_share && !hello.supported_groups) return missing_extension(ExtensionType::supported_groups);
  // Without a PSK there must be signature algorithms and groups; we resume with (EC)DHE only, so groups
  // always.
  if (!hello.pre_shared_key && !hello.signature_algorithms)
    return missing_extension(ExtensionType::signature_algorithms);
  if (!hello.supported_groups) return missing_extension(ExtensionType::supported_groups);
  // §4.3.9: pre_shared_key without psk_key_exchange_modes.
  if (hello.pre_shared_key && !hello.psk_modes)
    return missing_extension(ExtensionType::psk_key_exchange_modes);
  // §4.3.8: a share for a group that supported_groups does not list.
  for (const KeyShareEntry& share : *hello.key_share)
    if (!hello.supported_groups->contains(share.group))
      return Error{ErrorCode::duplicate_key_share, name_of(share.group) + " is not in supported_groups"};
  return {};
}

bool same(const std::optional<Bytes>& a, const std::optional<Bytes>& b) {
  return a.has_value() == b.has_value() && (!a || equal_vartime(*a, *b));
}
bool same(const std::optional<std::vector<Bytes>>& a, const std::optional<std::vector<Bytes>>& b) {
  return a.has_value() == b.has_value() && (!a || std::ranges::equal(*a, *b, equal_vartime));
}
template <class E>
bool same(const std::optional<U16List<E>>& a, const std::optional<U16List<E>>& b) {
  return a.has_value() == b.has_value() && (!a || equal_vartime(a->raw(), b->raw()));
}

/// RFC 9846 §4.2.2: the second hello may differ in key_share, early_data, cookie, pre_shared_key and padding
/// only. What this library does not know it cannot be misled by, and leaves alone.
const char* what_changed(const ClientHello& a, const ClientHello& b) {
  if (a.legacy_version != b.legacy_version) return "legacy_version";
  if (!equal_vartime(a.random, b.random)) return "random";
  if (!equal_vartime(a.session_id, b.session_id)) return "legacy_session_id";
  if (!equal_vartime(a.cipher_suites.raw(), b.cipher_suites.raw())) return "cipher_suites";
  if (!same(a.server_name, b.server_name)) return "server_name";
  if (a.status_request != b.status_request) return "status_request";
  if (!same(a.supported_groups, b.supported_groups)) return "supported_groups";
  if (!same(a.signature_algorithms, b.signature_algorithms)) return "signature_algorithms";
  if (!same(a.signature_algorithms_cert, b.signature_algorithms_cert)) return "signature_algorithms_cert";
  if (!same(a.alpn, b.alpn)) return "application_layer_protocol_negotiation";
  if (!same(a.supported_versions, b.supported_versions)) return "supported_versions";
  if (!same(a.psk_modes, b.psk_modes)) return "psk_key_exchange_modes";
  if (!same(a.certificate_authorities, b.certificate_authorities)) return "certificate_authorities";
  if (a.post_handshake_auth != b.post_handshake_auth) return "post_handshake_auth";
  if (a.extended_master_secret != b.extended_master_secret) return "extended_master_secret";
  if (!same(a.ec_point_formats, b.ec_point_formats)) return "ec_point_formats";
  if (!same(a.renegotiation_info, b.renegotiation_info)) return "renegotiation_info";
  return nullptr;
}

Result<void> check_unchanged(const ClientHello& a, const ClientHello& b, const Retried& retried) {
  if (const char* what = what_changed(a, b)) return Error{ErrorCode::hello_changed_after_retry, what};
  // RFC 9846 §4.2.2: a client may take back PSKs that do not go with the suite, and no others.
  if (retried.resuming && !b.pre_shared_key)
    return Error{ErrorCode::hello_changed_after_retry, "pre_shared_key is gone"};
  if (b.early_data)
    return Error{ErrorCode::hello_changed_after_retry, "early_data after a HelloRetryRequest"};
  if (retried.cookie.empty() ? b.cookie.has_value() : !b.cookie || !equal_vartime(*b.cookie, retried.cookie))
    return ErrorCode::bad_cookie;
  if (b.key_share->size() != 1 || b.key_share->front().group != retried.group)
    return Error{ErrorCode::hello_changed_after_retry,
                 "key_share is not one share of " + name_of(retried.group)};
  return {};
}

}  // namespace

// --------------------------------------------------------------------------------------------- RECVD_CH

Result<AfterClientHello> on_client_hello(ReceivedHello&& received, std::optional<Retried>&& retried,
                                         ServerContext& ctx) {
  const ClientHello& hello = received.hello;
  BULLA_TRY(check_hello(hello));
  BULLA_TRY(ctx.driver.end_of_flight());
  if (retried) BULLA_TRY(check_unchanged(retried->first.hello, hello, *retried));
  std::ranges::copy(hello.random, ctx.client_random.begin());
  if (hello.server_name) ctx.info.server_name = as_text(*hello.server_name);
  if (hello.early_data) ctx.driver.skip_early_data();

  RecvdCh state{.received = std::move(received), .retried = std::move(retried)};
  if (state.received.hello.signature_algorithms) {
    ++state.missing;
    ctx.request(identity_wanted(state.received.hello, ProtocolVersion::tls13));
  }
  // RFC 9846 §4.3.9: only psk_dhe_ke(1) is done. The first identity is the freshest ticket of every known
  // client.
  const auto& psk = state.received.hello.pre_shared_key;
  const bool dhe = state.received.hello.psk_modes && std::ranges::find(*state.received.hello.psk_modes, 1) !=
                                                         state.received.hello.psk_modes->end();
  if (psk && dhe && ctx.services.tickets) {
    ++state.missing;
    ctx.request(OpenTicket{to_vector(psk->identities.front().identity), ctx.now});
  }
  if (state.missing == 0) return missing_extension(ExtensionType::signature_algorithms);
  return state;
}

Result<AfterClientHello> RecvdCh::on(Answered<SelectedIdentity>&& answer, ServerContext& ctx) && {
  identity = std::move(answer.value.identity);
  return std::move(*this).when_all(ctx);
}

Result<AfterClientHello> RecvdCh::on(Answered<SessionState>&& answer, ServerContext& ctx) && {
  if (answer.value.state) session = ServerSession::decode(answer.value.state->reveal());
  if (session && !resumable(*session, ProtocolVersion::tls13, ctx.info.server_name, ctx)) session.reset();
  return std::move(*this).when_all(ctx);
}

namespace {

/// RFC 9846 §4.3.11.2: the binder over the transcript so far and the hello up to the binders.
Result<void> check_binder(const ReceivedHello& received, const ServerSession& session,
                          const HashAlgorithm& hash, const ServerContext& ctx) {
  const OfferedPsks& psks = *received.hello.pre_shared_key;
  const Bytes truncated = Bytes(received.whole).first(received.whole.size() - psks.binders_size);
  const Digest expected =
      EarlyStage(hash, session.secret.reveal()).binder(ctx.transcript.digest_with(hash, truncated));
  if (!ct::equal(expected, psks.binders.front())) return ErrorCode::psk_binder_mismatch;
  return {};
}

/// The session's own suite while the client still offers it, or any. RFC 9846 §4.3.11 would let another suite
/// of the same hash resume it; no client asks for that but to find out what happens.
const Suite* pick_suite(const ClientHello& hello, const std::optional<ServerSession>& session,
                        const std::optional<Retried>& retried, const ServerContext& ctx) {
  const auto pick = [&](auto accept) {
    return choose_suite(hello.cipher_suites, ctx.common.cipher_suites, ProtocolVersion::tls13,
                        ctx.config.options().prefer_client_order, accept);
  };
  if (retried) return retried->suite;
  if (session)
    if (const Suite* suite = pick([&](const Suite& s) { return s.id == session->suite; })) return suite;
  return pick([](const Suite&) { return true; });
}

/// The client's share of `group`, if it guessed that this one would be wanted.
const KeyShareEntry* share_of(const ClientHello& hello, NamedGroup group) {
  const auto share = std::ranges::find(*hello.key_share, group, &KeyShareEntry::group);
  return share == hello.key_share->end() ? nullptr : &*share;
}

/// RFC 9846 §4.2.4.
Result<AfterClientHello> ask_again(ReceivedHello&& received, const Suite& suite, NamedGroup group,
                                   bool resuming, ServerContext& ctx) {
  std::vector<uint8_t> cookie;
  if (ctx.config.options().retry_cookie == RetryCookie::sent) {
    if (const auto& shape = ctx.common.wire_shape) cookie = shape->retry_cookie;
    if (cookie.empty()) {
      cookie.resize(32);
      ctx.random().fill(cookie);
    }
  }
  ctx.transcript.add(received.whole);
  ctx.transcript.start(ctx.hash_of(suite));
  ctx.transcript.replace_by_message_hash();
  HelloRetryRequest message{.session_id_echo = received.hello.session_id,
                            .cipher_suite = suite.id,
                            .selected_version = ProtocolVersion::tls13,
                            .selected_group = group,
                            .cookie = {},
                            .extensions = {}};
  if (!cookie.empty()) message.cookie = cookie;
  ctx.send(EncryptionLevel::initial, message);
  if (!received.hello.session_id.empty()) ctx.driver.send_change_cipher_spec();
  ctx.info.kind = HandshakeKind::retried;
  ctx.decided("hello_retry_request", name_of(group));
  return WaitRetriedCh{Retried{std::move(received), &suite, group, std::move(cookie), resuming}};
}

}  // namespace

Result<AfterClientHello> RecvdCh::when_all(ServerContext& ctx) && {
  if (--missing > 0) return std::move(*this);
  const ClientHello& hello = received.hello;
  const Suite* suite = pick_suite(hello, session, retried, ctx);
  if (!suite) return ErrorCode::no_common_cipher_suite;
  const HashAlgorithm& hash = ctx.hash_of(*suite);
  if (session && session->suite != suite->id) session.reset();
  BULLA_TRY(std::string alpn, choose_alpn(hello.alpn, ctx.common.alpn));
  if (session && session->alpn != alpn) session.reset();
  // RFC 9846 §4.3.7: the group is chosen by preference; what the client guessed saves a round trip, and no
  // more.
  const auto group =
      choose_group(*hello.supported_groups, ctx.common.groups, ctx.config.options().prefer_client_order);
  if (!group) return ErrorCode::no_common_group;
  const KeyShareEntry* share = share_of(hello, *group);
  if (!share) return ask_again(std::move(received), *suite, *group, session.has_value(), ctx);

  std::optional<SignatureScheme> scheme;
  if (session) {
    BULLA_TRY(check_binder(received, *session, hash, ctx));
  } else {
    if (!hello.signature_algorithms) return missing_extension(ExtensionType::signature_algorithms);
    if (!identity) return Error{ErrorCode::no_application_identity, printable(ctx.info.server_name)};
    scheme = choose_scheme(ctx.common.signing_schemes, hello.signature_algorithms->to_vector(),
                           identity->key().type(), ProtocolVersion::tls13);
    if (!scheme)
      return Error{ErrorCode::no_common_signature_scheme,
                   "our key is of type " + name_of(identity->key().type())};
  }

  ctx.info.version = ProtocolVersion::tls13;
  ctx.info.suite = suite->id;
  ctx.info.group = share->group;
  ctx.info.alpn = alpn;
  ctx.info.extended_master_secret = true;
  ctx.decided("cipher_suite", name_of(suite->id));
  ctx.decided("group", name_of(share->group));
  if (!alpn.empty()) ctx.decided("alpn", printable(alpn));
  if (session) {
    recall(*session, ctx.info);
    ctx.decided("resumption", "pre-shared key of an earlier connection");
  }
  ctx.transcript.add(received.whole);
  if (!ctx.transcript.started()) ctx.transcript.start(hash);
  ctx.request(Encapsulate{share->group, to_vector(share->key_exchange)});
  const bool dhe = hello.psk_modes && std::ranges::find(*hello.psk_modes, 1) != hello.psk_modes->end();
  return Negotiated{.suite = suite,
                    .group = share->group,
                    .session_id = to_vector(hello.session_id),
                    .retried = retried.has_value(),
                    .server_name_ack = hello.server_name.has_value(),
                    .staple_wanted = hello.status_request,
                    .tickets_wanted = dhe,
                    .identity = std::move(identity),
                    .scheme = scheme.value_or(SignatureScheme{}),
                    .session = std::move(session)};
}

Result<AfterClientHello> WaitRetriedCh::on(ReceivedHello&& second, ServerContext& ctx) && {
  return on_client_hello(std::move(second), std::move(retried), ctx);
}

}  // namespace bulla::tls::tls13::server
