// The request parser over any bytes: one verdict, however the bytes were split, and nothing beyond the
// limits.
#include <bulla/http.h>

#include <cstdlib>

namespace {

using namespace bulla;

constexpr http::RequestLimits limits{.target = 256, .header_bytes = 2048, .header_count = 16, .body = 4096};

struct Seen {
  std::string text;  ///< all that came out, requests and the error
  size_t requests = 0;
};

void require(bool holds) {
  if (!holds) std::abort();
}

void note(Seen& seen, const http::Request& r) {
  ++seen.requests;
  seen.text +=
      r.method + '\1' + r.target + '\1' + r.path + '\1' + r.query + '\1' + r.host + '\1' + r.body + '\2';
  for (const auto& field : r.headers) seen.text += field.name + ':' + field.value + '\3';
  seen.text += r.persistence == http::Persistence::close ? 'c' : 'k';
  require(r.target.size() <= limits.target && r.body.size() <= limits.body &&
          r.headers.size() <= limits.header_count);
  require(r.path.find('\0') == std::string::npos);
  require(!(r.headers.contains("Content-Length") && r.headers.contains("Transfer-Encoding")));
  // What was parsed can be logged and routed, whatever it is.
  const std::string line = http::request_line(r);
  const http::AccessEntry entry{.peer = r.peer, .request_line = line};
  for (const char c : http::access_log_line(entry) + http::access_log_json(entry))
    require(static_cast<uint8_t>(c) >= 0x20);
}

Seen run(Bytes bytes, size_t step) {
  Seen seen;
  http::RequestParser parser(limits);
  while (!bytes.empty()) {
    const std::vector<uint8_t> copy = to_vector(bytes.first(std::min(step, bytes.size())));
    bytes = bytes.subspan(copy.size());
    for (Bytes in = copy; !in.empty();) {
      auto result = parser.next(in);
      if (!result) {
        const int status = http::status_of(result.error());
        require(status >= 400 && status != 500);
        seen.text += result.error().row().name;
        return seen;
      }
      if (!*result) {
        require(in.empty());
        break;
      }
      note(seen, **result);
    }
  }
  seen.text += parser.idle() ? "idle" : "open";
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes bytes{data, size};
  const Seen whole = run(bytes, size + 1);
  for (const size_t step : {size_t{1}, size_t{5}, size_t{64}}) {
    const Seen split = run(bytes, step);
    require(split.text == whole.text && split.requests == whole.requests);
  }
  return 0;
}
