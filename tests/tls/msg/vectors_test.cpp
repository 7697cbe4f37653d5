// Messages that other implementations wrote: Botan's message vectors, and the traces of RFC 8448.
#include "tls/ext/list.h"
#include "tls/ext/names.h"
#include "tls/msg/authentication.h"
#include "tls/msg/client_hello.h"
#include "tls/msg/codec_checks.h"
#include "tls/msg/post_handshake.h"
#include "tls/msg/server_hello.h"
#include "tls/msg/server_parameters.h"
#include "tls/msg/tls12.h"

#include <boost/json.hpp>

#include <functional>
#include <set>

namespace bulla::tls {
namespace {

using namespace bulla::test;

/// Whether the bytes are accepted.
using Accepts = std::function<bool(Bytes)>;

template <class Decode>
Accepts message(Decode decode) {
  return [decode](Bytes body) { return decode(body).ok(); };
}
template <class Decode>
Accepts field(Decode decode) {
  return [decode](Bytes body) {
    Reader r(body);
    (void)decode(r);
    return r.done();
  };
}

/// Refusals that are not the decoder's: it keeps these values, and the handshake judges them.
bool judged_later(std::string_view why) {
  return why == "TLS 1.3 Client Hello has invalid legacy_version" ||
         why == "Client did not offer NULL compression";
}

void run(const std::string& name, const Accepts& accepts) {
  const auto text = read_text("tls-messages/" + name);
  BULLA_NEED_VECTORS(text, "tls-messages/" + name);
  size_t cases = 0, refused = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (!block.has("Buffer")) continue;
    const std::string_view why = block.text("Exception");
    const bool wanted = why.empty() || judged_later(why);
    const ByteVector body = block.bytes("Buffer");
    EXPECT_EQ(accepts(body), wanted) << name << ", case " << cases << ": " << why << "\n" << to_hex(body);
    ++cases;
    refused += !wanted;
  }
  EXPECT_GT(cases, 0u);
  report_cases("tls-messages/" + name + " (" + std::to_string(refused) + " refused)", cases);
}

TEST(Vectors, ClientHello) {
  run("tls/client_hello.vec", message(ClientHello::decode));
}
TEST(Vectors, ClientHello13) {
  run("tls_13/client_hello.vec", message(ClientHello::decode));
}
TEST(Vectors, ServerHello) {
  run("tls/server_hello.vec", message(decode_server_hello));
}
TEST(Vectors, ServerHello13) {
  run("tls_13/server_hello.vec", message(decode_server_hello));
}
TEST(Vectors, CertificateStatus) {
  run("tls/cert_status.vec", message(CertificateStatus::decode));
}
TEST(Vectors, CertificateVerify) {
  run("tls/cert_verify.vec", message(CertificateVerify::decode));
}
TEST(Vectors, HelloRequest) {
  run("tls/hello_request.vec", message(HelloRequest::decode));
}
TEST(Vectors, NewSessionTicket12) {
  run("tls/new_session_ticket.vec", message(NewSessionTicket12::decode));
}
TEST(Vectors, Alpn) {
  run("tls_extensions/parsing/alpn.vec", field(decode_alpn));
}
TEST(Vectors, Cookie) {
  run("tls_extensions/parsing/cookie.vec", field([](Reader& r) { return r.u16_bytes(1); }));
}
TEST(Vectors, KeyShareOfAClient) {
  run("tls_extensions/parsing/key_share_CH.vec", field(decode_client_shares));
}
TEST(Vectors, KeyShareOfARetry) {
  run("tls_extensions/parsing/key_share_HRR.vec", field([](Reader& r) { return r.u16(); }));
}
TEST(Vectors, KeyShareOfAServer) {
  run("tls_extensions/parsing/key_share_SH.vec", field(KeyShareEntry::decode));
}
TEST(Vectors, SignatureAlgorithmsCert) {
  run("tls_extensions/parsing/signature_algorithms_cert.vec", field(read_u16_list<SignatureScheme>));
}
TEST(Vectors, SupportedGroups) {  // RFC 9846 §4.3.7
  run("tls_extensions/parsing/supported_groups.vec", field(read_u16_list<NamedGroup>));
}
TEST(Vectors, SupportedVersions) {
  run("tls_extensions/parsing/supported_versions.vec", field(read_short_u16_list<ProtocolVersion>));
}

/// Which of the three a ServerHello is, and the types of its extensions, as the vectors say.
TEST(Vectors, ServerHelloIsToldApart) {
  const std::string name = "tls_13/server_hello.vec";
  const auto text = read_text("tls-messages/" + name);
  BULLA_NEED_VECTORS(text, "tls-messages/" + name);
  const std::vector<std::string> kinds = {"server_hello_13", "hello_retry_request", "server_hello_12"};
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (!block.has("Buffer") || !block.text("Exception").empty()) continue;
    const ByteVector body = block.bytes("Buffer");
    const auto any = decode_server_hello(body);
    ASSERT_TRUE(any.ok());
    EXPECT_EQ(kinds[any->index()], block.text("Message_Type"));
    std::set<ExtensionType> types, expected;
    std::visit(
        [&](const auto& hello) {
          for (const auto& e : hello.extensions) types.insert(e.type);
        },
        *any);
    const ByteVector wanted = block.bytes("AdditionalData");
    for (const auto type : U16List<ExtensionType>(wanted)) expected.insert(type);
    EXPECT_EQ(types, expected);
    ++cases;
  }
  EXPECT_EQ(cases, 4u);
}

