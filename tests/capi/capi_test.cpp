// The C API as C code uses it; a client and a server in memory.
#include <bulla/bulla.h>

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
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

TEST(CApi, BadArgumentsAreRefused) {
  Configs configs;
  EXPECT_EQ(bulla_client_config_roots(nullptr, nullptr, 0), BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_client_config_roots(configs.client, bytes("junk"), 4), BULLA_ERROR);
  EXPECT_STRNE(bulla_client_config_error(configs.client), "");
  EXPECT_EQ(bulla_client_config_alpn(configs.client, "h2,,x"), BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_client_config_versions(configs.client, 11, 13), BULLA_BAD_ARGUMENT);
  EXPECT_EQ(bulla_client_config_versions(configs.client, 13, 12), BULLA_BAD_ARGUMENT);
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
