#include "tls/tls12/exchange.h"

#include <algorithm>

namespace bulla::test {

using namespace bulla::tls;

bool Exchange::move(Mailbox& from, HandshakeCore& to, Toward toward, std::optional<Error>& error) {
  if (from.sent.empty()) return false;
  Letter letter = std::move(from.sent.front());
  from.sent.pop_front();
  std::vector<Letter> letters;
  if (wire)
    letters = wire(toward, std::move(letter));
  else
    letters.push_back(std::move(letter));
  for (Letter& arrived : letters) {
    (toward == Toward::server ? to_server : to_client).push_back(arrived);
    // A record layer would hold messages back while only an answer helps; tests that reorder need no more
    // than this.
    const auto taken = arrived.is_change_cipher_spec() ? to.receive_change_cipher_spec(now)
                                                       : to.receive(arrived.level, arrived.bytes, now);
    if (taken) continue;
    error = taken.error();
    return false;
  }
  return true;
}

void Exchange::run() {
  if (!client) {
    client =
        make_client_core(*client_config, ServerName::parse("localhost").value(), client_box, client_info);
    server = make_server_core(*server_config, server_box, server_info);
    if (auto started = client->start(now); !started) client_error = started.error();
  }
  while (!client_error && !server_error &&
         ((!server->awaits_answer() && move(client_box, *server, Toward::server, server_error)) ||
          (!client->awaits_answer() && move(server_box, *client, Toward::client, client_error)))) {
  }
}

std::string Exchange::errors() const {
  const auto of = [](const std::optional<Error>& error, const auto& core) {
    return error ? error->message() : "no error in state " + std::string(core->state());
  };
  return "client: " + of(client_error, client) + "; server: " + of(server_error, server);
}

size_t Exchange::count(Toward toward, HandshakeType type) const {
  const auto& letters = toward == Toward::server ? to_server : to_client;
  return static_cast<size_t>(
      std::ranges::count_if(letters, [&](const Letter& letter) { return letter.is(type); }));
}

ClientOptions client12() {
  ClientOptions options = client_options();
  options.common.versions = {ProtocolVersion::tls12, ProtocolVersion::tls12};
  return options;
}

ServerOptions server12(const std::string& identity_name) {
  ServerOptions options = server_options(identity_name);
  options.common.versions = {ProtocolVersion::tls12, ProtocolVersion::tls12};
  return options;
}

std::unique_ptr<Exchange> exchange(ClientOptions client, ServerOptions server) {
  return exchange(make_client_config(std::move(client)).value(),
                  make_server_config(std::move(server)).value());
}

std::unique_ptr<Exchange> exchange(ClientConfigPtr client, ServerConfigPtr server) {
  auto made = std::make_unique<Exchange>();
  made->client_config = std::move(client);
  made->server_config = std::move(server);
  return made;
}

Wire altering_bytes(HandshakeType type, std::function<void(std::vector<uint8_t>&)> change) {
  return [type, change](Toward, Letter letter) -> std::vector<Letter> {
    if (!letter.is(type)) return {letter};
    std::vector<uint8_t> body(letter.bytes.begin() + handshake_header_size, letter.bytes.end());
    change(body);
    std::vector<uint8_t> whole;
    Writer w(whole);
    w.value(type);
    w.u24_bytes(body);
    return {{letter.level, std::move(whole)}};
  };
}

namespace {

template <class M, class Decode>
Wire decoded(Decode decode, std::function<void(M&)> change) {
  return [decode, change](Toward, Letter letter) -> std::vector<Letter> {
    if (!letter.is(M::type)) return {letter};
    M message = decode(Bytes(letter.bytes).subspan(handshake_header_size));
    change(message);
    if constexpr (std::is_same_v<M, ClientHello>)
      return {{letter.level, encode_client_hello(message)}};
    else
      return {{letter.level, encode_message(message)}};
  };
}

}  // namespace

template <>
Wire altering(std::function<void(ClientHello&)> change) {
  return decoded<ClientHello>([](Bytes body) { return ClientHello::decode(body).value(); }, change);
}
template <>
Wire altering(std::function<void(ServerHello12&)> change) {
  return decoded<ServerHello12>(
      [](Bytes body) { return std::get<ServerHello12>(decode_server_hello(body).value()); }, change);
}
template <>
Wire altering(std::function<void(Certificate12&)> change) {
  return decoded<Certificate12>([](Bytes body) { return Certificate12::decode(body, 10).value(); }, change);
}
template <>
Wire altering(std::function<void(ServerKeyExchange&)> change) {
  return decoded<ServerKeyExchange>([](Bytes body) { return ServerKeyExchange::decode(body).value(); },
                                    change);
}
template <>
Wire altering(std::function<void(CertificateRequest12&)> change) {
  return decoded<CertificateRequest12>([](Bytes body) { return CertificateRequest12::decode(body).value(); },
                                       change);
}
template <>
Wire altering(std::function<void(ClientKeyExchange&)> change) {
  return decoded<ClientKeyExchange>([](Bytes body) { return ClientKeyExchange::decode(body).value(); },
                                    change);
}
template <>
Wire altering(std::function<void(CertificateVerify&)> change) {
  return decoded<CertificateVerify>([](Bytes body) { return CertificateVerify::decode(body).value(); },
                                    change);
}

Wire inserting(HandshakeType before, std::vector<uint8_t> extra) {
  return [before, extra](Toward, Letter letter) -> std::vector<Letter> {
    if (letter.is(before)) return {{letter.level, extra}, letter};
    return {letter};
  };
}

Wire dropping(Toward toward, size_t n) {
  return [toward, n, seen = size_t{0}](Toward to, Letter letter) mutable -> std::vector<Letter> {
    if (to == toward && seen++ == n) return {};
    return {letter};
  };
}

Wire doubling(Toward toward, size_t n) {
  return [toward, n, seen = size_t{0}](Toward to, Letter letter) mutable -> std::vector<Letter> {
    if (to == toward && seen++ == n) return {letter, letter};
    return {letter};
  };
}

}  // namespace bulla::test
