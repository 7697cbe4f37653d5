// HTTP/1.1 as a person means it (RFC 9110, 9112), without sockets and without TLS: bytes come in, requests
// and responses go out. Read in this order: fields, messages, parsers, serializers, URLs, routing, files, the
// access log.
#pragma once

#include <bulla/bytes.h>
#include <bulla/http_peer.h>
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

// ---- fields -----------------------------------------------------------------------------------------------

/// One header field, as received or as to be sent.
struct Field {
  std::string name;   ///< as written
  std::string value;  ///< without white space around it
};

/// Header fields in their order. Names are compared without regard to case (RFC 9110 §5.1).
class Headers {
 public:
  Headers() = default;                                               ///< none
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}  ///< in this order

  /// The value of the first field of this name, or nothing. The view lives until the headers change.
  std::optional<std::string_view> find(std::string_view name) const noexcept;
  /// The same, with an empty text where there is none.
  std::string_view operator[](std::string_view name) const noexcept {
    return find(name).value_or(std::string_view{});
  }
  /// Whether there is a field of this name.
  bool contains(std::string_view name) const noexcept { return find(name).has_value(); }
  size_t count(std::string_view name) const noexcept;  ///< fields of this name
  /// Whether a comma-separated list field holds this token in any of its lines, in whatever case.
  bool has_token(std::string_view name, std::string_view token) const noexcept;

  /// Appends a field. What HTTP cannot carry is refused when the message is serialized: http_bad_field.
  void add(std::string_view name, std::string_view value);
  /// Replaces all fields of this name by one.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);  ///< all fields of this name

  auto begin() const noexcept { return fields_.begin(); }  ///< of Field
  auto end() const noexcept { return fields_.end(); }      ///< of Field
  size_t size() const noexcept { return fields_.size(); }  ///< fields, not bytes
  bool empty() const noexcept { return fields_.empty(); }  ///< no field at all

 private:
  std::vector<Field> fields_;
};

/// What becomes of the connection after a message (RFC 9112 §9.3).
enum class Persistence : uint8_t { close, keep_alive };

// ---- messages ---------------------------------------------------------------------------------------------

/// A whole request as a handler sees it.
struct Request {
  std::string method = "GET";  ///< case-sensitive, any token
  std::string target = "/";    ///< as received: origin-form, absolute-form, authority-form or "*"
  std::string path = "/";      ///< percent-decoded path of the target; "*" for asterisk-form, "" for CONNECT
  std::string raw_path = "/";  ///< the same before decoding; what routing splits at slashes
  std::string query = {};      ///< what follows "?", not decoded
  std::string host = {};       ///< of an absolute target, else of the Host field; may be empty in 1.0
  int version_minor = 1;       ///< HTTP/1.0 or HTTP/1.1
  Headers headers = {};        ///< as received
  std::string body = {};       ///< whole and decoded
  Persistence persistence = Persistence::keep_alive;  ///< what the client asks for
  PeerInfo peer = {};                                 ///< empty unless the server fills it in
  /// What a route's `:name` segments and its `*` matched, percent-decoded; filled by Router::handle.
  std::vector<std::pair<std::string, std::string>> params = {};

  /// The first field of this name, or an empty text. As all views here: until the request changes.
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
  /// Takes over an open descriptor of a regular file, and closes it in every case. Error: the same.
  static Result<std::shared_ptr<const File>> adopt(int descriptor);
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File();

  uint64_t size() const noexcept { return size_; }  ///< bytes, when it was opened
  /// Nanoseconds since 1970 of the last change, as the file system tells.
  int64_t modified_ns() const noexcept { return modified_ns_; }
  /// For sendfile; still owned by this object.
  int descriptor() const noexcept { return descriptor_; }
  /// Reads up to out.size() bytes at `offset`; 0 at the end. In any thread. Error: http_file_unreadable.
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
  std::shared_ptr<const File> file;  ///< stays open as long as anybody has it
  std::string path = {};             ///< for logs only
  uint64_t offset = 0;               ///< bytes from the beginning
  uint64_t length = 0;               ///< bytes to send
};

