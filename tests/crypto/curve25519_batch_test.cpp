// Curve25519 for several at once: whatever a kernel does side by side must give what `soft` gives alone.
#include "crypto/curve25519/ed25519.h"
#include "crypto/curve25519/edwards.h"
#include "crypto/curve25519/inverse.h"
#include "crypto/curve25519/x25519.h"
#include "crypto/one_shot.h"
#include "support/vectors.h"

#include <gtest/gtest.h>

#include <random>

namespace bulla::test {
namespace {

using namespace bulla::crypto::curve25519;

/// Two batches of eight and one more; kernels that have lanes fill them from three on.
constexpr size_t largest_batch = 17;

ByteVector random_bytes(size_t size, unsigned seed) {
  std::mt19937_64 random(seed);
  ByteVector out(size);
  for (uint8_t& byte : out) byte = static_cast<uint8_t>(random());
  return out;
}

/// Calls `test(algorithm)` for every kernel of a table that this machine runs.
template <class Kernels, class Test>
void by_every_kernel(const Kernels& kernels, const Test& test) {
  for (const auto& kernel : kernels) {
    SCOPED_TRACE(kernel.name);
    if (kernel.runs_on(crypto::cpu_word())) test(*kernel.algorithm);
  }
}

// ----------------------------------------------------------------------------------------------- inverses

/// Zero in three encodings, one, -1, limbs at their bound, and others.
std::vector<Element> elements() {
  constexpr uint64_t tight = (uint64_t{1} << 51) + (uint64_t{1} << 13);
  std::vector<Element> out = {zero,
                              {{mask51 - 18, mask51, mask51, mask51, mask51}},
                              one,
                              {{mask51 - 17, mask51, mask51, mask51, mask51}},
                              {{mask51 - 19, mask51, mask51, mask51, mask51}},
                              {{tight, tight, tight, tight, tight}},
                              {{mask51, mask51, mask51, mask51, mask51}},
                              {{0, 0, 0, 0, uint64_t{1} << 50}},
                              sqrt_minus_1,
                              d};
  const ByteVector bytes = random_bytes(32 * 40, 1);
  for (size_t i = 0; i < 40; ++i) out.push_back(decode(Bytes(bytes).subspan(32 * i).first<32>()));
  return out;
}

TEST(Batch25519, inverses_are_the_powers) {
  for (const Element& a : elements()) {
    EXPECT_TRUE(equal_vartime(inverse(a), invert(a)));
    EXPECT_TRUE(equal_vartime(inverse_vartime(a), invert(a)));
  }
}

TEST(Batch25519, inverses_together_are_those_alone) {
  const std::vector<Element> all = elements();
  for (size_t count = 0; count <= most_inverses; ++count)
    for (size_t first = 0; first + count <= all.size(); ++first) {
      std::vector<Element> some(all.begin() + static_cast<long>(first),
                                all.begin() + static_cast<long>(first + count));
      invert_all(some);
      for (size_t i = 0; i < count; ++i)
        EXPECT_TRUE(equal_vartime(some[i], invert(all[first + i]))) << count << ' ' << first + i;
    }
  std::vector<Element> zeros(most_inverses, zero);
  invert_all(zeros);
  for (const Element& a : zeros) EXPECT_TRUE(equal_vartime(a, zero));
}

// -------------------------------------------------------------------------------------------- multiples of B

Encoded encoding(const Projective& point) {
  Encoded out;
  encode_point(point, out);
  return out;
}

/// That every kernel multiplies them as soft does one of them.
void expect_multiples(std::span<const Encoded> scalars) {
  std::vector<Encoded> wanted;
  for (const Encoded& s : scalars) wanted.push_back(encoding(multiply_base(s)));
  by_every_kernel(crypto::ed25519_kernels(), [&](const EdwardsAlgorithm& a) {
    std::vector<Projective> out(scalars.size());
    a.multiply_bases(scalars, out.data());
    for (size_t i = 0; i < out.size(); ++i)
      ASSERT_EQ(to_hex(encoding(out[i])), to_hex(wanted[i])) << to_hex(scalars[i]) << ' ' << i;
  });
}

/// Scalars below 2^255 with bytes that make all digits small, large or carry; one bit; at random.
std::vector<Encoded> scalars() {
  std::vector<Encoded> out;
  for (const int fill : {0x00, 0x11, 0x77, 0x78, 0x80, 0x87, 0x88, 0xf0, 0xff}) {
    const auto byte = static_cast<uint8_t>(fill);
    out.emplace_back().fill(byte);
    out.emplace_back().fill(0);
    out.back()[0] = byte;
    out.emplace_back().fill(0);
    out.back()[31] = byte;
  }
  const ByteVector bytes = random_bytes(32 * 40, 2);
  for (size_t i = 0; i < 40; ++i)
    std::copy_n(bytes.begin() + static_cast<long>(32 * i), 32, out.emplace_back().begin());
  for (Encoded& s : out) s[31] &= 0x7f;
  return out;
}

TEST(Batch25519, multiples_in_every_number) {
  const std::vector<Encoded> all = scalars();
  for (size_t count = 0, first = 0; count <= largest_batch; first += ++count)
    expect_multiples(std::span(all).subspan(first % (all.size() - largest_batch), count));
  expect_multiples(all);
}

// A comb has six teeth 44 bits apart (comb_table.h): every entry of its table with both signs, where all
// other bits are 0 or all are 1.
TEST(Batch25519, every_digit_of_the_comb) {
  for (size_t column = 0; column < 44; ++column) {
    std::vector<Encoded> all;
    for (unsigned digit = 0; digit < 64; ++digit) {
      Encoded& s = all.emplace_back();
      s.fill(column % 2 == 0 ? 0x00 : 0xff);
      for (size_t tooth = 0; tooth < 6; ++tooth) {
        const size_t bit = column + 44 * tooth;
        if (bit >= 255) continue;
        const auto mask = static_cast<uint8_t>(1 << bit % 8);
        s[bit / 8] = static_cast<uint8_t>((digit >> tooth & 1) != 0 ? s[bit / 8] | mask : s[bit / 8] & ~mask);
      }
      s[31] &= 0x7f;
    }
    expect_multiples(all);
  }
}

TEST(Batch25519, points_are_encoded_as_alone) {
  const std::vector<Encoded> all = scalars();
  std::vector<Projective> points = {{zero, one, one}};
  for (size_t i = 1; i < most_inverses; ++i) points.push_back(multiply_base(all[i]));
  std::vector<Encoded> together(points.size());
  encode_points(points, together.data());
  for (size_t i = 0; i < points.size(); ++i) {
    EXPECT_EQ(together[i], encoding(points[i])) << i;
    Encoded public_one;
    encode_point_vartime(points[i], public_one);
    EXPECT_EQ(public_one, together[i]) << i;
  }
}

// ------------------------------------------------------------------------------------------------- X25519

const GroupAlgorithm& x25519_soft() {
  return *crypto::x25519_kernels().back().algorithm;
}

/// Shares that agree on nothing: of small order, or of another size.
std::vector<ByteVector> bad_shares() {
  return {ByteVector(32),
          from_hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
          ByteVector(31, 7),
          from_hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
          {}};
}

struct Exchange {
  std::vector<GenerateJob> keys;
  std::vector<EncapsulateJob> replies;
  std::vector<DecapsulateJob> secrets;
};
/// With random bytes that repeat, which are the scalars; `is_bad(i)`: whether job i meets a bad share.
template <class IsBad>
Exchange exchange(const GroupAlgorithm& group, const ByteVector& bytes, size_t count, const IsBad& is_bad) {
  static const std::vector<ByteVector> bad = bad_shares();
  const auto from = [&](size_t i, Bytes share) { return is_bad(i) ? Bytes(bad[i % bad.size()]) : share; };
  Exchange out{std::vector<GenerateJob>(count), std::vector<EncapsulateJob>(count),
               std::vector<DecapsulateJob>(count)};
  FixedRandom random(bytes);
  group.generate(random, out.keys);
  for (size_t i = 0; i < count; ++i) out.replies[i].peer_share = from(i, out.keys[count - 1 - i].share);
  group.encapsulate(random, out.replies);
  for (size_t i = 0; i < count; ++i) {
    out.secrets[i].private_key = &out.keys[i].private_key;
    out.secrets[i].peer_share = from(i, out.keys[(i + 1) % count].share);
  }
  group.decapsulate(out.secrets);
  return out;
}

void expect_same(const Exchange& a, const Exchange& b) {
  for (size_t i = 0; i < a.keys.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(to_hex(a.keys[i].share), to_hex(b.keys[i].share));
    EXPECT_EQ(a.replies[i].ok, b.replies[i].ok);
    EXPECT_EQ(to_hex(a.replies[i].share), to_hex(b.replies[i].share));
    EXPECT_EQ(to_hex(a.replies[i].secret.reveal()), to_hex(b.replies[i].secret.reveal()));
    EXPECT_EQ(a.secrets[i].ok, b.secrets[i].ok);
    EXPECT_EQ(to_hex(a.secrets[i].secret.reveal()), to_hex(b.secrets[i].secret.reveal()));
  }
}

TEST(Batch25519, exchanges_in_every_number_and_bad_shares_fail_alone) {
  for (size_t count = 1; count <= largest_batch; ++count)
    for (const size_t every : {1u, 2u, 3u, 100u}) {
      const auto is_bad = [&](size_t i) { return i % every == every - 1; };
      const ByteVector bytes = random_bytes(32 * 40, static_cast<unsigned>(count));
      const Exchange wanted = exchange(x25519_soft(), bytes, count, is_bad);
      for (size_t i = 0; i < count; ++i) {
        EXPECT_EQ(wanted.replies[i].ok, !is_bad(i)) << i;
        EXPECT_EQ(wanted.secrets[i].ok, !is_bad(i)) << i;
      }
      by_every_kernel(crypto::x25519_kernels(), [&](const GroupAlgorithm& group) {
        expect_same(exchange(group, bytes, count, is_bad), wanted);
      });
    }
}

// Clamped, they are 2^254, 2^255 - 8 and between.
TEST(Batch25519, exchanges_with_scalars_at_their_edges) {
  ByteVector bytes;
  for (const Encoded& s : scalars()) bytes.insert(bytes.end(), s.begin(), s.end());
  const auto none = [](size_t) { return false; };
  const size_t count = scalars().size();
  const Exchange wanted = exchange(x25519_soft(), bytes, count, none);
  by_every_kernel(crypto::x25519_kernels(), [&](const GroupAlgorithm& group) {
    expect_same(exchange(group, bytes, count, none), wanted);
  });
}

// ------------------------------------------------------------------------------------------------- Ed25519

TEST(Batch25519, signatures_in_every_number_and_other_algorithms_fail_alone) {
  FixedRandom random(random_bytes(32, 3));
  const auto material = crypto::generate_ed25519(random);
  ASSERT_TRUE(material);
  const auto key = crypto::load_ed25519(*material);
  ASSERT_TRUE(key);
  for (size_t count = 0; count <= largest_batch; ++count)
    for (const size_t every : {1u, 2u, 3u, 100u}) {
      std::vector<ByteVector> messages;
      for (size_t i = 0; i < count; ++i) messages.push_back(random_bytes(i * 13, static_cast<unsigned>(i)));
      std::vector<SignJob> jobs(count);
      for (size_t i = 0; i < count; ++i) {
        jobs[i].algorithm =
            i % every == every - 1 ? SignatureAlgorithm::ecdsa_sha256 : SignatureAlgorithm::ed25519;
        jobs[i].message = messages[i];
      }
      (*key)->sign(random, jobs);
      for (size_t i = 0; i < count; ++i) {
        ASSERT_EQ(jobs[i].ok, i % every != every - 1);
        EXPECT_EQ(jobs[i].signature.empty(), !jobs[i].ok);
        if (!jobs[i].ok) continue;
        SignJob alone{.algorithm = SignatureAlgorithm::ed25519, .message = messages[i]};
        (*key)->sign(random, {&alone, 1});
        EXPECT_EQ(to_hex(jobs[i].signature), to_hex(alone.signature));
        EXPECT_TRUE(crypto::verify_ed25519_vartime(material->point, messages[i], jobs[i].signature));
      }
    }
}

}  // namespace
}  // namespace bulla::test
