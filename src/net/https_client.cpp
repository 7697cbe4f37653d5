#include "net/client/exchange.h"
#include "os/deadline.h"

#include <bulla/https_client.h>
#include <bulla/tls_stream.h>

#include <algorithm>
#include <list>

namespace bulla::net {

using os::Deadline;

struct HttpsClient::State {
  explicit State(HttpsClientOptions with) : options(std::move(with)) {}

  /// A connection and what it was opened for.
  struct Line {
    std::string authority;
    TlsStream stream;
    bool used = false;
  };

  Result<ClientResponse> run(http::ClientRequest request, const BodySink& sink);
  Result<ClientResponse> run_once(const http::ClientRequest& request, const BodySink& sink, int followed);
  Result<Line> line_to(const http::Url& url);
  Result<Line> open(const http::Url& url);
  Result<ClientConfigPtr> config();
  Result<http::ClientRequest> request_for(std::string_view method, std::string_view target) const;
  Milliseconds cut(Milliseconds limit) const;
  void keep(Line line);

  HttpsClientOptions options;
  Result<http::Url> origin = Error{ErrorCode::http_bad_url, "this client was made without an origin"};
  bool has_origin = false;
  std::list<Line> kept;
  std::optional<Deadline::Clock::time_point> deadline;  // of the request that runs
};

namespace {

/// Connections kept for later, to all hosts together.
constexpr size_t most_kept = 8;
/// Nobody reads the body of a redirect that is followed; a short page is all that may stand there.
constexpr size_t redirect_body = size_t{1} << 20;

Milliseconds since(Deadline::Clock::time_point start) {
  return std::chrono::round<Milliseconds>(Deadline::Clock::now() - start);
}

/// Names are compared without regard to case; a URL's are in small letters already.
bool same_host(std::string_view given, std::string_view of_url) {
  return std::equal(given.begin(), given.end(), of_url.begin(), of_url.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

/// Whether a request may be sent again without harm (RFC 9110 §9.2.2).
bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" || method == "OPTIONS";
}

}  // namespace

Result<ResolveOverride> ResolveOverride::parse(std::string_view text) {
  const Error bad{ErrorCode::bad_endpoint, "\"" + printable(text) + "\" is not HOST:PORT:ADDRESS"};
  // The host may be an IPv6 address in brackets, whose colons do not count.
  const size_t after_host = text.starts_with('[') ? text.find(']') : 0;
  if (after_host == std::string_view::npos) return bad;
  const size_t port = text.find(':', after_host);
  const size_t address = port == std::string_view::npos ? port : text.find(':', port + 1);
  if (address == std::string_view::npos || address + 1 == text.size()) return bad;
  auto endpoint = Endpoint::parse(text.substr(0, address));
  if (!endpoint || endpoint->host.empty()) return bad;
  std::string_view to = text.substr(address + 1);
  if (to.starts_with('[') && to.ends_with(']')) to = to.substr(1, to.size() - 2);
  return ResolveOverride{endpoint->host, endpoint->port, std::string(to)};
}

// ---- connections ------------------------------------------------------------------------------------------

Result<ClientConfigPtr> HttpsClient::State::config() {
  if (!options.config) {
    ClientOptions defaults;
    BULLA_TRY(defaults.roots, system_roots());
    defaults.common.alpn = {"http/1.1"};
    defaults.common.key_log = KeyLogFile::from_env();
    defaults.sessions = std::make_shared<MemorySessionStore>();
    defaults.ocsp = OcspStapling::requested;
    BULLA_TRY(options.config, make_client_config(std::move(defaults)));
  }
  return options.config;
}

/// `limit`, but not beyond the end of the whole request.
Milliseconds HttpsClient::State::cut(Milliseconds limit) const {
  if (!deadline) return limit;
  const auto left =
      std::max(Milliseconds(1), std::chrono::ceil<Milliseconds>(*deadline - Deadline::Clock::now()));
  return limit.count() > 0 ? std::min(limit, left) : left;
}

Result<HttpsClient::State::Line> HttpsClient::State::open(const http::Url& url) {
  BULLA_TRY(const ClientConfigPtr with, config());
  BULLA_TRY(ServerName name, ServerName::parse(url.host));
  Endpoint where{url.host, url.port};
  for (const ResolveOverride& entry : options.resolve)
    if (entry.port == url.port && same_host(entry.host, url.host)) where.host = entry.address;
  BULLA_TRY(TcpConnection tcp, tcp_connect(where, cut(options.connect_timeout)));
  StreamOptions stream_options;
  stream_options.handshake_timeout = cut(options.handshake_timeout);
  stream_options.io_timeout = options.idle_timeout;
  BULLA_TRY(TlsStream stream, TlsStream::adopt(std::move(tcp), with, std::move(name), stream_options));
  if (options.on_connection) options.on_connection(stream.peer(), stream.info());
  return Line{url.authority(), std::move(stream)};
}

Result<HttpsClient::State::Line> HttpsClient::State::line_to(const http::Url& url) {
  const std::string authority = url.authority();
  const auto found =
      std::find_if(kept.begin(), kept.end(), [&](const Line& line) { return line.authority == authority; });
  if (found == kept.end()) return open(url);
  Line line = std::move(*found);
  kept.erase(found);
  // Anything that came since the last response, the server's close above all, makes the line useless.
  uint8_t byte;
  if (const auto early = line.stream.read_available(MutBytes(&byte, 1)); early && !*early) return line;
  line.stream.close();  // first: a server that serves one client at a time waits for that
  return open(url);
}

void HttpsClient::State::keep(Line line) {
  line.used = true;
  kept.push_front(std::move(line));
  if (kept.size() > most_kept) kept.pop_back();
}

// ---- requests ---------------------------------------------------------------------------------------------

Result<ClientResponse> HttpsClient::State::run_once(const http::ClientRequest& request, const BodySink& sink,
                                                    int followed) {
  if (request.url.scheme != http::Scheme::https)
    return Error{ErrorCode::cleartext_refused, request.url.to_string()};
  BULLA_TRY(const std::string bytes, http::serialize_request(request, options.persistence));
  const auto expecting = request.method == "HEAD" ? http::Expecting::head_only : http::Expecting::body;
  BULLA_TRY(Line line, line_to(request.url));
  for (;;) {
    ClientResponse out;
    out.reused = line.used;
    line.stream.set_deadline(deadline);
    std::optional<bool> leads_on;  // whether the response is a redirect that is followed
    const PartSink take = [&](const http::ResponseHead& head, Bytes part) -> Result<void> {
      if (!leads_on) {
        BULLA_TRY(const auto next, http::next_request(request, head, followed, options.redirects));
        leads_on = next.has_value();
      }
      if (sink && !*leads_on) return sink(head, part);
      if (*leads_on && out.body.size() + part.size() > redirect_body)
        return Error{ErrorCode::http_body_too_large, "the body of a redirect"};
      out.body += as_text(part);
      return {};
    };
    auto result = round_trip(line.stream, as_bytes(bytes), expecting, options.limits, take);
    if (auto* failure = std::get_if<RoundTripFailure>(&result)) {
      const bool stale = line.used && failure->nothing_came && failure->error.code != ErrorCode::timeout;
      if (!stale || !is_idempotent(request.method)) return std::move(failure->error);
      line.stream.close();
      BULLA_TRY(line, open(request.url));
      continue;
    }
    auto& trip = std::get<RoundTrip>(result);
    out.head = std::move(trip.head);
    out.url = request.url;
    out.tls = line.stream.info();
    out.peer = line.stream.peer();
    out.timings = {.resolve = line.stream.resolve_time(),
                   .connect = line.stream.connect_time(),
                   .handshake = line.stream.handshake_time(),
                   .first_byte = trip.first_byte};
    if (trip.persistence == http::Persistence::keep_alive &&
        options.persistence == http::Persistence::keep_alive)
      keep(std::move(line));
    return out;
  }
}

Result<ClientResponse> HttpsClient::State::run(http::ClientRequest request, const BodySink& sink) {
  const auto start = Deadline::Clock::now();
  deadline.reset();
  if (options.total_timeout.count() > 0) deadline = start + options.total_timeout;
  if (!request.headers.contains("User-Agent") && !options.user_agent.empty())
    request.headers.add("User-Agent", options.user_agent);
  if (!request.headers.contains("Accept")) request.headers.add("Accept", "*/*");
  for (int followed = 0;; ++followed) {
    if (deadline && Deadline::Clock::now() >= *deadline)
      return Error{ErrorCode::timeout, "the whole request"};
    BULLA_TRY(ClientResponse response, run_once(request, sink, followed));
    BULLA_TRY(std::optional<http::ClientRequest> next,
              http::next_request(request, response.head, followed, options.redirects));
    if (!next) {
      response.redirects = followed;
      response.timings.total = since(start);
      return response;
    }
    request = *std::move(next);
  }
}

Result<http::ClientRequest> HttpsClient::State::request_for(std::string_view method,
                                                            std::string_view target) const {
  http::ClientRequest request;
  request.method = method;
  if (has_origin) {
    if (!origin) return origin.error();
    BULLA_TRY(request.url, origin->resolve(target));
  } else {
    BULLA_TRY(request.url, http::Url::parse(target));
  }
  return request;
}

// ---- the public face --------------------------------------------------------------------------------------

HttpsClient::HttpsClient(std::string_view origin, HttpsClientOptions options)
    : state_(std::make_unique<State>(std::move(options))) {
  state_->origin = http::Url::parse(origin);
  state_->has_origin = true;
}
HttpsClient::HttpsClient(HttpsClientOptions options) : state_(std::make_unique<State>(std::move(options))) {}
HttpsClient::HttpsClient(HttpsClient&&) noexcept = default;
HttpsClient& HttpsClient::operator=(HttpsClient&&) noexcept = default;
HttpsClient::~HttpsClient() = default;

Result<ClientResponse> HttpsClient::get(std::string_view target, const BodySink& sink) {
  BULLA_TRY(http::ClientRequest request, state_->request_for("GET", target));
  return send(std::move(request), sink);
}

Result<ClientResponse> HttpsClient::head(std::string_view target) {
  BULLA_TRY(http::ClientRequest request, state_->request_for("HEAD", target));
  return send(std::move(request));
}

Result<ClientResponse> HttpsClient::post(std::string_view target, std::string body,
                                         std::string_view content_type) {
  BULLA_TRY(http::ClientRequest request, state_->request_for("POST", target));
  request.headers.add("Content-Type", content_type);
  request.body = std::move(body);
  return send(std::move(request));
}

Result<ClientResponse> HttpsClient::send(http::ClientRequest request, const BodySink& sink) {
  return state_->run(std::move(request), sink);
}

Result<ClientResponse> get(std::string_view url) {
  return HttpsClient().get(url);
}

}  // namespace bulla::net
