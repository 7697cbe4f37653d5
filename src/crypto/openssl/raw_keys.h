// X25519 and Ed25519 keys as EVP_PKEY. libcrypto has no exported low-level functions for them.
#pragma once

#include "crypto/openssl/libcrypto.h"

namespace bulla::openssl {

inline constexpr size_t raw_key_size = 32;

enum class RawKeyKind : uint8_t { x25519, ed25519 };

/// Whether libcrypto, as it is configured, loads such keys and agrees or signs with them.
bool is_available(RawKeyKind kind) noexcept;
/// A private key of 32 bytes; its public half is computed unless it is given. nullptr on failure.
Pkey load_private(RawKeyKind kind, Bytes private_key, Bytes public_key = {}) noexcept;
/// A public key of 32 bytes. nullptr on failure.
Pkey load_public(RawKeyKind kind, Bytes public_key) noexcept;
/// Writes the 32 bytes of the public half.
bool export_public(const EVP_PKEY* key, MutBytes out) noexcept;

}  // namespace bulla::openssl
