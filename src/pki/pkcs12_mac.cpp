#include "pki/pkcs12_mac.h"

#include "base/ct.h"
#include "crypto/hmac.h"
#include "crypto/pbkdf2.h"
#include "pki/pkcs12_format.h"
#include "pki/pkcs12_text.h"

#include <algorithm>
#include <array>

namespace bulla::pki {
namespace {

using namespace asn1;

constexpr size_t salt_size = 16;

struct NamedHash {
  HashId id;
  Oid hash, hmac;
  std::string_view name;
};
constexpr NamedHash hashes[] = {{HashId::sha1, oids::sha1, oids::hmac_sha1, "HMAC-SHA-1"},
                                {HashId::sha256, oids::sha256, oids::hmac_sha256, "HMAC-SHA-256"},
                                {HashId::sha384, oids::sha384, oids::hmac_sha384, "HMAC-SHA-384"},
                                {HashId::sha512, oids::sha512, oids::hmac_sha512, "HMAC-SHA-512"}};

std::optional<HashId> hash_of(Bytes oid, Oid NamedHash::* column) {
  for (const NamedHash& known : hashes)
    if (known.*column == oid) return known.id;
  return {};
}

std::string_view name_of(HashId id) {
  return std::ranges::find(hashes, id, &NamedHash::id)->name;
}

bool is_null(Bytes parameters) {
  DerReader r(parameters);
  r.null();
  return r.done();
}

/// The key for a MAC, as long as a digest (RFC 7292 §B.2, ID 3, one block of output). `passphrase`:
/// BMPString.
void mac_key(const HashAlgorithm& hash, Bytes passphrase, Bytes salt, uint32_t iterations, MutBytes out) {
  const size_t block = hash.block_size;
  std::array<uint8_t, max_hash_block_size> id;
  id.fill(3);
  HashContext context(hash);
  context.update(Bytes(id).first(block));
  for (const Bytes part : {salt, passphrase})
    for (size_t left = (part.size() + block - 1) / block * block; left > 0;) {
      const Bytes next = part.first(std::min(left, part.size()));
      context.update(next);
      left -= next.size();
    }
  context.finish(out);
  for (uint32_t i = 1; i < iterations; ++i) {
    context.update(out);
    context.finish(out);
  }
}

/// PBMAC1-params (RFC 8018 §A.5), as RFC 9579 §5 wants them.
Result<void> read_pbmac1(Bytes parameters, const x509::KeyFileLimits& limits, Pkcs12Mac& out) {
  constexpr size_t shortest_key = 20, longest_key = 64;
  DerReader r(parameters);
  x509::AlgorithmIdentifier kdf, scheme;
  r.sequence([&](DerReader& r) {
    kdf = x509::read_algorithm(r);
    scheme = x509::read_algorithm(r);
  });
  if (!r.done()) return malformed_pkcs12(r.why());
  if (!(oids::pbkdf2 == kdf.oid))
    return unsupported_pkcs12("its PBMAC1 derives a key with the algorithm " + to_dotted(kdf.oid));
  const auto hash = hash_of(scheme.oid, &NamedHash::hmac);
  if (!hash || *hash == HashId::sha1)
    return unsupported_pkcs12("its PBMAC1 uses the algorithm " + to_dotted(scheme.oid));
  auto derivation = x509::read_pbkdf2(kdf.parameters, limits);
  if (!derivation) return as_pkcs12(std::move(derivation).error());
  if (!derivation->key_size) return malformed_pkcs12("PBMAC1 without the length of its key");
  if (*derivation->key_size < shortest_key || *derivation->key_size > longest_key)
    return unsupported_pkcs12("its PBMAC1 has a key of " + std::to_string(*derivation->key_size) + " bytes");
  out.hash = *hash;
  out.pbmac1 = *derivation;
  return {};
}

Result<SecretBytes> key_of(const Pkcs12Mac& mac, const HashAlgorithm& hash, std::string_view passphrase,
                           Bytes bmp, const Provider& provider) {
  SecretBytes key(mac.pbmac1 ? *mac.pbmac1->key_size : hash.digest_size);
  if (!mac.pbmac1)
    mac_key(hash, bmp, mac.salt, mac.iterations, key.writable());
  else if (!x509::derive(*mac.pbmac1, as_bytes(passphrase), provider, key.writable()))
    return unsupported_pkcs12("the provider lacks a hash");
  return key;
}

void write_pbkdf2(DerWriter& w, Bytes salt, uint32_t iterations, size_t key_size) {
  w.sequence([&](DerWriter& w) {
    w.oid(oids::pbkdf2);
    w.sequence([&](DerWriter& w) {
      w.octet_string(salt);
      w.integer(iterations);
      w.integer(key_size);
      w.sequence([](DerWriter& w) {
        w.oid(oids::hmac_sha256);
        w.null();
      });
    });
  });
}

void write_algorithm(DerWriter& w, const Pkcs12Protection& how, Bytes salt, size_t key_size) {
  w.sequence([&](DerWriter& w) {
    if (how.integrity == Pkcs12Integrity::hmac) {
      w.oid(oids::sha256);
      w.null();
      return;
    }
    w.oid(oids::pbmac1);
    w.sequence([&](DerWriter& w) {
      write_pbkdf2(w, salt, how.iterations, key_size);
      w.sequence([](DerWriter& w) {
        w.oid(oids::hmac_sha256);
        w.null();
      });
    });
  });
}

}  // namespace

Result<Pkcs12Mac> read_mac(DerReader r, const x509::KeyFileLimits& limits) {
  Pkcs12Mac out;
  x509::AlgorithmIdentifier algorithm;
  uint64_t iterations = 1;
  r.sequence([&](DerReader& r) {
    r.sequence([&](DerReader& r) {
      algorithm = x509::read_algorithm(r);
      out.digest = r.octet_string();
    });
    out.salt = r.octet_string();
    // One is the default, which some write all the same.
    if (r.next_is(tag::integer)) iterations = r.small_integer(UINT64_MAX);
  });
  if (!r.done()) return malformed_pkcs12(r.why());
  if (oids::pbmac1 == algorithm.oid) {
    BULLA_TRY(read_pbmac1(algorithm.parameters, limits, out));
    return out;
  }
  const auto hash = hash_of(algorithm.oid, &NamedHash::hash);
  if (!hash) return unsupported_pkcs12("its MAC uses the hash " + to_dotted(algorithm.oid));
  if (!algorithm.parameters.empty() && !is_null(algorithm.parameters))
    return malformed_pkcs12("the hash of its MAC has parameters");  // RFC 4055 §2.1
  if (iterations == 0) return malformed_pkcs12("a MAC with no iterations");
  if (iterations > limits.pbkdf2_iterations)
    return unsupported_pkcs12("its MAC has " + std::to_string(iterations) + " iterations, more than " +
                              std::to_string(limits.pbkdf2_iterations));
  out.hash = *hash;
  out.iterations = static_cast<uint32_t>(iterations);
  return out;
}

uint64_t work_of(const Pkcs12Mac& mac) noexcept {
  if (!mac.pbmac1) return mac.iterations;
  const size_t digest = mac.pbmac1->hash == HashId::sha1 ? 20 : 32;
  return uint64_t{mac.pbmac1->iterations} * ((*mac.pbmac1->key_size + digest - 1) / digest);
}

Result<bool> verify_mac(const Pkcs12Mac& mac, Bytes content, std::string_view passphrase,
                        const Provider& provider) {
  const HashAlgorithm* hash = provider.hash(mac.hash);
  if (!hash) return unsupported_pkcs12("the provider lacks a hash");
  BULLA_TRY(const SecretBytes bmp, bmp_passphrase(passphrase));
  // RFC 7292 §B.1: an empty passphrase is two zero octets; no passphrase at all is no octets.
  for (const Bytes form : {bmp.reveal(), Bytes{}}) {
    BULLA_TRY(const SecretBytes key, key_of(mac, *hash, passphrase, form, provider));
    SecretBytes digest(hash->digest_size);
    hmac(*hash, key.reveal(), content, digest.writable());
    if (ct::equal(digest.reveal(), mac.digest)) return true;
    if (!passphrase.empty() || mac.pbmac1) break;
  }
  return false;
}

std::string print_mac(const Pkcs12Mac& mac) {
  if (!mac.pbmac1)
    return std::string(name_of(mac.hash)) + " with " + std::to_string(mac.iterations) + " iterations";
  return "PBMAC1: " + std::string(name_of(mac.hash)) + ", PBKDF2 with " +
         std::string(name_of(mac.pbmac1->hash)) + " and " + std::to_string(mac.pbmac1->iterations) +
         " iterations";
}

Result<void> write_mac(DerWriter& w, Bytes content, const Pkcs12Protection& how, const Means& means) {
  const HashAlgorithm* sha256 = means.provider.hash(HashId::sha256);
  if (!sha256) return Error{ErrorCode::key_unsupported, "the provider lacks SHA-256"};
  std::array<uint8_t, salt_size> salt;
  means.random.fill(salt);
  const bool pbmac1 = how.integrity == Pkcs12Integrity::pbmac1;
  Pkcs12Mac mac{.salt = salt, .iterations = how.iterations};
  if (pbmac1)
    mac.pbmac1 = x509::Pbkdf2{
        .hash = HashId::sha256, .iterations = how.iterations, .salt = salt, .key_size = sha256->digest_size};
  BULLA_TRY(const SecretBytes bmp, bmp_passphrase(how.passphrase));
  BULLA_TRY(const SecretBytes key, key_of(mac, *sha256, how.passphrase, bmp.reveal(), means.provider));
  std::array<uint8_t, 32> digest;
  hmac(*sha256, key.reveal(), content, digest);
  w.sequence([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      write_algorithm(w, how, salt, sha256->digest_size);
      w.octet_string(digest);
    });
    // RFC 9579 §5: with PBMAC1 these two mean nothing.
    w.octet_string(salt);
    w.integer(pbmac1 ? 1 : how.iterations);
  });
  return {};
}

}  // namespace bulla::pki
