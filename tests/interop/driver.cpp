// One end of an interoperability test, over the blocking TlsStream; tests/interop/matrix.py plays the other.
//   interop_driver client PORT CA TLS COUNT [CERT KEY]      a GET on each connection, resuming where the peer
//   lets it interop_driver server PORT CERT KEY TLS [CA]            answers every request with what it knows
//   of the connection
// Prints JSON, a line for each connection.
#include <bulla/os.h>
#include <bulla/tls_stream.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

namespace {

using namespace bulla;

[[noreturn]] void give_up(const Error& error) {
  std::printf("{\"error\":%s}\n", error.to_json().c_str());
  std::exit(1);
}

template <class T>
T need(Result<T> result) {
  if (!result) give_up(result.error());
  return *std::move(result);
}

VersionRange versions(const std::string& text) {
  const auto v = text == "1.2" ? ProtocolVersion::tls12 : ProtocolVersion::tls13;
  return {v, v};
}

std::string facts(const ConnectionInfo& info) {
  const auto field = [](std::string_view name, const std::string& value) {
    return '"' + std::string(name) + "\":\"" + json_escaped(value) + '"';
  };
  return field("version", name_of(info.version)) + ',' + field("suite", name_of(info.suite)) + ',' +
         field("group", info.group ? name_of(*info.group) : "") + ',' +
         field("peer", info.peer_chain.empty() ? "" : info.peer_chain[0]->subject()) +
         ",\"resumed\":" + (info.kind == HandshakeKind::resumed ? "true" : "false");
}

IdentityPtr identity(const std::string& cert, const std::string& key) {
  return need(Identity::from_pem_files(cert, key));
}

/// Reads until the peer closes; a peer that cuts the connection after its answer is taken as it is.
std::string read_all(TlsStream& tls) {
  std::string text;
  uint8_t buffer[4096];
  while (true) {
    const auto n = tls.read(buffer);
    if (!n && n.error().code != ErrorCode::truncated) give_up(n.error());
    if (!n || *n == 0) return text;
    text.append(reinterpret_cast<const char*>(buffer), *n);
  }
}

int client(int argc, char** argv) {
  const std::string port = argv[2];
  ClientOptions options;
  options.common.versions = versions(argv[4]);
  options.common.key_log = KeyLogFile::from_env();
  options.roots = need(roots_from_path(argv[3]));
  options.sessions = std::make_shared<MemorySessionStore>();
  if (argc > 7) options.identity = identity(argv[6], argv[7]);
  const ClientConfigPtr config = need(make_client_config(options));
  for (int i = 0; i < std::atoi(argv[5]); ++i) {
    TlsStream tls =
        need(TlsStream::connect(config, {"localhost", static_cast<uint16_t>(std::atoi(port.c_str()))}));
    const auto sent = tls.write(as_bytes("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n"));
    if (!sent) give_up(sent.error());
    const std::string body = read_all(tls);
    std::printf("{%s,\"body\":\"%s\"}\n", facts(tls.info()).c_str(), json_escaped(body).c_str());
  }
  return 0;
}

void answer(TlsStream tls) {
  std::string request;
  uint8_t buffer[4096];
  while (request.find("\r\n\r\n") == std::string::npos) {
    const auto n = tls.read(buffer);
    if (!n || *n == 0) return;
    request.append(reinterpret_cast<const char*>(buffer), *n);
  }
  const std::string body = '{' + facts(tls.info()) + "}\n";
  const std::string reply =
      "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\nConnection: close\r\n\r\n" + body;
  if (!tls.write(as_bytes(reply)) || !tls.close_write()) return;
  std::printf("%s", body.c_str());
  std::fflush(stdout);
  (void)tls.read(buffer);  // lets the peer close first
}

int server(int argc, char** argv) {
  ServerOptions options;
  options.common.versions = versions(argv[5]);
  options.common.alpn = {"http/1.1"};
  options.identity = identity(argv[3], argv[4]);
  options.tickets = RotatingTickets::fresh();
  options.session_cache = std::make_shared<MemorySessionCache>();
  if (argc > 6) {
    options.client_auth = ClientAuth::required;
    options.client_roots = need(roots_from_path(argv[6]));
  }
  const ServerConfigPtr config = need(make_server_config(options));
  TcpListener listener = need(TcpListener::listen({"127.0.0.1", static_cast<uint16_t>(std::atoi(argv[2]))}));
  std::printf("{\"listening\":true}\n");
  std::fflush(stdout);
  while (true) {
    auto socket = listener.accept();
    if (!socket) continue;
    std::thread([config, tcp = std::move(socket->socket)]() mutable {
      auto tls = TlsStream::accept(std::move(tcp), config);
      if (tls) {
        answer(*std::move(tls));
      } else {
        std::printf("{\"error\":%s}\n", tls.error().to_json().c_str());
        std::fflush(stdout);
      }
    }).detach();
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string role = argc > 1 ? argv[1] : "";
  if (role == "client" && argc >= 6) return client(argc, argv);
  if (role == "server" && argc >= 6) return server(argc, argv);
  std::fprintf(stderr, "usage: interop_driver client|server …\n");
  return 2;
}
