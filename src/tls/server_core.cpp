#include "tls/core_impl.h"
#include "tls/hello/server.h"
#include "tls/msg/tls12.h"
#include "tls/tls12/server.h"
#include "tls/tls13/server.h"

namespace bulla::tls {
namespace {

using ServerBlock =
    BlockOf<hello::WaitCh,
            Join<tls13::server::AfterClientHello, tls12::ServerStates,
                 OneOf<tls13::server::WaitSignature, tls13::server::WaitCert, tls13::server::WaitCv,
                       tls13::server::WaitProofs, tls13::server::WaitFinished, Connected>>>::type;

class ServerCore final : public CoreBase<ServerBlock, ServerContext> {
 public:
  ServerCore(const ServerConfig& config, Driver& driver, ConnectionInfo& info)
      : CoreBase(hello::WaitCh{}, config, driver, info) {}

  Result<void> start(Time now) override {
    ctx_.now = now;
    return {};
  }

  Result<void> receive(EncryptionLevel level, Bytes whole, Time now) override {
    ctx_.now = now;
    ctx_.received = whole;
    const HandshakeMessage message = view_message(whole);
    if (ctx_.common.tap) ctx_.common.tap->on_message({Direction::received, level, message.type, whole});
    BULLA_TRY(in_tls12() ? give_tls12(message) : give_tls13(message));
    return answer_inline();
  }

 private:
  Result<void> give_client_hello(const HandshakeMessage& m) {
    const bool accepted = std::visit(
        [](const auto& s) { return Accepts<std::remove_cvref_t<decltype(s)>, ReceivedHello, ServerContext>; },
        block_);
    if (!accepted)
      return Error{ErrorCode::unexpected_message, "ClientHello in state " + std::string(state())};
    ReceivedHello received{to_vector(m.whole), {}};
    BULLA_TRY(received.hello, ClientHello::decode(Bytes(received.whole).subspan(handshake_header_size)));
    return give(std::move(received), m.type);
  }

  Result<void> give_tls13(const HandshakeMessage& m) {
    switch (m.type) {
      case HandshakeType::client_hello: return give_client_hello(m);
      case HandshakeType::certificate:
        return decode_and_give<CertificateMessage>(m, ctx_.common.limits.certificates);
      case HandshakeType::certificate_verify: return decode_and_give<CertificateVerify>(m);
      case HandshakeType::finished: return decode_and_give<Finished>(m);
      default:
        return Error{ErrorCode::unexpected_message, name_of(m.type) + " in state " + std::string(state())};
    }
  }

  Result<void> give_tls12(const HandshakeMessage& m) {
    switch (m.type) {
      case HandshakeType::certificate:
        return decode_and_give<Certificate12>(m, ctx_.common.limits.certificates);
      case HandshakeType::client_key_exchange: return decode_and_give<ClientKeyExchange>(m);
      case HandshakeType::certificate_verify: return decode_and_give<CertificateVerify>(m);
      case HandshakeType::finished: return decode_and_give<Finished>(m);
      default:
        return Error{ErrorCode::unexpected_message, name_of(m.type) + " in state " + std::string(state())};
    }
  }
};

}  // namespace

std::unique_ptr<HandshakeCore> make_server_core(const ServerConfig& config, Driver& driver,
                                                ConnectionInfo& info) {
  return std::make_unique<ServerCore>(config, driver, info);
}

}  // namespace bulla::tls
