// HTTP/1.1 as a person means it (RFC 9110, 9112), without sockets and without TLS: bytes come in, requests
// and responses go out. Read in this order: fields, messages, parsers, serializers, URLs, routing, files, the
// access log.
#pragma once

#include <bulla/bytes.h>
#include <bulla/result.h>
#include <bulla/time.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace bulla::http {

// ---- fields
// ---------------------------------------------------------------------------------------------------

/// One header field, as received or as to be sent.
struct Field {
  std::string name;
  std::string value;
};

/// Header fields in their order. Names are compared without regard to case (RFC 9110 §5.1).
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  /// The value of the first field of this name, or nothing. The view lives until the headers change.
  std::optional<std::string_view> find(std::string_view name) const noexcept;
  /// The same, with an empty text where there is none.
  std::string_view operator[](std::string_view name) const noexcept {
    return find(name).value_or(std::string_view{});
  }
  bool contains(std::string_view name) const noexcept { return find(name).has_value(); }
  size_t count(std::string_view name) const noexcept;
  /// Whether a comma-separated list field holds this token in any of its lines: has_token("Connection",
  /// "close").
  bool has_token(std::string_view name, std::string_view token) const noexcept;

  /// Appends a field. What HTTP cannot carry (line breaks) is refused when the message is serialized.
  void add(std::string_view name, std::string_view value);
  /// Replaces all fields of this name by one.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);

  auto begin() const noexcept { return fields_.begin(); }
  auto end() const noexcept { return fields_.end(); }
  size_t size() const noexcept { return fields_.size(); }
  bool empty() const noexcept { return fields_.empty(); }

 private:
  std::vector<Field> fields_;
};

/// What becomes of the connection after a message (RFC 9112 §9.3).
enum class Persistence : uint8_t { close, keep_alive };

// ---- messages
// -------------------------------------------------------------------------------------------------

/// Who sent a request, in words; filled by whoever holds the connection. Empty means: not known, or no TLS.
struct PeerInfo {
  std::string address;  ///< "192.0.2.1" or "2001:db8::1", without the port
  uint16_t port = 0;
  std::string tls_version = {};     ///< "TLS 1.3"
  std::string cipher_suite = {};    ///< "TLS_AES_128_GCM_SHA256"
  std::string group = {};           ///< "x25519"
  std::string server_name = {};     ///< the SNI host name
  std::string client_subject = {};  ///< the verified client certificate's subject
  bool resumed = false;             ///< the session was resumed
};

/// A whole request as a handler sees it.
struct Request {
  std::string method = "GET";  ///< case-sensitive, any token
  std::string target = "/";    ///< as received: origin-form, absolute-form, authority-form or "*"
  std::string path = "/";      ///< percent-decoded path of the target; "*" for asterisk-form, "" for CONNECT
  std::string raw_path = "/";  ///< the same before decoding; what routing splits at slashes
  std::string query = {};      ///< what follows "?", not decoded
  std::string host =
      {};  ///< authority: from the target if absolute, else the Host field; may be empty in 1.0
  int version_minor = 1;  ///< HTTP/1.0 or HTTP/1.1
  Headers headers = {};
  std::string body = {};
  Persistence persistence = Persistence::keep_alive;  ///< what the client asks for
  PeerInfo peer = {};
  /// What a route's `:name` segments and its `*` matched, percent-decoded; filled by Router::handle.
  std::vector<std::pair<std::string, std::string>> params = {};

  std::string_view header(std::string_view name) const noexcept { return headers[name]; }
  /// The text that a route's `:name` matched, or nothing.
  std::optional<std::string_view> param(std::string_view name) const noexcept;
  /// The first value of a query parameter, form-decoded ('+' is a space), or nothing.
  std::optional<std::string> query_value(std::string_view name) const;
};

