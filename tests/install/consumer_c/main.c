/* A C program against the installed C API: a client speaks first, and an answer that is not TLS fails with a
 * reason. */
#include <bulla/bulla.h>

#include <stdio.h>
#include <string.h>

static int check(int ok, const char* what) {
  if (!ok) printf("consumer in C: FAILED: %s\n", what);
  return ok;
}

int main(void) {
  static const uint8_t answer[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
  bulla_status status = BULLA_OK;
  bulla_client_config* config = bulla_client_config_new(&status);
  if (!check(config && status == BULLA_OK, "a config")) return 1;
  int ok = check(bulla_client_config_dangerous_accept_any(config) == BULLA_OK, "an option");
  bulla_conn* conn = bulla_client_new(config, "example.com", &status);
  ok = ok && check(conn && status == BULLA_OK, "a connection");
  if (ok) {
    size_t len = 0;
    bulla_event event = bulla_next(conn);
    const uint8_t* hello = bulla_pending(conn, &len);
    ok = check(event.event == BULLA_EV_NEED_INPUT, "waits for the server") &&
         check(len > 5 && hello[0] == 22, "a handshake record to send");
    bulla_sent(conn, len);
    ok = ok && check(bulla_feed(conn, answer, sizeof answer - 1) == BULLA_OK, "bytes taken");
    event = bulla_next(conn);
    ok = ok && check(event.event == BULLA_EV_FAILED, "plain HTTP refused") &&
         check(strlen(bulla_error_text(conn)) > 0, "and explained");
  }
  bulla_conn_free(conn);
  bulla_client_config_free(config);
  if (ok) puts("consumer in C: as expected");
  return ok ? 0 : 1;
}
