#include "tls/rfc8448/replay.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace bulla::test::rfc8448 {

void Script::fill(MutBytes out) noexcept {
  if (out.size() > left()) {
    ADD_FAILURE() << out.size() << " random bytes asked for, " << left() << " left";
    std::ranges::fill(out, uint8_t{1});
    return;
  }
  std::copy_n(bytes_.begin() + static_cast<ptrdiff_t>(at_), out.size(), out.begin());
  at_ += out.size();
}

void TraceKey::sign(Random&, std::span<SignJob> jobs) const noexcept {
  for (SignJob& job : jobs) {
    EXPECT_EQ(to_hex(job.message), to_hex(message_));
    job.signature = signature_;
    job.ok = true;
  }
}

std::vector<uint8_t> Replay::take_output() {
  std::vector<uint8_t> bytes = to_vector(side.output.pending());
  side.output.sent(bytes.size());
  return bytes;
}

std::vector<uint8_t> Replay::hear(Bytes bytes) {
  side.input.insert(side.input.end(), bytes.begin(), bytes.end());
  side.run(trace_time);
  EXPECT_FALSE(side.error) << side.error->message();
  return take_output();
}

CertificatePtr certificate_in(const Trace& trace, const std::string& flight) {
  for (const Bytes message : trace.messages(flight))
    if (message[0] == static_cast<uint8_t>(HandshakeType::certificate))
      return Certificate::from_der(Trace::leaf(message)).value();
  ADD_FAILURE() << "no certificate in " << flight;
  return nullptr;
}

namespace {

IdentityPtr identity_in(const Trace& trace, const std::string& side) {
  const std::string capital = side == "server" ? "Server" : "Client";
  const CertificatePtr leaf = certificate_in(trace, side + "_flight_plaintext");
  auto key = std::make_shared<TraceKey>(leaf, trace[capital + "_MessageToSign"],
                                        trace[capital + "_MessageSignature"]);
  return Identity::create({leaf}, std::move(key)).value();
}

/// The order of a message's extensions, and the bodies of those in `foreign`, which our engine would not
/// write so.
dangerous::WireShape::Extensions shape_of(const std::vector<Extension>& extensions,
                                          std::vector<ExtensionType> foreign) {
  dangerous::WireShape::Extensions shape;
  for (const Extension& e : extensions) {
    const auto type = static_cast<ExtensionType>(e.type);
    shape.order.push_back(type);
    if (std::ranges::find(foreign, type) != foreign.end()) shape.bodies.emplace_back(type, e.body);
  }
  return shape;
}

constexpr auto record_size_limit = static_cast<ExtensionType>(28);

dangerous::WireShape::Extensions client_hello_shape(Bytes hello) {
  using enum ExtensionType;
  return shape_of(extensions_of(hello, client_hello_extensions_at(hello)),
                  {supported_groups, signature_algorithms, renegotiation_info, session_ticket, padding,
                   record_size_limit});
}

CommonOptions common_options(const Trace& trace, const std::shared_ptr<Script>& random,
                             const std::shared_ptr<Tap>& tap) {
  CommonOptions common;
  common.versions = {ProtocolVersion::tls13, ProtocolVersion::tls13};
  common.random = random;
  common.tap = tap;
  const Bytes hello = trace.message("Record_ClientHello_1");
  common.middlebox_compatibility =
      hello[4 + 2 + 32] ? MiddleboxCompatibility::on : MiddleboxCompatibility::off;
  return common;
}

dangerous::WireShape server_shape(const Trace& trace) {
  using enum ExtensionType;
  dangerous::WireShape shape;
  const Bytes hello = trace["Message_ServerHello"], extensions = trace["Message_EncryptedExtensions"];
  shape.server_hello = shape_of(extensions_of(hello, server_hello_extensions_at(hello)), {});
  shape.encrypted_extensions = shape_of(extensions_of(extensions, 4), {supported_groups, record_size_limit});
  if (trace.has("Message_CertificateRequest"))
    shape.certificate_request =
        shape_of(extensions_of(trace["Message_CertificateRequest"], 4 + 1), {signature_algorithms});
  if (trace.has("Record_HelloRetryRequest")) {
    const Bytes retry = trace.message("Record_HelloRetryRequest");
    shape.hello_retry_request = shape_of(extensions_of(retry, server_hello_extensions_at(retry)), {});
    shape.retry_cookie = to_vector(trace["HelloRetryRequest_Cookie"]);
  }
  if (trace.has("new_session_ticket_plaintext"))
    shape.new_session_ticket.bodies = {{early_data, {0, 0, 4, 0}}};
  return shape;
}

/// The trace's server drew its random first; ours agrees on a key before it says hello.
std::vector<uint8_t> server_random_bytes(const Trace& trace) {
  const Bytes pool = trace["Server_RNG_Pool"];
  std::vector<uint8_t> bytes = to_vector(pool.subspan(32, 32));
  bytes.insert(bytes.end(), pool.begin(), pool.begin() + 32);
  const Bytes age_add = pool.subspan(64);
  bytes.insert(bytes.end(), age_add.begin(), age_add.end());
  return bytes;
}

}  // namespace

