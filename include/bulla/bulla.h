/** @file
 * The C API: opaque handles, status returns, events as ints, no callbacks. The engine is the one of
 * connection.h.
 *
 *   bulla_status st;
 *   bulla_client_config *config = bulla_client_config_new(&st);
 *   bulla_client_config_roots(config, pem, pem_len);
 *   bulla_conn *c = bulla_client_new(config, "example.com", &st);
 *   for (;;) {
 *     bulla_event ev = bulla_next(c);
 *     while ((p = bulla_pending(c, &n)), n > 0) bulla_sent(c, write(fd, p, n));
 *     if (ev.event == BULLA_EV_DATA) use(ev.data, ev.len);
 *     else if (ev.event == BULLA_EV_NEED_INPUT) { n = read(fd, buf, sizeof buf); bulla_feed(c, buf, n); }
 *     else if (ev.event == BULLA_EV_HANDSHAKE_DONE) bulla_send(c, request, request_len);
 *     else break;
 *   }
 *
 * Threads: a connection is used by one thread at a time; a config by any number.
 * Strings: UTF-8, ended by 0, never null, and never to be freed by the caller. A connection's live until the
 * next call with it (the bulla_info ones as long as it), a config's error until the same thread asks again.
 * Ownership: what a _new function returned goes to the matching _free, which also takes null. Bytes that are
 * passed in are copied or used during the call only.
 * Binary interface: within one major version (bulla_version) no function or field changes its meaning or
 * layout; enumerations may grow, so treat an unknown event as a failure and an unknown status as an error.
 */
#ifndef BULLA_BULLA_H
#define BULLA_BULLA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a call went. */
typedef enum bulla_status {
  BULLA_OK = 0,           /**< done */
  BULLA_ERROR = 1,        /**< the handle's error functions say what */
  BULLA_BAD_ARGUMENT = 2, /**< a null pointer or a value out of range; nothing was done */
  BULLA_NO_MEMORY = 3     /**< free the handle: what it holds may be half done */
} bulla_status;

/** What bulla_next says. */
typedef enum bulla_event_type {
  BULLA_EV_NEED_INPUT = 1,     /**< feed more bytes from the transport */
  BULLA_EV_DATA = 2,           /**< data, len: application data, valid until the next call with this handle */
  BULLA_EV_HANDSHAKE_DONE = 3, /**< comes once; the bulla_info functions say what was agreed */
  BULLA_EV_CLOSED = 4,         /**< close_notify: the peer's data is complete */
  BULLA_EV_TRUNCATED = 5,      /**< the transport ended without close_notify: data may be missing */
  BULLA_EV_FAILED = 6          /**< bulla_error_text and bulla_error_code say why */
} bulla_event_type;

/** One event, a value. */
typedef struct bulla_event {
  bulla_status status;    /**< BULLA_OK unless `event` is BULLA_EV_FAILED */
  bulla_event_type event; /**< what happened */
  const uint8_t* data;    /**< with BULLA_EV_DATA, else null */
  size_t len;             /**< bytes of `data` */
} bulla_event;

/** Whether a server asks for a client's certificate, and insists on one. */
typedef enum bulla_client_auth {
  BULLA_CLIENT_AUTH_NONE,
  BULLA_CLIENT_AUTH_OPTIONAL,
  BULLA_CLIENT_AUTH_REQUIRED
} bulla_client_auth;

typedef struct bulla_client_config bulla_client_config; /**< what client connections are made from */
typedef struct bulla_server_config bulla_server_config; /**< what server connections are made from */
typedef struct bulla_conn bulla_conn;                   /**< one connection */

/* ---- configs: set fields, then make connections; fields may not change after the first connection ---- */

/** Without a roots call, the system's roots are used. Sessions are kept in the config and resumed. `status`
 * may be null here and below. Null: there is no memory. */
bulla_client_config* bulla_client_config_new(bulla_status* status);
/** Connections that were made from it go on. */
void bulla_client_config_free(bulla_client_config* config);
/** Trusts the certificates of a PEM text or of one DER certificate, and no others. */
bulla_status bulla_client_config_roots(bulla_client_config* config, const uint8_t* pem_or_der, size_t len);
/** The client's own certificate, and those above it: PEM or DER. The key: PEM or DER; `passphrase` opens it
 * if it is encrypted, and may be null. */
bulla_status bulla_client_config_identity(bulla_client_config* config, const uint8_t* chain, size_t chain_len,
                                          const uint8_t* key, size_t key_len, const char* passphrase);
