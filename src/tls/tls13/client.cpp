#include "tls/tls13/client.h"

#include "tls/peer_certificates.h"
#include "tls/schemes.h"
#include "tls/session_state.h"
#include "tls/tls13/signed_message.h"

#include <algorithm>

namespace bulla::tls::tls13::client {

// ------------------------------------------------------------------------------------------------ WAIT_SH

Result<WaitSecret> on_server_hello(const ServerHello& hello, Offer&& offer,
                                   std::optional<CipherSuite> retried_suite, ClientContext& ctx) {
  // RFC 9846 §4.2.3: legacy fields are fixed or echoed.
  if (hello.legacy_version != ProtocolVersion::tls12)
    return Error{ErrorCode::illegal_parameter,
                 "legacy_version in ServerHello",
                 {},
                 AlertDescription::protocol_version};
  if (hello.selected_version != ProtocolVersion::tls13 || !ctx.common.versions.has(ProtocolVersion::tls13))
    return Error{ErrorCode::version_not_offered, name_of(hello.selected_version)};
  if (!equal_vartime(hello.session_id_echo, offer.session_id)) return ErrorCode::wrong_session_id_echo;
  if (hello.compression_method != 0) return ErrorCode::compression_selected;
  // §4.2.3: the suite is one that was offered, for this version, and stays what a HelloRetryRequest said
  // (§4.2.4).
  const Suite* suite = find_suite(hello.cipher_suite);
  if (!suite || suite->version != ProtocolVersion::tls13 ||
      std::ranges::find(ctx.common.cipher_suites, suite->id) == ctx.common.cipher_suites.end() ||
      (retried_suite && *retried_suite != suite->id))
    return Error{ErrorCode::wrong_cipher_returned, name_of(hello.cipher_suite)};
  BULLA_TRY(check_solicited(hello.extensions, offer.extensions, Carrier::sh));
  // §4.3.11: the selected identity was offered, and its hash is the suite's.
  if (hello.selected_psk) {
    if (*hello.selected_psk != 0 || !offer.has(ExtensionType::pre_shared_key))
      return ErrorCode::psk_selected_unknown;
    if (find_suite(offer.session->suite)->hash != suite->hash)
      return Error{ErrorCode::wrong_cipher_returned, "the suite's hash is not that of the pre-shared key"};
  }
  // §4.3.9: we offer psk_dhe_ke only, so a share must come in every case.
  if (!hello.key_share) return Error{ErrorCode::missing_extension, "key_share in ServerHello"};
  const auto share = std::ranges::find(offer.shares, hello.key_share->group, &OfferedShare::group);
  if (share == offer.shares.end()) return Error{ErrorCode::wrong_group, name_of(hello.key_share->group)};

  ctx.info.version = ProtocolVersion::tls13;
  ctx.info.suite = suite->id;
  ctx.info.group = share->group;
  ctx.info.extended_master_secret = true;
  std::ranges::copy(hello.random, ctx.server_random.begin());
  ctx.decided("version", name_of(ProtocolVersion::tls13));
  ctx.decided("cipher_suite", name_of(suite->id));
  ctx.decided("group", name_of(share->group));
  if (!ctx.transcript.started()) ctx.transcript.start(ctx.hash_of(*suite));
  ctx.transcript.add(ctx.received);
  const OperationId agreement = ctx.request(Decapsulate{share->group, std::move(share->keys.private_key),
                                                        to_vector(hello.key_share->key_exchange)});
  offer.shares.clear();
  return WaitSecret{suite, std::move(offer), hello.selected_psk.has_value(), agreement};
}

Result<WaitEe> WaitSecret::on(Answered<SharedSecret>&& answer, ClientContext& ctx) && {
  const HashAlgorithm& hash = ctx.hash_of(*suite);
  EarlyStage early(hash, psk_selected ? offer.session->secret.reveal() : Bytes());
  HandshakeStage stage = std::move(early).agree(answer.value.secret.reveal());
  const Digest transcript = ctx.transcript.digest();
  auto client = stage.client_traffic(transcript);
  auto server = stage.server_traffic(transcript);
  ctx.log_secret("CLIENT_HANDSHAKE_TRAFFIC_SECRET", client.reveal());
  ctx.log_secret("SERVER_HANDSHAKE_TRAFFIC_SECRET", server.reveal());

  BULLA_TRY(ctx.driver.read_with(EncryptionLevel::handshake, client_reads(*suite, server)));
  // RFC 9846 §E.4: once, before the first protected record of ours.
  if (ctx.common.middlebox_compatibility == MiddleboxCompatibility::on && !ctx.compatibility_ccs_sent) {
    ctx.driver.send_change_cipher_spec();
    ctx.compatibility_ccs_sent = true;
  }
  ctx.driver.write_with(EncryptionLevel::handshake, client_writes(*suite, client));
  return WaitEe{Secrets{suite, std::move(stage), std::move(client), std::move(server)}, std::move(offer),
                psk_selected};
}

// ------------------------------------------------------------------------------- WAIT_EE, WAIT_CERT_CR,
// WAIT_CERT

Result<OneOf<WaitCertCr, WaitFinished>> WaitEe::on(const EncryptedExtensions& message,
                                                   ClientContext& ctx) && {
  BULLA_TRY(check_solicited(message.extensions, offer.extensions, Carrier::ee));
  if (message.early_data) return Error{ErrorCode::unsolicited_extension, "early_data, which was not offered"};
  if (message.alpn) {
    const std::string chosen(as_text(*message.alpn));
    if (std::ranges::find(ctx.common.alpn, chosen) == ctx.common.alpn.end())
      return Error{ErrorCode::alpn_not_offered, printable(chosen)};
    ctx.info.alpn = chosen;
    ctx.decided("alpn", printable(chosen));
  }
  ctx.transcript.add(ctx.received);
  if (!psk_selected) return WaitCertCr{std::move(secrets), std::move(offer.extensions)};
  recall(*offer.session, ctx);
  ctx.decided("resumption", "pre-shared key of an earlier connection");
  return WaitFinished{std::move(secrets), std::nullopt, std::nullopt};
}

Result<WaitCert> WaitCertCr::on(const CertificateRequest& message, ClientContext& ctx) && {
  // RFC 9846 §4.4.2: the context is empty but in post-handshake authentication.
  if (!message.context.empty()) return ErrorCode::nonempty_request_context;
  CertificateAsked asked{to_vector(message.context), message.signature_algorithms.to_vector(), {}};
  for (const Bytes name : message.certificate_authorities) asked.authorities.push_back(to_vector(name));
  ctx.transcript.add(ctx.received);
  ctx.decided("client_authentication", "asked for");
  return WaitCert{std::move(secrets), std::move(offered), std::move(asked)};
}

namespace {

/// RFC 9846 §4.5.1: checks the message, tells the facts, asks for the chain's verification.
Result<CertificatePtr> take_certificate(const CertificateMessage& message,
                                        const std::vector<ExtensionType>& offered, ClientContext& ctx) {
  if (!message.context.empty()) return ErrorCode::nonempty_request_context;
  if (message.entries.empty()) return ErrorCode::empty_certificate_list;
  std::vector<Bytes> list;
  for (const CertificateEntry& entry : message.entries) {
    BULLA_TRY(check_solicited(entry.extensions, offered, Carrier::ct));
    list.push_back(entry.data);
  }
  BULLA_TRY(Chain chain, parse_chain(list));
  if (message.entries.front().ocsp_response)
    ctx.info.ocsp_response = to_vector(*message.entries.front().ocsp_response);
  ctx.info.peer_chain = chain;
  ctx.transcript.add(ctx.received);
  CertificatePtr leaf = chain.front();
  ctx.decided("server_certificate", leaf->subject());
  ctx.request(VerifyChain{std::move(chain), ctx.name, CertificatePurpose::server, ctx.now,
                          ctx.info.ocsp_response, ctx.config.options().ocsp});
  return leaf;
}

}  // namespace

Result<WaitCv> WaitCertCr::on(const CertificateMessage& message, ClientContext& ctx) && {
  BULLA_TRY(CertificatePtr leaf, take_certificate(message, offered, ctx));
  return WaitCv{std::move(secrets), std::nullopt, std::move(leaf), std::nullopt};
}

Result<WaitCv> WaitCert::on(const CertificateMessage& message, ClientContext& ctx) && {
  BULLA_TRY(CertificatePtr leaf, take_certificate(message, offered, ctx));
  return WaitCv{std::move(secrets), std::move(asked), std::move(leaf), std::nullopt};
}

// ----------------------------------------------------------------------------------------------- WAIT_CV

Result<WaitCv> WaitCv::on(Answered<ChainVerified>&& answer, ClientContext&) && {
  chain = std::move(answer.value);
  return std::move(*this);
}

Result<WaitProofs> WaitCv::on(const CertificateVerify& message, ClientContext& ctx) && {
  BULLA_TRY(check_scheme(message.algorithm, *leaf, ProtocolVersion::tls13, ctx));
  std::vector<uint8_t> signed_bytes = signed_message(Role::server, ctx.transcript.digest());
  ctx.transcript.add(ctx.received);
  ctx.request(VerifySignature{leaf, message.algorithm, signed_bytes, to_vector(message.signature)});
  return WaitProofs{std::move(secrets),      std::move(asked), std::move(leaf),
                    std::move(signed_bytes), std::move(chain), std::nullopt};
}

WaitProofs::Next WaitProofs::on(Answered<ChainVerified>&& answer, ClientContext& ctx) && {
  chain = std::move(answer.value);
  return std::move(*this).when_both(ctx);
}

WaitProofs::Next WaitProofs::on(Answered<SignatureVerified>&& answer, ClientContext& ctx) && {
  signature = std::move(answer.value);
  return std::move(*this).when_both(ctx);
}

WaitProofs::Next WaitProofs::when_both(ClientContext& ctx) && {
  if (!chain || !signature) return std::move(*this);
  tell_proofs(*chain, *signature, ctx);
  BULLA_TRY(auto server,
            authenticate(*leaf, &ctx.name, signed_message, *std::move(chain), *std::move(signature)));
  return WaitFinished{std::move(secrets), std::move(asked), std::move(server)};
}

// ------------------------------------------------------------------------------------------ WAIT_FINISHED

namespace {

/// Sends our Finished (and whatever stands before it is sent already), moves on to the application keys.
Result<Connected> finish(Answering&& a, ClientContext& ctx) {
  const HashAlgorithm& hash = ctx.hash_of(*a.suite);
  const Digest verify = verify_data(hash, a.client_handshake.reveal(), ctx.transcript.digest());
  ctx.send(EncryptionLevel::handshake, Finished{verify});
  ctx.driver.write_with(EncryptionLevel::application, client_writes(*a.suite, a.client_application));
  ResumptionSecret resumption = a.stage.resumption(ctx.transcript.digest());
  return Connected{a.finished, std::move(a.server), a.suite, std::move(a.exporter), std::move(resumption)};
}

}  // namespace

Result<OneOf<WaitIdentity, Connected>> WaitFinished::on(const Finished& message, ClientContext& ctx) && {
  const Suite* suite = secrets.suite;
  const Digest expected = verify_data(ctx.hash_of(*suite), secrets.server.reveal(), ctx.transcript.digest());
  BULLA_TRY(const FinishedVerified finished, check_finished(expected, message.verify_data));
  ctx.transcript.add(ctx.received);

  MainStage stage = std::move(secrets.stage).main();
  const Digest transcript = ctx.transcript.digest();
  auto client_application = stage.client_traffic(transcript);
  const auto server_application = stage.server_traffic(transcript);
  auto exporter = stage.exporter(transcript);
  ctx.log_secret("CLIENT_TRAFFIC_SECRET_0", client_application.reveal());
  ctx.log_secret("SERVER_TRAFFIC_SECRET_0", server_application.reveal());
  ctx.log_secret("EXPORTER_SECRET", exporter.reveal());
  BULLA_TRY(ctx.driver.read_with(EncryptionLevel::application, client_reads(*suite, server_application)));

  PeerProof proof = server ? PeerProof(*std::move(server)) : PeerProof(resumed(finished));
  Answering answering{suite,
                      std::move(secrets.client),
                      std::move(client_application),
                      std::move(stage),
                      std::move(exporter),
                      finished,
                      std::move(proof)};
  if (!asked) {
    BULLA_TRY(Connected connected, finish(std::move(answering), ctx));
    return Result<OneOf<WaitIdentity, Connected>>(std::move(connected));
  }
  ctx.request(SelectIdentity{.server = false,
                             .server_name = ctx.name.text(),
                             .schemes = asked->schemes,
                             .authorities = asked->authorities,
                             .cipher_suites = {},
                             .version = ProtocolVersion::tls13});
  return WaitIdentity{std::move(answering), *std::move(asked)};
}

Result<OneOf<WaitSignature, Connected>> WaitIdentity::on(Answered<SelectedIdentity>&& answer,
                                                         ClientContext& ctx) && {
  IdentityPtr identity = std::move(answer.value.identity);
  std::optional<SignatureScheme> scheme;
  if (identity)
    scheme = choose_scheme(ctx.common.signing_schemes, asked.schemes, identity->leaf().public_key(),
                           ProtocolVersion::tls13);
  // RFC 9846 §4.5.1: without a certificate that fits the request the list is empty, and no CertificateVerify
  // follows. What that means is for the server to say.
  if (identity && !scheme) {
    ctx.decided("client_certificate_withheld",
                "the server takes no signature of a key of type " + name_of(identity->key().type()));
    identity.reset();
  }
  CertificateMessage message{asked.context, {}};
  if (identity)
    for (const CertificatePtr& certificate : identity->chain())
      message.entries.push_back({certificate->der(), {}, {}});
  ctx.send(EncryptionLevel::handshake, message);
  if (!identity) {
    ctx.decided("client_certificate", "none");
    BULLA_TRY(Connected connected, finish(std::move(answering), ctx));
    return Result<OneOf<WaitSignature, Connected>>(std::move(connected));
  }
  ctx.decided("client_certificate", identity->leaf().subject());
  ctx.request(Sign{identity, *scheme, signed_message(Role::client, ctx.transcript.digest())});
  return WaitSignature{std::move(answering), *scheme};
}

Result<Connected> WaitSignature::on(Answered<Signature>&& answer, ClientContext& ctx) && {
  ctx.send(EncryptionLevel::handshake, CertificateVerify{scheme, answer.value.bytes});
  ctx.info.own_signature = scheme;
  ctx.decided("client_signature", name_of(scheme));
  return finish(std::move(answering), ctx);
}

}  // namespace bulla::tls::tls13::client