Replay client_of(const Trace& trace) {
  auto random = std::make_shared<Script>(to_vector(trace["Client_RNG_Pool"]));
  auto tap = std::make_shared<TraceTap>();
  auto store = std::make_shared<PlainSessionStore>();
  ClientOptions options;
  options.common = common_options(trace, random, tap);
  options.common.cipher_suites = {CipherSuite::aes_128_gcm_sha256, CipherSuite::chacha20_poly1305_sha256,
                                  CipherSuite::aes_256_gcm_sha384};
  options.common.groups = {NamedGroup::x25519, NamedGroup::secp256r1, NamedGroup::secp384r1};
  auto shape = std::make_shared<dangerous::WireShape>();
  shape->client_hello = client_hello_shape(trace.message("Record_ClientHello_1"));
  if (trace.has("Record_ClientHello_2"))
    shape->second_client_hello = client_hello_shape(trace.message("Record_ClientHello_2"));
  options.common.wire_shape = std::move(shape);
  options.verifier = dangerous::accept_any_certificate("the traces' certificates have no issuer");
  options.sessions = store;
  if (trace.has("Client_MessageToSign")) options.identity = identity_in(trace, "client");
  auto config = make_client_config(std::move(options)).value();
  return {.side = {Connection::client(std::move(config), ServerName::parse("server").value())},
          .random = std::move(random),
          .tap = std::move(tap),
          .store = std::move(store)};
}

Replay server_of(const Trace& trace) {
  auto random = std::make_shared<Script>(server_random_bytes(trace));
  auto tap = std::make_shared<TraceTap>();
  std::shared_ptr<TraceTickets> tickets;
  ServerOptions options;
  options.common = common_options(trace, random, tap);
  options.common.cipher_suites = {CipherSuite::aes_128_gcm_sha256};
  const bool retry = trace.has("Record_HelloRetryRequest");
  options.common.groups = {retry ? NamedGroup::secp256r1 : NamedGroup::x25519};
  options.retry_cookie = RetryCookie::sent;
  options.common.wire_shape = std::make_shared<dangerous::WireShape>(server_shape(trace));
  options.identity = identity_in(trace, "server");
  if (trace.has("Message_CertificateRequest")) {
    options.client_auth = ClientAuth::required;
    options.client_verifier = dangerous::accept_any_certificate("the traces' certificates have no issuer");
  }
  if (trace.has("SessionTicket")) {
    tickets = std::make_shared<TraceTickets>(trace["SessionTicket"]);
    options.tickets = tickets;
    options.tickets_per_handshake = 1;
    options.ticket_lifetime = Seconds{30};
  }
  auto config = make_server_config(std::move(options)).value();
  return {.side = {Connection::server(std::move(config))},
          .random = std::move(random),
          .tap = std::move(tap),
          .tickets = std::move(tickets)};
}

}  // namespace bulla::test::rfc8448