/// The generated shares of the vectors decode, and encode to the same bytes.
TEST(Vectors, GeneratedKeyShares) {
  const std::string name = "tls-messages/tls_extensions/generation/key_share_CH_offers.vec";
  const auto text = read_text(name);
  BULLA_NEED_VECTORS(text, name);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (!block.has("Expected_Content")) continue;
    const ByteVector body = block.bytes("Expected_Content");
    Reader r{Bytes(body)};
    const auto shares = decode_client_shares(r);
    EXPECT_TRUE(r.done());
    ByteVector out;
    Writer w(out);
    encode_client_shares(w, shares);
    EXPECT_EQ(out, body);
    ++cases;
  }
  report_cases(name, cases);
}

/// encode∘decode keeps a message's length: its extensions may come in another order, nothing else may change.
template <class Message>
void expect_same(const Result<Message>& decoded, Bytes body, const std::string& name) {
  ASSERT_TRUE(decoded.ok()) << name << ": " << decoded.error().explain();
  EXPECT_EQ(encoded(*decoded).size(), body.size()) << name;
}

void check_message(Bytes whole, const std::string& name) {
  Reader r(whole);
  const auto type = static_cast<HandshakeType>(r.u8());
  const Bytes body = r.u24_bytes();
  ASSERT_TRUE(r.done()) << name;
  switch (type) {
    case HandshakeType::client_hello: return expect_same(ClientHello::decode(body), body, name);
    case HandshakeType::server_hello: {
      const auto any = decode_server_hello(body);
      ASSERT_TRUE(any.ok()) << name;
      std::visit([&](const auto& hello) { EXPECT_EQ(encoded(hello).size(), body.size()) << name; }, *any);
      return;
    }
    case HandshakeType::encrypted_extensions:
      return expect_same(EncryptedExtensions::decode(body), body, name);
    case HandshakeType::certificate_request: return expect_same(CertificateRequest::decode(body), body, name);
    case HandshakeType::certificate: return expect_same(CertificateMessage::decode(body, 10), body, name);
    case HandshakeType::certificate_verify: return expect_same(CertificateVerify::decode(body), body, name);
    case HandshakeType::finished: return expect_same(Finished::decode(body), body, name);
    default: FAIL() << name << " is a " << name_of(type);
  }
}

TEST(Rfc8448, EveryPlainMessageOfTheTraces) {
  const auto traces = load_json("rfc8448/traces.json");
  BULLA_NEED_VECTORS(traces, "rfc8448/traces.json");
  const std::set<std::string_view> plain_records = {"Record_ClientHello_1", "Record_ClientHello_2",
                                                    "Record_ServerHello", "Record_HelloRetryRequest"};
  size_t cases = 0;
  for (const auto& trace : traces->as_object())
    for (const auto& item : trace.value().at("trace").as_object()) {
      const std::string_view key(item.key().data(), item.key().size());
      const bool record = plain_records.contains(key);
      if (!record && !key.starts_with("Message_")) continue;
      const auto& hex = item.value().as_string();
      const ByteVector bytes = from_hex({hex.data(), hex.size()});
      check_message(Bytes(bytes).subspan(record ? 5 : 0), std::string(trace.key()) + ' ' + std::string(key));
      ++cases;
    }
  report_cases("rfc8448/traces.json", cases);
}

}  // namespace
}  // namespace bulla::tls
