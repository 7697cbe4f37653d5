// The C API's connections.
#include "capi/handles.h"

#include <bulla/os.h>

#include <new>

using namespace bulla;
using namespace bulla::capi;

namespace {

bulla_conn* refuse(bulla_status* status, bulla_status why) {
  if (status) *status = why;
  return nullptr;
}

/// Makes the config once, a client's with the system's roots if it was given none.
Result<ClientConfigPtr> made(bulla_client_config& config) {
  if (config.made) return config.made;
  ClientOptions options = config.options;
  if (!options.roots && !options.verifier) {
    BULLA_TRY(options.roots, system_roots());
  }
  BULLA_TRY(config.made, make_client_config(std::move(options)));
  return config.made;
}

Result<ServerConfigPtr> made(bulla_server_config& config) {
  if (!config.made) {
    BULLA_TRY(config.made, make_server_config(config.options));
  }
  return config.made;
}

void keep_error(bulla_conn& conn, const Error& error) {
  conn.error_code = std::string(error.row().name);
  conn.error_text = error.explain();
  conn.error_json = error.to_json();
}

bulla_status status_of(bulla_conn& conn, const Result<void>& result) {
  if (result) return BULLA_OK;
  keep_error(conn, result.error());
  return BULLA_ERROR;
}

bulla_event event_of(bulla_conn& conn, Event event) {
  bulla_event out{BULLA_OK, BULLA_EV_NEED_INPUT, nullptr, 0};
  if (const auto* data = std::get_if<AppData>(&event)) {
    out.event = BULLA_EV_DATA;
    out.data = data->bytes.data();
    out.len = data->bytes.size();
  } else if (std::holds_alternative<HandshakeDone>(event)) {
    out.event = BULLA_EV_HANDSHAKE_DONE;
    conn.version = name_of(conn.connection.info().version);
    conn.suite = name_of(conn.connection.info().suite);
  } else if (std::holds_alternative<PeerClosed>(event)) {
    out.event = BULLA_EV_CLOSED;
  } else if (std::holds_alternative<Truncated>(event)) {
    out.event = BULLA_EV_TRUNCATED;
  } else if (const auto* failure = std::get_if<Failed>(&event)) {
    out.event = BULLA_EV_FAILED;
    out.status = BULLA_ERROR;
    // A later call on a failed connection does not hide what went wrong.
    if (conn.error_code.empty()) keep_error(conn, failure->error);
  }
  return out;
}

}  // namespace

bulla_conn* bulla_client_new(bulla_client_config* config, const char* name, bulla_status* status) {
  if (!config || !name) return refuse(status, BULLA_BAD_ARGUMENT);
  bulla_conn* conn = nullptr;
  const bulla_status outcome = locked(*config, [&] {
    auto server = ServerName::parse(name);
    if (!server) return failed(*config, server.error());
    auto shared = made(*config);
    if (!shared) return failed(*config, shared.error());
    conn = new bulla_conn(Connection::client(*std::move(shared), *std::move(server)));
    return BULLA_OK;
  });
  if (status) *status = outcome;
  return conn;
}

bulla_conn* bulla_server_new(bulla_server_config* config, bulla_status* status) {
  if (!config) return refuse(status, BULLA_BAD_ARGUMENT);
  bulla_conn* conn = nullptr;
  const bulla_status outcome = locked(*config, [&] {
    auto shared = made(*config);
    if (!shared) return failed(*config, shared.error());
    conn = new bulla_conn(Connection::server(*std::move(shared)));
    return BULLA_OK;
  });
  if (status) *status = outcome;
  return conn;
}

void bulla_conn_free(bulla_conn* conn) {
  delete conn;
}

