#include "tls/tls12/server.h"

#include "tls/hello/downgrade.h"
#include "tls/hello/negotiation.h"
#include "tls/peer_certificates.h"
#include "tls/schemes.h"
#include "tls/tls12/key_exchange.h"

#include <algorithm>

namespace bulla::tls::tls12::server {

// ------------------------------------------------------------------------------------------- ClientHello

namespace {

/// What RFC 5246 §7.4.1.2 and the extensions' own RFCs ask of every ClientHello.
Result<void> check(const ClientHello& hello, const ServerContext& ctx) {
  if (std::ranges::find(hello.compression_methods, 0) == hello.compression_methods.end())
    return ErrorCode::no_null_compression;
  // RFC 5746 §3.6: in a first handshake there is nothing to bind to.
  if (hello.renegotiation_info && !hello.renegotiation_info->empty())
    return ErrorCode::bad_renegotiation_info;
  // RFC 8422 §5.1.2: a list, if there is one, has the uncompressed form.
  if (hello.ec_point_formats &&
      std::ranges::find(*hello.ec_point_formats, uncompressed_point) == hello.ec_point_formats->end())
    return ErrorCode::missing_uncompressed_point_format;
  if (!hello.extended_master_secret && ctx.common.extended_master_secret == ExtendedMasterSecret::required)
    return ErrorCode::extended_master_secret_required;
  return {};
}

/// Asks for the session that the client names; false if it names none that could be found.
bool ask_for_session(const ClientHello& hello, ServerContext& ctx) {
  // RFC 5077 §3.4: beside a ticket, the session id is the client's own mark and names no session of ours.
  if (hello.session_ticket && !hello.session_ticket->empty()) {
    if (!ctx.services.tickets) return false;
    ctx.request(OpenTicket{to_vector(*hello.session_ticket), ctx.now});
    return true;
  }
  if (hello.session_id.empty() || !ctx.services.session_cache) return false;
  ctx.request(LookupSession{to_vector(hello.session_id), ctx.now});
  return true;
}

}  // namespace

WaitChoices::Next WaitChoices::on(Answered<SessionState>&& answer, ServerContext& ctx) && {
  session_pending = false;
  if (answer.value.state) session = ServerSession::decode(answer.value.state->reveal());
  return std::move(*this).when_both(ctx);
}

WaitChoices::Next WaitChoices::on(Answered<SelectedIdentity>&& answer, ServerContext& ctx) && {
  identity = std::move(answer.value);
  return std::move(*this).when_both(ctx);
}

namespace {

/// Whether an abbreviated handshake follows; extended_master_secret_changed where none may follow at all.
Result<bool> resumes(const std::optional<ServerSession>& session, const ClientHello& hello,
                     const ServerContext& ctx) {
  if (!session || session->secret.size() != MasterSecret::size ||
      !resumable(*session, ProtocolVersion::tls12, ctx.info.server_name, ctx))
    return false;
  // RFC 5246 §7.4.1.2: the client lists the session's suite again.
  if (!hello.cipher_suites.contains(session->suite)) return false;
  // RFC 7627 §5.3: gone since the original handshake, it was taken away; new since then, a full handshake
  // uses it.
  if (session->extended_master_secret && !hello.extended_master_secret)
    return ErrorCode::extended_master_secret_changed;
  return session->extended_master_secret == hello.extended_master_secret;
}

/// What answers the ClientHello in the same way in both kinds of handshake. The views are into `hello`, `ctx`
/// and `agreed`.
ServerHello12 answer_to(const ClientHello& hello, const Agreed& agreed, const ServerContext& ctx) {
  static constexpr uint8_t point_formats[] = {uncompressed_point};
  ServerHello12 answer;
  answer.random = ctx.server_random;
  answer.session_id = agreed.session_id;
  answer.cipher_suite = agreed.suite->id;
  answer.extended_master_secret = hello.extended_master_secret;
  if (hello.ec_point_formats) answer.ec_point_formats = point_formats;
  if (!ctx.info.alpn.empty()) answer.alpn = as_bytes(ctx.info.alpn);
  // RFC 5746 §3.6: to the extension as to the signalling suite value.
  if (hello.renegotiation_info || hello.cipher_suites.contains(CipherSuite::empty_renegotiation_info_scsv))
    answer.renegotiation_info = Bytes();
  return answer;
}

/// Sends change_cipher_spec and Finished under the keys that begin with it.
void send_finished(const Suite& suite, const MasterSecret& master, ServerWriteKeys&& keys,
                   ServerContext& ctx) {
  const VerifyData verify = verify_data(ctx.hash_of(suite), master, Role::server, ctx.transcript.digest());
  ctx.driver.send_change_cipher_spec();
  ctx.driver.write_with(ciphertext, server_writes(std::move(keys)));
  ctx.send(ciphertext, Finished{verify});
}

/// The abbreviated handshake of RFC 5246 §7.3: the echoed session id says so to the client. The session's
/// facts are recalled already.
WaitChangeCipherSpec resume(const ClientHello& hello, const ServerSession& session, ServerContext& ctx) {
  ctx.decided("resumption",
              hello.session_ticket && !hello.session_ticket->empty() ? "by ticket" : "by session id");
  Agreed agreed{find_suite(session.suite), {}, to_vector(hello.session_id), false};
  ctx.info.suite = agreed.suite->id;
  ctx.decided("cipher_suite", name_of(agreed.suite->id));
  ctx.transcript.start(ctx.hash_of(*agreed.suite));
  ctx.send(cleartext, answer_to(hello, agreed, ctx));

  MasterSecret master = MasterSecret::from_session(session.secret.reveal());
  ctx.log_secret("CLIENT_RANDOM", master.reveal());
  KeyBlock keys = expand(ctx.provider(), *agreed.suite, master, randoms_of(ctx));
  send_finished(*agreed.suite, master, std::move(keys.server), ctx);
  return {std::move(agreed), std::move(master), std::move(keys.client), Abbreviated{}};
}

}  // namespace

// ------------------------------------------------------------- ServerHello, Certificate, CertificateStatus

namespace {

/// What a full handshake is made of.
struct Choice {
  const Suite* suite;
  NamedGroup group;
  SignatureScheme scheme;
};

Result<Choice> choose(const ClientHello& hello, const PublicKeyView& key, const ServerContext& ctx) {
  const bool client_order = ctx.config.options().prefer_client_order;
  const auto fits_key = [&](const Suite& suite) { return fits(suite, key.type); };
  const Suite* suite = choose_suite(hello.cipher_suites, ctx.common.cipher_suites, ProtocolVersion::tls12,
                                    client_order, fits_key);
  if (!suite) return Error{ErrorCode::no_common_cipher_suite, "our key is of type " + name_of(key.type)};

  // RFC 8422 §4 leaves it open what a server does that is told no groups. Nothing in use today leaves them
  // out, and a guess is not an agreement.
  std::vector<NamedGroup> ours;
  std::ranges::copy_if(ctx.common.groups, std::back_inserter(ours), is_ecdhe);
  const auto group = hello.supported_groups ? choose_group(*hello.supported_groups, ours, client_order)
                                            : std::optional<NamedGroup>();
  if (!group)
    return Error{ErrorCode::no_common_group, hello.supported_groups ? "" : "the client names no groups"};

  // RFC 5246 §7.4.1.4.1: without the extension a client means SHA-1, with which this library does not sign.
  const auto accepted =
      hello.signature_algorithms ? hello.signature_algorithms->to_vector() : std::vector<SignatureScheme>();
  const auto scheme = choose_scheme(ctx.common.signing_schemes, accepted, key, ProtocolVersion::tls12);
  if (!scheme) return Error{ErrorCode::no_common_signature_scheme, "our key is of type " + name_of(key.type)};
  return Choice{suite, *group, *scheme};
}

/// RFC 5077 §3.3: a ticket where both sides speak of tickets; otherwise a session id, where there is a cache.
Agreed agree(const ClientHello& hello, const Choice& choice, ServerContext& ctx) {
  Agreed agreed{choice.suite, choice.group, {}, hello.session_ticket && ctx.services.tickets};
  if (!agreed.ticket && ctx.services.session_cache) {
    agreed.session_id.resize(32);
    ctx.random().fill(agreed.session_id);
  }
  return agreed;
}

void record(const Choice& choice, const ClientHello& hello, ServerContext& ctx) {
  ctx.info.suite = choice.suite->id;
  ctx.info.group = choice.group;
  ctx.info.own_signature = choice.scheme;
  ctx.info.extended_master_secret = hello.extended_master_secret;
  ctx.decided("cipher_suite", name_of(choice.suite->id));
  ctx.decided("group", name_of(choice.group));
  ctx.decided("signature_scheme", name_of(choice.scheme));
}

void send_certificate(const Identity& identity, ServerContext& ctx) {
  Certificate12 message;
  for (const CertificatePtr& certificate : identity.chain()) message.entries.push_back(certificate->der());
  ctx.send(cleartext, message);
  ctx.decided("server_certificate", identity.leaf().subject());
}

Result<WaitShare> full_handshake(const ClientHello& hello, SelectedIdentity&& identity, ServerContext& ctx) {
  if (!identity.identity)
    return Error{ErrorCode::no_application_identity,
                 ctx.info.server_name.empty() ? "no name was given" : printable(ctx.info.server_name)};
  const Identity& ours = *identity.identity;
  BULLA_TRY(const Choice choice, choose(hello, ours.leaf().public_key(), ctx));
  Agreed agreed = agree(hello, choice, ctx);
  record(choice, hello, ctx);

  // RFC 5246 §7.4.8: a client's signature will cover the messages themselves.
  if (ctx.config.options().client_auth != ClientAuth::none) ctx.transcript.keep_messages();
  ctx.transcript.start(ctx.hash_of(*choice.suite));
  ServerHello12 answer = answer_to(hello, agreed, ctx);
  answer.server_name_ack = hello.server_name.has_value();
  answer.session_ticket_ack = agreed.ticket;
  answer.status_request_ack = hello.status_request && !ours.ocsp_response().empty();
  ctx.send(cleartext, answer);
  send_certificate(ours, ctx);
  if (answer.status_request_ack) ctx.send(cleartext, CertificateStatus{ours.ocsp_response()});
  ctx.request(GenerateShare{choice.group});
  return WaitShare{std::move(agreed), std::move(identity.identity), choice.scheme};
}

}  // namespace

// ------------------------------------------------------------------------- abbreviated, or in full

WaitChoices::Next WaitChoices::when_both(ServerContext& ctx) && {
  if (session_pending || !identity) return std::move(*this);
  const ClientHello& hello = received.hello;
  BULLA_TRY(const bool abbreviated, resumes(session, hello, ctx));
  // RFC 7301 §3.1: chosen afresh in every handshake.
  BULLA_TRY(ctx.info.alpn, choose_alpn(hello.alpn, ctx.common.alpn));
  if (!ctx.info.alpn.empty()) ctx.decided("alpn", printable(ctx.info.alpn));
  if (abbreviated && wants_verification(*session, ctx)) {
    ctx.request(VerifyChain{session->peer_chain, std::nullopt, CertificatePurpose::client, ctx.now, {}});
    return WaitClientChain{std::move(received), *std::move(session), *std::move(identity)};
  }
  if (abbreviated) {
    recall(*session, ctx);
    return resume(hello, *session, ctx);
  }
  BULLA_TRY(WaitShare next, full_handshake(hello, *std::move(identity), ctx));
  return Next(std::move(next));
}

WaitClientChain::Next WaitClientChain::on(Answered<ChainVerified>&& answer, ServerContext& ctx) && {
  if (!answer.value.is_for(*session.peer_chain.front(), nullptr))
    return Error{ErrorCode::internal, "a chain proof of another leaf"};
  recall(session, answer.value, ctx);
  return resume(received.hello, session, ctx);
}

WaitClientChain::Next WaitClientChain::on(Answered<Error>&& answer, ServerContext& ctx) && {
  ctx.decided("resumption_refused", answer.value.message());
  BULLA_TRY(WaitShare next, full_handshake(received.hello, std::move(identity), ctx));
  return Next(std::move(next));
}

// ---------------------------------------------- ServerKeyExchange, CertificateRequest, ServerHelloDone

Result<WaitSignature> WaitShare::on(Answered<KeyPair>&& answer, ServerContext& ctx) && {
  const ServerKeyExchange message{.group = agreed.group, .point = answer.value.share};
  ctx.request(Sign{std::move(identity), scheme, signed_params(randoms_of(ctx), message.encode_params())});
  return WaitSignature{std::move(agreed), scheme, std::move(answer.value)};
}

namespace {

/// RFC 5246 §7.4.4. The names of the accepted CAs are advice: where they do not fit, none are named.
void send_certificate_request(ServerContext& ctx) {
  static constexpr uint8_t types[] = {static_cast<uint8_t>(ClientCertificateType::ecdsa_sign),
                                      static_cast<uint8_t>(ClientCertificateType::rsa_sign)};
  const std::vector<uint8_t> schemes =
      encode_u16s<SignatureScheme>(schemes_up_to(ProtocolVersion::tls12, ctx.common.signature_schemes));
  const auto authorities = ctx.services.verifier->accepted_authorities();
  CertificateRequest12 message{types, U16List<SignatureScheme>(schemes), {}};
  size_t size = 0;
  for (const auto& name : authorities) {
    message.authorities.push_back(name);
    size += 2 + name.size();
  }
  if (size > 0xffff) message.authorities.clear();
  ctx.send(cleartext, message);
  ctx.decided("client_authentication", "asked for");
}

}  // namespace

Result<OneOf<WaitCertificate, WaitClientKeyExchange>> WaitSignature::on(Answered<Signature>&& answer,
                                                                        ServerContext& ctx) && {
  ctx.send(
      cleartext,
      ServerKeyExchange{
          .group = agreed.group, .point = share.share, .algorithm = scheme, .signature = answer.value.bytes});
  const bool ask = ctx.config.options().client_auth != ClientAuth::none;
  if (ask) send_certificate_request(ctx);
  ctx.send(cleartext, ServerHelloDone{});
  if (ask) return WaitCertificate{std::move(agreed), std::move(share.private_key)};
  return WaitClientKeyExchange{std::move(agreed), std::move(share.private_key)};
}

// --------------------------------------------------------------------- Certificate, ClientKeyExchange

Result<WaitClientKeyExchange> WaitCertificate::on(const Certificate12& message, ServerContext& ctx) && {
  if (message.entries.empty()) {
    // RFC 5246 §7.4.6: certificate_required is an alert of TLS 1.3.
    if (ctx.config.options().client_auth == ClientAuth::required)
      return Error{.code = ErrorCode::client_certificate_required,
                   .alert = AlertDescription::handshake_failure};
    ctx.transcript.add(ctx.received);
    ctx.transcript.forget_messages();  // nothing will be signed
    ctx.decided("client_certificate", "none");
    return WaitClientKeyExchange{std::move(agreed), std::move(private_key)};
  }
  BULLA_TRY(Chain chain, parse_chain(message.entries));
  ctx.info.peer_chain = chain;
  ctx.transcript.add(ctx.received);
  CertificatePtr leaf = chain.front();
  ctx.decided("client_certificate", leaf->subject());
  ctx.request(VerifyChain{std::move(chain), std::nullopt, CertificatePurpose::client, ctx.now, {}});
  return WaitClientKeyExchange{std::move(agreed), std::move(private_key), {std::move(leaf), std::nullopt}};
}

Result<WaitClientKeyExchange> WaitClientKeyExchange::on(Answered<ChainVerified>&& answer, ServerContext&) && {
  client.chain = std::move(answer.value);
  return std::move(*this);
}

Result<WaitSecret> WaitClientKeyExchange::on(const ClientKeyExchange& message, ServerContext& ctx) && {
  ctx.transcript.add(ctx.received);
  ctx.request(Decapsulate{agreed.group, std::move(private_key), to_vector(message.point)});
  return WaitSecret{std::move(agreed), std::move(client)};
}

Result<WaitSecret> WaitSecret::on(Answered<ChainVerified>&& answer, ServerContext&) && {
  client.chain = std::move(answer.value);
  return std::move(*this);
}

namespace {

MasterSecret derive_master(const Suite& suite, SharedSecret&& shared, ServerContext& ctx) {
  PremasterSecret premaster(std::move(shared.secret));
  const HashAlgorithm& hash = ctx.hash_of(suite);
  MasterSecret master = ctx.info.extended_master_secret
                            ? std::move(premaster).extended_master(hash, ctx.transcript.digest())
                            : std::move(premaster).master(hash, randoms_of(ctx));
  ctx.log_secret("CLIENT_RANDOM", master.reveal());
  return master;
}

/// All of the client's proofs are in; its Finished is what remains.
WaitChangeCipherSpec expect_end(Agreed&& agreed, MasterSecret&& master,
                                std::variant<CertificateAuthenticated, ClientUnauthenticated>&& client,
                                ServerContext& ctx) {
  KeyBlock keys = expand(ctx.provider(), *agreed.suite, master, randoms_of(ctx));
  return {std::move(agreed), std::move(master), std::move(keys.client),
          Full{std::move(client), std::move(keys.server)}};
}

}  // namespace

Result<OneOf<WaitCertificateVerify, WaitChangeCipherSpec>> WaitSecret::on(Answered<SharedSecret>&& answer,
                                                                          ServerContext& ctx) && {
  MasterSecret master = derive_master(*agreed.suite, std::move(answer.value), ctx);
  if (client.leaf) return WaitCertificateVerify{std::move(agreed), std::move(master), std::move(client)};
  return expect_end(std::move(agreed), std::move(master), ClientUnauthenticated{}, ctx);
}

// ------------------------------------------------------------------------------------ CertificateVerify

Result<WaitCertificateVerify> WaitCertificateVerify::on(Answered<ChainVerified>&& answer, ServerContext&) && {
  client.chain = std::move(answer.value);
  return std::move(*this);
}

Result<WaitProofs> WaitCertificateVerify::on(const CertificateVerify& message, ServerContext& ctx) && {
  BULLA_TRY(check_scheme(message.algorithm, *client.leaf, ProtocolVersion::tls12, ctx));
  std::vector<uint8_t> signed_messages = to_vector(ctx.transcript.messages());
  ctx.transcript.forget_messages();
  ctx.transcript.add(ctx.received);
  ctx.request(VerifySignature{client.leaf, message.algorithm, signed_messages, to_vector(message.signature)});
  return WaitProofs{std::move(agreed), std::move(master), std::move(client), std::move(signed_messages)};
}

WaitProofs::Next WaitProofs::on(Answered<ChainVerified>&& answer, ServerContext& ctx) && {
  client.chain = std::move(answer.value);
  return std::move(*this).when_both(ctx);
}

WaitProofs::Next WaitProofs::on(Answered<SignatureVerified>&& answer, ServerContext& ctx) && {
  signature = std::move(answer.value);
  return std::move(*this).when_both(ctx);
}

WaitProofs::Next WaitProofs::when_both(ServerContext& ctx) && {
  if (!client.chain || !signature) return std::move(*this);
  tell_proofs(*client.chain, *signature, ctx);
  BULLA_TRY(auto proof, authenticate(*client.leaf, nullptr, signed_messages, *std::move(client.chain),
                                     *std::move(signature)));
  return expect_end(std::move(agreed), std::move(master), std::move(proof), ctx);
}

// ----------------------------------------------------------------------- change_cipher_spec, Finished

Result<WaitFinished> WaitChangeCipherSpec::on(const ChangeCipherSpec&, ServerContext& ctx) && {
  BULLA_TRY(ctx.driver.read_with(ciphertext, server_reads(std::move(keys))));
  return WaitFinished{std::move(agreed), std::move(master), std::move(kind)};
}

namespace {

/// The session of this connection for ticket or cache; empty where it is too large to be kept.
SecretBytes session_state(const MasterSecret& master, const ServerContext& ctx) {
  ServerSession session = session_of(ctx);
  session.secret = InlineSecret<SessionRole, 48>(master.reveal());
  return session.encode();
}

/// The end of a full handshake: our Finished is the last message.
Connected end(const Suite* suite, MasterSecret&& master, Full&& full, FinishedVerified finished,
              ServerContext& ctx) {
  send_finished(*suite, master, std::move(full.keys), ctx);
  PeerProof proof = std::visit([](auto& client) { return PeerProof(std::move(client)); }, full.client);
  return {finished, std::move(proof), suite, std::move(master).exporter(), {}};
}

}  // namespace

Result<OneOf<WaitTicket, Connected>> WaitFinished::on(const Finished& message, ServerContext& ctx) && {
  const VerifyData expected =
      verify_data(ctx.hash_of(*agreed.suite), master, Role::client, ctx.transcript.digest());
  BULLA_TRY(const FinishedVerified finished, check_finished(expected, message.verify_data));
  ctx.transcript.add(ctx.received);

  auto* full = std::get_if<Full>(&kind);
  if (!full) return Connected{finished, resumed(finished), agreed.suite, std::move(master).exporter(), {}};
  if (agreed.ticket) {
    ctx.request(SealTicket{session_state(master, ctx), ctx.now});
    return WaitTicket{agreed.suite, std::move(master), std::move(*full), finished};
  }
  if (!agreed.session_id.empty()) {
    const SecretBytes state = session_state(master, ctx);
    if (!state.empty()) ctx.services.session_cache->put(agreed.session_id, state.reveal(), ctx.now);
  }
  return end(agreed.suite, std::move(master), std::move(*full), finished, ctx);
}

Result<Connected> WaitTicket::on(Answered<Ticket>&& answer, ServerContext& ctx) && {
  // RFC 5077 §3.3: promised is promised; an empty one says that there is none after all.
  const auto lifetime = static_cast<uint32_t>(ticket_lifetime(ctx).count());
  ctx.send(cleartext, NewSessionTicket12{lifetime, answer.value.bytes});
  return end(suite, std::move(master), std::move(full), finished, ctx);
}

}  // namespace bulla::tls::tls12::server

namespace bulla::tls::tls12 {

Result<ServerAfterHello> on_client_hello(ReceivedHello&& received, ServerContext& ctx) {
  const ClientHello& hello = received.hello;
  BULLA_TRY(server::check(hello, ctx));
  BULLA_TRY(ctx.driver.end_of_flight());
  std::ranges::copy(hello.random, ctx.client_random.begin());
  ctx.random().fill(ctx.server_random);
  add_downgrade_sentinel(ctx.server_random, ctx.common);
  if (hello.server_name) ctx.info.server_name = as_text(*hello.server_name);

  const bool session_pending = server::ask_for_session(hello, ctx);
  ctx.request(identity_wanted(hello, ProtocolVersion::tls12));
  return server::WaitChoices{std::move(received), session_pending};
}

}  // namespace bulla::tls::tls12
