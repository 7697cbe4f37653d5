#include "tls/tls12/client.h"

#include "tls/peer_certificates.h"
#include "tls/schemes.h"
#include "tls/session_state.h"
#include "tls/tls12/key_exchange.h"

#include <algorithm>

namespace bulla::tls::tls12::client {
namespace {

// ------------------------------------------------------------------------------------------- ServerHello

/// The session that the server agreed to resume by echoing its session id (RFC 5077 §3.4 for tickets, RFC
/// 5246 §7.4.1.3 for session ids); null: a full handshake.
Result<ClientSessionPtr> resumed_session(const ServerHello12& hello, const Offer& offer) {
  if (hello.session_id.empty() || !equal_vartime(hello.session_id, offer.session_id))
    return ClientSessionPtr();
  // RFC 9846 §4.2.3: the id that was sent for middleboxes alone names no session.
  if (!offer.session || offer.session->version != ProtocolVersion::tls12)
    return ErrorCode::wrong_session_id_echo;
  const ClientSession& session = *offer.session;
  if (session.suite != hello.cipher_suite)
    return Error{ErrorCode::resumption_mismatch,
                 name_of(session.suite) + " became " + name_of(hello.cipher_suite)};
  // RFC 7627 §5.3: both handshakes with the extension, or both without.
  if (session.extended_master_secret != hello.extended_master_secret)
    return ErrorCode::extended_master_secret_changed;
  return offer.session;
}

/// RFC 5246 §7.4.1.3 and the extensions' own RFCs.
Result<const Suite*> check(const ServerHello12& hello, const Offer& offer, const ClientContext& ctx) {
  const auto& enabled = ctx.common.cipher_suites;
  const Suite* suite = find_suite(hello.cipher_suite);
  if (!suite || suite->version != ProtocolVersion::tls12 ||
      std::ranges::find(enabled, suite->id) == enabled.end())
    return Error{ErrorCode::wrong_cipher_returned, name_of(hello.cipher_suite)};
  if (hello.compression_method != 0) return ErrorCode::compression_selected;
  BULLA_TRY(check_solicited(hello.extensions, offer.extensions, Carrier::sh12));
  // RFC 5746 §3.4: in a first handshake there is nothing to bind to.
  if (hello.renegotiation_info && !hello.renegotiation_info->empty())
    return ErrorCode::bad_renegotiation_info;
  // RFC 8422 §5.1.2: a list, if there is one, has the uncompressed form.
  if (hello.ec_point_formats &&
      std::ranges::find(*hello.ec_point_formats, uncompressed_point) == hello.ec_point_formats->end())
    return ErrorCode::missing_uncompressed_point_format;
  if (!hello.extended_master_secret && ctx.common.extended_master_secret == ExtendedMasterSecret::required)
    return ErrorCode::extended_master_secret_required;
  // RFC 7301 §3.1: one of those that were offered.
  if (hello.alpn) {
    const auto& offered = ctx.common.alpn;
    if (std::ranges::find(offered, as_text(*hello.alpn)) == offered.end())
      return Error{ErrorCode::alpn_not_offered, printable(as_text(*hello.alpn))};
  }
  return suite;
}

WaitFinished expect_finished(Ending&& ending, ReceivedTicket&& ticket) {
  return {std::move(ending.agreed), std::move(ending.master), std::move(ending.kind), std::move(ticket)};
}

/// The server sends a NewSessionTicket where its ServerHello promised one, and only there (RFC 5077 §3.3).
OneOf<WaitNewSessionTicket, WaitChangeCipherSpec> expect_end(Ending&& ending) {
  if (ending.agreed.ticket) return WaitNewSessionTicket{std::move(ending)};
  return WaitChangeCipherSpec{std::move(ending)};
}

/// The abbreviated handshake of RFC 5246 §7.3: the keys follow from the session's master secret.
OneOf<WaitNewSessionTicket, WaitChangeCipherSpec> resume(Agreed&& agreed, ClientSessionPtr session,
                                                         ClientContext& ctx) {
  recall(*session, ctx);
  ctx.decided("resumption", session->ticket.empty() ? "by session id" : "by ticket");
  ctx.transcript.start(ctx.hash_of(*agreed.suite));
  MasterSecret master = MasterSecret::from_session(session->secret.reveal());
  ctx.log_secret("CLIENT_RANDOM", master.reveal());
  KeyBlock keys = expand(ctx.provider(), *agreed.suite, master, randoms_of(ctx));
  return expect_end(Ending{std::move(agreed), std::move(master), std::move(keys.server),
                           Abbreviated{std::move(keys.client), std::move(session)}});
}

}  // namespace

// -------------------------------------------------------------------------------- the server's certificate

namespace {

ServerEvidence ask_for_chain(Chain&& chain, ClientContext& ctx) {
  ServerEvidence evidence;
  evidence.leaf = chain.front();
  ctx.request(VerifyChain{std::move(chain), ctx.name, CertificatePurpose::server, ctx.now,
                          ctx.info.ocsp_response, ctx.config.options().ocsp});
  return evidence;
}

}  // namespace

Result<OneOf<WaitCertificateStatus, WaitServerKeyExchange>> WaitCertificate::on(const Certificate12& message,
                                                                                ClientContext& ctx) && {
  // RFC 5246 §7.4.2: a server always has one.
  if (message.entries.empty()) return ErrorCode::empty_certificate_list;
  BULLA_TRY(Chain chain, parse_chain(message.entries));
  // RFC 5246 §7.4.2, RFC 8422 §5.3: the key is of the kind that the suite names.
  const Certificate& leaf = *chain.front();
  if (!fits(*agreed.suite, leaf.public_key().type))
    return Error{ErrorCode::wrong_cipher_returned,
                 name_of(agreed.suite->id) + " with a key of type " + name_of(leaf.public_key().type)};

  ctx.info.peer_chain = chain;
  ctx.transcript.add(ctx.received);
  ctx.decided("server_certificate", leaf.subject());
  if (agreed.status_request) return WaitCertificateStatus{std::move(agreed), std::move(chain)};
  return WaitServerKeyExchange{std::move(agreed), ask_for_chain(std::move(chain), ctx)};
}

Result<WaitServerKeyExchange> WaitCertificateStatus::on(const CertificateStatus& message,
                                                        ClientContext& ctx) && {
  ctx.info.ocsp_response = to_vector(message.ocsp_response);
  ctx.transcript.add(ctx.received);
  return WaitServerKeyExchange{std::move(agreed), ask_for_chain(std::move(chain), ctx)};
}

Result<WaitCertificateRequest> WaitCertificateStatus::on(const ServerKeyExchange& message,
                                                         ClientContext& ctx) && {
  return WaitServerKeyExchange{std::move(agreed), ask_for_chain(std::move(chain), ctx)}.on(message, ctx);
}

// -------------------------------------------------------------------------------------- ServerKeyExchange

Result<WaitServerKeyExchange> WaitServerKeyExchange::on(Answered<ChainVerified>&& answer, ClientContext&) && {
  server.chain = std::move(answer.value);
  return std::move(*this);
}

Result<WaitCertificateRequest> WaitServerKeyExchange::on(const ServerKeyExchange& message,
                                                         ClientContext& ctx) && {
  // RFC 8422 §5.4: a curve that the client offered.
  const auto& offered = ctx.common.groups;
  if (!is_ecdhe(message.group) || std::ranges::find(offered, message.group) == offered.end())
    return Error{ErrorCode::wrong_group, name_of(message.group)};
  BULLA_TRY(check_scheme(message.algorithm, *server.leaf, ProtocolVersion::tls12, ctx));

  ctx.info.group = message.group;
  ctx.decided("group", name_of(message.group));
  ctx.transcript.add(ctx.received);
  server.signed_params = signed_params(randoms_of(ctx), message.params);
  ctx.request(
      VerifySignature{server.leaf, message.algorithm, server.signed_params, to_vector(message.signature)});
  return WaitCertificateRequest{
      std::move(agreed), std::move(server), {message.group, to_vector(message.point)}};
}

// -------------------------------------------------------------------- CertificateRequest, ServerHelloDone

Result<WaitCertificateRequest> WaitCertificateRequest::on(Answered<ChainVerified>&& answer,
                                                          ClientContext&) && {
  server.chain = std::move(answer.value);
  return std::move(*this);
}

Result<WaitCertificateRequest> WaitCertificateRequest::on(Answered<SignatureVerified>&& answer,
                                                          ClientContext&) && {
  server.signature = std::move(answer.value);
  return std::move(*this);
}

Result<WaitServerHelloDone> WaitCertificateRequest::on(const CertificateRequest12& message,
                                                       ClientContext& ctx) && {
  CertificateAsked asked{to_vector(message.certificate_types), message.signature_algorithms.to_vector(), {}};
  for (const Bytes name : message.authorities) asked.authorities.push_back(to_vector(name));
  ctx.transcript.add(ctx.received);
  ctx.decided("client_authentication", "asked for");
  return WaitServerHelloDone{std::move(agreed), std::move(server), std::move(share), std::move(asked)};
}

Result<WaitProofs> WaitCertificateRequest::on(const ServerHelloDone&, ClientContext& ctx) && {
  BULLA_TRY(ctx.driver.end_of_flight());
  ctx.transcript.add(ctx.received);
  ctx.transcript.forget_messages();  // no signature of ours will cover them
  ctx.request(Encapsulate{share.group, std::move(share.point)});
  return WaitProofs{std::move(agreed), std::move(server), std::nullopt};
}

Result<WaitServerHelloDone> WaitServerHelloDone::on(Answered<ChainVerified>&& answer, ClientContext&) && {
  server.chain = std::move(answer.value);
  return std::move(*this);
}

Result<WaitServerHelloDone> WaitServerHelloDone::on(Answered<SignatureVerified>&& answer, ClientContext&) && {
  server.signature = std::move(answer.value);
  return std::move(*this);
}

Result<WaitProofs> WaitServerHelloDone::on(const ServerHelloDone&, ClientContext& ctx) && {
  BULLA_TRY(ctx.driver.end_of_flight());
  ctx.transcript.add(ctx.received);
  ctx.request(Encapsulate{share.group, std::move(share.point)});
  ctx.request(SelectIdentity{.server = false,
                             .server_name = ctx.name.text(),
                             .schemes = schemes_up_to(ProtocolVersion::tls12, asked.schemes),
                             .authorities = asked.authorities,
                             .cipher_suites = {},
                             .version = ProtocolVersion::tls12});
  return WaitProofs{std::move(agreed), std::move(server), std::move(asked)};
}

WaitProofs::Next WaitProofs::on(Answered<ChainVerified>&& answer, ClientContext& ctx) && {
  server.chain = std::move(answer.value);
  return std::move(*this).when_all(ctx);
}
WaitProofs::Next WaitProofs::on(Answered<SignatureVerified>&& answer, ClientContext& ctx) && {
  server.signature = std::move(answer.value);
  return std::move(*this).when_all(ctx);
}
WaitProofs::Next WaitProofs::on(Answered<Encapsulated>&& answer, ClientContext& ctx) && {
  agreement = std::move(answer.value);
  return std::move(*this).when_all(ctx);
}
WaitProofs::Next WaitProofs::on(Answered<SelectedIdentity>&& answer, ClientContext& ctx) && {
  identity = std::move(answer.value);
  return std::move(*this).when_all(ctx);
}

// --------------------------------------------------------------------------------------- our flight

namespace {

/// RFC 5246 §7.4.4: rsa_sign and, from RFC 8422 §5.5, ecdsa_sign, which covers EdDSA too.
bool takes(const CertificateAsked& asked, KeyType key) noexcept {
  const bool is_rsa = key == KeyType::rsa || key == KeyType::rsa_pss;
  const ClientCertificateType type =
      is_rsa ? ClientCertificateType::rsa_sign : ClientCertificateType::ecdsa_sign;
  return std::ranges::find(asked.types, static_cast<uint8_t>(type)) != asked.types.end();
}

/// How to sign under the server's request; nothing where the key does not fit it (RFC 5246 §7.4.6).
std::optional<SignatureScheme> choose_signature(const CertificateAsked& asked, const PublicKeyView& key,
                                                const ClientContext& ctx) {
  if (!takes(asked, key.type)) {
    ctx.decided("client_certificate_withheld", "the server takes no key of type " + name_of(key.type));
    return std::nullopt;
  }
  const auto scheme = choose_scheme(ctx.common.signing_schemes, asked.schemes, key, ProtocolVersion::tls12);
  if (!scheme)
    ctx.decided("client_certificate_withheld",
                "the server takes no signature of a key of type " + name_of(key.type));
  return scheme;
}

void send_certificate(const Identity* identity, ClientContext& ctx) {
  // RFC 5246 §7.4.6: without a suitable certificate the list is empty, and no CertificateVerify follows.
  Certificate12 message;
  if (identity)
    for (const CertificatePtr& certificate : identity->chain()) message.entries.push_back(certificate->der());
  ctx.send(cleartext, message);
  ctx.decided("client_certificate", identity ? identity->leaf().subject() : "none");
}

MasterSecret derive_master(const Suite& suite, Encapsulated&& agreement, ClientContext& ctx) {
  PremasterSecret premaster(std::move(agreement.secret));
  const HashAlgorithm& hash = ctx.hash_of(suite);
  MasterSecret master = ctx.info.extended_master_secret
                            ? std::move(premaster).extended_master(hash, ctx.transcript.digest())
                            : std::move(premaster).master(hash, randoms_of(ctx));
  ctx.log_secret("CLIENT_RANDOM", master.reveal());
  return master;
}

void send_finished(const Suite& suite, const MasterSecret& master, ClientWriteKeys&& keys,
                   ClientContext& ctx) {
  const VerifyData verify = verify_data(ctx.hash_of(suite), master, Role::client, ctx.transcript.digest());
  ctx.driver.send_change_cipher_spec();
  ctx.driver.write_with(ciphertext, client_writes(std::move(keys)));
  ctx.send(ciphertext, Finished{verify});
}

OneOf<WaitNewSessionTicket, WaitChangeCipherSpec> end_flight(Answering&& a, ClientContext& ctx) {
  KeyBlock keys = expand(ctx.provider(), *a.agreed.suite, a.master, randoms_of(ctx));
  send_finished(*a.agreed.suite, a.master, std::move(keys.client), ctx);
  return expect_end(
      Ending{std::move(a.agreed), std::move(a.master), std::move(keys.server), Full{std::move(a.server)}});
}

}  // namespace

WaitProofs::Next WaitProofs::when_all(ClientContext& ctx) && {
  if (!server.chain || !server.signature || !agreement || (asked && !identity)) return std::move(*this);
  const Identity* ours = identity ? identity->identity.get() : nullptr;
  std::optional<SignatureScheme> scheme;
  if (ours) scheme = choose_signature(*asked, ours->leaf().public_key(), ctx);
  if (!scheme) ours = nullptr;
  tell_proofs(*server.chain, *server.signature, ctx);
  BULLA_TRY(auto proof, authenticate(*server.leaf, &ctx.name, server.signed_params, *std::move(server.chain),
                                     *std::move(server.signature)));

  if (asked) send_certificate(ours, ctx);
  ctx.send(cleartext, ClientKeyExchange{agreement->share});
  MasterSecret master = derive_master(*agreed.suite, *std::move(agreement), ctx);

  Answering answering{std::move(agreed), std::move(proof), std::move(master)};
  if (!ours) {
    ctx.transcript.forget_messages();
    return end_flight(std::move(answering), ctx);
  }
  // RFC 5246 §7.4.8: the signature covers the messages themselves.
  ctx.request(Sign{identity->identity, *scheme, to_vector(ctx.transcript.messages())});
  ctx.transcript.forget_messages();
  return WaitSignature{std::move(answering), *scheme};
}

Result<OneOf<WaitNewSessionTicket, WaitChangeCipherSpec>> WaitSignature::on(Answered<Signature>&& answer,
                                                                            ClientContext& ctx) && {
  ctx.info.own_signature = scheme;
  ctx.decided("client_signature", name_of(scheme));
  ctx.send(cleartext, CertificateVerify{scheme, answer.value.bytes});
  return end_flight(std::move(answering), ctx);
}

// ------------------------------------------------------ NewSessionTicket, change_cipher_spec, Finished

Result<WaitChangeCipherSpec> WaitNewSessionTicket::on(const NewSessionTicket12& message,
                                                      ClientContext& ctx) && {
  ctx.transcript.add(ctx.received);
  return WaitChangeCipherSpec{std::move(ending), {to_vector(message.ticket), Seconds{message.lifetime_hint}}};
}

Result<WaitFinished> WaitChangeCipherSpec::on(const ChangeCipherSpec&, ClientContext& ctx) && {
  BULLA_TRY(ctx.driver.read_with(ciphertext, client_reads(std::move(ending.keys))));
  return expect_finished(std::move(ending), std::move(ticket));
}

namespace {

/// RFC 5246 §F.1.4 suggests an upper bound of a day for sessions whose server says nothing.
constexpr Seconds unsaid_lifetime{24 * 3600};

/// RFC 5077 §3.3: an empty ticket means that the server changed its mind.
void remember(const WaitFinished& state, ClientContext& ctx) {
  const auto& store = ctx.config.options().sessions;
  if (!store) return;
  const auto* again = std::get_if<Abbreviated>(&state.kind);
  // Sessions of TLS 1.2 outlive their use; what was taken out of the store goes back.
  const size_t ticket_size = state.ticket.ticket.size();
  if (ticket_size > longest_ticket) return;
  if (again && ticket_size == 0) return store->put(session_key(ctx), again->session);
  if (state.ticket.ticket.empty() && state.agreed.session_id.empty()) return;

  ClientSession session = client_session_of(ctx);
  session.secret = SecretBytes(state.master.reveal());
  session.lifetime = unsaid_lifetime;
  if (state.ticket.ticket.empty()) {
    session.session_id = state.agreed.session_id;
  } else {
    session.ticket = state.ticket.ticket;
    if (state.ticket.lifetime > Seconds{0}) session.lifetime = std::min(state.ticket.lifetime, seven_days);
  }
  store->put(session_key(ctx), std::make_shared<const ClientSession>(std::move(session)));
}

}  // namespace

Result<Connected> WaitFinished::on(const Finished& message, ClientContext& ctx) && {
  const VerifyData expected =
      verify_data(ctx.hash_of(*agreed.suite), master, Role::server, ctx.transcript.digest());
  BULLA_TRY(const FinishedVerified finished, check_finished(expected, message.verify_data));
  ctx.transcript.add(ctx.received);

  remember(*this, ctx);
  PeerProof proof = resumed(finished);
  if (auto* full = std::get_if<Full>(&kind))
    proof = std::move(full->server);
  else
    send_finished(*agreed.suite, master, std::move(std::get<Abbreviated>(kind).keys), ctx);
  return Connected{finished, std::move(proof), agreed.suite, std::move(master).exporter(), {}};
}

}  // namespace bulla::tls::tls12::client

namespace bulla::tls::tls12 {

Result<ClientAfterHello> on_server_hello(const ServerHello12& hello, Offer&& offer, ClientContext& ctx) {
  BULLA_TRY(const Suite* suite, client::check(hello, offer, ctx));
  BULLA_TRY(ClientSessionPtr session, client::resumed_session(hello, offer));

  ctx.info.suite = suite->id;
  ctx.info.extended_master_secret = hello.extended_master_secret;
  ctx.decided("cipher_suite", name_of(suite->id));
  if (hello.alpn) {
    ctx.info.alpn = as_text(*hello.alpn);
    ctx.decided("alpn", printable(ctx.info.alpn));
  }
  client::Agreed agreed{suite, to_vector(hello.session_id), hello.status_request_ack,
                        hello.session_ticket_ack};
  if (session) return client::resume(std::move(agreed), std::move(session), ctx);
  ctx.transcript.keep_messages();  // until it is clear that nobody asks for our signature over them
  ctx.transcript.start(ctx.hash_of(*suite));
  return client::WaitCertificate{std::move(agreed)};
}

}  // namespace bulla::tls::tls12