bulla_event bulla_next(bulla_conn* conn) {
  bulla_event out{BULLA_BAD_ARGUMENT, BULLA_EV_FAILED, nullptr, 0};
  if (!conn) return out;
  const bulla_status outcome = guarded([&] {
    MutBytes in = MutBytes(conn->input).subspan(conn->taken);
    Event event = conn->connection.next(in, conn->output, bulla::now());
    conn->taken = conn->input.size() - in.size();
    if (conn->ended && std::holds_alternative<NeedInput>(event)) event = conn->connection.end_of_input();
    out = event_of(*conn, std::move(event));
    return out.status;
  });
  out.status = outcome;
  return out;
}

bulla_status bulla_feed(bulla_conn* conn, const uint8_t* bytes, size_t len) {
  if (!conn || (!bytes && len > 0) || conn->ended) return BULLA_BAD_ARGUMENT;
  return guarded([&] {
    if (len == 0) conn->ended = true;
    auto& input = conn->input;
    input.erase(input.begin(), input.begin() + static_cast<ptrdiff_t>(conn->taken));
    conn->taken = 0;
    input.insert(input.end(), bytes, bytes + len);
    return BULLA_OK;
  });
}

const uint8_t* bulla_pending(const bulla_conn* conn, size_t* len) {
  const Bytes pending = conn ? conn->output.pending() : Bytes();
  if (len) *len = pending.size();
  return pending.data();
}

void bulla_sent(bulla_conn* conn, size_t len) {
  if (conn && len <= conn->output.pending().size()) conn->output.sent(len);
}

bulla_status bulla_send(bulla_conn* conn, const uint8_t* bytes, size_t len) {
  if (!conn || (!bytes && len > 0) || conn->output.holds(Bytes(bytes, len))) return BULLA_BAD_ARGUMENT;
  return guarded([&] {
    auto sent = conn->connection.send(Bytes(bytes, len), conn->output);
    return status_of(*conn, sent ? Result<void>() : Result<void>(sent.error()));
  });
}

bulla_status bulla_close_write(bulla_conn* conn) {
  if (!conn) return BULLA_BAD_ARGUMENT;
  return guarded([&] { return status_of(*conn, conn->connection.close_write(conn->output)); });
}

bulla_status bulla_export_secret(bulla_conn* conn, const char* label, const uint8_t* context,
                                 size_t context_len, uint8_t* out, size_t out_len) {
  if (!conn || !label || !out || (!context && context_len > 0)) return BULLA_BAD_ARGUMENT;
  return guarded([&] {
    const auto given = context ? std::optional(Bytes(context, context_len)) : std::nullopt;
    auto secret = conn->connection.export_secret(label, given, out_len);
    if (!secret) return status_of(*conn, secret.error());
    std::memcpy(out, secret->reveal().data(), out_len);
    return BULLA_OK;
  });
}

const char* bulla_info_version(const bulla_conn* conn) {
  return conn ? conn->version.c_str() : "";
}
const char* bulla_info_suite(const bulla_conn* conn) {
  return conn ? conn->suite.c_str() : "";
}
const char* bulla_info_alpn(const bulla_conn* conn) {
  return conn ? conn->connection.info().alpn.c_str() : "";
}
int bulla_info_resumed(const bulla_conn* conn) {
  return conn && conn->connection.info().kind == HandshakeKind::resumed;
}

const uint8_t* bulla_info_peer_certificate(const bulla_conn* conn, size_t i, size_t* len) {
  if (len) *len = 0;
  if (!conn || i >= conn->connection.info().peer_chain.size()) return nullptr;
  const Bytes der = conn->connection.info().peer_chain[i]->der();
  if (len) *len = der.size();
  return der.data();
}

const char* bulla_error_code(const bulla_conn* conn) {
  return conn ? conn->error_code.c_str() : "";
}
const char* bulla_error_text(const bulla_conn* conn) {
  return conn ? conn->error_text.c_str() : "";
}
const char* bulla_error_json(const bulla_conn* conn) {
  return conn ? conn->error_json.c_str() : "";
}

const char* bulla_version(void) {
  return BULLA_VERSION;
}