/// Writes the next part of a body of unknown length into `out` and returns how much; 0 is the end, an error
/// breaks the connection off. May not wait: the connections of its loop would, too.
using BodyProducer = std::function<Result<size_t>(MutBytes out)>;

/// What a handler answers. The body is `file` if set, else what `producer` makes if set, else `body`.
struct Response {
  int status = 200;                     ///< 200 to 599 for one to be sent
  Headers headers = {};                 ///< framing fields are ours: see serialize_head
  std::string body = {};                ///< whole
  std::optional<FileSource> file = {};  ///< streamed
  BodyProducer producer = {};           ///< streamed, chunked

  Response() = default;
  explicit Response(int code) : status(code) {}  ///< this status, no body

  /// Sets the body and its content type (UTF-8 for texts), in place of any other body.
  Response& text(std::string content) &;
  Response& html(std::string content) &;                          ///< text/html
  Response& json(std::string content) &;                          ///< application/json; not checked
  Response& content(std::string_view type, std::string bytes) &;  ///< `type` as the field says it
  /// Streams a whole open file; `type` empty: from the path's extension.
  Response& file_body(std::shared_ptr<const File> source, std::string path, std::string_view type = {}) &;
  Response& header(std::string_view name, std::string_view value) &;  ///< in place of earlier ones
  /// The same on temporaries: `return Response().text("hello");`
  Response&& text(std::string content) && { return std::move(text(std::move(content))); }
  Response&& html(std::string content) && { return std::move(html(std::move(content))); }  ///< likewise
  Response&& json(std::string content) && { return std::move(json(std::move(content))); }  ///< likewise
  Response&& content(std::string_view type, std::string bytes) && {
    return std::move(content(type, std::move(bytes)));
  }  ///< likewise
  Response&& header(std::string_view name, std::string_view value) && {
    return std::move(header(name, value));
  }  ///< likewise

  /// The file at `path` (the program's word, not a client's: see StaticFiles): 200, or 404.
  static Response from_file(const std::string& path);
  /// A short page for a status: "404 Not Found" as plain text.
  static Response of_status(int code, std::string_view explanation = {});
  /// Sends the client elsewhere: 301, 302, 303, 307 or 308, and a URL or path.
  static Response redirect(int code, std::string_view location);
};

/// "Not Found" for 404; "Unknown" for a number without a phrase.
std::string_view reason_phrase(int status) noexcept;
/// "text/html; charset=utf-8" for "index.html"; application/octet-stream for the unknown.
std::string_view content_type_of(std::string_view file_name) noexcept;

// ---- parsing ----------------------------------------------------------------------------------------------

/// What a request may cost; more: http_target_too_long, http_head_too_large, http_body_too_large.
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
  explicit RequestParser(RequestLimits limits = {}) noexcept;  ///< allocates nothing yet
  RequestParser(RequestParser&&) noexcept;             ///< the other may only be destroyed or assigned to
  RequestParser& operator=(RequestParser&&) noexcept;  ///< likewise
  ~RequestParser();

  /// Takes bytes from the front of `in`. A request when one is complete (the rest of `in` belongs to the
  /// next), nothing when all of `in` was taken and more is needed. After an error (one that status_of knows)
  /// the connection is of no use any more: send `error_response(error)`, close. The result does not depend on
  /// how the bytes were split.
  Result<std::optional<Request>> next(Bytes& in);
  /// True once for each request that waits for `continue_response()` before it sends its body.
  bool take_continue() noexcept;
  /// No byte of a request is held: the connection may be kept waiting without a buffer.
  bool idle() const noexcept;
  /// The peer closed the connection: fine if idle, else http_truncated; after an error that one.
  Result<void> finish() const;
  /// The request line as far as it was seen (at most 256 bytes), for the log of a bad request. Not escaped.
  std::string seen_request_line() const;

 private:
  struct Work;
  RequestLimits limits_;
  std::optional<ErrorCode> failed_;
  std::unique_ptr<Work> work_;
};

/// The status that answers an error of RequestParser: 400, 413, 414, 417, 431, 501, 505; else 500.
int status_of(const Error& error) noexcept;
/// The response to a request that could not be parsed; the connection is to be closed after it.
Response error_response(const Error& error);
std::string_view continue_response() noexcept;  ///< "HTTP/1.1 100 Continue" and an empty line

