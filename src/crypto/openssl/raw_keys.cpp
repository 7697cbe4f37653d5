#include "crypto/openssl/raw_keys.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

namespace bulla::openssl {

namespace {

/// Importing a key only reads the context, so one for each kind serves all threads and saves a fetch a key.
/// nullptr where libcrypto's configuration has no provider of such keys.
EVP_PKEY_CTX* import_context(const char* name) noexcept {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new_from_name(nullptr, name, nullptr);
  if (context && EVP_PKEY_fromdata_init(context) == 1) return context;
  EVP_PKEY_CTX_free(context);
  return nullptr;
}

EVP_PKEY_CTX* context_of(RawKeyKind kind) noexcept {
  static EVP_PKEY_CTX* const x25519 = import_context("X25519");
  static EVP_PKEY_CTX* const ed25519 = import_context("ED25519");
  return kind == RawKeyKind::x25519 ? x25519 : ed25519;
}

OSSL_PARAM octets(const char* name, Bytes bytes) noexcept {
  // Import reads the bytes only; OSSL_PARAM has one pointer type for both directions.
  return OSSL_PARAM_construct_octet_string(name, const_cast<uint8_t*>(bytes.data()), bytes.size());
}

Pkey import_key(RawKeyKind kind, int selection, OSSL_PARAM* parameters) noexcept {
  EVP_PKEY_CTX* const context = context_of(kind);
  if (!context) return nullptr;
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata(context, &key, selection, parameters) == 1) return Pkey(key);
  EVP_PKEY_free(key);
  return nullptr;
}

}  // namespace

bool is_available(RawKeyKind kind) noexcept {
  if (!context_of(kind)) return false;
  if (kind == RawKeyKind::x25519) {
    const std::unique_ptr<EVP_KEYEXCH, Freer<EVP_KEYEXCH_free>> exchange(
        EVP_KEYEXCH_fetch(nullptr, "X25519", nullptr));
    return exchange != nullptr;
  }
  const std::unique_ptr<EVP_SIGNATURE, Freer<EVP_SIGNATURE_free>> signature(
      EVP_SIGNATURE_fetch(nullptr, "ED25519", nullptr));
  return signature != nullptr;
}

Pkey load_private(RawKeyKind kind, Bytes private_key, Bytes public_key) noexcept {
  if (private_key.size() != raw_key_size) return nullptr;
  OSSL_PARAM parameters[3] = {octets(OSSL_PKEY_PARAM_PRIV_KEY, private_key), OSSL_PARAM_construct_end(),
                              OSSL_PARAM_construct_end()};
  if (!public_key.empty()) parameters[1] = octets(OSSL_PKEY_PARAM_PUB_KEY, public_key);
  return import_key(kind, EVP_PKEY_KEYPAIR, parameters);
}

Pkey load_public(RawKeyKind kind, Bytes public_key) noexcept {
  if (public_key.size() != raw_key_size) return nullptr;
  OSSL_PARAM parameters[2] = {octets(OSSL_PKEY_PARAM_PUB_KEY, public_key), OSSL_PARAM_construct_end()};
  return import_key(kind, EVP_PKEY_PUBLIC_KEY, parameters);
}

bool export_public(const EVP_PKEY* key, MutBytes out) noexcept {
  size_t size = out.size();
  return EVP_PKEY_get_raw_public_key(key, out.data(), &size) == 1 && size == raw_key_size;
}

}  // namespace bulla::openssl
