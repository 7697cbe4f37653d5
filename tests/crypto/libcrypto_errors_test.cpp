// The openssl provider and the queue of errors that libcrypto keeps for each thread.
#include "crypto/one_shot.h"
#include "support/vectors.h"
#include "support/witness.h"

#include <openssl/err.h>

namespace bulla::test {
namespace {

TEST(LibcryptoErrors, failures_leave_none_in_the_queue) {
  ERR_clear_error();
  const auto fail_everywhere = [] {
    const Provider& provider = *witness();
    for (const GroupAlgorithm* group : provider.groups) {
      const ByteVector share(group->share_size, 0xff), zero(group->share_size);
      EXPECT_FALSE(decapsulate(*group, ByteVector(32, 0xff), zero));
      EncapsulateJob job{.peer_share = zero};
      group->encapsulate(*provider.random, {&job, 1});
      EXPECT_FALSE(job.ok);
    }
    for (const AeadAlgorithm* aead : provider.aeads)
      EXPECT_FALSE(open(*aead->make_key(ByteVector(aead->key_size)), {}, {}, ByteVector(40)));
    const ByteVector number(256, 0xff), e = {3}, point(65, 4), ed(32, 0xff);
    const PublicKeyView keys[] = {{.type = KeyType::rsa, .modulus = number, .exponent = e},
                                  {.type = KeyType::ec_p256, .point = point},
                                  {.type = KeyType::ed25519, .point = ed}};
    for (const PublicKeyView& key : keys)
      for (const SignatureAlgorithm algorithm : provider.signatures)
        EXPECT_FALSE(verify(key, algorithm, as_bytes("message"), number));
    PrivateKeyMaterial bad{.type = KeyType::rsa, .modulus = number, .exponent = e};
    EXPECT_FALSE(provider.signing.load(bad));
  };
  fail_everywhere();
  EXPECT_EQ(ERR_peek_error(), 0u);
  // What the embedding program left in the queue is not ours to drop.
  ERR_raise(ERR_LIB_USER, 77);
  fail_everywhere();
  EXPECT_EQ(ERR_GET_REASON(ERR_get_error()), 77);
  EXPECT_EQ(ERR_get_error(), 0u);
}

}  // namespace
}  // namespace bulla::test
