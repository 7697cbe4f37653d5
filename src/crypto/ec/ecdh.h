// A curve as a key exchange group (RFC 9846 §4.3.8.2, §7.4.2): shares are uncompressed points, the secret is
// the X coordinate with its leading zeros.
#pragma once

#include "crypto/ec/keys.h"

namespace bulla::crypto::ec {

template <class Curve, template <class> class Products = CompleteProducts>
struct Ecdh {
  static constexpr size_t lanes = lanes_of<Products<Curve>>;

  /// The X coordinate of d·share; none where d is out of range or the share is no point of the curve.
  struct Agreement {
    Bytes d = {}, share = {};
    SecretBytes* secret = nullptr;
  };

  /// As many as there are lanes.
  static void multiply_shares(std::span<const Agreement> all) noexcept {
    struct {
      typename Curve::Scalar::Number d[lanes];
      AffinePoint<Curve> points[lanes];
    } s;
    SecretBytes* secrets[lanes] = {};
    size_t count = 0;
    for (const Agreement& agreement : all) {
      agreement.secret->reset();
      const auto peer = read_point_vartime<Curve>(agreement.share);
      if (!peer || !read_scalar<Curve>(agreement.d, s.d[count])) continue;
      s.points[count] = *peer;
      secrets[count++] = agreement.secret;
    }
    // None is infinite: 0 < d < n, and n is the order of every point.
    multiply_all<Products<Curve>>(std::span(s.d).first(count), std::span(s.points).first(count));
    for (size_t i = 0; i < count; ++i) {
      *secrets[i] = SecretBytes(Curve::Field::bytes);
      to_big_endian(s.points[i].x.number(), secrets[i]->writable());
    }
    wipe(memory_of(s));
  }

  static void agree(std::span<const Agreement> all) noexcept {
    with_wiped_stack<stack_depth>([&] { multiply_shares(all); });
  }

  static void generate(Random& random, std::span<GenerateJob> all) noexcept {
    by_lanes<lanes>(all, [&](std::span<GenerateJob> jobs) {
      std::array<SecretBytes, lanes> keys;
      std::array<PublicPoint, lanes> points;
      random_scalars<Curve>(random, std::span(keys).first(jobs.size()));
      for (size_t i = 0; i < jobs.size(); ++i) {
        jobs[i].private_key = std::move(keys[i]);
        jobs[i].share.resize(point_size<Curve>);
        points[i] = {.d = jobs[i].private_key.reveal(), .out = jobs[i].share};
      }
      public_points<Curve, Products>(std::span(points).first(jobs.size()));
      for (size_t i = 0; i < jobs.size(); ++i) {
        jobs[i].ok = points[i].ok;
        if (!points[i].ok) jobs[i].share.clear();
      }
    });
  }

  static void encapsulate(Random& random, std::span<EncapsulateJob> all) noexcept {
    by_lanes<lanes>(all, [&](std::span<EncapsulateJob> jobs) {
      std::array<SecretBytes, lanes> keys;
      std::array<Agreement, lanes> agreements;
      std::array<PublicPoint, lanes> points;
      random_scalars<Curve>(random, std::span(keys).first(jobs.size()));
      for (size_t i = 0; i < jobs.size(); ++i)
        agreements[i] = {keys[i].reveal(), jobs[i].peer_share, &jobs[i].secret};
      agree(std::span(agreements).first(jobs.size()));
      size_t count = 0;
      for (size_t i = 0; i < jobs.size(); ++i) {
        jobs[i].ok = !jobs[i].secret.empty();
        jobs[i].share.clear();
        if (!jobs[i].ok) continue;
        jobs[i].share.resize(point_size<Curve>);
        points[count++] = {.d = keys[i].reveal(), .out = jobs[i].share};
      }
      public_points<Curve, Products>(std::span(points).first(count));
    });
  }

  static void decapsulate(std::span<DecapsulateJob> all) noexcept {
    by_lanes<lanes>(all, [](std::span<DecapsulateJob> jobs) {
      std::array<Agreement, lanes> agreements;
      for (size_t i = 0; i < jobs.size(); ++i)
        agreements[i] = {jobs[i].private_key ? jobs[i].private_key->reveal() : Bytes{}, jobs[i].peer_share,
                         &jobs[i].secret};
      agree(std::span(agreements).first(jobs.size()));
      for (DecapsulateJob& job : jobs) job.ok = !job.secret.empty();
    });
  }

  static constexpr GroupAlgorithm algorithm = {.id = Curve::group,
                                               .name = Curve::name,
                                               .share_size = point_size<Curve>,
                                               .reply_size = point_size<Curve>,
                                               .generate = generate,
                                               .encapsulate = encapsulate,
                                               .decapsulate = decapsulate,
                                               .lanes = lanes};
};

}  // namespace bulla::crypto::ec
