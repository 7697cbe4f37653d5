// URLs over any bytes, the first line as a URL, the second as a reference: what is accepted survives being
// written and read again, and can be put into a request line without changing its shape.
#include <bulla/http.h>

#include <cstdlib>

namespace {

using namespace bulla;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const http::Url& url) {
  const std::string text = url.to_string();
  auto again = http::Url::parse(text);
  require(again.ok() && again->to_string() == text && again->same_origin(url) &&
          again->target() == url.target());
  require(url.port != 0 && !url.host.empty() && url.path.front() == '/');
  require(url.path.find("/../") == std::string::npos && url.path.find("/./") == std::string::npos);
  auto request = http::serialize_request({.method = "GET", .url = url}, http::Persistence::keep_alive);
  require(request.ok());
  http::RequestParser parser({.target = 1 << 20, .header_bytes = 1 << 21});
  Bytes in = as_bytes(*request);
  auto parsed = parser.next(in);
  if (!parsed) {
    // The one difference: a request with a NUL in its path is refused by servers.
    require(parsed.error().code == ErrorCode::http_bad_target && text.find("%00") != std::string::npos);
    return;
  }
  require(parsed->has_value() && in.empty() && (*parsed)->target == url.target() &&
          (*parsed)->host == url.authority());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text = as_text({data, size});
  const size_t line = text.find('\n');
  const std::string_view reference =
      line == std::string_view::npos ? std::string_view{} : text.substr(line + 1);
  auto base = http::Url::parse(text.substr(0, line));
  if (!base) return 0;
  check(*base);
  if (auto resolved = base->resolve(reference)) check(*resolved);
  if (const auto decoded = http::percent_decode(reference))
    require(http::percent_decode(http::percent_encode(*decoded)) == decoded);
  return 0;
}
