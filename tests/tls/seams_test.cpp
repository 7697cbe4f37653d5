// The seams of the engine: operations answered in every way, batches, threads, taps, fake clocks.
#include "tls/pair.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

namespace bulla::test {
namespace {

using enum ProtocolVersion;

/// A mutual, ticketed pair in which every operation of both sides leaves the engine.
Pair external_pair(ProtocolVersion version, std::shared_ptr<ClientSessionStore> store = nullptr,
                   TicketSealerPtr tickets = RotatingTickets::fresh()) {
  ClientOptions c = client_options();
  c.common.versions = {version, version};
  c.common.external_operations = OperationSet::all();
  c.identity = identity("client");
  c.sessions = store;
  ServerOptions s = server_options();
  s.common.external_operations = OperationSet::all();
  s.client_auth = ClientAuth::required;
  s.client_roots = roots();
  s.tickets = tickets;
  return make_pair(c, s);
}

/// What both sides of external_pair are answered with.
struct Answerer {
  Answerer() {
    ClientOptions c = client_options();
    c.identity = identity("client");
    client = make_client_config(c).value();
    ServerOptions s = server_options();
    s.client_auth = ClientAuth::required;
    s.client_roots = roots();
    s.tickets = tickets;
    server = make_server_config(s).value();
  }
  TicketSealerPtr tickets = RotatingTickets::fresh();
  ClientConfigPtr client;
  ServerConfigPtr server;
};

enum class Way { next_turn, reversed, other_thread };

/// Answers all that both sides wait for; true if there was anything.
bool answer_all(Pair& pair, const Answerer& with, Way way, std::set<OperationKind>& seen) {
  bool any = false;
  for (Side* side : {&pair.client, &pair.server}) {
    const Services& services = side == &pair.client ? with.client->services() : with.server->services();
    std::vector<Operation> operations = std::move(side->operations);
    side->operations.clear();
    if (way == Way::reversed) std::ranges::reverse(operations);
    for (const Operation& operation : operations) {
      any = true;
      seen.insert(kind_of(operation));
      std::optional<Answer> answer;
      if (way == Way::other_thread)
        std::thread([&] { answer = perform(operation, services); }).join();
      else
        answer = perform(operation, services);
      side->connection.complete(operation.id, *std::move(answer)).value();
    }
  }
  return any;
}

class AnsweredIn : public testing::TestWithParam<std::tuple<ProtocolVersion, Way>> {};

INSTANTIATE_TEST_SUITE_P(All, AnsweredIn,
                         testing::Combine(testing::Values(tls12, tls13),
                                          testing::Values(Way::next_turn, Way::reversed, Way::other_thread)));

TEST_P(AnsweredIn, EveryOperationOfBothSides) {
  const auto [version, way] = GetParam();
  const Answerer with;
  auto store = std::make_shared<PlainSessionStore>();
  std::set<OperationKind> seen;
  for (int round = 0; round < 2; ++round) {
    Pair pair = external_pair(version, store, with.tickets);
    do pair.run();
    while (answer_all(pair, with, way, seen));
    ASSERT_TRUE(pair.both_done()) << pair.errors();
    pair.client.send("hello");
    pair.server.send("world");
    pair.run();
    EXPECT_EQ(pair.server.text(), "hello");
    EXPECT_EQ(pair.client.text(), "world");
  }
  for (const auto kind :
       {OperationKind::generate_share, OperationKind::encapsulate, OperationKind::decapsulate,
        OperationKind::select_identity, OperationKind::sign, OperationKind::verify_signature,
        OperationKind::verify_chain, OperationKind::seal_ticket})
    EXPECT_TRUE(seen.contains(kind)) << name_of(kind);
}

class BothVersionsSeams : public testing::TestWithParam<ProtocolVersion> {};
INSTANTIATE_TEST_SUITE_P(All, BothVersionsSeams, testing::Values(tls12, tls13));

TEST_P(BothVersionsSeams, NeverAnsweredMeetsTheDeadline) {
  Pair pair = external_pair(GetParam());
  pair.run();
  // TLS 1.2 clients send their hello at once; in every case somebody waits for an answer that does not come.
  ASSERT_TRUE(pair.client.blocked || pair.server.blocked);
  Side& waiting = pair.client.blocked ? pair.client : pair.server;
  ASSERT_TRUE(waiting.connection.deadline());
  waiting.run(*waiting.connection.deadline() - Milliseconds(1));
  EXPECT_FALSE(waiting.error);
  waiting.run(*waiting.connection.deadline());
  ASSERT_TRUE(waiting.error);
  EXPECT_EQ(waiting.error->code, ErrorCode::handshake_timeout);
}

TEST(Operations, WrongAnswersAreRefused) {
  Pair pair = external_pair(tls13);
  pair.run();
  ASSERT_FALSE(pair.client.operations.empty());
  const OperationId id = pair.client.operations[0].id;
  EXPECT_EQ(pair.client.connection.complete(OperationId{99}, Ticket{}).error().code,
            ErrorCode::unknown_operation);
  EXPECT_EQ(pair.client.connection.complete(id, Ticket{}).error().code, ErrorCode::unknown_operation);
  const Answerer with;
  pair.client.connection.complete(id, perform(pair.client.operations[0], with.client->services())).value();
  EXPECT_EQ(pair.client.connection.complete(id, SharedSecret{}).error().code, ErrorCode::unknown_operation);
}

TEST(Operations, AFailedSignerEndsTheHandshakeWithAnAlert) {
  ServerOptions s = server_options();
  s.common.external_operations = {OperationKind::sign};
  Pair pair = make_pair(client_options(), s);
  pair.run();
  ASSERT_EQ(pair.server.operations.size(), 1u);
  pair.server.connection
      .complete(pair.server.operations[0].id, Error{ErrorCode::operation_failed, "HSM is gone"})
      .value();
  pair.run();
  ASSERT_TRUE(pair.server.error);
  EXPECT_EQ(pair.server.error->code, ErrorCode::operation_failed);
  ASSERT_TRUE(pair.client.error);
  EXPECT_EQ(pair.client.error->alert, AlertDescription::internal_error);
}

// ------------------------------------------------------------------------------------------ a fake provider

std::atomic<int> encapsulate_calls, encapsulate_jobs;

void counted_encapsulate(Random& random, std::span<EncapsulateJob> jobs) noexcept {
  ++encapsulate_calls;
  encapsulate_jobs += static_cast<int>(jobs.size());
  default_provider().group(NamedGroup::x25519)->encapsulate(random, jobs);
}

/// The default provider but for X25519, whose encapsulations are counted.
const Provider& counting_provider() {
  static const GroupAlgorithm x25519 = [] {
    GroupAlgorithm group = *default_provider().group(NamedGroup::x25519);
    group.encapsulate = counted_encapsulate;
    group.lanes = 4;
    return group;
  }();
  static const GroupAlgorithm* const groups[] = {&x25519};
  static const Provider provider = [] {
    Provider p = default_provider();
    p.name = "counting";
    p.groups = groups;
    return p;
  }();
  return provider;
}

TEST(Operations, TenConnectionsKeyAgreementsInOneBatch) {
  ServerOptions s = server_options();
  s.common.provider = &counting_provider();
  s.common.external_operations = {OperationKind::encapsulate};
  const auto server = make_server_config(s).value();
  const auto client = make_client_config(client_options()).value();
  std::vector<Pair> pairs;
  for (int i = 0; i < 10; ++i) pairs.push_back(make_pair(client, server));
  std::vector<const Operation*> operations;
  for (Pair& pair : pairs) {
    pair.run();
    ASSERT_EQ(pair.server.operations.size(), 1u) << pair.errors();
    operations.push_back(&pair.server.operations[0]);
  }
  EXPECT_EQ(lanes_of(*operations[0], server->services()), 4u);
  encapsulate_calls = encapsulate_jobs = 0;
  std::vector<Answer> answers;
  for (size_t i = 0; i < operations.size(); ++i) answers.emplace_back(Ticket{});
  perform_batch(operations, server->services(), answers);
  EXPECT_EQ(encapsulate_calls, 1);
  EXPECT_EQ(encapsulate_jobs, 10);
  for (size_t i = 0; i < pairs.size(); ++i) {
    pairs[i].server.connection.complete(operations[i]->id, std::move(answers[i])).value();
    pairs[i].run();
    EXPECT_TRUE(pairs[i].both_done()) << pairs[i].errors();
  }
}

/// The key of an identity, which counts what it is asked for.
class CountingKey final : public SigningKey {
 public:
  explicit CountingKey(IdentityPtr of) : of_(std::move(of)) {}
  KeyType type() const noexcept override { return of_->key().type(); }
  PublicKeyView public_key() const noexcept override { return of_->key().public_key(); }
  void sign(Random& random, std::span<SignJob> jobs) const noexcept override {
    ++calls;
    signed_jobs += static_cast<int>(jobs.size());
    of_->key().sign(random, jobs);
  }
  size_t lanes() const noexcept override { return 5; }
  inline static std::atomic<int> calls, signed_jobs;

