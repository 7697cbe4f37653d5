// How bytes are cut on their way makes no difference; how they are altered does.
#include "support/fake_provider.h"
#include "tls/pair.h"

#include <gtest/gtest.h>

#include <set>

namespace bulla::test {
namespace {

using enum ProtocolVersion;

/// Configurations under which every handshake is the same: counted random bytes, Ed25519 signatures.
ClientConfigPtr client_config(ProtocolVersion version) {
  ClientOptions options = client_options();
  options.common.versions = {version, version};
  options.common.groups = {NamedGroup::x25519};
  options.common.random = std::make_shared<CountingRandom>(7);
  return make_client_config(std::move(options)).value();
}
ServerConfigPtr server_config() {
  ServerOptions options = server_options("ed25519");
  options.common.random = std::make_shared<CountingRandom>(77);
  return make_server_config(std::move(options)).value();
}
Pair fresh_pair(ProtocolVersion version) {
  return make_pair(client_config(version), server_config());
}

/// What a side says to bytes that arrive in the given pieces.
std::vector<uint8_t> answer_to(Side& side, std::span<const Bytes> pieces) {
  for (const Bytes piece : pieces) {
    side.input.insert(side.input.end(), piece.begin(), piece.end());
    side.run(test_now);
  }
  EXPECT_FALSE(side.error) << side.error->message();
  return to_vector(side.output.pending());
}

std::vector<std::vector<uint8_t>> records_of(Bytes bytes) {
  std::vector<std::vector<uint8_t>> all;
  while (!bytes.empty()) {
    const size_t size = 5 + (size_t{bytes[3]} << 8 | bytes[4]);
    all.push_back(to_vector(bytes.first(size)));
    bytes = bytes.subspan(size);
  }
  return all;
}

std::vector<uint8_t> record(uint8_t type, Bytes content) {
  std::vector<uint8_t> bytes = {type, 3, 3, static_cast<uint8_t>(content.size() >> 8),
                                static_cast<uint8_t>(content.size())};
  bytes.insert(bytes.end(), content.begin(), content.end());
  return bytes;
}

/// The ClientHello, the server's answer, and the client's answer to that.
struct Flights {
  explicit Flights(ProtocolVersion version) {
    Pair pair = fresh_pair(version);
    pair.client.run(test_now);
    hello = to_vector(pair.client.output.pending());
    pair.client.output.clear();
    const Bytes first[] = {hello};
    flight = answer_to(pair.server, first);
    const Bytes answer[] = {flight};
    second = answer_to(pair.client, answer);
  }
  std::vector<uint8_t> hello, flight, second;
};

class Framing : public testing::TestWithParam<ProtocolVersion> {
 protected:
  const Flights flights_{GetParam()};
  const std::vector<uint8_t>&hello_ = flights_.hello, &flight_ = flights_.flight, &second_ = flights_.second;
};

INSTANTIATE_TEST_SUITE_P(All, Framing, testing::Values(tls12, tls13),
                         [](const auto& info) { return info.param == tls12 ? "Tls12" : "Tls13"; });

TEST_P(Framing, ClientHelloInTwoPiecesCutAnywhere) {
  const ProtocolVersion version = GetParam();
  for (size_t at = 1; at < hello_.size(); ++at) {
    Pair pair = fresh_pair(version);
    const Bytes pieces[] = {Bytes(hello_).first(at), Bytes(hello_).subspan(at)};
    ASSERT_EQ(answer_to(pair.server, pieces), flight_) << at;
  }
}

TEST_P(Framing, ClientHelloInTwoRecordsCutAnywhere) {
  const Bytes message = Bytes(hello_).subspan(5);
  for (size_t at = 1; at < message.size(); ++at) {
    Pair pair = fresh_pair(GetParam());
    const auto first = record(22, message.first(at)), second = record(22, message.subspan(at));
    const Bytes pieces[] = {first, second};
    ASSERT_EQ(answer_to(pair.server, pieces), flight_) << at;
  }
}

TEST_P(Framing, ClientHelloInRecordsOfOneByte) {
  Pair pair = fresh_pair(GetParam());
  std::vector<uint8_t> bytes;
  for (const uint8_t& byte : Bytes(hello_).subspan(5)) {
    const auto one = record(22, {&byte, 1});
    bytes.insert(bytes.end(), one.begin(), one.end());
  }
  const Bytes pieces[] = {bytes};
  EXPECT_EQ(answer_to(pair.server, pieces), flight_);
}

TEST_P(Framing, ServersFlightInTwoPiecesCutAnywhere) {
  for (size_t at = 1; at < flight_.size(); ++at) {
    Pair pair = fresh_pair(GetParam());
    pair.client.run(test_now);
    pair.client.output.clear();
    const Bytes pieces[] = {Bytes(flight_).first(at), Bytes(flight_).subspan(at)};
    ASSERT_EQ(answer_to(pair.client, pieces), second_) << at;
  }
}

/// In TLS 1.3 the flight is protected: its records cannot be cut anew.
TEST(Framing12, ServersFlightInOneRecordAndInRecordsOfOneByte) {
  const Flights flights(tls12);
  std::vector<uint8_t> messages, single;
  for (const auto& r : records_of(flights.flight)) messages.insert(messages.end(), r.begin() + 5, r.end());
  for (const uint8_t& byte : messages) {
    const auto one = record(22, {&byte, 1});
    single.insert(single.end(), one.begin(), one.end());
  }
  for (const auto& bytes : {record(22, messages), single}) {
    Pair pair = fresh_pair(tls12);
    pair.client.run(test_now);
    pair.client.output.clear();
    const Bytes pieces[] = {bytes};
    EXPECT_EQ(answer_to(pair.client, pieces), flights.second);
  }
}

TEST_P(Framing, ApplicationDataCutAnywhereAndAllAtOnce) {
  Pair pair = fresh_pair(GetParam());
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  const std::string texts[] = {"a", "bcd", std::string(40, 'e')};
  const std::string all = texts[0] + texts[1] + texts[2];
  for (auto [from, to] : {std::pair{&pair.client, &pair.server}, std::pair{&pair.server, &pair.client}}) {
    size_t size = 1;
    for (size_t at = 0; at <= size; ++at) {
      for (const std::string& text : texts) from->send(text);
      const std::vector<uint8_t> bytes = to_vector(from->output.pending());
      from->output.clear();
      size = bytes.size();
      to->received.clear();
      const Bytes pieces[] = {Bytes(bytes).first(at), Bytes(bytes).subspan(at)};
      (void)answer_to(*to, pieces);
      ASSERT_EQ(to->text(), all) << at;
    }
  }
}

// ------------------------------------------------------------------------------------------- one altered
// byte

/// What a client may say to a server's flight with one byte altered: the server is at fault, whatever exactly
/// it is.
bool blames_the_server(const Error& error) {
  const Fault fault = error.row().fault;
  return fault == Fault::peer_sent_garbage || fault == Fault::peer_broke_protocol ||
         fault == Fault::peer_incompatible || fault == Fault::certificate;
}

struct Altered {
  bool done, waits;
  std::optional<Error> error;
};

/// The client's view of a handshake in which bit `bit` of byte `at` of the server's first flight is flipped.
Altered alter(ProtocolVersion version, size_t at, unsigned bit) {
  Pair pair = fresh_pair(version);
  bool altered = false;
  pair.wire = [&](Toward toward, std::vector<uint8_t> bytes) {
    if (toward == Toward::client && !altered) {
      bytes.at(at) ^= static_cast<uint8_t>(1u << bit);
      altered = true;
    }
    return bytes;
  };
  pair.run();
  const bool waits = !pair.client.done && !pair.client.error;
  if (waits) {
    const Event end = pair.client.connection.end_of_input();
    if (const auto* failed = std::get_if<Failed>(&end)) pair.client.error = failed->error;
  }
  return {pair.client.done, waits, pair.client.error};
}

/// Where each record begins, by offset in the flight: the five bytes of its header are not all covered by
/// anything.
struct Place {
  size_t in_header;  ///< 0 to 4, or 5 for the content
  uint8_t type;
};
Place place_of(Bytes flight, size_t at) {
  for (size_t begin = 0;;) {
    const size_t size = 5 + (size_t{flight[begin + 3]} << 8 | flight[begin + 4]);
    if (at < begin + size) return {std::min<size_t>(at - begin, 5), flight[begin]};
    begin += size;
  }
}

TEST_P(Framing, EachAlteredByteOfTheServersFlightIsRefused) {
  std::set<ErrorCode> seen;
  for (size_t at = 0; at < flight_.size(); ++at) {
    const auto [in_header, type] = place_of(flight_, at);
    const Altered result = alter(GetParam(), at, static_cast<unsigned>(at % 8));
    // RFC 9846 §5.1: legacy_record_version means nothing and is ignored; change_cipher_spec is dropped
    // in 1.3.
    if (in_header == 2 && type != 23) {
      EXPECT_TRUE(result.done) << at;
      continue;
    }
    ASSERT_FALSE(result.done) << at;
    ASSERT_TRUE(result.error) << at;
    seen.insert(result.error->code);
    if (result.waits) {
      // A longer length waits for bytes that never come.
      EXPECT_EQ(result.error->code, ErrorCode::truncated) << at;
    } else if (result.error->code == ErrorCode::peer_sent_alert) {
      // What the client cannot see, the server does: its Finished, or ours, does not fit.
      EXPECT_EQ(GetParam(), tls12) << at;
    } else {
      EXPECT_TRUE(blames_the_server(*result.error)) << at << ' ' << result.error->message();
    }
    if (type == 23 && in_header == 5) {
      EXPECT_EQ(result.error->code, ErrorCode::bad_record_mac) << at;
    }
  }
  EXPECT_TRUE(seen.contains(ErrorCode::decode_error));
  EXPECT_TRUE(
      seen.contains(GetParam() == tls13 ? ErrorCode::bad_record_mac : ErrorCode::bad_handshake_signature));
}

}  // namespace
}  // namespace bulla::test
