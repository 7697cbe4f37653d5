#include "bogo/observer.h"

#include "tls/msg/client_hello.h"
#include "tls/msg/server_hello.h"
#include "tls/msg/tls12.h"

namespace bulla::bogo {
namespace {

std::string verb(Direction direction) {
  return direction == Direction::sent ? "write " : "read ";
}

}  // namespace

void Observer::on_record(const RecordSeen& record) {
  if (record.inner_type == ContentType::change_cipher_spec) trace += verb(record.direction) + "ccs\n";
  if (record.inner_type == ContentType::alert && record.plaintext.size() == 2)
    trace += verb(record.direction) + "alert " + std::to_string(record.plaintext[0]) + ' ' +
             std::to_string(record.plaintext[1]) + '\n';
}

void Observer::on_message(const MessageSeen& message) {
  trace += verb(message.direction) + "hs " + std::to_string(static_cast<unsigned>(message.type)) + '\n';
  if (message.direction == Direction::sent) return;
  const Bytes body = message.bytes.subspan(tls::handshake_header_size);
  if (message.type == HandshakeType::client_hello) look_into_client_hello(body);
  if (message.type == HandshakeType::server_hello)
    if (const auto hello = tls::decode_server_hello(body))
      if (const auto* tls12 = std::get_if<tls::ServerHello12>(&*hello))
        secure_renegotiation = tls12->renegotiation_info.has_value();
  if (message.type == HandshakeType::certificate_request)
    if (const auto request = tls::CertificateRequest12::decode(body))
      certificate_types = to_vector(request->certificate_types);
}

void Observer::look_into_client_hello(Bytes body) {
  const auto hello = tls::ClientHello::decode(body);
  if (!hello) return;
  advertised_alpn.clear();
  if (!hello->alpn) return;
  for (const Bytes protocol : *hello->alpn) {
    advertised_alpn += static_cast<char>(protocol.size());
    advertised_alpn += as_text(protocol);
  }
}

void Observer::on_decision(const DecisionSeen& decision) {
  if (decision.what == "hello_retry_request") retried = true;
}

void Observer::on_select(const SelectIdentity& request) {
  selected = true;
  authorities = request.authorities;
  peer_schemes = request.schemes;
}

}  // namespace bulla::bogo