 private:
  IdentityPtr of_;
};

IdentityPtr counting_identity(const std::string& name) {
  const IdentityPtr of = identity(name);
  return Identity::create(of->chain(), std::make_unique<CountingKey>(of)).value();
}

// Of two keys, every second connection's another; and among them some that cannot be signed at all.
TEST(Operations, SignaturesOfOneKeyAreOneBatch) {
  const IdentityPtr first = counting_identity("p256"), second = counting_identity("ed25519");
  int asked = 0;
  ServerOptions s = server_options();
  s.identity = nullptr;
  s.select_identity = [&](const SelectIdentity&) { return asked++ % 2 ? second : first; };
  s.common.external_operations = {OperationKind::sign};
  const auto server = make_server_config(s).value();
  const auto client = make_client_config(client_options()).value();
  std::vector<Pair> pairs;
  for (int i = 0; i < 9; ++i) pairs.push_back(make_pair(client, server));
  std::array<Operation, 2> nobodys = {Operation{OperationId{1}, Sign{nullptr, SignatureScheme::ed25519, {}}},
                                      Operation{OperationId{2}, Sign{first, SignatureScheme{0x7777}, {}}}};
  std::vector<const Operation*> operations = {&nobodys[0], &nobodys[1]};
  for (Pair& pair : pairs) {
    pair.run();
    ASSERT_EQ(pair.server.operations.size(), 1u) << pair.errors();
    operations.push_back(&pair.server.operations[0]);
  }
  EXPECT_EQ(lanes_of(nobodys[0], server->services()), 1u);
  EXPECT_EQ(lanes_of(*operations.back(), server->services()), 5u);
  EXPECT_EQ(lanes_of({OperationId{3}, OpenTicket{}}, server->services()), 1u);
  CountingKey::calls = CountingKey::signed_jobs = 0;
  std::vector<Answer> answers;
  for (size_t i = 0; i < operations.size(); ++i) answers.emplace_back(Ticket{});
  perform_batch(operations, server->services(), answers);
  EXPECT_EQ(CountingKey::calls, 2);
  EXPECT_EQ(CountingKey::signed_jobs, 9);
  for (size_t i = 0; i < nobodys.size(); ++i) {
    const auto* error = std::get_if<Error>(&answers[i]);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::operation_failed);
  }
  for (size_t i = 0; i < pairs.size(); ++i) {
    const size_t k = i + nobodys.size();
    pairs[i].server.connection.complete(operations[k]->id, std::move(answers[k])).value();
    pairs[i].run();
    EXPECT_TRUE(pairs[i].both_done()) << pairs[i].errors();
  }
}

TEST(Operations, AConnectionHandsOutMoreThanItsConfigSays) {
  ServerOptions s = server_options();
  s.common.external_operations = {OperationKind::sign};
  Pair pair = make_pair(client_options(), s);
  pair.server.connection.hand_out({OperationKind::encapsulate});
  std::vector<OperationKind> seen;
  for (int i = 0; i < 2; ++i) {
    pair.run();
    ASSERT_EQ(pair.server.operations.size(), 1u) << pair.errors();
    const Operation operation = std::move(pair.server.operations[0]);
    pair.server.operations.clear();
    seen.push_back(kind_of(operation));
    pair.server.connection
        .complete(operation.id, perform(operation, make_server_config(s).value()->services()))
        .value();
  }
  pair.run();
  EXPECT_TRUE(pair.both_done()) << pair.errors();
  EXPECT_EQ(seen, (std::vector{OperationKind::encapsulate, OperationKind::sign}));
  pair.server.connection.hand_out(OperationSet::all());  // too late to change anything
}

/// Counts up: every run of a handshake is the same.
class CountingRandom : public Random {
 public:
  void fill(MutBytes out) noexcept override {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(++next_ * 37);
  }