/// What a response may cost; more: http_head_too_large, http_unexpected_response, http_body_too_large.
struct ResponseLimits {
  uint32_t header_bytes = 65536;    ///< status line and fields together
  uint32_t header_count = 200;      ///< fields
  uint32_t interim_responses = 16;  ///< 1xx before the final response
  uint64_t body = UINT64_MAX;       ///< bytes of the decoded body
};

/// Status line and fields of a response.
struct ResponseHead {
  int status = 0;                               ///< 200 to 599
  std::string reason = {};                      ///< as sent, not escaped; may be empty
  int version_minor = 1;                        ///< HTTP/1.0 or HTTP/1.1
  Headers headers = {};                         ///< as received
  std::optional<uint64_t> content_length = {};  ///< of the body that follows, where it is known
};

/// Whether a request was one whose response has no body whatever its head says.
enum class Expecting : uint8_t { body, head_only };
/// How a stream of bytes ended: with the other side's word for it (close_notify), or without.
enum class StreamEnd : uint8_t { clean, cut };

/// Bytes to one response; the body streams through without being collected. Interim responses are skipped.
class ResponseParser {
 public:
  struct NeedInput {};  ///< all of `in` was taken
  struct HeadDone {};   ///< the head is complete: `ResponseParser::head()`
  /// A part of the body. The view points into `in` and lives as long as those bytes.
  struct BodyPart {
    Bytes bytes;  ///< decoded, never empty
  };
  struct Done {};  ///< the response is complete; what is left of `in` does not belong to it
  /// What the bytes were.
  using Event = std::variant<NeedInput, HeadDone, BodyPart, Done>;

  /// For one response.
  explicit ResponseParser(Expecting expecting = Expecting::body, ResponseLimits limits = {});
  ResponseParser(ResponseParser&&) noexcept;             ///< the other may only be destroyed or assigned to
  ResponseParser& operator=(ResponseParser&&) noexcept;  ///< likewise
  ~ResponseParser();

  /// Takes bytes from the front of `in` and says what they were. Call it until NeedInput or Done. Errors,
  /// which stay: http_bad_syntax, http_bad_framing, http_bad_chunk, http_bad_version,
  /// http_unknown_transfer_coding, and those of the limits.
  Result<Event> next(Bytes& in);
  /// The stream ended. Succeeds when the response is complete; a body without a length is complete only after
  /// a clean end. Errors: http_truncated, http_no_response (not a single byte came: safe to retry).
  Result<void> finish(StreamEnd end);
  /// Valid from HeadDone on; lives as long as the parser.
  const ResponseHead& head() const noexcept;
  bool done() const noexcept;  ///< the response is complete
  /// Whether the connection may carry another request after Done.
  Persistence persistence() const noexcept;

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

// ---- serializing ------------------------------------------------------------------------------------------

/// How the body follows a head.
enum class BodyFraming : uint8_t {
  none,            ///< no body is sent: HEAD, 204, 304, or length 0
  content_length,  ///< exactly the announced bytes
  chunked,         ///< each part as chunk_prefix(), its bytes and "\r\n"; then last_chunk()
  until_close,     ///< the bytes, then the end of the connection
};

/// What the head of a response depends on besides the response.
struct ResponseContext {
  Time now;                                           ///< for the Date field
  Persistence persistence = Persistence::keep_alive;  ///< what we want; the response may still close
  std::string_view method = "GET";                    ///< of the request: HEAD gets no body
  int version_minor = 1;                              ///< of the request: HTTP/1.0 knows no chunks
  std::string_view server = "bulla";                  ///< Server field; empty: none
};

/// A head, and how its body is to be sent.
struct SerializedHead {
  std::string bytes;    ///< status line, fields, empty line; append a small body and send both in one record
  BodyFraming framing;  ///< what to send after it
  uint64_t length = 0;  ///< bytes of the body where framing is content_length
  Persistence persistence;  ///< what was promised; may be close although the context asked for keep_alive
};

/// The head of a response with Date, Content-Length or Transfer-Encoding, and Connection. A response's own
/// fields of those names are ignored, except that `Connection: close` closes. Error: http_bad_field, also for
/// a status outside 200 to 599.
Result<SerializedHead> serialize_head(const Response& response, const ResponseContext& context);
/// What is sent before a chunk's `size` bytes (not 0); after them, "\r\n".
std::string chunk_prefix(size_t size);
std::string_view last_chunk() noexcept;  ///< the end of a chunked body, no trailers
std::string http_date(Time time);        ///< "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7)
/// Any of the three date forms of RFC 9110 §5.6.7, or nothing. `now` gives two-digit years their century.
std::optional<Time> parse_http_date(std::string_view text, Time now);

// ---- URLs -------------------------------------------------------------------------------------------------

/// What a URL begins with.
enum class Scheme : uint8_t { http, https };

/// An http or https URL, taken apart. Always has a host and a path.
struct Url {
  Scheme scheme = Scheme::https;             ///< http: without TLS, which HttpsClient refuses
  std::string host;                          ///< lower case; an IPv6 literal without its brackets
  uint16_t port = 443;                       ///< explicit or the scheme's default
  std::string path = "/";                    ///< still percent-encoded
  std::optional<std::string> query = {};     ///< without '?', still percent-encoded
  std::optional<std::string> fragment = {};  ///< without '#'; never sent

