/* link: bulla::capi */
/* The C API over a socket: sends a line over TLS and prints what comes back.
 *   example_c_client HOST PORT CA-FILE
 */
#define _POSIX_C_SOURCE 200112L
#include <bulla/bulla.h>

#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int connect_to(const char* host, const char* port) {
  struct addrinfo hints = {0}, *list = NULL;
  int fd = -1;
  hints.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(host, port, &hints, &list) != 0) return -1;
  for (struct addrinfo* a = list; a && fd < 0; a = a->ai_next) {
    fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
      close(fd);
      fd = -1;
    }
  }
  freeaddrinfo(list);
  return fd;
}

/* Sends what the connection has to say; 0 if the socket failed. */
static int flush_to(bulla_conn* conn, int fd) {
  size_t n = 0;
  const uint8_t* bytes;
  while (bytes = bulla_pending(conn, &n), n > 0) {
    const ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
    if (sent <= 0) return 0;
    bulla_sent(conn, (size_t)sent);
  }
  return 1;
}

static int talk(bulla_conn* conn, int fd) {
  static const char hello[] = "Hello from client!\n";
  uint8_t buffer[16384];
  for (;;) {
    const bulla_event event = bulla_next(conn);
    if (!flush_to(conn, fd)) return 0;
    switch (event.event) {
      case BULLA_EV_NEED_INPUT: {
        const ssize_t n = recv(fd, buffer, sizeof buffer, 0);
        if (n < 0 || bulla_feed(conn, buffer, (size_t)n) != BULLA_OK) return 0; /* 0: the end */
        break;
      }
      case BULLA_EV_HANDSHAKE_DONE:
        printf("%s, %s\n", bulla_info_version(conn), bulla_info_suite(conn));
        bulla_send(conn, (const uint8_t*)hello, strlen(hello));
        bulla_close_write(conn); /* half-close: the answer still comes */
        break;
      case BULLA_EV_DATA: fwrite(event.data, 1, event.len, stdout); break;
      case BULLA_EV_CLOSED: return 1;
      case BULLA_EV_TRUNCATED: fprintf(stderr, "cut off: data may be missing\n"); return 0;
      default: fprintf(stderr, "%s\n", bulla_error_text(conn)); return 0;
    }
  }
}

int main(int count, char** arguments) {
  static uint8_t roots[1 << 20];
  if (count != 4) return fprintf(stderr, "usage: %s HOST PORT CA-FILE\n", arguments[0]), 2;
  FILE* file = fopen(arguments[3], "rb");
  if (!file) return perror(arguments[3]), 2;
  const size_t size = fread(roots, 1, sizeof roots, file);
  fclose(file);

  int ok = 0;
  bulla_conn* conn = NULL;
  bulla_client_config* config = bulla_client_config_new(NULL);
  if (bulla_client_config_roots(config, roots, size) == BULLA_OK)
    conn = bulla_client_new(config, arguments[1], NULL);
  if (!conn) fprintf(stderr, "%s\n", bulla_client_config_error(config));
  const int fd = conn ? connect_to(arguments[1], arguments[2]) : -1;
  if (conn && fd < 0) fprintf(stderr, "no connection to %s:%s\n", arguments[1], arguments[2]);
  if (fd >= 0) {
    ok = talk(conn, fd);
    close(fd);
  }
  bulla_conn_free(conn);
  bulla_client_config_free(config);
  return ok ? 0 : 1;
}
