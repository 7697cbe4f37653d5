// The entries that the files of this folder contribute to the provider.
#pragma once

#include <bulla/provider.h>

namespace bulla::openssl {

extern const HashAlgorithm sha1, sha256, sha384, sha512;
extern const AeadAlgorithm aes_128_gcm, aes_256_gcm, chacha20_poly1305;
extern const GroupAlgorithm x25519, secp256r1, secp384r1;
extern const SignatureFunctions signature_functions;

/// Whether libcrypto, as it is configured, has the cipher.
bool is_available(AeadId id) noexcept;
/// nullptr in both fields where libcrypto, as it is configured, has no AES-CBC.
KeyFileCipher available_key_file_cipher() noexcept;

}  // namespace bulla::openssl