  /// Parses an absolute URL. Characters that a person may type but URLs may not hold (spaces inside,
  /// non-ASCII) are percent-encoded in path and query. Error: http_bad_url (other scheme, user information,
  /// bad port, bad host…).
  static Result<Url> parse(std::string_view text);
  /// Resolves a reference (of a Location field) against this URL, RFC 3986 §5.2. Error: http_bad_url.
  Result<Url> resolve(std::string_view reference) const;

  /// Whether brackets belong around the host.
  bool host_is_ipv6() const noexcept { return host.find(':') != std::string::npos; }
  std::string target() const;  ///< path and query for the request line
  /// "example.com", "example.com:8443", "[::1]:8443": for the Host field.
  std::string authority() const;
  /// The whole URL, in a form that parse reads.
  std::string to_string() const;
  /// Same scheme, host and port (RFC 6454 §4): credentials may go along.
  bool same_origin(const Url& other) const noexcept;
};

/// Whether percent_encode keeps '/', which separates the segments of a path.
enum class Slash : uint8_t { keep, encode };
/// `text` with everything but unreserved characters (RFC 3986 §2.3; and '/', if kept) as %XX.
std::string percent_encode(std::string_view text, Slash slash = Slash::encode);
/// The inverse, or nothing where a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

/// A request of the client.
struct ClientRequest {
  std::string method = "GET";  ///< any token
  Url url;                     ///< absolute
  Headers headers = {};        ///< Host and framing fields in it are ignored
  std::string body = {};       ///< whole
};

/// Request line, Host, fields, empty line, body. Host, Content-Length and Connection are ours. Errors:
/// http_bad_field; http_bad_url for a URL whose parts hold blanks or line breaks (one not made by
/// Url::parse).
Result<std::string> serialize_request(const ClientRequest& request, Persistence persistence);

/// Whether a redirect may lead from https to http.
enum class Downgrade : uint8_t { refuse, allow };
/// Which redirects a client follows.
struct RedirectPolicy {
  int max = 10;                                 ///< in a row; 0: none, the first one is an error
  Downgrade https_to_http = Downgrade::refuse;  ///< refuse: http_redirect_refused
};

/// The request that a response asks the client to make next, or nothing if it is no redirect (not 301, 302,
/// 303, 307, 308, or without Location). 303 becomes GET, 301 and 302 turn POST into GET, 307 and 308 repeat
/// it with its body. To another origin Authorization, Cookie and Proxy-Authorization are left out.
/// `followed`: redirects made before. Errors: http_too_many_redirects, http_redirect_refused,
/// http_bad_redirect.
Result<std::optional<ClientRequest>> next_request(const ClientRequest& request, const ResponseHead& head,
                                                  int followed, const RedirectPolicy& policy = {});

// ---- routing ----------------------------------------------------------------------------------------------

/// Makes the response to a request, in the server's threads, several at once. To wait holds up a whole loop.
using Handler = std::function<Response(const Request&)>;

/// Method and path to handler. Patterns: "/a/b" exactly, "/users/:id" one segment, "/files/*" any rest (also
/// none). The most specific route wins: literal before `:name` before `*`, segment by segment; of equals the
/// first added. Once it serves, it is not changed any more.
class Router {
 public:
  /// Adds a route; `method` is case-sensitive, empty: every one.
  Router& add(std::string_view method, std::string_view pattern, Handler handler);
  /// GET; HEAD too, where that has no route of its own.
  Router& get(std::string_view pattern, Handler handler) { return add("GET", pattern, std::move(handler)); }
  /// POST.
  Router& post(std::string_view pattern, Handler handler) { return add("POST", pattern, std::move(handler)); }
  /// PUT.
  Router& put(std::string_view pattern, Handler handler) { return add("PUT", pattern, std::move(handler)); }
  /// DELETE.
  Router& del(std::string_view pattern, Handler handler) {
    return add("DELETE", pattern, std::move(handler));
  }
  /// Every method of this pattern to one handler, which refuses what it does not know (as StaticFiles does).
  Router& mount(std::string_view pattern, Handler handler) { return add({}, pattern, std::move(handler)); }

