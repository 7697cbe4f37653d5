// Operations of several handshakes in one call of the provider: odd numbers of them, some that fail, and
// connections that are gone before the answer comes.
#include "net/server/batching.h"
#include "net/fixture.h"

#include <atomic>
#include <future>

namespace bulla {
namespace {

using net::Batching;
using net::BatchingDecision;
using test::raw_connection;
using test::soon;
using test::TestServer;

/// How many jobs each call was given, and what is done to them.
struct Calls {
  std::mutex mutex;
  std::vector<size_t> agreements, signatures;
  size_t fail_agreement = 0, fail_signature = 0;  ///< each n-th job of a call; 0: none
  std::function<void()> during_agreement;

  void clear() {
    const std::lock_guard lock(mutex);
    agreements.clear();
    signatures.clear();
  }
};
Calls calls;

template <class Job>
void spoil(std::span<Job> jobs, size_t each) {
  for (size_t i = 0; each && i < jobs.size(); ++i)
    if ((i + 1) % each == 0) jobs[i].ok = false;
}

void recorded_encapsulate(Random& random, std::span<EncapsulateJob> jobs) noexcept {
  default_provider().group(NamedGroup::x25519)->encapsulate(random, jobs);
  const std::lock_guard lock(calls.mutex);
  calls.agreements.push_back(jobs.size());
  spoil(jobs, calls.fail_agreement);
  if (calls.during_agreement) calls.during_agreement();
}

const Provider& recording_provider() {
  static const GroupAlgorithm x25519 = [] {
    GroupAlgorithm group = *default_provider().group(NamedGroup::x25519);
    group.encapsulate = recorded_encapsulate;
    group.lanes = 8;
    return group;
  }();
  static const GroupAlgorithm* const groups[] = {&x25519};
  static const Provider provider = [] {
    Provider p = default_provider();
    p.groups = groups;
    return p;
  }();
  return provider;
}

/// The key of an identity, whose calls are recorded.
class RecordingKey final : public SigningKey {
 public:
  explicit RecordingKey(IdentityPtr of) : of_(std::move(of)) {}
  KeyType type() const noexcept override { return of_->key().type(); }
  PublicKeyView public_key() const noexcept override { return of_->key().public_key(); }
  size_t lanes() const noexcept override { return 8; }
  void sign(Random& random, std::span<SignJob> jobs) const noexcept override {
    of_->key().sign(random, jobs);
    const std::lock_guard lock(calls.mutex);
    calls.signatures.push_back(jobs.size());
    spoil(jobs, calls.fail_signature);
  }

 private:
  IdentityPtr of_;
};

ServerConfigPtr recording_config(const std::function<void(ServerOptions&)>& change) {
  ServerOptions options;
  const IdentityPtr identity = test::identity_of("p256");
  options.identity = Identity::create(identity->chain(), std::make_unique<RecordingKey>(identity)).value();
  options.common.provider = &recording_provider();
  if (change) change(options);
  return make_server_config(std::move(options)).value();
}

/// A client that has connected, and says nothing until it is told to.
class Client {
 public:
  explicit Client(const Endpoint& where, std::string_view name = "localhost")
      : socket_(raw_connection(where)) {
    ClientOptions options;
    options.common.groups = {NamedGroup::x25519};
    connection_ =
        Connection::client(test::client_config(std::move(options)), ServerName::parse(name).value());
  }
  void say_hello() {
    MutBytes nothing;
    (void)connection_->next(nothing, out_, now());
    flush();
  }
  /// The rest of the handshake; what it failed with.
  std::optional<Error> finish() {
    for (;;) {
      MutBytes unread(in_.data(), in_.size());
      const Event event = connection_->next(unread, out_, now());
      in_.erase(in_.begin(), in_.end() - static_cast<ptrdiff_t>(unread.size()));
      flush();
      if (const auto* failed = std::get_if<Failed>(&event)) return failed->error;
      if (std::holds_alternative<HandshakeDone>(event)) return std::nullopt;
      uint8_t buffer[4096];
      const ssize_t n = ::recv(socket_.number(), buffer, sizeof buffer, 0);
      if (n <= 0) return Error{ErrorCode::truncated};
      in_.insert(in_.end(), buffer, buffer + n);
    }
  }

