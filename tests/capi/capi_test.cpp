// The C API as C code uses it; a client and a server in memory.
#include <bulla/bulla.h>

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

std::string file(const std::string& name) {
  std::ifstream in(std::string(BULLA_SOURCE_DIR) + "/tests/tls/data/" + name, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

const uint8_t* bytes(const std::string& s) {
  return reinterpret_cast<const uint8_t*>(s.data());
}

struct Configs {
  Configs() {
    bulla_status status = BULLA_OK;
    client = bulla_client_config_new(&status);
    EXPECT_EQ(status, BULLA_OK);
    const std::string ca = file("ca.pem"), chain = file("p256.pem"), key = file("p256.key.pem");
    EXPECT_EQ(bulla_client_config_roots(client, bytes(ca), ca.size()), BULLA_OK);
    server = bulla_server_config_new(bytes(chain), chain.size(), bytes(key), key.size(), nullptr, &status);
    EXPECT_EQ(status, BULLA_OK) << bulla_server_config_error(server);
  }
  ~Configs() {
    bulla_client_config_free(client);
    bulla_server_config_free(server);
  }
  bulla_client_config* client;
  bulla_server_config* server;
};

/// Moves what `from` has to send to `to`; true if there was anything.
bool carry(bulla_conn* from, bulla_conn* to) {
  size_t n = 0;
  const uint8_t* p = bulla_pending(from, &n);
  if (n == 0) return false;
  EXPECT_EQ(bulla_feed(to, p, n), BULLA_OK);
  bulla_sent(from, n);
  return true;
}

struct Outcome {
  bulla_event_type last = BULLA_EV_NEED_INPUT;
  bool done = false;
  std::string data;
};

void run(bulla_conn* conn, Outcome& outcome) {
  while (true) {
    const bulla_event ev = bulla_next(conn);
    outcome.last = ev.event;
    if (ev.event == BULLA_EV_DATA)
      outcome.data.append(reinterpret_cast<const char*>(ev.data), ev.len);
    else if (ev.event == BULLA_EV_HANDSHAKE_DONE)
      outcome.done = true;
    else
      return;
  }
}

void converse(bulla_conn* client, bulla_conn* server, Outcome& c, Outcome& s) {
  run(client, c);
  run(server, s);
  for (bool moved = true; moved;) {
    moved = carry(client, server);
    run(server, s);
    moved = carry(server, client) || moved;
    run(client, c);
  }
}

TEST(CApi, HandshakeDataExporterAndClose) {
  Configs configs;
  ASSERT_EQ(bulla_client_config_alpn(configs.client, "h2,http/1.1"), BULLA_OK);
  ASSERT_EQ(bulla_server_config_alpn(configs.server, "http/1.1"), BULLA_OK);
  bulla_status status = BULLA_OK;
  bulla_conn* client = bulla_client_new(configs.client, "localhost", &status);
  ASSERT_NE(client, nullptr) << bulla_client_config_error(configs.client);
  bulla_conn* server = bulla_server_new(configs.server, &status);
  ASSERT_NE(server, nullptr) << bulla_server_config_error(configs.server);
  Outcome c, s;
  converse(client, server, c, s);
  ASSERT_TRUE(c.done && s.done) << bulla_error_text(client) << bulla_error_text(server);
  EXPECT_STREQ(bulla_info_version(client), "TLS 1.3");
  EXPECT_STREQ(bulla_info_alpn(server), "http/1.1");
  EXPECT_EQ(bulla_info_resumed(client), 0);
  size_t n = 0;
  EXPECT_NE(bulla_info_peer_certificate(client, 0, &n), nullptr);
  EXPECT_GT(n, 100u);
  EXPECT_EQ(bulla_info_peer_certificate(client, 9, &n), nullptr);
  uint8_t ours[32], theirs[32];
  ASSERT_EQ(bulla_export_secret(client, "EXPORTER-x", nullptr, 0, ours, sizeof ours), BULLA_OK);
  ASSERT_EQ(bulla_export_secret(server, "EXPORTER-x", nullptr, 0, theirs, sizeof theirs), BULLA_OK);
  EXPECT_EQ(std::memcmp(ours, theirs, sizeof ours), 0);
  ASSERT_EQ(bulla_send(client, bytes("hello"), 5), BULLA_OK);
  const uint8_t* pending = bulla_pending(client, &n);
  EXPECT_EQ(bulla_send(client, pending, n), BULLA_BAD_ARGUMENT) << "they may move while they are read";
  ASSERT_EQ(bulla_close_write(client), BULLA_OK);
  converse(client, server, c, s);
  EXPECT_EQ(s.data, "hello");
  EXPECT_EQ(s.last, BULLA_EV_CLOSED);
  bulla_conn_free(client);
  bulla_conn_free(server);
}

TEST(CApi, AWrongNameIsExplained) {
  Configs configs;
  bulla_conn* client = bulla_client_new(configs.client, "example.com", nullptr);
  bulla_conn* server = bulla_server_new(configs.server, nullptr);
  Outcome c, s;
  converse(client, server, c, s);
  EXPECT_EQ(c.last, BULLA_EV_FAILED);
  EXPECT_STREQ(bulla_error_code(client), "certificate_name_mismatch");
  EXPECT_NE(std::string(bulla_error_text(client)).find("example.com"), std::string::npos);
  EXPECT_EQ(bulla_error_json(client)[0], '{');
  // Asking again does not hide the reason.
  EXPECT_EQ(bulla_next(client).event, BULLA_EV_FAILED);
  EXPECT_STREQ(bulla_error_code(client), "certificate_name_mismatch");
  bulla_conn_free(client);
  bulla_conn_free(server);
}

TEST(CApi, TruncationIsToldApart) {
  Configs configs;
  bulla_conn* client = bulla_client_new(configs.client, "localhost", nullptr);
  bulla_conn* server = bulla_server_new(configs.server, nullptr);
  Outcome c, s;
  converse(client, server, c, s);
  ASSERT_TRUE(c.done && s.done);
  ASSERT_EQ(bulla_feed(server, nullptr, 0), BULLA_OK);
  EXPECT_EQ(bulla_next(server).event, BULLA_EV_TRUNCATED);
  EXPECT_EQ(bulla_feed(server, bytes("x"), 1), BULLA_BAD_ARGUMENT);
  bulla_conn_free(client);
  bulla_conn_free(server);
}

TEST(CApi, SessionsAreResumed) {
  Configs configs;
  for (const int resumed : {0, 1}) {
    bulla_conn* client = bulla_client_new(configs.client, "localhost", nullptr);
    bulla_conn* server = bulla_server_new(configs.server, nullptr);
    Outcome c, s;
    converse(client, server, c, s);
    EXPECT_TRUE(c.done && s.done);
    EXPECT_EQ(bulla_info_resumed(client), resumed);
    EXPECT_EQ(bulla_info_resumed(server), resumed);
    bulla_conn_free(client);
    bulla_conn_free(server);
  }
}

TEST(CApi, ClientAuthenticationFailsClosed) {
  Configs configs;
  const std::string ca = file("ca.pem"), chain = file("client.pem"), key = file("client.key.pem");
  EXPECT_EQ(bulla_server_config_client_auth(configs.server, BULLA_CLIENT_AUTH_REQUIRED, bytes("junk"), 4),
            BULLA_ERROR);
  bulla_status status = BULLA_OK;
  EXPECT_EQ(bulla_server_new(configs.server, &status), nullptr) << "no roots, no connections";
  EXPECT_EQ(status, BULLA_ERROR);
  ASSERT_EQ(bulla_server_config_client_auth(configs.server, BULLA_CLIENT_AUTH_REQUIRED, bytes(ca), ca.size()),
            BULLA_OK);
  ASSERT_EQ(bulla_client_config_identity(configs.client, bytes(chain), chain.size(), bytes(key), key.size(),
                                         nullptr),
            BULLA_OK);
  Configs nobody;
  for (bulla_client_config* who : {configs.client, nobody.client}) {
    bulla_conn* client = bulla_client_new(who, "localhost", nullptr);
    bulla_conn* server = bulla_server_new(configs.server, nullptr);
    Outcome c, s;
    converse(client, server, c, s);
    EXPECT_EQ(s.done, who == configs.client);
    size_t n = 0;
    EXPECT_EQ(bulla_info_peer_certificate(server, 0, &n) != nullptr, who == configs.client);
    bulla_conn_free(client);
    bulla_conn_free(server);
  }
}

TEST(CApi, OneConfigServesManyThreads) {
  Configs configs;
  std::vector<std::thread> threads;
  std::atomic<int> done{0};
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] {
      // Half of them fail, and read why.
      if (i % 2) {
        for (int k = 0; k < 50; ++k) {
          const std::string bad = "not a name " + std::to_string(i);
          EXPECT_EQ(bulla_client_new(configs.client, bad.c_str(), nullptr), nullptr);
          EXPECT_NE(std::string(bulla_client_config_error(configs.client)).find("not a name"),
                    std::string::npos);
        }
        return;
      }
      bulla_conn* client = bulla_client_new(configs.client, "localhost", nullptr);
      bulla_conn* server = bulla_server_new(configs.server, nullptr);
      Outcome c, s;
      converse(client, server, c, s);
      done += c.done && s.done;
      bulla_conn_free(client);
      bulla_conn_free(server);
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 4);
}

TEST(CApi, NullIsRefusedEverywhere) {
  size_t n = 1;
  uint8_t byte = 0;
  bulla_status status = BULLA_OK;
  bulla_client_config_free(nullptr);
  bulla_server_config_free(nullptr);
  bulla_conn_free(nullptr);
  EXPECT_EQ(bulla_client_config_identity(nullptr, &byte, 1, &byte, 1, nullptr), BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_client_config_alpn(nullptr, "h2"), BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_client_config_versions(nullptr, 12, 13), BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_client_config_dangerous_accept_any(nullptr), BULLA_BAD_ARGUMENT);
  EXPECT_STRNE(bulla_client_config_error(nullptr), "");
  EXPECT_EQ(bulla_server_config_client_auth(nullptr, BULLA_CLIENT_AUTH_NONE, nullptr, 0), BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_server_config_alpn(nullptr, "h2"), BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_server_config_versions(nullptr, 12, 13), BULLA_BAD_ARGUMENT);
  EXPECT_STRNE(bulla_server_config_error(nullptr), "");
  bulla_server_config* empty = bulla_server_config_new(nullptr, 0, nullptr, 0, nullptr, &status);
  EXPECT_EQ(status, BULLA_BAD_ARGUMENT);
  EXPECT_STRNE(bulla_server_config_error(empty), "");
  EXPECT_EQ(bulla_server_new(empty, &status), nullptr) << "a server without a certificate";
  bulla_server_config_free(empty);
  EXPECT_EQ(bulla_server_new(nullptr, &status), nullptr);
  EXPECT_EQ(status, BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_feed(nullptr, &byte, 1), BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_pending(nullptr, &n), nullptr);
  EXPECT_EQ(n, 0u);
  bulla_sent(nullptr, 1);
  EXPECT_EQ(bulla_close_write(nullptr), BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_export_secret(nullptr, "x", nullptr, 0, &byte, 1), BULLA_BAD_ARGUMENT);
  for (const auto text : {bulla_info_version, bulla_info_suite, bulla_info_alpn, bulla_error_code,
                          bulla_error_text, bulla_error_json})
    EXPECT_STREQ(text(nullptr), "");
  EXPECT_EQ(bulla_info_resumed(nullptr), 0);
  EXPECT_EQ(bulla_info_peer_certificate(nullptr, 0, &n), nullptr);

  Configs configs;
  EXPECT_EQ(bulla_client_config_roots(configs.client, nullptr, 0), BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_client_config_alpn(configs.client, nullptr), BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_client_new(configs.client, nullptr, &status), nullptr);
  bulla_conn* client = bulla_client_new(configs.client, "localhost", nullptr);
  EXPECT_EQ(bulla_feed(client, nullptr, 1), BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_send(client, nullptr, 1), BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_export_secret(client, nullptr, nullptr, 0, &byte, 1), BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_export_secret(client, "x", nullptr, 0, &byte, 1), BULLA_ERROR) << "before the handshake";
  EXPECT_EQ(bulla_pending(client, nullptr), nullptr) << "nothing was asked of it yet";
  bulla_sent(client, 1000);  // more than there is: nothing
  bulla_conn_free(client);
}

TEST(CApi, TheVersionIsTheProjects) {
  std::ifstream in(std::string(BULLA_SOURCE_DIR) + "/CMakeLists.txt");
  std::stringstream text;
  text << in.rdbuf();
  EXPECT_NE(text.str().find("project(bulla VERSION " + std::string(bulla_version()) + " "),
            std::string::npos);
}

TEST(CApi, BadArgumentsAreRefused) {
  Configs configs;
  EXPECT_EQ(bulla_client_config_roots(nullptr, nullptr, 0), BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_client_config_roots(configs.client, bytes("junk"), 4), BULLA_ERROR);
  EXPECT_STRNE(bulla_client_config_error(configs.client), "");
  EXPECT_EQ(bulla_client_config_alpn(configs.client, "h2,,x"), BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_client_config_versions(configs.client, 11, 13), BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_client_config_versions(configs.client, 13, 12), BULLA_BAD_ARGUMENT);
  EXPECT_NE(std::string(bulla_client_config_error(configs.client)).find("12"), std::string::npos);
  EXPECT_EQ(bulla_server_config_client_auth(configs.server, BULLA_CLIENT_AUTH_REQUIRED, nullptr, 0),
            BULLA_BAD_ARGUMENT);
  bulla_status status = BULLA_OK;
  EXPECT_EQ(bulla_client_new(configs.client, "not a name", &status), nullptr);
  EXPECT_EQ(status, BULLA_ERROR);
  EXPECT_EQ(bulla_client_new(nullptr, "localhost", &status), nullptr);
  EXPECT_EQ(bulla_next(nullptr).status, BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_send(nullptr, nullptr, 0), BULLA_BAD_ARGUMENT);
  bulla_conn* server = bulla_server_new(configs.server, nullptr);
  EXPECT_EQ(bulla_send(server, bytes("x"), 1), BULLA_ERROR);
  EXPECT_STREQ(bulla_error_code(server), "not_connected");
  EXPECT_EQ(bulla_server_config_alpn(configs.server, "h2"), BULLA_BAD_ARGUMENT);  // in use
  bulla_conn_free(server);
  const std::string key = file("rsa.key.pem"), chain = file("p256.pem");
  bulla_server_config* bad =
      bulla_server_config_new(bytes(chain), chain.size(), bytes(key), key.size(), nullptr, &status);
  EXPECT_EQ(status, BULLA_ERROR);
  EXPECT_STRNE(bulla_server_config_error(bad), "");
  bulla_server_config_free(bad);
}

}  // namespace
