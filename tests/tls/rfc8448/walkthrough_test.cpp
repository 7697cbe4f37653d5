// docs/walkthrough/tls13-1rtt.md cannot rot: every hexadecimal block in it is compared with what our two
// sides do when they play the handshake of RFC 8448 §3 with each other, and every function that it links to
// is looked up. (The page calls this file walkthrough_test.)
#include "crypto/hkdf.h"
#include "tls/rfc8448/replay.h"
#include "tls/tls13/key_schedule.h"
#include "tls/tls13/signed_message.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

namespace bulla::test::rfc8448 {
namespace {

using namespace tls;
using namespace tls::tls13;

namespace fs = std::filesystem;

const fs::path page = fs::path(BULLA_SOURCE_DIR) / "docs/walkthrough/tls13-1rtt.md";

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// What the page names, as the engine has it, in hexadecimal.
using Values = std::map<std::string, std::string>;

/// Both sides play the trace's handshake with each other; what they sent is kept.
class Play {
 public:
  explicit Play(const Trace& trace) : client_(client_of(trace)), server_(server_of(trace)) {
    hello_ = client_.hear({});
    flight_ = server_.hear(hello_);
    finished_ = client_.hear(flight_);
    ticket_ = server_.hear(finished_);
    (void)client_.hear(ticket_);
    EXPECT_TRUE(client_.side.done && server_.side.done);
  }

  Values records(const Trace& trace) {
    Values v;
    const size_t first = 5 + (size_t{flight_[3]} << 8 | flight_[4]);
    const Bytes rest = Bytes(flight_).subspan(first);
    v["client_hello_record_header"] = to_hex(Bytes(hello_).first(5));
    v["server_hello_record_header"] = to_hex(Bytes(flight_).first(5));
    v["server_flight_header"] = to_hex(rest.first(5));
    v["server_flight_record"] = to_hex(rest);
    v["client_finished_record"] = to_hex(finished_);
    v["new_session_ticket_record"] = to_hex(ticket_);
    v["client_data"] = to_hex(trace["Client_AppData"]);
    for (auto [side, name] : {std::pair{&client_, std::string("client")}, {&server_, "server"}}) {
      (void)side->side.connection.send(trace["Client_AppData"], side->side.output).value();
      v[name + "_data_record"] = to_hex(side->take_output());
      side->side.connection.close_write(side->side.output).value();
      v[name + "_close_notify_record"] = to_hex(side->take_output());
    }
    return v;
  }

  /// ClientHello, client Finished.
  const std::vector<std::vector<uint8_t>>& from_client() const { return client_.tap->sent; }
  /// ServerHello, EncryptedExtensions, Certificate, CertificateVerify, Finished, NewSessionTicket.
  const std::vector<std::vector<uint8_t>>& from_server() const { return server_.tap->sent; }
  std::vector<uint8_t> secret(const std::string& label) const {
    EXPECT_EQ(client_.tap->secrets[label], server_.tap->secrets[label]);
    return from_hex(client_.tap->secrets[label]);
  }
  std::string kept_psk() const {
    return to_hex(client_.store->sessions.begin()->second.at(0)->secret.reveal());
  }