  /// Fills request.params and calls the route's handler. HEAD goes to GET's handler where it has none of its
  /// own. 400 where the path is not percent-encoded properly, 404 where no pattern fits, 405 with Allow where
  /// one fits but not the method, 501 for methods HTTP does not know.
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

// ---- files ------------------------------------------------------------------------------------------------

/// Whether a folder without an index file is listed.
enum class Listing : uint8_t { off, on };

/// What StaticFiles serves, and where.
struct StaticOptions {
  std::string root = {};             ///< the folder; must exist
  std::string url_prefix = "/";      ///< where it is mounted, with a slash at its end
  std::string index = "index.html";  ///< the file that stands for a folder; empty: none
  Listing listing = Listing::off;    ///< show a folder without an index
  std::function<Time()> now = {};    ///< the clock for dates in conditions; empty: the system's
};

/// GET and HEAD of the files below a folder. Nothing outside the folder can be reached: not by "..", encoded
/// or not, not by a symbolic link that leads out; names that begin with a dot are hidden (except
/// ".well-known"), from links too unless it is two dots (Kubernetes).
class StaticFiles {
 public:
  /// Error: bad_config if the root is not a folder that can be opened, or url_prefix lacks a slash at an end.
  static Result<StaticFiles> open(StaticOptions options);
  /// 200, 206, 304, 412 or 416 for a file; 301 to a folder's slash; 404, 405, 501.
  Response operator()(const Request& request) const;

 private:
  struct Root;
  explicit StaticFiles(std::shared_ptr<const Root> root) noexcept : root_(std::move(root)) {}
  std::shared_ptr<const Root> root_;
};

// ---- access log -------------------------------------------------------------------------------------------

/// One finished (or refused) request. Views need to live only during the call.
struct AccessEntry {
  Time time = {};                    ///< when the response was sent
  const PeerInfo& peer;              ///< who asked
  std::string_view request_line;     ///< "GET / HTTP/1.1", or RequestParser::seen_request_line()
  int status = 0;                    ///< as sent
  uint64_t bytes_sent = 0;           ///< of the body
  Milliseconds duration = {};        ///< from the whole request to its last byte sent
  std::string_view referer = {};     ///< not escaped, as what follows
  std::string_view user_agent = {};  ///< empty: none
};

/// The common log format, with a verified client's subject as the user, then version, suite, group, server
/// name, "resumed" or "full", milliseconds. What the peer chose is escaped: it cannot forge a second line,
/// end its quotes, or talk to the terminal.
std::string access_log_line(const AccessEntry& entry);
std::string access_log_json(const AccessEntry& entry);  ///< the same as one JSON object, no line break
std::string request_line(const Request& request);       ///< "GET /path HTTP/1.1" of a parsed request

}  // namespace bulla::http