/// A regular file, open for reading; closed with its last owner.
class File {
 public:
  /// Opens a regular file; a folder, a device or a pipe is refused. Error: http_file_unreadable.
  static Result<std::shared_ptr<const File>> open(const std::string& path);
  /// Takes over an open descriptor of a regular file; the descriptor is closed in every case.
  static Result<std::shared_ptr<const File>> adopt(int descriptor);
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  uint64_t size() const noexcept { return size_; }
  /// Nanoseconds since 1970 of the last change, as the file system tells.
  int64_t modified_ns() const noexcept { return modified_ns_; }
  /// For sendfile; still owned by this object.
  int descriptor() const noexcept { return descriptor_; }
  /// Reads up to out.size() bytes at `offset`; 0 at the end. Error: http_file_unreadable.
  Result<size_t> read_at(uint64_t offset, MutBytes out) const;

 private:
  File(int descriptor, uint64_t size, int64_t modified_ns) noexcept
      : descriptor_(descriptor), size_(size), modified_ns_(modified_ns) {}
  int descriptor_;
  uint64_t size_;
  int64_t modified_ns_;
};

/// A part of an open file, to be streamed as a body. The file is already open, so that nobody can put another
/// in its place between the check and the reading.
struct FileSource {
  std::shared_ptr<const File> file;
  std::string path = {};  ///< for logs only
  uint64_t offset = 0;    ///< bytes from the beginning
  uint64_t length = 0;    ///< bytes to send
};

/// Writes the next part of a body of unknown length into `out` and returns how much; 0 is the end.
using BodyProducer = std::function<Result<size_t>(MutBytes out)>;

/// A response: of a handler on its way out, or of a server as a client got it. The body is `file` if set,
/// else what `producer` makes if set, else `body`.
struct Response {
  int status = 200;
  std::string reason = {};  ///< of a received response; not sent if empty or unusual: the standard phrase is
  Headers headers = {};
  std::string body = {};
  std::optional<FileSource> file = {};
  BodyProducer producer = {};

  Response() = default;
  explicit Response(int code) : status(code) {}

  /// Sets the body and its content type (UTF-8 for texts).
  Response& text(std::string content) &;
  Response& html(std::string content) &;
  Response& json(std::string content) &;
  Response& content(std::string_view type, std::string bytes) &;
  /// Streams a whole open file; `type` empty: from the path's extension.
  Response& file_body(std::shared_ptr<const File> source, std::string path, std::string_view type = {}) &;
  Response& header(std::string_view name, std::string_view value) &;
  Response&& text(std::string content) && { return std::move(text(std::move(content))); }
  Response&& html(std::string content) && { return std::move(html(std::move(content))); }
  Response&& json(std::string content) && { return std::move(json(std::move(content))); }
  Response&& content(std::string_view type, std::string bytes) && {
    return std::move(content(type, std::move(bytes)));
  }
  Response&& header(std::string_view name, std::string_view value) && {
    return std::move(header(name, value));
  }

  /// The file at `path` as a response: 200, or 404 if it cannot be opened.
  static Response from_file(const std::string& path);
  /// A short page for a status: "404 Not Found" as plain text.
  static Response of_status(int code, std::string_view explanation = {});
  /// Sends the client elsewhere.
  static Response redirect(int code, std::string_view location);
};

/// "Not Found" for 404; "Unknown" for a number without a phrase.
std::string_view reason_phrase(int status) noexcept;
/// "text/html; charset=utf-8" for "index.html"; application/octet-stream for the unknown.
std::string_view content_type_of(std::string_view file_name) noexcept;

// ---- parsing
// --------------------------------------------------------------------------------------------------

/// What a request may cost.
struct RequestLimits {
  uint32_t target = 8192;         ///< bytes of the target; more is 414
  uint32_t header_bytes = 16384;  ///< request line and fields together; more is 431
  uint32_t header_count = 100;    ///< fields; more is 431
  uint64_t body = 1 << 20;        ///< bytes of the decoded body; more is 413
};

/// Bytes to requests. Feed it what came from the connection; it takes what it needs and leaves pipelined
/// requests for the next call. Between requests it holds no memory of its own beyond this object.
class RequestParser {
 public:
  explicit RequestParser(RequestLimits limits = {}) noexcept;
  RequestParser(RequestParser&&) noexcept;
  RequestParser& operator=(RequestParser&&) noexcept;
  ~RequestParser();

