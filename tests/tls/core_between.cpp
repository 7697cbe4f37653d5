#include "tls/core_between.h"

#include <deque>

namespace bulla::test {

using namespace bulla::tls;

namespace {

struct Letters : Driver {
  void send(EncryptionLevel level, Bytes message) override {
    sent.emplace_back(level, bulla::to_vector(message));
  }
  void send_change_cipher_spec() override {}
  Result<void> read_with(EncryptionLevel, ReadKeys) override { return {}; }
  void write_with(EncryptionLevel, WriteKeys) override {}
  std::deque<std::pair<EncryptionLevel, Wire>> sent;
};

}  // namespace

std::optional<Error> refusal_of(const ClientOptions& c, const ServerOptions& s, const Alter& alter) {
  const auto client_config = make_client_config(c).value();
  const auto server_config = make_server_config(s).value();
  Letters up, down;
  ConnectionInfo client_info, server_info;
  const auto client =
      make_client_core(*client_config, ServerName::parse("localhost").value(), up, client_info);
  const auto server = make_server_core(*server_config, down, server_info);
  client->start(test_now).value();
  while (!up.sent.empty() || !down.sent.empty()) {
    const bool to_server = !up.sent.empty();
    auto& queue = (to_server ? up : down).sent;
    auto [level, message] = queue.front();
    queue.pop_front();
    if (level == EncryptionLevel::application) continue;  // tickets are not the core's to receive
    alter(to_server ? Toward::server : Toward::client, message);
    const auto taken = (to_server ? *server : *client).receive(level, message, test_now);
    if (!taken) return taken.error();
  }
  return std::nullopt;
}

std::optional<ErrorCode> refusal(const ClientOptions& client, const ServerOptions& server,
                                 const Alter& alter) {
  const auto error = refusal_of(client, server, alter);
  if (!error) return std::nullopt;
  return error->code;
}

Alter alter_hello(int nth, std::function<void(ClientHello&)> change) {
  return [nth, seen = 0, change](Toward toward, Wire& message) mutable {
    if (toward != Toward::server || type_of(message) != HandshakeType::client_hello || ++seen != nth) return;
    const Wire original = message;
    ClientHello hello = ClientHello::decode(Bytes(original).subspan(4)).value();
    change(hello);
    message = encode_client_hello(hello);
  };
}

namespace {

template <class Hello>
Alter alter_kind(std::function<void(Hello&)> change) {
  return [change](Toward toward, Wire& message) {
    if (toward != Toward::client || type_of(message) != HandshakeType::server_hello) return;
    const Wire original = message;
    auto any = decode_server_hello(Bytes(original).subspan(4));
    auto* hello = std::get_if<Hello>(&any.value());
    if (!hello) return;
    hello->extensions.clear();
    change(*hello);
    message = encode_message(*hello);
  };
}

}  // namespace

Alter alter_server_hello(std::function<void(ServerHello&)> change) {
  return alter_kind<ServerHello>(std::move(change));
}

Alter alter_retry(std::function<void(HelloRetryRequest&)> change) {
  return alter_kind<HelloRetryRequest>(std::move(change));
}

}  // namespace bulla::test