/** Protocols for ALPN, in order of preference, separated by commas: "h2,http/1.1". */
bulla_status bulla_client_config_alpn(bulla_client_config* config, const char* protocols);
/** 12 or 13 each: the lowest and highest TLS version. */
bulla_status bulla_client_config_versions(bulla_client_config* config, int lowest, int highest);
/** Accepts every certificate: nobody is authenticated. For tests. */
bulla_status bulla_client_config_dangerous_accept_any(bulla_client_config* config);
/** What the last failed call with this config was about; "" if none failed. */
const char* bulla_client_config_error(const bulla_client_config* config);

/** PEM or DER; the chain has the leaf first. `passphrase` may be null. Where the files cannot be used,
 * *status is not BULLA_OK and the config is returned all the same, for its error; it makes no connections.
 * Null only without memory. Sessions are resumed by tickets. */
bulla_server_config* bulla_server_config_new(const uint8_t* chain, size_t chain_len, const uint8_t* key,
                                             size_t key_len, const char* passphrase, bulla_status* status);
/** Connections that were made from it go on. */
void bulla_server_config_free(bulla_server_config* config);
/** Asks clients for a certificate from one of these roots (PEM text, or one DER certificate; may be null with
 * BULLA_CLIENT_AUTH_NONE). After a failure the config makes no connections until a later call succeeds. */
bulla_status bulla_server_config_client_auth(bulla_server_config* config, bulla_client_auth auth,
                                             const uint8_t* roots, size_t roots_len);
/** As for clients; a client with none of them is refused. */
bulla_status bulla_server_config_alpn(bulla_server_config* config, const char* protocols);
/** As for clients. */
bulla_status bulla_server_config_versions(bulla_server_config* config, int lowest, int highest);
/** As for clients. */
const char* bulla_server_config_error(const bulla_server_config* config);

/* ---- connections ---- */

/** `name`: the DNS name or IP address that the server's certificate must carry. Null on failure: see the
 * config's error. `status` may be null. The config may be freed before the connection. */
bulla_conn* bulla_client_new(bulla_client_config* config, const char* name, bulla_status* status);
/** The server's side; as bulla_client_new. */
bulla_conn* bulla_server_new(bulla_server_config* config, bulla_status* status);
/** Sends nothing: call bulla_close_write before. */
void bulla_conn_free(bulla_conn* conn);

/** What happens next. Call it until BULLA_EV_NEED_INPUT; send bulla_pending after every call. */
bulla_event bulla_next(bulla_conn* conn);
/** Gives bytes from the transport; they are copied. len 0: the transport has ended, and bulla_next says how;
 * nothing can be fed after that. */
bulla_status bulla_feed(bulla_conn* conn, const uint8_t* bytes, size_t len);
/** Bytes to be sent; *len 0 if none. Valid until the next call with this handle. */
const uint8_t* bulla_pending(const bulla_conn* conn, size_t* len);
/** Says that the first `len` of those were sent; more than there are: nothing is done. */
void bulla_sent(bulla_conn* conn, size_t len);
/** Encrypts application data, all of it; after BULLA_EV_HANDSHAKE_DONE. Then send bulla_pending, of whose
 * bytes `bytes` may be none (BULLA_BAD_ARGUMENT). */
bulla_status bulla_send(bulla_conn* conn, const uint8_t* bytes, size_t len);
/** Sends close_notify; reading goes on. Then send bulla_pending. */
bulla_status bulla_close_write(bulla_conn* conn);
/** RFC 9846 7.5, RFC 5705: fills `out`, at least one byte. `context` may be null for none. */
bulla_status bulla_export_secret(bulla_conn* conn, const char* label, const uint8_t* context,
                                 size_t context_len, uint8_t* out, size_t out_len);

/* ---- what was agreed; after BULLA_EV_HANDSHAKE_DONE. Strings live as long as the connection. ---- */

const char* bulla_info_version(const bulla_conn* conn); /**< "TLS 1.3" */
const char* bulla_info_suite(const bulla_conn* conn);   /**< "TLS_AES_128_GCM_SHA256" */
const char* bulla_info_alpn(const bulla_conn* conn);    /**< "" for none */
int bulla_info_resumed(const bulla_conn* conn);         /**< 1 if a session was resumed, else 0 */
/** Certificate `i` of the peer's chain, DER, leaf first; null beyond its end. */
const uint8_t* bulla_info_peer_certificate(const bulla_conn* conn, size_t i, size_t* len);

/* ---- errors of a connection; "" where there is none ---- */

const char* bulla_error_code(const bulla_conn* conn); /**< the row of errors.def: "certificate_expired" */
const char* bulla_error_text(const bulla_conn* conn); /**< what, whose fault, which rule, what to do */
const char* bulla_error_json(const bulla_conn* conn); /**< the same as a JSON object on one line */

/** The library's version, "1.2.3"; static. */
const char* bulla_version(void);

#ifdef __cplusplus
}
#endif

#endif