  /// Takes bytes from the front of `in`. A request when one is complete (the rest of `in` belongs to the
  /// next), nothing when all of `in` was taken and more is needed. After an error the connection is of no use
  /// any more: send `error_response(error)`, close. The result does not depend on how the bytes were split.
  Result<std::optional<Request>> next(Bytes& in);
  /// True once for each request that waits for "100 Continue" before it sends its body: send
  /// `continue_response()`.
  bool take_continue() noexcept;
  /// No byte of a request is held: the connection may be kept waiting without a buffer.
  bool idle() const noexcept;
  /// The peer closed the connection: fine if idle, else http_truncated.
  Result<void> finish() const;
  /// The request line as far as it was seen (at most 256 bytes), for the log of a bad request. Not escaped.
  std::string seen_request_line() const;

 private:
  struct Work;
  RequestLimits limits_;
  std::optional<ErrorCode> failed_;
  std::unique_ptr<Work> work_;
};

/// The status that answers an error of RequestParser: 400, 413, 414, 417, 431, 501, 505; 500 for anything
/// else.
int status_of(const Error& error) noexcept;
/// The response to a request that could not be parsed; the connection is to be closed after it.
Response error_response(const Error& error);
/// "HTTP/1.1 100 Continue" and an empty line.
std::string_view continue_response() noexcept;

/// What a response may cost.
struct ResponseLimits {
  uint32_t header_bytes = 65536;
  uint32_t header_count = 200;
  uint32_t interim_responses = 16;  ///< 1xx before the final response
  uint64_t body = UINT64_MAX;       ///< bytes of the decoded body
};

/// Status line and fields of a response.
struct ResponseHead {
  int status = 0;
  std::string reason = {};
  int version_minor = 1;
  Headers headers = {};
  std::optional<uint64_t> content_length = {};  ///< of the body that follows, where it is known
};

/// Whether a request was one whose response has no body whatever its head says.
enum class Expecting : uint8_t { body, head_only };
/// How a stream of bytes ended: with the other side's word for it (close_notify), or without.
enum class StreamEnd : uint8_t { clean, cut };

/// Bytes to one response; the body streams through without being collected. Interim responses are skipped.
class ResponseParser {
 public:
  struct NeedInput {};
  /// The head is complete; `ResponseParser::head()` has it.
  struct HeadDone {};
  /// A part of the body. The view points into `in` and lives as long as those bytes.
  struct BodyPart {
    Bytes bytes;
  };
  /// The response is complete; what is left of `in` does not belong to it.
  struct Done {};
  using Event = std::variant<NeedInput, HeadDone, BodyPart, Done>;

  explicit ResponseParser(Expecting expecting = Expecting::body, ResponseLimits limits = {});
  ResponseParser(ResponseParser&&) noexcept;
  ResponseParser& operator=(ResponseParser&&) noexcept;
  ~ResponseParser();

