#include "peer_openssl.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstdio>
#include <cstdlib>

namespace bulla::bench {
namespace {

void require(bool ok, const char* what) {
  if (ok) return;
  std::fprintf(stderr, "bulla-bench: libssl: %s\n", what);
  ERR_print_errors_fp(stderr);
  std::exit(1);
}

int keep_session(SSL* ssl, SSL_SESSION* session) {
  auto** slot = static_cast<SSL_SESSION**>(SSL_get_app_data(ssl));
  if (*slot) SSL_SESSION_free(*slot);
  *slot = session;
  return 1;
}

SSL_CTX* context(const SSL_METHOD* method, const PeerOptions& o) {
  SSL_CTX* ctx = SSL_CTX_new(method);
  require(ctx != nullptr, "SSL_CTX_new");
  require(SSL_CTX_set_min_proto_version(ctx, o.version) && SSL_CTX_set_max_proto_version(ctx, o.version),
          "version");
  const bool tls13 = o.version == TLS1_3_VERSION;
  require(
      tls13 ? SSL_CTX_set_ciphersuites(ctx, o.suite.c_str()) : SSL_CTX_set_cipher_list(ctx, o.suite.c_str()),
      "suite");
  require(SSL_CTX_set1_groups_list(ctx, o.group.c_str()) == 1, "group");
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
  return ctx;
}

}  // namespace

OpensslPair::OpensslPair(const PeerOptions& o)
    : client_ctx_(context(TLS_client_method(), o)), server_ctx_(context(TLS_server_method(), o)) {
  const std::string chain = o.data_dir + "/" + o.identity + ".pem",
                    key = o.data_dir + "/" + o.identity + ".key.pem";
  require(SSL_CTX_use_certificate_chain_file(server_ctx_, chain.c_str()) == 1, "certificate");
  require(SSL_CTX_use_PrivateKey_file(server_ctx_, key.c_str(), SSL_FILETYPE_PEM) == 1, "key");
  require(SSL_CTX_load_verify_locations(client_ctx_, (o.data_dir + "/ca.pem").c_str(), nullptr) == 1,
          "roots");
  SSL_CTX_set_verify(client_ctx_, SSL_VERIFY_PEER, nullptr);
  if (!o.tickets) SSL_CTX_set_num_tickets(server_ctx_, 0), SSL_CTX_set_options(server_ctx_, SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(server_ctx_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_session_cache_mode(client_ctx_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(client_ctx_, keep_session);
}

OpensslPair::~OpensslPair() {
  drop();
  if (session_) SSL_SESSION_free(session_);
  SSL_CTX_free(client_ctx_);
  SSL_CTX_free(server_ctx_);
}

void OpensslPair::drop() {
  // Without this, libssl takes the connection for broken and its session for lost.
  if (client_) SSL_set_shutdown(client_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(client_);
  SSL_free(server_);
  client_ = server_ = nullptr;
}

void OpensslPair::handshake(bool resume, Account* account) {
  Account unused;
  Account& booked = account ? *account : unused;
  drop();
  client_ = SSL_new(client_ctx_);
  {
    const OpenAccount open(booked);
    server_ = SSL_new(server_ctx_);
  }
  BIO *a = nullptr, *b = nullptr;
  require(BIO_new_bio_pair(&a, 64 * 1024, &b, 64 * 1024) == 1, "BIO pair");
  SSL_set_bio(client_, a, a);
  SSL_set_bio(server_, b, b);
  SSL_set_app_data(client_, &session_);
  SSL_set_connect_state(client_);
  SSL_set_accept_state(server_);
  require(SSL_set1_host(client_, "localhost") == 1 && SSL_set_tlsext_host_name(client_, "localhost") == 1,
          "name");
  if (resume && session_) SSL_set_session(client_, session_);
  pump(booked);
}

void OpensslPair::pump(Account& account) {
  for (int i = 0; i < 10 && !(SSL_is_init_finished(client_) && SSL_is_init_finished(server_)); ++i) {
    SSL_do_handshake(client_);
    const OpenAccount open(account);
    SSL_do_handshake(server_);
  }
  require(SSL_is_init_finished(client_) && SSL_is_init_finished(server_), "handshake");
  uint8_t byte;
  SSL_read(client_, &byte, 0);  // takes the tickets
  SSL_peek(client_, &byte, 1);
}

bool OpensslPair::resumed() const {
  return SSL_session_reused(client_) == 1;
}

void OpensslPair::seal(std::span<const uint8_t> data) {
  require(SSL_write(server_, data.data(), static_cast<int>(data.size())) == static_cast<int>(data.size()),
          "write");
}

void OpensslPair::open(std::span<uint8_t> out) {
  for (size_t got = 0; got < out.size();) {
    const int n = SSL_read(client_, out.data() + got, static_cast<int>(out.size() - got));
    require(n > 0, "read");
    got += static_cast<size_t>(n);
  }
}

}  // namespace bulla::bench
