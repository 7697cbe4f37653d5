#include "tls/core_impl.h"
#include "tls/hello/client.h"
#include "tls/msg/server_parameters.h"
#include "tls/msg/tls12.h"
#include "tls/tls12/client.h"
#include "tls/tls13/client.h"

namespace bulla::tls {
namespace {

/// Before start().
struct Idle {
  static constexpr std::string_view name = "START";
};

using ClientBlock =
    BlockOf<Idle, Join<hello::AfterStart, hello::AfterRetry, tls12::ClientStates,
                       OneOf<tls13::client::WaitSecret, tls13::client::WaitEe, tls13::client::WaitCertCr,
                             tls13::client::WaitCert, tls13::client::WaitCv, tls13::client::WaitProofs,
                             tls13::client::WaitFinished, tls13::client::WaitIdentity,
                             tls13::client::WaitSignature, Connected>>>::type;

class ClientCore final : public CoreBase<ClientBlock, ClientContext> {
 public:
  ClientCore(const ClientConfig& config, ServerName name, Driver& driver, ConnectionInfo& info)
      : CoreBase(Idle{}, config, std::move(name), driver, info) {}

  Result<void> start(Time now) override {
    ctx_.now = now;
    BULLA_TRY(auto next, hello::start(ctx_));
    widen(std::move(next), block_);
    return answer_inline();
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
  Result<void> give_server_hello(const HandshakeMessage& m) {
    BULLA_TRY(const AnyServerHello hello, decode_server_hello(m.body));
    return std::visit([&](const auto& kind) { return give(kind, m.type); }, hello);
  }

  Result<void> give_tls13(const HandshakeMessage& m) {
    const unsigned max_certificates = ctx_.common.limits.certificates;
    switch (m.type) {
      case HandshakeType::server_hello: return give_server_hello(m);
      case HandshakeType::encrypted_extensions: return decode_and_give<EncryptedExtensions>(m);
      case HandshakeType::certificate_request: return decode_and_give<CertificateRequest>(m);
      case HandshakeType::certificate: return decode_and_give<CertificateMessage>(m, max_certificates);
      case HandshakeType::certificate_verify: return decode_and_give<CertificateVerify>(m);
      case HandshakeType::finished: return decode_and_give<Finished>(m);
      default:
        return Error{ErrorCode::unexpected_message, name_of(m.type) + " in state " + std::string(state())};
    }
  }

  Result<void> give_tls12(const HandshakeMessage& m) {
    const unsigned max_certificates = ctx_.common.limits.certificates;
    switch (m.type) {
      case HandshakeType::hello_request: return decode_and_give<HelloRequest>(m);
      case HandshakeType::certificate: return decode_and_give<Certificate12>(m, max_certificates);
      case HandshakeType::certificate_status: return decode_and_give<CertificateStatus>(m);
      case HandshakeType::server_key_exchange: return decode_and_give<ServerKeyExchange>(m);
      case HandshakeType::certificate_request: return decode_and_give<CertificateRequest12>(m);
      case HandshakeType::server_hello_done: return decode_and_give<ServerHelloDone>(m);
      case HandshakeType::new_session_ticket: return decode_and_give<NewSessionTicket12>(m);
      case HandshakeType::finished: return decode_and_give<Finished>(m);
      default:
        return Error{ErrorCode::unexpected_message, name_of(m.type) + " in state " + std::string(state())};
    }
  }
};

}  // namespace

std::unique_ptr<HandshakeCore> make_client_core(const ClientConfig& config, ServerName name, Driver& driver,
                                                ConnectionInfo& info) {
  return std::make_unique<ClientCore>(config, std::move(name), driver, info);
}

}  // namespace bulla::tls