  /// Takes bytes from the front of `in` and says what they were. Call it until NeedInput or Done.
  Result<Event> next(Bytes& in);
  /// The stream ended. Succeeds when the response is complete; a body without a length is complete only after
  /// a clean end. Errors: http_truncated, http_no_response (not a single byte came: safe to retry).
  Result<void> finish(StreamEnd end);
  /// Valid from HeadDone on.
  const ResponseHead& head() const noexcept;
  bool done() const noexcept;
  /// Whether the connection may carry another request after Done.
  Persistence persistence() const noexcept;

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

// ---- serializing
// ----------------------------------------------------------------------------------------------

/// How the body follows a head.
enum class BodyFraming : uint8_t {
  none,            ///< no body is sent: HEAD, 204, 304, or length 0
  content_length,  ///< exactly the announced bytes
  chunked,         ///< each part as chunk(part), then last_chunk()
  until_close,     ///< the bytes, then the end of the connection
};

/// What the head of a response depends on besides the response.
struct ResponseContext {
  Time now;  ///< for the Date field
  Persistence persistence = Persistence::keep_alive;
  std::string_view method = "GET";
  int version_minor = 1;
  std::string_view server = "bulla";  ///< Server field; empty: none
};

struct SerializedHead {
  std::string bytes;    ///< status line, fields, empty line; append a small body and send both in one record
  BodyFraming framing;  ///< what to send after it
  uint64_t length = 0;  ///< bytes of the body where framing is content_length
  Persistence persistence;  ///< what was promised; may be close although the context asked for keep_alive
};

/// The head of a response with Date, Content-Length or Transfer-Encoding, and Connection. A response's own
/// fields of those names are ignored, except that `Connection: close` closes. Error: http_bad_field.
Result<SerializedHead> serialize_head(const Response& response, const ResponseContext& context);
/// Frame of a chunk of `size` bytes, to be sent before its data; the data is followed by "\r\n". Not for size
/// 0.
std::string chunk_prefix(size_t size);
/// The end of a chunked body, no trailers.
std::string_view last_chunk() noexcept;
/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7).
std::string http_date(Time time);
/// Any of the three date forms of RFC 9110 §5.6.7, or nothing. `now` gives two-digit years their century.
std::optional<Time> parse_http_date(std::string_view text, Time now);

// ---- URLs
// -----------------------------------------------------------------------------------------------------

enum class Scheme : uint8_t { http, https };

/// An http or https URL, taken apart. Always has a host and a path.
struct Url {
  Scheme scheme = Scheme::https;
  std::string host;        ///< lower case; an IPv6 literal without its brackets
  uint16_t port = 443;     ///< explicit or the scheme's default
  std::string path = "/";  ///< still percent-encoded
  std::optional<std::string> query = {};
  std::optional<std::string> fragment = {};

  /// Parses an absolute URL. Characters that a person may type but URLs may not hold (spaces inside,
  /// non-ASCII) are percent-encoded in path and query. Error: http_bad_url (other scheme, user information,
  /// bad port, bad host…).
  static Result<Url> parse(std::string_view text);
  /// Resolves a reference (of a Location field) against this URL, RFC 3986 §5.2. Error: http_bad_url.
  Result<Url> resolve(std::string_view reference) const;

  bool host_is_ipv6() const noexcept { return host.find(':') != std::string::npos; }
  /// Path and query for the request line.
  std::string target() const;
  /// "example.com", "example.com:8443", "[::1]:8443": for the Host field.
  std::string authority() const;
  std::string to_string() const;
  /// Same scheme, host and port (RFC 6454 §4): credentials may go along.
  bool same_origin(const Url& other) const noexcept;
};

/// `text` with everything but unreserved characters (and '/', if kept) as %XX.
enum class Slash : uint8_t { keep, encode };
std::string percent_encode(std::string_view text, Slash slash = Slash::encode);
/// The inverse, or nothing where a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

/// A request of the client.
struct ClientRequest {
  std::string method = "GET";
  Url url;
  Headers headers = {};
  std::string body = {};
};

/// Request line, Host, fields, empty line, body. Host, Content-Length and Connection are ours. A URL whose
/// parts hold blanks or line breaks (one not made by Url::parse) is refused. Errors: http_bad_field,
/// http_bad_url.
Result<std::string> serialize_request(const ClientRequest& request, Persistence persistence);

/// Which redirects a client follows.
enum class Downgrade : uint8_t { refuse, allow };
struct RedirectPolicy {
  int max = 10;
  Downgrade https_to_http = Downgrade::refuse;
};

/// The request that a response asks the client to make next, or nothing if it is no redirect (not 301, 302,
/// 303, 307, 308, or without Location). 303 becomes GET, 301 and 302 turn POST into GET, 307 and 308 repeat
/// it with its body. To another origin Authorization, Cookie and Proxy-Authorization are left out.
/// `followed`: redirects made before. Errors: http_too_many_redirects, http_redirect_refused,
/// http_bad_redirect.
Result<std::optional<ClientRequest>> next_request(const ClientRequest& request, const ResponseHead& head,
                                                  int followed, const RedirectPolicy& policy = {});

