#include "crypto/hybrid/hybrid.h"

#include "crypto/curve25519/x25519.h"
#include "crypto/hybrid/join.h"
#include "crypto/ml_kem/ml_kem.h"
#include "crypto/p256/p256.h"
#include "crypto/p384/p384.h"

namespace bulla::crypto {
namespace {

using Kernels = std::span<const Kernel<GroupAlgorithm>> (*)() noexcept;

/// Two groups as one. The halves are named at compile time, since the functions of the seam carry no state.
template <Kernels first, Kernels second>
struct Hybrid {
  static hybrid::Halves halves() noexcept {
    return {pick(first(), cpu_word()).algorithm, pick(second(), cpu_word()).algorithm};
  }
  static void generate(Random& random, std::span<GenerateJob> jobs) noexcept {
    hybrid::generate(halves(), random, jobs);
  }
  static void encapsulate(Random& random, std::span<EncapsulateJob> jobs) noexcept {
    hybrid::encapsulate(halves(), random, jobs);
  }
  static void decapsulate(std::span<DecapsulateJob> jobs) noexcept { hybrid::decapsulate(halves(), jobs); }

  /// `lanes`: of the half that has most, by its fastest kernel.
  static constexpr GroupAlgorithm algorithm(NamedGroup id, std::string_view name, uint16_t share_size,
                                            uint16_t reply_size, uint8_t lanes = 1) noexcept {
    return {.id = id,
            .name = name,
            .share_size = share_size,
            .reply_size = reply_size,
            .generate = generate,
            .encapsulate = encapsulate,
            .decapsulate = decapsulate,
            .lanes = lanes};
  }
};

}  // namespace

// The sizes are the sums of those of the halves.
constexpr GroupAlgorithm x25519mlkem768 = Hybrid<ml_kem_768_kernels, x25519_kernels>::algorithm(
    NamedGroup::x25519mlkem768, "X25519MLKEM768", 1184 + 32, 1088 + 32, 8);
constexpr GroupAlgorithm secp256r1mlkem768 = Hybrid<p256_kernels, ml_kem_768_kernels>::algorithm(
    NamedGroup::secp256r1mlkem768, "SecP256r1MLKEM768", 65 + 1184, 65 + 1088);
constexpr GroupAlgorithm secp384r1mlkem1024 = Hybrid<p384_kernels, ml_kem_1024_kernels>::algorithm(
    NamedGroup::secp384r1mlkem1024, "SecP384r1MLKEM1024", 97 + 1568, 97 + 1568);

}  // namespace bulla::crypto