 private:
  uint32_t next_ = 0;
};

TEST(FakeRandomAndClock, TheSameHandshakeTwice) {
  const auto run = [] {
    ClientOptions c = client_options();
    c.common.random = std::make_shared<CountingRandom>();
    ServerOptions s = server_options("ed25519");
    s.common.random = std::make_shared<CountingRandom>();
    Pair pair = make_pair(c, s);
    pair.run();
    EXPECT_TRUE(pair.both_done()) << pair.errors();
    return std::pair(pair.to_server, pair.to_client);
  };
  EXPECT_EQ(run(), run());
}

// -------------------------------------------------------------------------------------------------- the tap

struct Recorder : Tap, KeyLog {
  void on_record(const RecordSeen& r) override {
    (r.direction == Direction::sent ? sent : received) += r.wire_size;
  }
  void on_message(const MessageSeen& m) override {
    messages.push_back((m.direction == Direction::sent ? ">" : "<") + name_of(m.type));
  }
  void on_secret(const SecretSeen& s) override { secrets.emplace(std::string(s.label), to_hex(s.secret)); }
  void on_decision(const DecisionSeen& d) override { decisions[std::string(d.what)] = d.value; }
  void on_alert(Direction, AlertDescription a) override { alerts.push_back(a); }
  void on_error(const Error& e) override { errors.push_back(e.code); }
  void write(std::string_view line) override { lines.emplace_back(line); }
  size_t sent = 0, received = 0;
  std::vector<std::string> messages, lines;
  std::map<std::string, std::string> secrets, decisions;
  std::vector<AlertDescription> alerts;
  std::vector<ErrorCode> errors;
};

TEST(TapSees, EveryRecordMessageAndSecret) {
  const auto client_tap = std::make_shared<Recorder>(), server_tap = std::make_shared<Recorder>();
  ClientOptions c = client_options();
  c.common.tap = client_tap;
  c.common.key_log = client_tap;
  ServerOptions s = server_options();
  s.common.tap = server_tap;
  Pair pair = make_pair(c, s);
  pair.run();
  pair.client.send("hello");
  pair.run();
  pair.client.connection.close_write(pair.client.output).value();
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  EXPECT_EQ(client_tap->messages,
            (std::vector<std::string>{">ClientHello", "<ServerHello", "<EncryptedExtensions", "<Certificate",
                                      "<CertificateVerify", "<Finished", ">Finished"}));
  EXPECT_EQ(client_tap->sent, pair.to_server.size());
  EXPECT_EQ(server_tap->received, pair.to_server.size());
  EXPECT_EQ(server_tap->sent, pair.to_client.size());
  EXPECT_EQ(client_tap->secrets.size(), 5u);
  EXPECT_EQ(client_tap->secrets, server_tap->secrets);
  EXPECT_EQ(client_tap->lines.size(), 5u);
  EXPECT_TRUE(client_tap->lines[0].starts_with("CLIENT_HANDSHAKE_TRAFFIC_SECRET ")) << client_tap->lines[0];
  EXPECT_EQ(client_tap->decisions["version"], "TLS 1.3");
  EXPECT_EQ(server_tap->alerts, std::vector{AlertDescription::close_notify});
}

TEST(TapSees, EveryWayToFail) {
  const auto client_tap = std::make_shared<Recorder>(), server_tap = std::make_shared<Recorder>();
  ClientOptions c = client_options();
  c.roots = roots("other-ca");
  c.common.tap = client_tap;
  ServerOptions s = server_options();
  s.common.tap = server_tap;
  Pair refused = make_pair(c, s);
  refused.run();
  EXPECT_EQ(client_tap->errors, std::vector{ErrorCode::certificate_unknown_issuer});
  EXPECT_EQ(server_tap->errors, std::vector{ErrorCode::peer_sent_alert});

  Pair cut = make_pair(c, s);
  cut.client.run(test_now);
  EXPECT_TRUE(std::holds_alternative<Failed>(cut.client.connection.end_of_input()));
  EXPECT_EQ(client_tap->errors.back(), ErrorCode::truncated);
}

TEST(TapSees, Tls12KeyLog) {
  const auto tap = std::make_shared<Recorder>();
  ClientOptions c = client_options();
  c.common.versions = {tls12, tls12};
  c.common.key_log = tap;
  Pair pair = make_pair(c, server_options());
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  ASSERT_EQ(tap->lines.size(), 1u);
  EXPECT_TRUE(tap->lines[0].starts_with("CLIENT_RANDOM "));
  EXPECT_EQ(tap->lines[0].size(), 14 + 64 + 1 + 96u);
}

// -------------------------------------------------------------------------------- two threads

/// One direction of a connection between threads: a locked queue of bytes stands for the sockets.
struct Pipe {
  std::mutex mutex;
  std::vector<uint8_t> bytes;

