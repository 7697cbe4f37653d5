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

namespace {

bool takes_psk_dhe_ke(const ClientHello& hello) {
  constexpr uint8_t psk_dhe_ke = 1;
  return hello.psk_modes && std::ranges::find(*hello.psk_modes, psk_dhe_ke) != hello.psk_modes->end();
}

}  // namespace

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
  // RFC 9846 §4.3.9: only psk_dhe_ke(1) is done.
  if (state.received.hello.pre_shared_key && takes_psk_dhe_ke(state.received.hello) && ctx.services.tickets) {
    const auto& identities = state.received.hello.pre_shared_key->identities;
    const size_t count = std::min<size_t>(identities.size(), ctx.common.limits.psk_identities);
    for (size_t i = 0; i < count; ++i) {
      ++state.missing;
      state.tickets.push_back({ctx.request(OpenTicket{to_vector(identities[i].identity), ctx.now})});
    }
  }
  if (state.missing == 0) return missing_extension(ExtensionType::signature_algorithms);
  return state;
}

Result<AfterClientHello> RecvdCh::on(Answered<SelectedIdentity>&& answer, ServerContext& ctx) && {
  identity = std::move(answer.value.identity);
  return std::move(*this).when_all(ctx);
}

Result<AfterClientHello> RecvdCh::on(Answered<SessionState>&& answer, ServerContext& ctx) && {
  const auto ticket = std::ranges::find(tickets, answer.id, &OfferedTicket::opening);
  if (ticket == tickets.end()) return Error{ErrorCode::internal, "a ticket that nobody asked for"};
  if (answer.value.state) ticket->session = ServerSession::decode(answer.value.state->reveal());
  if (ticket->session && !resumable(*ticket->session, ProtocolVersion::tls13, ctx.info.server_name, ctx))
    ticket->session.reset();
  return std::move(*this).when_all(ctx);
}

