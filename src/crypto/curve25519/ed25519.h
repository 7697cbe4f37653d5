// Ed25519 (RFC 8032 §5.1): deterministic signatures on edwards25519 with SHA-512.
#pragma once

#include "crypto/kernel.h"

#include <bulla/provider.h>

namespace bulla::crypto {

namespace curve25519 {
struct EdwardsAlgorithm;
}
/// All ways that this build has to multiply points of the curve.
std::span<const Kernel<curve25519::EdwardsAlgorithm>> ed25519_kernels() noexcept;

/// Bytes of a seed (RFC 8032: private key) and of a public key.
inline constexpr size_t ed25519_key_size = 32;
/// Bytes of a signature: R, then S.
inline constexpr size_t ed25519_signature_size = 64;

/// Whether a signature is that of a message; all inputs are public. The equation is [S]B = R + [k]A without
/// the cofactor. Refused without computing: other sizes, S >= L, a key that RFC 8032 §5.1.3 does not decode
/// (y >= p; no x; x = 0 with its sign set). R is not decoded but compared byte for byte with the encoding of
/// what it should be, so that no encoding but the canonical one passes.
[[nodiscard]] bool verify_ed25519_vartime(Bytes public_key, Bytes message, Bytes signature) noexcept;

/// A key that signs, from `scalar` (the seed) and `point` (the public key, or nothing). Error:
/// private_key_inconsistent for a seed of another size, or a point that does not belong to it.
Result<SigningKeyPtr> load_ed25519(const PrivateKeyMaterial& material);

/// A new key, point filled in: the seed is the next 32 bytes of `random`.
Result<PrivateKeyMaterial> generate_ed25519(Random& random);

}  // namespace bulla::crypto