 private:
  Replay client_, server_;
  std::vector<uint8_t> hello_, flight_, finished_, ticket_;
};

void add_messages(const Play& play, const Trace& trace, Values& v) {
  ASSERT_EQ(play.from_client().size(), 2u);
  ASSERT_EQ(play.from_server().size(), 6u);
  v["client_private_key"] = to_hex(trace["client_private_key"]);
  v["server_private_key"] = to_hex(trace["Server_RNG_Pool"].subspan(32, 32));
  const char* names[] = {"server_hello",       "encrypted_extensions", "certificate",
                         "certificate_verify", "server_finished",      "new_session_ticket"};
  for (size_t i = 0; i < 6; ++i) v[names[i]] = to_hex(play.from_server()[i]);
  v["client_hello"] = to_hex(play.from_client()[0]);
  v["client_finished"] = to_hex(play.from_client()[1]);
  v["client_random"] = to_hex(Bytes(play.from_client()[0]).subspan(6, 32));
  v["server_random"] = to_hex(Bytes(play.from_server()[0]).subspan(6, 32));
}

/// The transcript hash after n messages of the server, and with the client's Finished if `all`.
std::vector<uint8_t> transcript_hash(const Play& play, size_t n, bool all = false) {
  Transcript transcript;
  transcript.add(play.from_client()[0]);
  transcript.start(*default_provider().hash(HashId::sha256));
  for (size_t i = 0; i < n; ++i) transcript.add(play.from_server()[i]);
  if (all) transcript.add(play.from_client()[1]);
  return to_vector(transcript.digest());
}

std::string shared_secret(const Play& play, const Trace& trace) {
  const Bytes hello = play.from_server()[0];
  std::vector<uint8_t> share;
  for (const Extension& e : extensions_of(hello, server_hello_extensions_at(hello)))
    if (e.type == 51) share.assign(e.body.begin() + 4, e.body.end());
  const SecretBytes private_key{trace["client_private_key"]};
  DecapsulateJob job{.private_key = &private_key, .peer_share = share, .secret = {}};
  default_provider().group(NamedGroup::x25519)->decapsulate({&job, 1});
  return job.ok ? to_hex(job.secret.reveal()) : "";
}

/// The ladder of RFC 9846 §7.1, one rung after the other.
void add_schedule(const Play& play, const Trace& trace, Values& v) {
  using Value = InlineSecret<struct ValueRole, 48>;
  const HashAlgorithm& hash = *default_provider().hash(HashId::sha256);
  const std::array<uint8_t, 32> zeros{};
  std::array<uint8_t, 32> nothing;
  HashContext(hash).finish(nothing);
  const auto hex = [](const Value& value) { return to_hex(value.reveal()); };

  v["shared_secret"] = shared_secret(play, trace);
  const auto early = hkdf_extract<Value>(hash, zeros, zeros);
  const auto derived = derive<Value>(hash, early.reveal(), "derived", nothing);
  const auto handshake = hkdf_extract<Value>(hash, derived.reveal(), from_hex(v["shared_secret"]));
  const auto salt = derive<Value>(hash, handshake.reveal(), "derived", nothing);
  const auto main = hkdf_extract<Value>(hash, salt.reveal(), zeros);
  v["early_secret"] = hex(early);
  v["derived"] = hex(derived);
  v["handshake_secret"] = hex(handshake);
  v["main_secret"] = hex(main);
  v["hello_transcript"] = to_hex(transcript_hash(play, 1));
  v["certificate_transcript"] = to_hex(transcript_hash(play, 3));
  v["certificate_verify_transcript"] = to_hex(transcript_hash(play, 4));
  v["server_finished_transcript"] = to_hex(transcript_hash(play, 5));
  v["server_signed_content"] = to_hex(signed_message(Role::server, transcript_hash(play, 3)));
  const auto resumption =
      derive<ResumptionSecret>(hash, main.reveal(), "res master", transcript_hash(play, 5, true));
  v["resumption_secret"] = to_hex(resumption.reveal());
  const uint8_t nonce[] = {0, 0};
  v["resumption_psk"] = to_hex(resumption_psk(hash, resumption, nonce).reveal());
  EXPECT_EQ(v["resumption_psk"], play.kept_psk());
}

void add_keys(const Play& play, Values& v) {
  const HashAlgorithm& hash = *default_provider().hash(HashId::sha256);
  const Suite& suite = *find_suite(CipherSuite::aes_128_gcm_sha256);
  for (const auto& [label, name] :
       {std::pair{"CLIENT_HANDSHAKE_TRAFFIC_SECRET", std::string("client_handshake")},
        {"SERVER_HANDSHAKE_TRAFFIC_SECRET", "server_handshake"},
        {"CLIENT_TRAFFIC_SECRET_0", "client_application"},
        {"SERVER_TRAFFIC_SECRET_0", "server_application"}}) {
    const std::vector<uint8_t> secret = play.secret(label);
    const tls13::RecordKeys keys = record_keys(default_provider(), suite, secret);
    v[name + "_traffic_secret"] = to_hex(secret);
    v[name + "_key"] = to_hex(keys.key.reveal());
    v[name + "_iv"] = to_hex(keys.iv);
  }
  v["exporter_secret"] = to_hex(play.secret("EXPORTER_SECRET"));
  for (const std::string side : {"client", "server"}) {
    std::array<uint8_t, 32> key;
    expand_label(hash, from_hex(v[side + "_handshake_traffic_secret"]), "finished", {}, key);
    v[side + "_finished_key"] = to_hex(key);
  }
  std::vector<uint8_t> nonce = from_hex(v["server_application_iv"]);
  nonce.back() ^= 1;
  v["server_data_nonce"] = to_hex(nonce);
}

Values engine_values() {
  const Trace trace = trace_in_tree();
  Play play(trace);
  Values v;
  add_messages(play, trace, v);
  add_schedule(play, trace, v);
  add_keys(play, v);
  v.merge(play.records(trace));
  return v;
}

TEST(Walkthrough, EveryBlockIsWhatTheEngineDoes) {
  Values values = engine_values();
  const std::string text = text_of(page);
  const std::regex block("```hex (\\w+)\n([^`]*)```");
  size_t blocks = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), block), end; at != end; ++at, ++blocks) {
    const std::string name = (*at)[1];
    ASSERT_TRUE(values.contains(name))
        << "the page shows " << name << ", which the engine does not have, or twice";
    EXPECT_EQ(to_hex(from_hex((*at)[2].str())), values[name]) << name;
    values.erase(name);
  }
  EXPECT_GT(blocks, 40u) << page;
  for (const auto& [name, value] : values) ADD_FAILURE() << "the page does not show " << name;
}

/// [`Class::function`](path): the file is there, and what it is linked for is in it.
TEST(Walkthrough, EveryLinkLeadsToWhatItNames) {
  const std::string text = text_of(page);
  const std::regex link("\\[`([\\w:]+)`\\]\\(([^)]+)\\)");
  size_t links = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), link), end; at != end; ++at, ++links) {
    std::string name = (*at)[1];
    const fs::path file = page.parent_path() / (*at)[2].str();
    ASSERT_TRUE(fs::exists(file)) << file;
    // A definition is found under Class::function, a declaration under its last part.
    for (const std::string scope : {"tls13::", "hello::", "client::", "server::", "dangerous::"})
      if (name.starts_with(scope)) name.erase(0, scope.size());
    if (file.extension() == ".h" && name.rfind("::") != name.npos) name.erase(0, name.rfind("::") + 2);
    EXPECT_TRUE(std::regex_search(text_of(file), std::regex("\\b" + name + "\\b"))) << name << " in " << file;
  }
  EXPECT_GT(links, 30u) << page;
}

}  // namespace
}  // namespace bulla::test::rfc8448