namespace {

/// RFC 9846 §4.3.11.2: the binder over the transcript so far and the hello up to the binders. Of the selected
/// identity alone, as §4.3.11 advises.
Result<void> check_binder(const ReceivedHello& received, const Choice& choice, const ServerContext& ctx) {
  const OfferedPsks& psks = *received.hello.pre_shared_key;
  const HashAlgorithm& hash = ctx.hash_of(*choice.suite);
  const Bytes truncated = Bytes(received.whole).first(received.whole.size() - psks.binders_size);
  const Digest expected =
      EarlyStage(hash, choice.session->secret.reveal()).binder(ctx.transcript.digest_with(hash, truncated));
  if (!ct::equal(expected, psks.binders[choice.psk_index])) return ErrorCode::psk_binder_mismatch;
  return {};
}

/// RFC 9846 §4.3.11: the first identity whose session goes with what is negotiated otherwise; unknown ones
/// and those that do not fit are passed over. A session goes with its own suite only: RFC 9846 §4.7.1 would
/// let another suite of the same hash resume it, but no client asks for that except to find out what happens.
Result<Choice> choose(const ClientHello& hello, std::vector<OfferedTicket>& tickets,
                      const std::optional<Retried>& retried, const ServerContext& ctx) {
  BULLA_TRY(std::string alpn, choose_alpn(hello.alpn, ctx.common.alpn));
  const auto pick = [&](auto accept) {
    return choose_suite(hello.cipher_suites, ctx.common.cipher_suites, ProtocolVersion::tls13,
                        ctx.config.options().prefer_client_order, accept);
  };
  Choice choice{retried ? retried->suite : nullptr, {}, std::move(alpn)};
  for (size_t i = 0; i < tickets.size() && !choice.session; ++i) {
    auto& session = tickets[i].session;
    if (!session || session->alpn != choice.alpn) continue;
    const Suite* suite = pick([&](const Suite& s) { return s.id == session->suite; });
    if (!suite || (retried && suite != retried->suite)) continue;
    choice.suite = suite;
    choice.psk_index = static_cast<uint16_t>(i);
    choice.session = std::move(session);
  }
  if (!choice.suite) choice.suite = pick([](const Suite&) { return true; });
  if (!choice.suite) return ErrorCode::no_common_cipher_suite;
  // RFC 9846 §4.3.7: the group is chosen by preference; what the client guessed saves a round trip, and no
  // more.
  const auto group =
      choose_group(*hello.supported_groups, ctx.common.groups, ctx.config.options().prefer_client_order);
  if (!group) return ErrorCode::no_common_group;
  choice.group = *group;
  return choice;
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

namespace {

/// How to sign, in a handshake that resumes nothing.
Result<SignatureScheme> choose_signature(const ClientHello& hello, const Identity* identity,
                                         const ServerContext& ctx) {
  if (!hello.signature_algorithms) return missing_extension(ExtensionType::signature_algorithms);
  if (!identity) return Error{ErrorCode::no_application_identity, printable(ctx.info.server_name)};
  const PublicKeyView key = identity->leaf().public_key();
  const auto scheme = choose_scheme(ctx.common.signing_schemes, hello.signature_algorithms->to_vector(), key,
                                    ProtocolVersion::tls13);
  if (!scheme) return Error{ErrorCode::no_common_signature_scheme, "our key is of type " + name_of(key.type)};
  return *scheme;
}

/// Everything is chosen; a session's facts are recalled already.
Result<Negotiated> negotiate(ReceivedHello&& received, bool retried, IdentityPtr&& identity, Choice&& choice,
                             ServerContext& ctx) {
  const ClientHello& hello = received.hello;
  SignatureScheme scheme = {};
  if (!choice.session) {
    BULLA_TRY(scheme, choose_signature(hello, identity.get(), ctx));
  }
  ctx.info.version = ProtocolVersion::tls13;
  ctx.info.suite = choice.suite->id;
  ctx.info.group = choice.group;
  ctx.info.alpn = choice.alpn;
  ctx.info.extended_master_secret = true;
  ctx.decided("cipher_suite", name_of(choice.suite->id));
  ctx.decided("group", name_of(choice.group));
  if (!choice.alpn.empty()) ctx.decided("alpn", printable(choice.alpn));
  if (choice.session) ctx.decided("resumption", "pre-shared key of an earlier connection");
  ctx.transcript.add(received.whole);
  if (!ctx.transcript.started()) ctx.transcript.start(ctx.hash_of(*choice.suite));
  ctx.request(Encapsulate{choice.group, to_vector(share_of(hello, choice.group)->key_exchange)});
  return Negotiated{.suite = choice.suite,
                    .group = choice.group,
                    .session_id = to_vector(hello.session_id),
                    .retried = retried,
                    .server_name_ack = hello.server_name.has_value(),
                    .staple_wanted = hello.status_request,
                    .tickets_wanted = takes_psk_dhe_ke(hello),
                    .identity = std::move(identity),
                    .scheme = scheme,
                    .psk_index = choice.psk_index,
                    .session = std::move(choice.session)};
}

}  // namespace

Result<AfterClientHello> RecvdCh::when_all(ServerContext& ctx) && {
  if (--missing > 0) return std::move(*this);
  BULLA_TRY(Choice choice, choose(received.hello, tickets, retried, ctx));
  if (!share_of(received.hello, choice.group))
    return ask_again(std::move(received), *choice.suite, choice.group, choice.session.has_value(), ctx);
  if (choice.session) {
    BULLA_TRY(check_binder(received, choice, ctx));
    if (wants_verification(*choice.session, ctx)) {
      ctx.request(
          VerifyChain{choice.session->peer_chain, std::nullopt, CertificatePurpose::client, ctx.now, {}});
      return WaitClientChain{std::move(received), retried.has_value(), std::move(identity),
                             std::move(choice)};
    }
    recall(*choice.session, ctx);
  }
  BULLA_TRY(Negotiated next,
            negotiate(std::move(received), retried.has_value(), std::move(identity), std::move(choice), ctx));
  return Result<AfterClientHello>(std::move(next));
}

Result<Negotiated> WaitClientChain::on(Answered<ChainVerified>&& answer, ServerContext& ctx) && {
  if (!answer.value.is_for(*choice.session->peer_chain.front(), nullptr))
    return Error{ErrorCode::internal, "a chain proof of another leaf"};
  recall(*choice.session, answer.value, ctx);
  return negotiate(std::move(received), retried, std::move(identity), std::move(choice), ctx);
}

Result<Negotiated> WaitClientChain::on(Answered<Error>&& answer, ServerContext& ctx) && {
  ctx.decided("resumption_refused", answer.value.message());
  choice.session.reset();
  return negotiate(std::move(received), retried, std::move(identity), std::move(choice), ctx);
}

Result<AfterClientHello> WaitRetriedCh::on(ReceivedHello&& second, ServerContext& ctx) && {
  return on_client_hello(std::move(second), std::move(retried), ctx);
}

}  // namespace bulla::tls::tls13::server
