// A curve as a key exchange group (RFC 9846 §4.3.8.2, §7.4.2): shares are uncompressed points, the secret is
// the X coordinate with its leading zeros.
#pragma once

#include "crypto/ec/keys.h"

namespace bulla::crypto::ec {

template <class Curve, template <class> class Products = CompleteProducts>
struct Ecdh {
  /// The X coordinate of d·share; empty where d is out of range or the share is no point of the curve.
  static SecretBytes multiply_share(Bytes d, Bytes share) {
    SecretBytes secret;
    const auto peer = read_point_vartime<Curve>(share);
    struct {
      typename Curve::Scalar::Number d;
      AffinePoint<Curve> affine;
    } s;
    if (peer && read_scalar<Curve>(d, s.d)) {
      // Not infinite: 0 < d < n, and n is the order of every point.
      s.affine = Products<Curve>::multiply(s.d, *peer);
      secret = SecretBytes(Curve::Field::bytes);
      to_big_endian(s.affine.x.number(), secret.writable());
    }
    wipe(memory_of(s));
    return secret;
  }

  static SecretBytes agree(Bytes d, Bytes share) {
    return with_wiped_stack<stack_depth>([&] { return multiply_share(d, share); });
  }

  static std::vector<uint8_t> share_of(Bytes d) {
    std::vector<uint8_t> share(point_size<Curve>);
    if (!public_point<Curve, Products>(d, share)) share.clear();
    return share;
  }

  static void generate(Random& random, std::span<GenerateJob> jobs) noexcept {
    for (GenerateJob& job : jobs) {
      job.private_key = random_scalar<Curve>(random);
      job.share = share_of(job.private_key.reveal());
      job.ok = !job.share.empty();
    }
  }

  static void encapsulate(Random& random, std::span<EncapsulateJob> jobs) noexcept {
    for (EncapsulateJob& job : jobs) {
      const SecretBytes d = random_scalar<Curve>(random);
      job.secret = agree(d.reveal(), job.peer_share);
      job.ok = !job.secret.empty();
      job.share.clear();
      if (job.ok) job.share = share_of(d.reveal());
    }
  }

  static void decapsulate(std::span<DecapsulateJob> jobs) noexcept {
    for (DecapsulateJob& job : jobs) {
      job.secret = agree(job.private_key ? job.private_key->reveal() : Bytes{}, job.peer_share);
      job.ok = !job.secret.empty();
    }
  }

  static constexpr GroupAlgorithm algorithm = {.id = Curve::group,
                                               .name = Curve::name,
                                               .share_size = point_size<Curve>,
                                               .reply_size = point_size<Curve>,
                                               .generate = generate,
                                               .encapsulate = encapsulate,
                                               .decapsulate = decapsulate};
};

}  // namespace bulla::crypto::ec
