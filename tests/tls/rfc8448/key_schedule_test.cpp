// RFC 8448's traces against the key schedule and the record layer alone: every secret, key, iv, Finished and
// record.
#include "tls/tls13/key_schedule.h"
#include "crypto/hkdf.h"
#include "tls/record/protection.h"
#include "tls/rfc8448/trace.h"
#include "tls/tls13/signed_message.h"

#include <gtest/gtest.h>

namespace bulla::test::rfc8448 {
namespace {

using namespace tls;
using namespace tls::tls13;

const Suite& suite() {
  return *find_suite(CipherSuite::aes_128_gcm_sha256);
}
const HashAlgorithm& sha256() {
  return *default_provider().hash(HashId::sha256);
}

bool is(Bytes message, HandshakeType type) {
  return message[0] == static_cast<uint8_t>(type);
}

/// The transcript hash (RFC 9846 §4.1) up to each step of the handshake.
struct Transcripts {
  using Hash = std::vector<uint8_t>;
  Hash client_hello, server_hello, server_certificate, before_server_finished, server_finished;
  Hash client_certificate, before_client_finished, client_finished;
};

Transcripts transcripts_of(const Trace& trace) {
  Transcripts at;
  Transcript transcript;
  const auto now = [&] { return to_vector(transcript.digest()); };
  transcript.add(trace.message("Record_ClientHello_1"));
  transcript.start(sha256());
  if (trace.has("Record_HelloRetryRequest")) {
    transcript.replace_by_message_hash();
    transcript.add(trace.message("Record_HelloRetryRequest"));
    transcript.add(trace.message("Record_ClientHello_2"));
  }
  at.client_hello = now();
  transcript.add(trace["Message_ServerHello"]);
  at.server_hello = now();
  for (const Bytes message : trace.messages("server_flight_plaintext")) {
    if (is(message, HandshakeType::certificate_verify)) at.server_certificate = now();
    if (is(message, HandshakeType::finished)) at.before_server_finished = now();
    transcript.add(message);
  }
  at.server_finished = now();
  if (trace.has("end_of_early_data_plaintext")) transcript.add(trace["end_of_early_data_plaintext"]);
  for (const Bytes message : trace.messages("client_flight_plaintext")) {
    if (is(message, HandshakeType::certificate_verify)) at.client_certificate = now();
    if (is(message, HandshakeType::finished)) at.before_client_finished = now();
    transcript.add(message);
  }
  at.client_finished = now();
  return at;
}

class Rfc8448 : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    trace_ = load_trace(GetParam());
    BULLA_NEED_VECTORS(trace_, set);
  }
  const Trace& trace() const { return *trace_; }
  void expect(const std::string& name, Bytes value) const {
    EXPECT_EQ(to_hex(value), to_hex(trace()[name])) << name;
  }
  EarlyStage early() const { return EarlyStage(sha256(), trace().has("psk") ? trace()["psk"] : Bytes()); }
  HandshakeStage handshake() const { return early().agree(trace()["ecdhe_shared_secret"]); }
  MainStage main() const { return handshake().main(); }

 private:
  std::optional<Trace> trace_;
};

