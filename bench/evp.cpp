#include "evp.h"

#include "crypto/hkdf.h"

#include <bulla/provider.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <array>
#include <memory>

namespace bulla::bench {
namespace {

using ByteVector = std::vector<uint8_t>;

using Md = std::unique_ptr<EVP_MD, Release<EVP_MD_free>>;
using MdContext = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;
using Mac = std::unique_ptr<EVP_MAC, Release<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Release<EVP_MAC_CTX_free>>;
using Kdf = std::unique_ptr<EVP_KDF, Release<EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Release<EVP_KDF_CTX_free>>;

void digests(Report& report) {
  struct Case {
    HashId id;
    const char* name;
    const EVP_MD* (*by_name)();  ///< which EVP looks for anew in each call
  };
  for (const Case& c :
       {Case{HashId::sha1, "SHA-1", EVP_sha1}, Case{HashId::sha256, "SHA-256", EVP_sha256},
        Case{HashId::sha384, "SHA-384", EVP_sha384}, Case{HashId::sha512, "SHA-512", EVP_sha512}}) {
    const HashAlgorithm& hash = *default_provider().hash(c.id);
    const Md md(EVP_MD_fetch(nullptr, c.name, nullptr));
    const MdContext context(EVP_MD_CTX_new());
    for (const size_t size : {64u, 1350u, 16384u}) {
      const ByteVector data(size, 1);
      ByteVector out(64);
      const auto ours = [&] {
        const Bytes message[] = {data};
        HashContext(hash).digest_with(message, out);
      };
      evp_row(report, std::string(c.name) + ' ' + std::to_string(size) + " B",
              "EVP_DigestInit_ex2 to _Final_ex", 1000, ours, [&] {
                need(EVP_DigestInit_ex2(context.get(), md.get(), nullptr) == 1 &&
                     EVP_DigestUpdate(context.get(), data.data(), data.size()) == 1 &&
                     EVP_DigestFinal_ex(context.get(), out.data(), nullptr) == 1);
              });
      if (size > 64) continue;
      evp_row(report, std::string(c.name) + " 64 B", "EVP_Digest by EVP_sha...()", 1000, ours, [&] {
        need(EVP_Digest(data.data(), data.size(), out.data(), nullptr, c.by_name(), nullptr) == 1);
      });
    }
  }
}

void macs(Report& report) {
  const HashAlgorithm& sha256 = *default_provider().hash(HashId::sha256);
  const ByteVector key(32, 1), message(64, 2);
  ByteVector out(32);
  const HmacKey at_hand(sha256, key);
  const Mac mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  const MacContext context(EVP_MAC_CTX_new(mac.get()));
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  need(EVP_MAC_init(context.get(), key.data(), key.size(), parameters) == 1);
  const auto theirs = [&](const uint8_t* with_key) {
    size_t size = 0;
    need(EVP_MAC_init(context.get(), with_key, with_key ? key.size() : 0, nullptr) == 1 &&
         EVP_MAC_update(context.get(), message.data(), message.size()) == 1 &&
         EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1);
  };
  evp_row(
      report, "HMAC-SHA-256 64 B, key at hand", "EVP_MAC_init without key to _final", 2000,
      [&] { at_hand.mac({message}, out); }, [&] { theirs(nullptr); });
  const auto with_key = [&] { hmac(sha256, key, message, out); };
  evp_row(report, "HMAC-SHA-256 64 B", "EVP_MAC_init to _final", 2000, with_key, [&] { theirs(key.data()); });
  evp_row(report, "HMAC-SHA-256 64 B", "EVP_Q_mac", 1000, with_key, [&] {
    size_t size = 0;
    need(EVP_Q_mac(nullptr, "HMAC", nullptr, digest, nullptr, key.data(), key.size(), message.data(),
                   message.size(), out.data(), out.size(), &size) != nullptr);
  });
}

/// HKDF-Expand-Label(secret, "key", "", 16) of TLS 1.3: what both are given is the encoded HkdfLabel.
void labels(Report& report) {
  const HashAlgorithm& sha256 = *default_provider().hash(HashId::sha256);
  const ByteVector info = {0, 16, 9, 't', 'l', 's', '1', '3', ' ', 'k', 'e', 'y', 0};
  ByteVector key(32, 1), theirs = info, out(16);
  const Kdf kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const KdfContext context(EVP_KDF_CTX_new(kdf.get()));
  char digest[] = "SHA256";
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key.data(), key.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, theirs.data(), theirs.size()),
      OSSL_PARAM_construct_end()};
  evp_row(
      report, "HKDF-Expand-Label SHA-256 16 B", "EVP_KDF_CTX_reset, EVP_KDF_derive", 1000,
      [&] { hkdf_expand(sha256, key, info, out); },
      [&] {
        EVP_KDF_CTX_reset(context.get());
        need(EVP_KDF_derive(context.get(), out.data(), out.size(), parameters) == 1);
      });
}

}  // namespace

void digests_beside_evp(Report& report) {
  digests(report);
  macs(report);
  labels(report);
}

}  // namespace bulla::bench
