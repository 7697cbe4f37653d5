// The templates of ../ec over those of "adx", with products of the generator, and products of several points,
// in eight lanes.
#include "crypto/p256/ifma.h"

#if defined(__x86_64__)

#include "crypto/ec/ecdh.h"

namespace bulla::crypto {
namespace {

template <class Curve>
struct LaneProducts : ec::WindowProducts<Curve> {
  using Number = p256::Number;
  using Affine = p256::Product;
  static constexpr size_t lanes = p256::lanes;

  static Affine multiply_generator(const Number& k) noexcept {
    Affine out;
    p256::multiply_generator(k, out);
    return out;
  }
  /// Eight take as long as three of the above (README.md).
  static void multiply_generator_all(std::span<const Number> k, std::span<Affine> out) noexcept {
    if (k.size() > 2) return p256::multiply_generator(k, out);
    for (size_t i = 0; i < k.size(); ++i) p256::multiply_generator(k[i], out[i]);
  }
  /// Eight take less than twice as long as one of "adx".
  static void multiply_all(std::span<const Number> k, std::span<Affine> points) noexcept {
    if (k.size() > 1) return p256::multiply(k, points);
    for (size_t i = 0; i < k.size(); ++i) points[i] = ec::WindowProducts<Curve>::multiply(k[i], points[i]);
  }
};

}  // namespace

constexpr GroupAlgorithm p256_ifma = ec::Ecdh<P256Adx, LaneProducts>::algorithm;
constexpr EcdsaCurve p256_ecdsa_ifma = ec::Ecdsa<P256Adx, LaneProducts>::algorithm;

}  // namespace bulla::crypto

#endif
