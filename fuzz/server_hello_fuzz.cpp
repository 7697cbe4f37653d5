// ServerHello, HelloRetryRequest and the ServerHello of TLS 1.2: the same of the three, with the same
// content, after writing and reading again.
#include "base/assert.h"
#include "tls/msg/server_hello.h"

using namespace bulla;
using namespace bulla::tls;

namespace {

std::vector<uint8_t> encoded(const AnyServerHello& any) {
  std::vector<uint8_t> out;
  Writer w(out);
  std::visit([&](const auto& hello) { hello.encode(w); }, any);
  return out;
}

size_t extension_count(const AnyServerHello& any) {
  return std::visit([](const auto& hello) { return hello.extensions.size(); }, any);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto any = decode_server_hello({data, size});
  if (!any) return 0;
  BULLA_ASSERT(extension_count(*any) <= size / 4, "an extension takes four bytes");

  const std::vector<uint8_t> once = encoded(*any);
  // An empty block of extensions may be written where there was none, or left out where there was one.
  BULLA_ASSERT(once.size() <= size + 2 && size <= once.size() + 2, "encoding neither adds nor loses");
  const auto again = decode_server_hello(once);
  BULLA_ASSERT(again.ok(), "what we write we read");
  BULLA_ASSERT(again->index() == any->index(), "still the same of the three");
  BULLA_ASSERT(extension_count(*again) == extension_count(*any), "the same extensions");
  BULLA_ASSERT(encoded(*again) == once, "decode of encode is the same");
  return 0;
}
