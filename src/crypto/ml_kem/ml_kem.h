// ML-KEM-768 and ML-KEM-1024 (FIPS 203), in the shape of the provider seam: the encapsulation key is the
// initiator's share, the ciphertext is the responder's.
//
// generate: takes 64 bytes from `random`, the seed d || z. Gives the encapsulation key, and as private key
// the decapsulation key in the expanded form of §7.1: dk_PKE || ek || H(ek) || z.
// encapsulate: refuses an encapsulation key of another length, or with a coefficient of q or more (§7.2: the
// type and modulus checks). Takes 32 bytes from `random`, the message m.
// decapsulate: takes a private key in either form: the seed, or the expanded form, which is refused if its
// hash of ek is wrong (§7.3: the hash check). A ciphertext of another length is refused; any other gives a
// secret, if a useless one where it was not made for this key (implicit rejection).
//
// Each call does any number of jobs; where one is refused its share and secret are empty.
#pragma once

#include "crypto/kernel.h"

#include <bulla/provider.h>

namespace bulla::crypto {

/// Their code points (draft-ietf-tls-mlkem). TLS does not offer them alone: they are halves of hybrid groups.
inline constexpr NamedGroup mlkem768_alone{0x0201}, mlkem1024_alone{0x0202};

/// Bytes of a private key in the form of a seed: d || z.
inline constexpr size_t ml_kem_seed_size = 64;

/// All ways to compute it that this build has.
std::span<const Kernel<GroupAlgorithm>> ml_kem_768_kernels() noexcept;
/// Likewise.
std::span<const Kernel<GroupAlgorithm>> ml_kem_1024_kernels() noexcept;

}  // namespace bulla::crypto
