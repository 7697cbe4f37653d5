// All handshake messages but the hellos, of both versions. The first byte of the input chooses the message,
// the rest is its body.
#include "base/assert.h"
#include "tls/msg/authentication.h"
#include "tls/msg/post_handshake.h"
#include "tls/msg/server_parameters.h"
#include "tls/msg/tls12.h"

#include <iterator>

using namespace bulla;
using namespace bulla::tls;

namespace {

constexpr unsigned max_entries = 10;

template <class Message>
std::vector<uint8_t> encoded(const Message& message) {
  std::vector<uint8_t> out;
  Writer w(out);
  message.encode(w);
  return out;
}

Result<CertificateMessage> decode_certificate(Bytes body) {
  return CertificateMessage::decode(body, max_entries);
}
Result<Certificate12> decode_certificate12(Bytes body) {
  return Certificate12::decode(body, max_entries);
}

/// Messages without extensions: the very bytes come back.
template <auto decode>
void same_bytes(Bytes body) {
  const auto message = decode(body);
  if (!message) return;
  const std::vector<uint8_t> once = encoded(*message);
  BULLA_ASSERT(equal_vartime(once, body), "encode of decode is the same");
}

/// Messages with extensions: fields come before what is passed on, and what is ignored is not written.
template <auto decode>
void same_meaning(Bytes body) {
  const auto message = decode(body);
  if (!message) return;
  const std::vector<uint8_t> once = encoded(*message);
  BULLA_ASSERT(once.size() <= body.size(), "encoding adds nothing");
  const auto again = decode(Bytes(once));
  BULLA_ASSERT(again.ok(), "what we write we read");
  BULLA_ASSERT(encoded(*again) == once, "decode of encode is the same");
}

using Check = void (*)(Bytes);
constexpr Check checks[] = {
    same_meaning<EncryptedExtensions::decode>,
    same_meaning<CertificateRequest::decode>,
    same_meaning<decode_certificate>,
    same_meaning<NewSessionTicket::decode>,
    same_bytes<CertificateVerify::decode>,
    same_bytes<Finished::decode>,
    same_bytes<KeyUpdate::decode>,
    same_bytes<EndOfEarlyData::decode>,
    same_bytes<HelloRequest::decode>,
    same_bytes<decode_certificate12>,
    same_bytes<CertificateStatus::decode>,
    same_bytes<ServerKeyExchange::decode>,
    same_bytes<CertificateRequest12::decode>,
    same_bytes<ServerHelloDone::decode>,
    same_bytes<ClientKeyExchange::decode>,
    same_bytes<NewSessionTicket12::decode>,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  checks[data[0] % std::size(checks)]({data + 1, size - 1});
  return 0;
}