INSTANTIATE_TEST_SUITE_P(Traces, Rfc8448,
                         testing::Values(simple_1rtt, resumed_0rtt, retried, client_authentication,
                                         compatibility_mode, external_psk, raw_public_key),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(Rfc8448, SharedSecret) {
  const bool x25519 = trace()["client_private_key"].size() == 32 && trace()["server_public_key"].size() == 32;
  const GroupAlgorithm& group =
      *default_provider().group(x25519 ? NamedGroup::x25519 : NamedGroup::secp256r1);
  const SecretBytes private_key{trace()["client_private_key"]};
  DecapsulateJob job{.private_key = &private_key, .peer_share = trace()["server_public_key"], .secret = {}};
  group.decapsulate({&job, 1});
  ASSERT_TRUE(job.ok);
  expect("ecdhe_shared_secret", job.secret.reveal());
}

/// §7.1 spelled out: the values that the stages keep to themselves.
TEST_P(Rfc8448, ExtractsAndDerivedSalts) {
  using Value = InlineSecret<struct ValueRole, 48>;
  const std::array<uint8_t, 32> zeros{};
  HashContext hash(sha256());
  std::array<uint8_t, 32> empty_hash;
  hash.finish(empty_hash);
  const auto early_secret =
      hkdf_extract<Value>(sha256(), zeros, trace().has("psk") ? trace()["psk"] : Bytes(zeros));
  expect("early_secret", early_secret.reveal());
  const auto salt = derive<Value>(sha256(), early_secret.reveal(), "derived", empty_hash);
  expect("derived_for_handshake", salt.reveal());
  const auto handshake_secret = hkdf_extract<Value>(sha256(), salt.reveal(), trace()["ecdhe_shared_secret"]);
  expect("handshake_secret", handshake_secret.reveal());
  const auto main_salt = derive<Value>(sha256(), handshake_secret.reveal(), "derived", empty_hash);
  expect("master_secret", hkdf_extract<Value>(sha256(), main_salt.reveal(), zeros).reveal());
}

TEST_P(Rfc8448, TranscriptHashes) {
  const Transcripts at = transcripts_of(trace());
  expect("hello_transcript_hash", at.server_hello);
  expect("server_finished_transcript_hash", at.server_finished);
}

TEST_P(Rfc8448, SecretsOfEveryStage) {
  const Transcripts at = transcripts_of(trace());
  if (trace().has("client_early_traffic_secret")) {
    expect("client_early_traffic_secret", early().client_traffic(at.client_hello).reveal());
    expect("early_exporter_secret", early().exporter(at.client_hello).reveal());
  }
  expect("client_handshake_traffic_secret", handshake().client_traffic(at.server_hello).reveal());
  expect("server_handshake_traffic_secret", handshake().server_traffic(at.server_hello).reveal());
  expect("client_application_traffic_secret_0", main().client_traffic(at.server_finished).reveal());
  expect("server_application_traffic_secret_0", main().server_traffic(at.server_finished).reveal());
  expect("exporter_master_secret", main().exporter(at.server_finished).reveal());
  expect("resumption_master_secret", main().resumption(at.client_finished).reveal());
}

TEST_P(Rfc8448, RecordKeys) {
  for (const std::string name :
       {"server_handshake", "client_handshake", "server_application", "client_application"}) {
    const std::string secret = name + (name.ends_with("shake") ? "_traffic_secret" : "_traffic_secret_0");
    const tls13::RecordKeys keys = record_keys(default_provider(), suite(), trace()[secret]);
    expect(name + "_key", keys.key.reveal());
    expect(name + "_iv", keys.iv);
  }
}

TEST_P(Rfc8448, FinishedValues) {
  const Transcripts at = transcripts_of(trace());
  for (const std::string side : {"server", "client"}) {
    const Bytes secret = trace()[side + "_handshake_traffic_secret"];
    std::array<uint8_t, 32> key;
    expand_label(sha256(), secret, "finished", {}, key);
    expect(side + "_finished_key", key);
    const Bytes finished = trace().messages(side + "_flight_plaintext").back();
    ASSERT_TRUE(is(finished, HandshakeType::finished));
    const auto& transcript = side == "server" ? at.before_server_finished : at.before_client_finished;
    EXPECT_EQ(to_hex(finished.subspan(4)), to_hex(verify_data(sha256(), secret, transcript))) << side;
  }
}

TEST_P(Rfc8448, WhatCertificateVerifySigns) {
  const Transcripts at = transcripts_of(trace());
  if (trace().has("Server_MessageToSign"))
    expect("Server_MessageToSign", signed_message(Role::server, at.server_certificate));
  if (trace().has("Client_MessageToSign"))
    expect("Client_MessageToSign", signed_message(Role::client, at.client_certificate));
}

// ----------------------------------------------------------------------------------------------------
// records

/// One direction under one traffic secret: seals what the trace says and compares; opens the trace's record.
class Direction {
 public:
  Direction(const Trace& trace, const std::string& secret) : trace_(trace) {
    DirectionKeys keys;
    keys.suite = &suite();
    keys.secret = InlineSecret<DirectionRole, 48>(trace[secret]);
    sealing_.install(default_provider(), std::move(keys));
    DirectionKeys same;
    same.suite = &suite();
    same.secret = InlineSecret<DirectionRole, 48>(trace[secret]);
    opening_.install(default_provider(), std::move(same));
  }
  void carries(ContentType type, Bytes plaintext, Bytes record, const std::string& what) {
    std::vector<uint8_t> sealed(record_header_size + plaintext.size() + sealing_.overhead(0));
    sealing_.seal(type, std::span(&plaintext, 1), plaintext.size(), 0, sealed);
    EXPECT_EQ(to_hex(sealed), to_hex(record)) << what;
    std::vector<uint8_t> wire = to_vector(record);
    const auto opened = opening_.open(read_header(wire), MutBytes(wire).subspan(record_header_size));
    ASSERT_TRUE(opened.ok()) << what;
    EXPECT_EQ(opened->type, type) << what;
    EXPECT_EQ(to_hex(opened->plaintext), to_hex(plaintext)) << what;
  }
  /// If the trace has both.
  void carries(ContentType type, const std::string& plaintext, const std::string& record) {
    if (trace_.has(plaintext) && trace_.has(record)) carries(type, trace_[plaintext], trace_[record], record);
  }

 private:
  const Trace& trace_;
  Protection sealing_, opening_;
};

TEST_P(Rfc8448, EveryProtectedRecord) {
  using enum ContentType;
  const uint8_t close_notify[] = {1, 0};
  auto client_records = trace().protected_records("Record_ClientFinished");
  if (trace().has("Record_Client_EarlyAppData")) {
    Direction early(trace(), "client_early_traffic_secret");
    early.carries(application_data, "Client_EarlyAppData", "Record_Client_EarlyAppData");
    ASSERT_EQ(client_records.size(), 2u);
    early.carries(handshake, trace()["end_of_early_data_plaintext"], client_records.front(),
                  "EndOfEarlyData");
    client_records.erase(client_records.begin());
  }
  const auto server_records = trace().protected_records("Record_ServerHandshakeMessages");
  ASSERT_EQ(server_records.size(), 1u);
  ASSERT_EQ(client_records.size(), 1u);
  Direction(trace(), "server_handshake_traffic_secret")
      .carries(handshake, trace()["server_flight_plaintext"], server_records[0], "the server's flight");
  Direction(trace(), "client_handshake_traffic_secret")
      .carries(handshake, trace()["client_flight_plaintext"], client_records[0], "the client's flight");

  Direction server(trace(), "server_application_traffic_secret_0");
  server.carries(handshake, "new_session_ticket_plaintext", "Record_NewSessionTicket");
  server.carries(application_data, "Server_AppData", "Record_Server_AppData");
  server.carries(alert, close_notify, trace()["Record_Server_CloseNotify"], "the server's close_notify");
  Direction client(trace(), "client_application_traffic_secret_0");
  client.carries(application_data, "Client_AppData", "Record_Client_AppData");
  client.carries(alert, close_notify, trace()["Record_Client_CloseNotify"], "the client's close_notify");
}

TEST(Rfc8448Ticket, ItsPskSignsTheResumedTracesBinder) {
  const auto trace = load_trace(resumed_0rtt);
  BULLA_NEED_VECTORS(trace, set);
  // PskBinderEntry binders<33..2^16-1>: two bytes of length, one, and the binder.
  const Bytes hello = trace->message("Record_ClientHello_1");
  Transcript transcript;
  transcript.add(hello.first(hello.size() - 3 - 32));
  transcript.start(sha256());
  const Digest truncated = transcript.digest();
  EXPECT_EQ(to_hex(truncated), to_hex((*trace)["binder_transcript_hash"]));
  EXPECT_EQ(to_hex(hello.last(32)), to_hex(EarlyStage(sha256(), (*trace)["psk"]).binder(truncated)));
}

TEST(Rfc8448Ticket, GivesThePskOfTheResumedTrace) {
  const Trace simple = trace_in_tree();
  const ResumptionSecret resumption(simple["resumption_master_secret"]);
  const auto psk = resumption_psk(sha256(), resumption, simple["ticket_nonce"]);
  EXPECT_EQ(to_hex(psk.reveal()), to_hex(simple["resumption_psk"]));
  const auto resumed = load_trace(resumed_0rtt);
  BULLA_NEED_VECTORS(resumed, set);
  EXPECT_EQ(to_hex(psk.reveal()), to_hex((*resumed)["psk"]));
}

TEST(Rfc8448InTree, IsTheTraceOutside) {
  const auto json = load_json(set);
  BULLA_NEED_VECTORS(json, set);
  const Trace inside = trace_in_tree();
  const boost::json::object& trace = json->as_object().at(simple_1rtt).as_object();
  for (const char* part : {"trace", "key_schedule"})
    for (const auto& [key, value] : trace.at(part).as_object())
      if (key != "group") {
        const std::vector<uint8_t> outside = from_hex(std::string_view(value.get_string()));
        EXPECT_EQ(to_hex(inside[std::string(key)]), to_hex(outside)) << key;
      }
}

}  // namespace
}  // namespace bulla::test::rfc8448
