// X25519 as RFC 7748 §5 writes it: Montgomery's ladder over the arithmetic of field.h. Each of 255 steps does
// the same, whatever the bit; the two points are swapped by a mask.
#include "crypto/curve25519/edwards.h"
#include "crypto/curve25519/x25519.h"
#include "crypto/wipe_stack.h"

#include <bulla/secret.h>

#include <algorithm>

namespace bulla::crypto {
namespace curve25519 {
namespace {

constexpr size_t key_size = 32;

/// decodeScalar25519 (RFC 7748 §5): a multiple of 8 with bit 254 as its highest.
void clamp(std::span<uint8_t, key_size> k) noexcept {
  k[0] &= 248;
  k[31] &= 127;
  k[31] |= 64;
}

/// X25519(k, u), the function of RFC 7748 §5 with its names.
void ladder(std::span<const uint8_t, key_size> scalar, std::span<const uint8_t, key_size> u,
            std::span<uint8_t, key_size> out) noexcept {
  struct {
    Encoded k;
    Element x_2, z_2, x_3, z_3, aa, bb, da, cb, result;
    Fe<2> a;
    Fe<3> b, e;
    uint64_t swap;
  } s;
  std::copy(scalar.begin(), scalar.end(), s.k.begin());
  clamp(s.k);
  const Element x_1 = decode(u);
  s.x_2 = one, s.z_2 = zero, s.x_3 = x_1, s.z_3 = one;
  s.swap = 0;
  for (size_t t = 255; t-- > 0;) {
    const uint64_t k_t = static_cast<uint64_t>(s.k[t / 8]) >> (t % 8) & 1;
    const auto swap = ct::Mask<uint64_t>::of_bit(s.swap ^ k_t);
    swap_if(swap, s.x_2, s.x_3);
    swap_if(swap, s.z_2, s.z_3);
    s.swap = k_t;

    s.a = s.x_2 + s.z_2;
    s.b = s.x_2 - s.z_2;
    s.aa = square(s.a);
    s.bb = square(s.b);
    s.e = s.aa - s.bb;
    s.da = (s.x_3 - s.z_3) * s.a;
    s.cb = (s.x_3 + s.z_3) * s.b;
    s.x_3 = square(s.da + s.cb);
    s.z_3 = x_1 * square(s.da - s.cb);
    s.x_2 = s.aa * s.bb;
    s.z_2 = s.e * (s.aa + times_121665(s.e));
  }
  const auto swap = ct::Mask<uint64_t>::of_bit(s.swap);
  swap_if(swap, s.x_2, s.x_3);
  swap_if(swap, s.z_2, s.z_3);
  s.result = s.x_2 * invert(s.z_2);
  encode(s.result, out);
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}
/// The same, and nothing is left of it.
void x25519(std::span<const uint8_t, key_size> scalar, std::span<const uint8_t, key_size> u,
            std::span<uint8_t, key_size> out) noexcept {
  with_wiped_stack<stack_depth>([&] { ladder(scalar, u, out); });
}

/// X25519(k, 9), by way of the Edwards curve, whose base point the birational map of RFC 7748 §4.1 sends to 9
/// and for which there is a table: u = (1 + y)/(1 - y) = (Z + Y)/(Z - Y). The divisor is not zero: that would
/// take k·B to be the neutral element and k, a multiple of 8, one of 8·L too, which is more than 2^255.
void multiply_nine(std::span<const uint8_t, key_size> scalar, std::span<uint8_t, key_size> out) noexcept {
  struct {
    Encoded k;
    Projective p;
    Element reciprocal;
  } s;
  std::copy(scalar.begin(), scalar.end(), s.k.begin());
  clamp(s.k);
  s.p = multiply_base(s.k);
  s.reciprocal = invert(tighten(s.p.z - s.p.y));
  encode((s.p.z + s.p.y) * s.reciprocal, out);
  ct::declassify(out.data(), out.size(), "a public key");
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}
/// The same, and nothing is left of it: k·B as (X : Y : Z) tells more of k than the share does.
void x25519_base(std::span<const uint8_t, key_size> scalar, std::span<uint8_t, key_size> out) noexcept {
  with_wiped_stack<stack_depth>([&] { multiply_nine(scalar, out); });
}

/// The secret that a private key and a share agree on; empty where the share has a wrong size or the secret
/// is all zero, as RFC 9846 §7.4.2 demands.
SecretBytes agree(std::span<const uint8_t, key_size> scalar, Bytes share) {
  if (share.size() != key_size) return {};
  SecretBytes secret(key_size);
  x25519(scalar, share.first<key_size>(), secret.writable().first<key_size>());
  static constexpr Encoded none{};
  if (ct::equal(secret.reveal(), none)) secret.reset();
  return secret;
}

void generate(Random& random, std::span<GenerateJob> jobs) noexcept {
  for (GenerateJob& job : jobs) {
    job.private_key = SecretBytes(key_size);
    random.fill(job.private_key.writable());
    job.share.resize(key_size);
    x25519_base(job.private_key.reveal().first<key_size>(), std::span(job.share).first<key_size>());
    job.ok = true;
  }
}

void encapsulate(Random& random, std::span<EncapsulateJob> jobs) noexcept {
  for (EncapsulateJob& job : jobs) {
    SecretBytes private_key(key_size);
    random.fill(private_key.writable());
    const auto scalar = private_key.reveal().first<key_size>();
    job.share.clear();
    job.secret = agree(scalar, job.peer_share);
    job.ok = !job.secret.empty();
    if (!job.ok) continue;
    job.share.resize(key_size);
    x25519_base(scalar, std::span(job.share).first<key_size>());
  }
}

void decapsulate(std::span<DecapsulateJob> jobs) noexcept {
  for (DecapsulateJob& job : jobs) {
    job.secret.reset();
    if (job.private_key && job.private_key->size() == key_size)
      job.secret = agree(job.private_key->reveal().first<key_size>(), job.peer_share);
    job.ok = !job.secret.empty();
  }
}

constexpr GroupAlgorithm soft = {.id = NamedGroup::x25519,
                                 .name = "x25519",
                                 .share_size = key_size,
                                 .reply_size = key_size,
                                 .generate = generate,
                                 .encapsulate = encapsulate,
                                 .decapsulate = decapsulate};
constexpr Kernel<GroupAlgorithm> kernels[] = {{"soft", 0, &soft}};

}  // namespace
}  // namespace curve25519

std::span<const Kernel<GroupAlgorithm>> x25519_kernels() noexcept {
  return curve25519::kernels;
}

}  // namespace bulla::crypto
