// The server's flight and the client's answer: NEGOTIATED to CONNECTED.
#include "tls/tls13/server.h"

#include "tls/msg/server_hello.h"
#include "tls/msg/server_parameters.h"
#include "tls/peer_certificates.h"
#include "tls/tls13/signed_message.h"

#include "tls/ext/names.h"

#include <algorithm>

namespace bulla::tls::tls13::server {
namespace {

/// What one extension may take of the 2^16-1 bytes that all of them have.
constexpr size_t longest_hint = 0xf000;

/// RFC 9846 §4.4.2, with the CAs of the config's verifier as a hint.
void send_certificate_request(ServerContext& ctx) {
  const std::vector<uint8_t> schemes = encode_u16s<SignatureScheme>(ctx.common.signature_schemes);
  const auto authorities = ctx.services.verifier->accepted_authorities();
  CertificateRequest request{.signature_algorithms = U16List<SignatureScheme>(schemes)};
  size_t size = 0;
  for (const auto& name : authorities) {
    request.certificate_authorities.push_back(name);
    size += 2 + name.size();
  }
  // They are advice: where they do not fit into the message, none are named.
  if (size > longest_hint) request.certificate_authorities.clear();
  ctx.send(EncryptionLevel::handshake, request);
  ctx.decided("client_authentication", "asked for");
}

void send_certificate(const Identity& identity, bool staple_wanted, ServerContext& ctx) {
  CertificateMessage message;
  for (const CertificatePtr& certificate : identity.chain())
    message.entries.push_back({certificate->der(), {}, {}});
  const Bytes staple = identity.ocsp_response();
  if (staple_wanted && !staple.empty() && staple.size() <= longest_hint)
    message.entries.front().ocsp_response = staple;
  ctx.send(EncryptionLevel::handshake, message);
  ctx.decided("server_certificate", identity.leaf().subject());
}

/// Our Finished, and the application keys of our side (RFC 9846 §7.1).
Sent finish_flight(Secrets&& secrets, ServerContext& ctx) {
  const HashAlgorithm& hash = ctx.hash_of(*secrets.suite);
  const Digest verify = verify_data(hash, secrets.server.reveal(), ctx.transcript.digest());
  ctx.send(EncryptionLevel::handshake, Finished{verify});
  MainStage stage = std::move(secrets.stage).main();
  const Digest transcript = ctx.transcript.digest();
  auto client_application = stage.client_traffic(transcript);
  const auto server_application = stage.server_traffic(transcript);
  auto exporter = stage.exporter(transcript);
  ctx.log_secret("CLIENT_TRAFFIC_SECRET_0", client_application.reveal());
  ctx.log_secret("SERVER_TRAFFIC_SECRET_0", server_application.reveal());
  ctx.log_secret("EXPORTER_SECRET", exporter.reveal());
  ctx.driver.write_with(EncryptionLevel::application, server_writes(*secrets.suite, server_application));
  return Sent{
      secrets.suite,       std::move(stage),      std::move(secrets.client), std::move(client_application),
      std::move(exporter), secrets.tickets_wanted};
}

}  // namespace

// -------------------------------------------------------------------------------------------- NEGOTIATED

Result<OneOf<WaitSignature, WaitFinished>> Negotiated::on(Answered<Encapsulated>&& answer,
                                                          ServerContext& ctx) && {
  ctx.random().fill(ctx.server_random);
  ServerHello hello{.random = ctx.server_random,
                    .session_id_echo = session_id,
                    .cipher_suite = suite->id,
                    .key_share = KeyShareEntry{group, answer.value.share},
                    .selected_psk = {},
                    .extensions = {}};
  if (session) hello.selected_psk = psk_index;
  ctx.send(EncryptionLevel::initial, hello);
  // RFC 9846 §E.4: a client that asked for compatibility sent a session id; once, and not again after a
  // retry.
  if (!session_id.empty() && !retried) ctx.driver.send_change_cipher_spec();

  EarlyStage early(ctx.hash_of(*suite), session ? session->secret.reveal() : Bytes());
  HandshakeStage stage = std::move(early).agree(answer.value.secret.reveal());
  const Digest transcript = ctx.transcript.digest();
  auto client = stage.client_traffic(transcript);
  auto server = stage.server_traffic(transcript);
  ctx.log_secret("CLIENT_HANDSHAKE_TRAFFIC_SECRET", client.reveal());
  ctx.log_secret("SERVER_HANDSHAKE_TRAFFIC_SECRET", server.reveal());
  ctx.driver.write_with(EncryptionLevel::handshake, server_writes(*suite, server));
  BULLA_TRY(ctx.driver.read_with(EncryptionLevel::handshake, server_reads(*suite, client)));

  EncryptedExtensions extensions;
  extensions.server_name_ack = server_name_ack && !session;
  if (!ctx.info.alpn.empty()) extensions.alpn = as_bytes(ctx.info.alpn);
  ctx.send(EncryptionLevel::handshake, extensions);

  Secrets secrets{suite, std::move(stage), std::move(client), std::move(server), tickets_wanted};
  if (session) return WaitFinished{finish_flight(std::move(secrets), ctx), std::nullopt, true};
  if (ctx.config.options().client_auth != ClientAuth::none) send_certificate_request(ctx);
  send_certificate(*identity, staple_wanted, ctx);
  ctx.request(Sign{std::move(identity), scheme, signed_message(Role::server, ctx.transcript.digest())});
  return WaitSignature{std::move(secrets), scheme};
}

Result<OneOf<WaitCert, WaitFinished>> WaitSignature::on(Answered<Signature>&& answer, ServerContext& ctx) && {
  ctx.send(EncryptionLevel::handshake, CertificateVerify{scheme, answer.value.bytes});
  ctx.info.own_signature = scheme;
  ctx.decided("server_signature", name_of(scheme));
  Sent sent = finish_flight(std::move(secrets), ctx);
  if (ctx.config.options().client_auth == ClientAuth::none)
    return WaitFinished{std::move(sent), std::nullopt, false};
  return WaitCert{std::move(sent)};
}

// --------------------------------------------------------------------------------------- WAIT_CERT, WAIT_CV

Result<OneOf<WaitCv, WaitFinished>> WaitCert::on(const CertificateMessage& message, ServerContext& ctx) && {
  if (!message.context.empty()) return ErrorCode::nonempty_request_context;
  if (message.entries.empty()) {
    // RFC 9846 §4.5.1.3: going on without is the server's choice.
    if (ctx.config.options().client_auth == ClientAuth::required)
      return ErrorCode::client_certificate_required;
    ctx.transcript.add(ctx.received);
    ctx.decided("client_certificate", "none");
    return WaitFinished{std::move(sent), std::nullopt, false};
  }
  std::vector<Bytes> list;
  for (const CertificateEntry& entry : message.entries) {
    // Our CertificateRequest offered no extension that a certificate could answer.
    BULLA_TRY(check_solicited(entry.extensions, {}, Carrier::ct));
    list.push_back(entry.data);
  }
  BULLA_TRY(Chain chain, parse_chain(list));
  ctx.info.peer_chain = chain;
  ctx.transcript.add(ctx.received);
  CertificatePtr leaf = chain.front();
  ctx.decided("client_certificate", leaf->subject());
  ctx.request(VerifyChain{std::move(chain), std::nullopt, CertificatePurpose::client, ctx.now, {}});
  return WaitCv{std::move(sent), std::move(leaf), std::nullopt};
}

Result<WaitCv> WaitCv::on(Answered<ChainVerified>&& answer, ServerContext&) && {
  chain = std::move(answer.value);
  return std::move(*this);
}

Result<WaitProofs> WaitCv::on(const CertificateVerify& message, ServerContext& ctx) && {
  BULLA_TRY(check_scheme(message.algorithm, *leaf, ProtocolVersion::tls13, ctx));
  std::vector<uint8_t> signed_bytes = signed_message(Role::client, ctx.transcript.digest());
  ctx.transcript.add(ctx.received);
  ctx.request(VerifySignature{leaf, message.algorithm, signed_bytes, to_vector(message.signature)});
  return WaitProofs{std::move(sent), std::move(leaf), std::move(signed_bytes), std::move(chain),
                    std::nullopt};
}

WaitProofs::Next WaitProofs::on(Answered<ChainVerified>&& answer, ServerContext& ctx) && {
  chain = std::move(answer.value);
  return std::move(*this).when_both(ctx);
}

WaitProofs::Next WaitProofs::on(Answered<SignatureVerified>&& answer, ServerContext& ctx) && {
  signature = std::move(answer.value);
  return std::move(*this).when_both(ctx);
}

WaitProofs::Next WaitProofs::when_both(ServerContext& ctx) && {
  if (!chain || !signature) return std::move(*this);
  tell_proofs(*chain, *signature, ctx);
  BULLA_TRY(auto client,
            authenticate(*leaf, nullptr, signed_message, *std::move(chain), *std::move(signature)));
  return WaitFinished{std::move(sent), std::move(client), false};
}

// ------------------------------------------------------------------------------------------ WAIT_FINISHED

namespace {

/// RFC 9846 §4.7.1: one sealed session for each ticket, every one with a PSK of its own.
void prepare_tickets(const ResumptionSecret& secret, const Suite& suite, Connected& connected,
                     ServerContext& ctx) {
  const unsigned count = ctx.services.tickets ? ctx.config.options().tickets_per_handshake : 0;
  if (count == 0 || ticket_lifetime(ctx) == Seconds{0}) return;
  std::vector<uint8_t> drawn(4 * size_t{count});
  ctx.random().fill(drawn);
  Reader age_adds(drawn);
  for (unsigned i = 0; i < count; ++i) {
    PendingTicket ticket{.operation = {}, .nonce = {0, static_cast<uint8_t>(i)}, .age_add = age_adds.u32()};
    ServerSession session = session_of(ctx);
    session.age_add = ticket.age_add;
    session.secret =
        InlineSecret<SessionRole, 48>(resumption_psk(ctx.hash_of(suite), secret, ticket.nonce).reveal());
    SecretBytes state = session.encode();
    if (state.empty()) return;
    ticket.operation = ctx.request(SealTicket{std::move(state), ctx.now});
    connected.tickets.push_back(ticket);
  }
}

}  // namespace

Result<Connected> WaitFinished::on(const Finished& message, ServerContext& ctx) && {
  const Digest expected =
      verify_data(ctx.hash_of(*sent.suite), sent.client_handshake.reveal(), ctx.transcript.digest());
  BULLA_TRY(const FinishedVerified finished, check_finished(expected, message.verify_data));
  ctx.transcript.add(ctx.received);
  BULLA_TRY(
      ctx.driver.read_with(EncryptionLevel::application, server_reads(*sent.suite, sent.client_application)));

  PeerProof proof = ClientUnauthenticated{};
  if (client) proof = *std::move(client);
  if (resuming) proof = resumed(finished);
  ResumptionSecret resumption = sent.stage.resumption(ctx.transcript.digest());
  Connected connected{finished, std::move(proof), sent.suite, std::move(sent.exporter), {}, {}};
  if (sent.tickets_wanted) prepare_tickets(resumption, *sent.suite, connected, ctx);
  return connected;
}

}  // namespace bulla::tls::tls13::server
