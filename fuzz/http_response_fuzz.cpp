// The response parser over any bytes: head, body and verdict do not depend on how the bytes were split, and a
// cut stream never looks more complete than a clean one. The first byte chooses between GET and HEAD.
#include <bulla/http.h>

#include <cstdlib>

namespace {

using namespace bulla;
using http::ResponseParser;

constexpr http::ResponseLimits limits{
    .header_bytes = 2048, .header_count = 16, .interim_responses = 3, .body = 4096};

struct Seen {
  std::string verdict, head, body;
  size_t left = 0;
};

void require(bool holds) {
  if (!holds) std::abort();
}

/// True while more input makes sense.
bool drain(ResponseParser& parser, Bytes& in, Seen& seen) {
  for (;;) {
    auto event = parser.next(in);
    if (!event) {
      seen.verdict = event.error().row().name;
      return false;
    }
    if (std::holds_alternative<ResponseParser::Done>(*event)) {
      seen.verdict = "done";
      return false;
    }
    if (std::holds_alternative<ResponseParser::NeedInput>(*event)) {
      require(in.empty());
      return true;
    }
    if (auto* part = std::get_if<ResponseParser::BodyPart>(&*event)) {
      require(!part->bytes.empty());
      seen.body += as_text(part->bytes);
    } else {
      seen.head = std::to_string(parser.head().status) + parser.head().reason;
      for (const auto& field : parser.head().headers) seen.head += field.name + ':' + field.value + '\n';
    }
  }
}

Seen run(Bytes bytes, size_t step, http::Expecting expecting, http::StreamEnd end) {
  Seen seen;
  ResponseParser parser(expecting, limits);
  for (bool hungry = true; hungry && !bytes.empty();) {
    const std::vector<uint8_t> copy = to_vector(bytes.first(std::min(step, bytes.size())));
    bytes = bytes.subspan(copy.size());
    Bytes in = copy;
    hungry = drain(parser, in, seen);
    seen.left = bytes.size() + in.size();
  }
  require(seen.body.size() <= limits.body);
  if (seen.verdict.empty()) {
    const auto finished = parser.finish(end);
    seen.verdict = finished ? "finished" : std::string(finished.error().row().name);
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto expecting = data[0] % 2 == 0 ? http::Expecting::body : http::Expecting::head_only;
  const Bytes bytes{data + 1, size - 1};
  const Seen whole = run(bytes, size, expecting, http::StreamEnd::clean);
  for (const size_t step : {size_t{1}, size_t{5}, size_t{64}}) {
    const Seen split = run(bytes, step, expecting, http::StreamEnd::clean);
    require(split.verdict == whole.verdict && split.head == whole.head);
    if (whole.verdict == "done" || whole.verdict == "finished")
      require(split.body == whole.body && split.left == whole.left);
  }
  const Seen cut = run(bytes, size, expecting, http::StreamEnd::cut);
  require(cut.verdict == whole.verdict || (whole.verdict == "finished" && cut.verdict == "http_truncated"));
  return 0;
}
