// ClientHello: what is accepted means the same when it is written and read again, and takes no more memory
// than its bytes allow.
#include "base/assert.h"
#include "tls/msg/client_hello.h"

#include <algorithm>

using namespace bulla;
using namespace bulla::tls;

namespace {

std::vector<uint8_t> encoded(const ClientHello& hello, std::span<const ExtensionType> order = {}) {
  std::vector<uint8_t> out;
  Writer w(out);
  hello.encode(w, order);
  return out;
}

void check_bounds(const ClientHello& hello, size_t size) {
  BULLA_ASSERT(hello.random.size() == 32 && hello.session_id.size() <= 32, "fixed fields");
  BULLA_ASSERT(hello.cipher_suites.size() > 0 && !hello.compression_methods.empty(),
               "lists that are never empty");
  BULLA_ASSERT(hello.others.size() <= size / 4, "an extension takes four bytes");
  if (hello.key_share) BULLA_ASSERT(hello.key_share->size() <= 64, "shares are bounded");
  if (hello.alpn) BULLA_ASSERT(hello.alpn->size() <= size / 2, "a protocol takes two bytes");
  if (hello.certificate_authorities)
    BULLA_ASSERT(hello.certificate_authorities->size() <= size / 3, "a name takes three bytes");
  if (!hello.pre_shared_key) return;
  BULLA_ASSERT(hello.pre_shared_key->identities.size() == hello.pre_shared_key->binders.size(),
               "a binder for each");
  BULLA_ASSERT(hello.pre_shared_key->binders_size >= 35 && hello.pre_shared_key->binders_size < size,
               "binders");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto hello = ClientHello::decode({data, size});
  if (!hello) return 0;
  check_bounds(*hello, size);

  const std::vector<uint8_t> once = encoded(*hello);
  // Only a status_request that asks for less than the original may be shorter, and nothing longer.
  BULLA_ASSERT(once.size() <= size, "encoding adds nothing");
  const auto again = ClientHello::decode(once);
  BULLA_ASSERT(again.ok(), "what we write we read");
  BULLA_ASSERT(encoded(*again) == once, "decode of encode is the same");
  BULLA_ASSERT(again->extension_types() == hello->extension_types(), "the same extensions");

  std::vector<ExtensionType> order = hello->extension_types();
  std::ranges::reverse(order);
  const std::vector<uint8_t> other_way = encoded(*hello, order);
  BULLA_ASSERT(other_way.size() == once.size(), "another order, the same bytes");
  BULLA_ASSERT(ClientHello::decode(other_way).ok(), "any order of ours is read");
  return 0;
}
