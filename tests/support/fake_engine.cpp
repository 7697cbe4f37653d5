#include "support/fake_engine.h"

#include "base/assert.h"
#include "tls/session_state.h"

#include <algorithm>
#include <fstream>
#include <iterator>

namespace bulla::test {

VersionRange FakeChoice::versions() const noexcept {
  using enum ProtocolVersion;
  if ((bits_ & 3) == 1) return {tls12, tls12};
  if ((bits_ & 3) == 2) return {tls13, tls13};
  return {tls12, tls13};
}

namespace {

CertificatePtr certificate() {
  static const CertificatePtr known = [] {
    std::ifstream file(std::string(BULLA_SOURCE_DIR) + "/tests/tls/data/p256.pem", std::ios::binary);
    const std::string pem{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return Certificate::from_pem_or_der(as_bytes(pem)).value().front();
  }();
  return known;
}

/// A ticket is the state itself: the fuzzer writes sessions as it likes.
class OpenTickets : public TicketSealer {
 public:
  std::vector<uint8_t> seal(Bytes state, Time) const override { return to_vector(state); }
  std::optional<SecretBytes> open(Bytes ticket, Time) const override { return SecretBytes(ticket); }
};

/// Finds every session id: the state is what the last connection put there, if any.
class OneSession : public ServerSessionCache {
 public:
  void put(Bytes, Bytes state, Time) override { state_ = to_vector(state); }
  std::optional<SecretBytes> find(Bytes, Time) override {
    if (state_.empty()) return std::nullopt;
    return SecretBytes(Bytes(state_));
  }

 private:
  std::vector<uint8_t> state_;
};

/// What OpenTickets would have sealed for a connection of ours. The server's policy is a fake digest as any.
std::vector<uint8_t> ticket_of(const ClientSession& session) {
  tls::ServerSession state;
  state.version = session.version;
  state.suite = session.suite;
  state.secret = InlineSecret<tls::SessionRole, 48>(session.secret.reveal());
  state.issued = state.authenticated = session.received;
  state.alpn = session.alpn;
  state.server_name = "localhost";
  state.policy.fill(fake_digest_byte);
  return to_vector(state.encode().reveal());
}

/// Has a session for everyone, and takes none.
class EndlessSessions : public ClientSessionStore {
 public:
  EndlessSessions(ProtocolVersion version, std::string alpn) : version_(version), alpn_(std::move(alpn)) {}
  void put(const std::string&, ClientSessionPtr) override {}
  ClientSessionPtr take(const std::string&) override {
    auto session = std::make_shared<ClientSession>();
    const bool tls13 = version_ == ProtocolVersion::tls13;
    session->version = version_;
    session->suite =
        tls13 ? CipherSuite::aes_128_gcm_sha256 : CipherSuite::ecdhe_ecdsa_with_aes_128_gcm_sha256;
    session->secret = SecretBytes(Bytes(std::vector<uint8_t>(tls13 ? 32 : 48, fake_secret_byte)));
    session->received = fake_now;
    session->lifetime = Seconds{3600};
    session->alpn = alpn_;
    session->peer_chain = {certificate()};
    session->asserted_because = "fake";
    session->ticket = ticket_of(*session);
    return session;
  }

 private:
  ProtocolVersion version_;
  std::string alpn_;
};

CommonOptions common_options(FakeChoice choice, uint32_t seed) {
  CommonOptions common;
  common.versions = choice.versions();
  common.provider = &fake_provider();
  common.random = std::make_shared<CountingRandom>(seed);
  common.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
  if (choice.alpn()) common.alpn = {"h2", "http/1.1"};
  if (choice.external()) common.external_operations = OperationSet::all();
  return common;
}

ClientConfigPtr client_config(FakeChoice choice) {
  ClientOptions options;
  options.common = common_options(choice, 1);
  options.verifier = dangerous::accept_any_certificate("fake");
  if (choice.client_auth()) options.identity = fake_identity({certificate()});
  if (choice.resumption())
    options.sessions =
        std::make_shared<EndlessSessions>(choice.versions().highest, choice.alpn() ? "h2" : "");
  if (choice.staple()) options.ocsp = OcspStapling::requested;
  return make_client_config(std::move(options)).value();
}

ServerConfigPtr server_config(FakeChoice choice) {
  ServerOptions options;
  options.common = common_options(choice, 2);
  if (choice.retry()) {
    options.common.groups = {NamedGroup::secp256r1};
    options.retry_cookie = RetryCookie::sent;
  }
  options.identity = fake_identity({certificate()});
  if (choice.staple())
    options.identity = options.identity->with_ocsp_response({0x30, 0x03, 0x0a, 0x01, 0x00});
  if (choice.client_auth()) {
    options.client_auth = ClientAuth::optional;
    options.client_verifier = dangerous::accept_any_certificate("fake");
  }
  if (choice.resumption()) {
    options.tickets = std::make_shared<OpenTickets>();
    options.session_cache = std::make_shared<OneSession>();
  }
  return make_server_config(std::move(options)).value();
}

/// A turn of the connection, and what must hold in it.
class Driver {
 public:
  Driver(Connection& connection, const Services& services) : connection_(connection), services_(services) {}

  void feed(Bytes piece) {
    input_.insert(input_.end(), piece.begin(), piece.end());
    fed_ += piece.size();
    MutBytes in(input_);
    while (!over_) {
      const size_t before = in.size();
      Event event = connection_.next(in, out_, fake_now);
      BULLA_ASSERT(in.size() <= before, "input is taken, never given");
      BULLA_ASSERT(++events_ <= 64 + fed_, "every event but a few takes input");
      take_output();
      if (!handle(event)) break;
    }
    input_.erase(input_.begin(), input_.end() - static_cast<ptrdiff_t>(in.size()));
  }

  void end() {
    if (over_) return;
    const Event event = connection_.end_of_input();
    if (auto* failed = std::get_if<Failed>(&event)) fail(failed->error);
    outcome.truncated = std::holds_alternative<Truncated>(event);
    BULLA_ASSERT(outcome.error || outcome.truncated || outcome.closed, "an end is an end");
  }

  FakeOutcome outcome;

 private:
  /// False: nothing more to be had from this input.
  bool handle(Event& event) {
    if (auto* data = std::get_if<AppData>(&event)) {
      BULLA_ASSERT(outcome.done && !data->bytes.empty(), "data comes after the handshake, and is some");
      outcome.received.insert(outcome.received.end(), data->bytes.begin(), data->bytes.end());
      BULLA_ASSERT(outcome.received.size() <= fed_, "no data from nowhere");
    } else if (auto* operation = std::get_if<Operation>(&event)) {
      connection_.complete(operation->id, perform(*operation, services_)).value();
    } else if (auto* failed = std::get_if<Failed>(&event)) {
      fail(failed->error);
    } else if (std::holds_alternative<HandshakeDone>(event)) {
      BULLA_ASSERT(!outcome.done && connection_.handshake_done(), "a handshake is done once");
      outcome.done = true;
      use();
    } else if (std::holds_alternative<PeerClosed>(event)) {
      BULLA_ASSERT(outcome.done, "close_notify during the handshake is an error");
      outcome.closed = true;
      return false;
    } else {
      return false;
    }
    return true;
  }

  void use() {
    (void)connection_.send(as_bytes("some data"), out_).value();
    if (connection_.info().version == ProtocolVersion::tls13)
      connection_.update_keys(KeyUpdateRequest::update_requested, out_).value();
    const auto exported = connection_.export_secret("EXPORTER-fuzz", std::nullopt, 20);
    BULLA_ASSERT(!exported.ok() || exported->size() == 20, "exporters give what is asked");
    take_output();
  }

  void fail(const Error& error) {
    // The peer can make us fail in many ways, but none of them is a mistake of this program or of its user.
    BULLA_ASSERT(error.row().fault != Fault::api_misuse, "a peer's fault");
    outcome.error = error;
    over_ = true;
    MutBytes nothing;
    Event again = connection_.next(nothing, out_, fake_now);
    BULLA_ASSERT(std::holds_alternative<Failed>(again) && out_.empty(), "what failed stays silent");
  }

  void take_output() {
    const Bytes pending = out_.pending();
    outcome.sent.insert(outcome.sent.end(), pending.begin(), pending.end());
    out_.sent(pending.size());
    BULLA_ASSERT(outcome.sent.size() <= (64 << 10) + 8 * fed_, "no amplification without end");
  }

  Connection& connection_;
  const Services& services_;
  Output out_;
  std::vector<uint8_t> input_;
  size_t fed_ = 0, events_ = 0;
  bool over_ = false;
};

}  // namespace

Connection fake_client(FakeChoice choice) {
  return Connection::client(client_config(choice), ServerName::parse("localhost").value());
}
Connection fake_server(FakeChoice choice) {
  return Connection::server(server_config(choice));
}

FakeOutcome drive(Connection& connection, FakeChoice choice, Bytes input, size_t chunk) {
  const bool client = connection.info().role == Role::client;
  const ClientConfigPtr as_client = client_config(choice);
  const ServerConfigPtr as_server = server_config(choice);
  Driver driver(connection, client ? as_client->services() : as_server->services());
  driver.feed({});
  for (size_t at = 0; at < input.size();) {
    const size_t size = chunk ? std::min(chunk, input.size() - at) : input.size();
    driver.feed(input.subspan(at, size));
    at += size;
  }
  driver.end();
  return std::move(driver.outcome);
}

}  // namespace bulla::test