  void put(Output& out) {
    const std::lock_guard lock(mutex);
    bytes.insert(bytes.end(), out.pending().begin(), out.pending().end());
    out.clear();
  }
  void take(std::vector<uint8_t>& into) {
    const std::lock_guard lock(mutex);
    into.insert(into.end(), bytes.begin(), bytes.end());
    bytes.clear();
  }
};

constexpr int rounds = 300;

void seal_all(SendHalf& half, Pipe& pipe) {
  Output out;
  for (int i = 0; i < rounds; ++i) {
    (void)half.send(as_bytes("0123456789"), out).value();
    pipe.put(out);
  }
  half.close_write(out).value();
  pipe.put(out);
}

/// Counts the application data up to close_notify; stops short of it on any failure.
size_t open_all(ReceiveHalf& half, Pipe& pipe) {
  std::vector<uint8_t> buffer;
  size_t count = 0;
  while (true) {
    pipe.take(buffer);
    MutBytes in(buffer);
    while (true) {
      const Event event = half.next(in, test_now);
      if (const auto* data = std::get_if<AppData>(&event)) {
        count += data->bytes.size();
      } else if (std::holds_alternative<NeedInput>(event)) {
        break;
      } else {
        return std::holds_alternative<PeerClosed>(event) ? count : 0;
      }
    }
    buffer.erase(buffer.begin(), buffer.end() - static_cast<ptrdiff_t>(in.size()));
  }
}

TEST_P(BothVersionsSeams, HalvesRunInTwoThreads) {
  ClientOptions c = client_options();
  c.common.versions = {GetParam(), GetParam()};
  Pair pair = make_pair(c, server_options());
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  auto client = std::move(pair.client.connection).split().value();
  auto server = std::move(pair.server.connection).split().value();
  Pipe up, down;
  size_t at_server = 0, at_client = 0;
  std::thread threads[] = {std::thread([&] { seal_all(client.send, up); }),
                           std::thread([&] { seal_all(server.send, down); }),
                           std::thread([&] { at_server = open_all(server.receive, up); }),
                           std::thread([&] { at_client = open_all(client.receive, down); })};
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(at_server, rounds * 10u);
  EXPECT_EQ(at_client, rounds * 10u);
}

TEST(Halves, AKeyUpdateIsAnsweredThroughTheSendHalf) {
  Pair pair = make_pair(client_options(), server_options());
  pair.run();
  auto client = std::move(pair.client.connection).split().value();
  Output out;
  pair.server.connection.update_keys(KeyUpdateRequest::update_requested, pair.server.output).value();
  std::vector<uint8_t> bytes = to_vector(pair.server.output.pending());
  MutBytes in(bytes);
  EXPECT_TRUE(std::holds_alternative<NeedInput>(client.receive.next(in, test_now)));
  const Reply reply = client.receive.reply();
  EXPECT_EQ(reply.kind, Reply::Kind::key_update);
  client.send.answer(reply, out).value();
  (void)client.send.send(as_bytes("after"), out).value();
  const Bytes pending = out.pending();
  pair.server.input.assign(pending.begin(), pending.end());
  pair.server.run(test_now);
  EXPECT_EQ(pair.server.text(), "after");
}

}  // namespace
}  // namespace bulla::test