// ---- routing
// --------------------------------------------------------------------------------------------------

/// Makes the response to a request. Called from the server's threads, several at once.
using Handler = std::function<Response(const Request&)>;

/// Method and path to handler. Patterns: "/a/b" exactly, "/users/:id" one segment, "/files/*" any rest (also
/// none). The most specific route wins: literal before `:name` before `*`, segment by segment.
class Router {
 public:
  Router& add(std::string_view method, std::string_view pattern, Handler handler);
  Router& get(std::string_view pattern, Handler handler) { return add("GET", pattern, std::move(handler)); }
  Router& post(std::string_view pattern, Handler handler) { return add("POST", pattern, std::move(handler)); }
  Router& put(std::string_view pattern, Handler handler) { return add("PUT", pattern, std::move(handler)); }
  Router& del(std::string_view pattern, Handler handler) {
    return add("DELETE", pattern, std::move(handler));
  }
  /// Every method of this pattern goes to one handler, which refuses what it does not know (StaticFiles
  /// does).
  Router& mount(std::string_view pattern, Handler handler) { return add({}, pattern, std::move(handler)); }

  /// Fills request.params and calls the route's handler. HEAD goes to GET's handler where it has none of its
  /// own. 404 where no pattern fits, 405 with Allow where one fits but not the method, 501 for methods HTTP
  /// does not know.
  Response handle(Request& request) const;
  /// The same for callers that hold a const request; copies it.
  Response operator()(const Request& request) const;

 private:
  struct Route {
    std::string method;  ///< empty: any
    std::vector<std::string> segments;
    Handler handler;
  };
  std::vector<Route> routes_;
};

/// Whether this is a method of RFC 9110 §9 or PATCH that this server can serve; others are answered 501.
bool is_implemented(std::string_view method) noexcept;

// ---- files
// ----------------------------------------------------------------------------------------------------

enum class Listing : uint8_t { off, on };

struct StaticOptions {
  std::string root = {};             ///< the folder; must exist
  std::string url_prefix = "/";      ///< where it is mounted, with a slash at its end
  std::string index = "index.html";  ///< the file that stands for a folder; empty: none
  Listing listing = Listing::off;    ///< show a folder without an index
  std::function<Time()> now = {};    ///< the clock for dates in conditions; empty: the system's
};

/// GET and HEAD of the files below a folder. Nothing outside the folder can be reached: not by "..", encoded
/// or not, not by a symbolic link that leads out; names that begin with a dot are hidden (except
/// ".well-known").
class StaticFiles {
 public:
  /// Error: bad_config if the root is not a folder.
  static Result<StaticFiles> open(StaticOptions options);
  Response operator()(const Request& request) const;

 private:
  struct Root;
  explicit StaticFiles(std::shared_ptr<const Root> root) noexcept : root_(std::move(root)) {}
  std::shared_ptr<const Root> root_;
};

// ---- access log
// -----------------------------------------------------------------------------------------------

/// One finished (or refused) request. Views need to live only during the call.
struct AccessEntry {
  Time time = {};  ///< when the response was sent
  const PeerInfo& peer;
  std::string_view request_line;  ///< "GET / HTTP/1.1", or RequestParser::seen_request_line()
  int status = 0;
  uint64_t bytes_sent = 0;  ///< of the body
  Milliseconds duration = {};
  std::string_view referer = {};
  std::string_view user_agent = {};
};

/// The common log format, then version, suite, group, server name, "resumed" or "full", milliseconds.
/// Whatever the peer chose is escaped: a request cannot forge a second line, end its quotes, or talk to the
/// terminal.
std::string access_log_line(const AccessEntry& entry);
/// The same as one JSON object, without a line break.
std::string access_log_json(const AccessEntry& entry);
/// "GET /path HTTP/1.1" of a parsed request.
std::string request_line(const Request& request);

}  // namespace bulla::http