 private:
  void flush() {
    test::send_raw(socket_, as_text(out_.pending()));
    out_.clear();
  }
  Descriptor socket_;
  std::optional<Connection> connection_;
  Output out_;
  std::vector<uint8_t> in_;
};

/// A server of one loop, which a request can hold up.
struct HeldServer : TestServer {
  explicit HeldServer(Batching batching = Batching::automatic,
                      const std::function<void(ServerOptions&)>& change = {})
      : TestServer(recording_config(change)) {
    calls.clear();
    calls.fail_agreement = calls.fail_signature = 0;
    calls.during_agreement = {};
    options.threads = 1;
    options.batching = batching;
    routes = [this](net::HttpsServer& server) {
      server.get("/hold", [this](const http::Request&) {
        held.set_value();
        release.get_future().wait();
        return http::Response().text("done\n");
      });
    };
    start();
  }
  std::vector<Client> connect(size_t n) {
    std::vector<Client> out;
    for (size_t i = 0; i < n; ++i) out.emplace_back(endpoint());
    EXPECT_TRUE(soon([&] { return server->metrics().accepted >= n; }));
    return out;
  }
  /// All say hello while the loop is held up, so that one turn of it finds them all.
  void greet_at_once(std::vector<Client>& clients) {
    std::thread holder(
        [this] { EXPECT_TRUE(net::HttpsClient(test::client_options()).get(url("/hold")).ok()); });
    held.get_future().wait();
    calls.clear();  // the holder's own
    for (Client& client : clients) client.say_hello();
    release.set_value();
    holder.join();
  }
  std::promise<void> held, release;
};

struct BatchSizes : testing::TestWithParam<size_t> {};
INSTANTIATE_TEST_SUITE_P(Odd, BatchSizes, testing::Values(2, 3, 5, 7, 8, 9, 16, 23));

TEST_P(BatchSizes, AreWhatOneWakeUpFinds) {
  HeldServer test;
  auto clients = test.connect(GetParam());
  test.greet_at_once(clients);
  for (Client& client : clients) {
    const auto error = client.finish();
    EXPECT_FALSE(error) << error->explain();
  }
  EXPECT_EQ(calls.agreements, std::vector<size_t>{GetParam()});
  EXPECT_EQ(calls.signatures, std::vector<size_t>{GetParam()});
  EXPECT_EQ(test.server->metrics().batches, 2u);
  EXPECT_EQ(test.server->metrics().batched_operations, 2 * GetParam());
}

TEST(ServerBatching, ALoneHandshakeWaitsForNobody) {
  HeldServer test;
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(net::HttpsClient(test::client_options()).get(test.url("/hello")).ok());
  EXPECT_EQ(calls.agreements, (std::vector<size_t>{1, 1, 1}));
  EXPECT_EQ(test.server->metrics().batches, 0u);
}

TEST(ServerBatching, CanBeSwitchedOff) {
  HeldServer test(Batching::never);
  auto clients = test.connect(5);
  test.greet_at_once(clients);
  for (Client& client : clients) EXPECT_FALSE(client.finish());
  EXPECT_EQ(calls.agreements, std::vector<size_t>(5, 1));
  EXPECT_EQ(calls.signatures, std::vector<size_t>(5, 1));
  EXPECT_EQ(test.server->metrics().batches, 0u);
}

TEST(ServerBatching, WhenAlwaysALoneOneWorksToo) {
  HeldServer test(Batching::always);
  EXPECT_TRUE(net::HttpsClient(test::client_options()).get(test.url("/hello")).ok());
  EXPECT_EQ(test.server->metrics().batches, 0u);
}

TEST(ServerBatching, AFailedAgreementIsOnlyItsOwnConnections) {
  HeldServer test;
  auto clients = test.connect(7);
  calls.fail_agreement = 3;
  test.greet_at_once(clients);
  size_t failed = 0;
  for (Client& client : clients)
    if (const auto error = client.finish()) {
      EXPECT_EQ(error->code, ErrorCode::peer_sent_alert);
      ++failed;
    }
  EXPECT_EQ(failed, 2u);
  EXPECT_EQ(calls.signatures, std::vector<size_t>{5});
  EXPECT_EQ(test.journal.count_of(ErrorCode::bad_key_share), 2u);
  EXPECT_EQ(test.server->metrics().handshakes_failed, 2u);
}

TEST(ServerBatching, AFailedSignatureIsOnlyItsOwnConnections) {
  HeldServer test;
  auto clients = test.connect(9);
  calls.fail_signature = 4;
  test.greet_at_once(clients);
  size_t failed = 0;
  for (Client& client : clients) failed += client.finish().has_value();
  EXPECT_EQ(failed, 2u);
  EXPECT_EQ(test.journal.count_of(ErrorCode::operation_failed), 2u);
}

// Only what is computed is gathered; what calls the program's code is not, whoever asked for it.
TEST(ServerBatching, ASelectorThatThrowsEndsItsOwnConnectionOnly) {
  HeldServer test(Batching::always, [](ServerOptions& options) {
    options.common.external_operations = OperationSet::all();
    options.select_identity = [identity =
                                   std::exchange(options.identity, nullptr)](const SelectIdentity& request) {
      if (request.server_name == "evil.test") throw std::runtime_error("no such town");
      return identity;
    };
  });
  auto clients = test.connect(4);
  clients.emplace_back(test.endpoint(), "evil.test");
  for (int i = 0; i < 3; ++i) clients.emplace_back(test.endpoint());
  EXPECT_TRUE(soon([&] { return test.server->metrics().accepted >= clients.size(); }));
  test.greet_at_once(clients);
  for (size_t i = 0; i < clients.size(); ++i) EXPECT_EQ(clients[i].finish().has_value(), i == 4) << i;
  EXPECT_EQ(calls.agreements, std::vector<size_t>{7});
  EXPECT_EQ(test.journal.count_of(ErrorCode::internal), 1u);
  EXPECT_EQ(test.server->metrics().handshakes_failed, 1u);
}

// The server is stopped while it computes: the signatures that were wanted next are for connections that are
// closed.
TEST(ServerBatching, AnswersForConnectionsThatAreGoneAreDropped) {
  HeldServer test;
  auto clients = test.connect(6);
  calls.during_agreement = [&] {
    if (calls.agreements.back() != 6) return;
    test.server->stop();
  };
  test.greet_at_once(clients);
  for (Client& client : clients) EXPECT_TRUE(client.finish());
  test.server->wait();
  EXPECT_EQ(calls.signatures, std::vector<size_t>{6});
  EXPECT_EQ(test.server->metrics().connections, 0u);
  EXPECT_EQ(test.server->metrics().handshakes_full, 1u);  // the holder's
}

// ---- the decision -----------------------------------------------------------------------------------------

TEST(BatchingDecision, NeedsTwoHandshakes) {
  BatchingDecision decision(Batching::automatic);
  EXPECT_FALSE(decision.gathers(8));
  decision.handshake_began();
  EXPECT_FALSE(decision.gathers(8));
  decision.handshake_began();
  EXPECT_TRUE(decision.gathers(8));
  EXPECT_FALSE(decision.gathers(1)) << "one at a time costs the same";
  decision.handshake_ended();
  EXPECT_FALSE(decision.gathers(8));
}

// Connections that say nothing are under way as well, and bring nothing.
TEST(BatchingDecision, RestsWhereNothingComesTogetherAndTriesAgain) {
  BatchingDecision decision(Batching::automatic);
  for (int i = 0; i < 100; ++i) decision.handshake_began();
  size_t gathered = 0, at_once = 0;
  for (int i = 0; i < 10'000; ++i) {
    if (decision.gathers(8)) {
      ++gathered;
      decision.answered(1);
    } else {
      ++at_once;
    }
  }
  EXPECT_GT(gathered, 0u);
  EXPECT_LT(gathered, 400u);
  EXPECT_EQ(gathered + at_once, 10'000u);
}

TEST(BatchingDecision, GoesOnWhereItPays) {
  BatchingDecision decision(Batching::automatic);
  for (int i = 0; i < 64; ++i) decision.handshake_began();
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(decision.gathers(8));
    decision.answered(i % 2 ? 8 : 1);
  }
}

TEST(BatchingDecision, IsTheOptionsWhereItSaysSo) {
  BatchingDecision always(Batching::always), never(Batching::never);
  never.handshake_began();
  never.handshake_began();
  EXPECT_TRUE(always.gathers(1));
  EXPECT_FALSE(never.gathers(8));
}

}  // namespace
}  // namespace bulla
