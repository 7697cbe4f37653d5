#include "crypto/hpke/hpke.h"

#include "crypto/hkdf.h"

#include <algorithm>
#include <initializer_list>

namespace bulla::crypto::hpke {
namespace {

struct KemRow {
  Kem id;
  NamedGroup group;
  HashId hash;
};
constexpr KemRow kems[] = {
    {Kem::dhkem_p256_hkdf_sha256, NamedGroup::secp256r1, HashId::sha256},
    {Kem::dhkem_p384_hkdf_sha384, NamedGroup::secp384r1, HashId::sha384},
    {Kem::dhkem_p521_hkdf_sha512, NamedGroup::secp521r1, HashId::sha512},
    {Kem::dhkem_x25519_hkdf_sha256, NamedGroup::x25519, HashId::sha256},
};

/// The algorithms of a suite, as a provider has them.
struct Algorithms {
  const GroupAlgorithm* group;
  const HashAlgorithm *kem_hash, *hash;
  const AeadAlgorithm* aead;  // none: export only
};

const HashAlgorithm* hash_of(const Provider& provider, Kdf kdf) noexcept {
  switch (kdf) {
    case Kdf::hkdf_sha256: return provider.hash(HashId::sha256);
    case Kdf::hkdf_sha384: return provider.hash(HashId::sha384);
    case Kdf::hkdf_sha512: return provider.hash(HashId::sha512);
  }
  return nullptr;
}

const AeadAlgorithm* aead_of(const Provider& provider, Aead aead) noexcept {
  switch (aead) {
    case Aead::aes_128_gcm: return provider.aead(AeadId::aes_128_gcm);
    case Aead::aes_256_gcm: return provider.aead(AeadId::aes_256_gcm);
    case Aead::chacha20_poly1305: return provider.aead(AeadId::chacha20_poly1305);
    case Aead::export_only: break;
  }
  return nullptr;
}

const GroupAlgorithm* group_of(const Provider& provider, Kem kem) noexcept {
  const auto row = std::ranges::find(kems, kem, &KemRow::id);
  return row == std::end(kems) ? nullptr : provider.group(row->group);
}

std::optional<Algorithms> algorithms(const Provider& provider, const Suite& suite) noexcept {
  const auto row = std::ranges::find(kems, suite.kem, &KemRow::id);
  if (row == std::end(kems)) return std::nullopt;
  const Algorithms found = {provider.group(row->group), provider.hash(row->hash),
                            hash_of(provider, suite.kdf), aead_of(provider, suite.aead)};
  if (!found.group || !found.kem_hash || !found.hash) return std::nullopt;
  if (!found.aead && suite.aead != Aead::export_only) return std::nullopt;
  return found;
}

using Id = std::vector<uint8_t>;

void append(Id& to, Bytes bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}
void append(Id& to, uint16_t number) {
  to.push_back(static_cast<uint8_t>(number >> 8));
  to.push_back(static_cast<uint8_t>(number));
}

/// RFC 9180 §4.1: suite_id = concat("KEM", I2OSP(kem_id, 2)).
Id kem_suite_id(const Suite& suite) {
  Id id;
  append(id, as_bytes("KEM"));
  append(id, static_cast<uint16_t>(suite.kem));
  return id;
}

/// RFC 9180 §5.1: suite_id = concat("HPKE", I2OSP(kem_id, 2), I2OSP(kdf_id, 2), I2OSP(aead_id, 2)).
Id suite_id(const Suite& suite) {
  Id id;
  append(id, as_bytes("HPKE"));
  append(id, static_cast<uint16_t>(suite.kem));
  append(id, static_cast<uint16_t>(suite.kdf));
  append(id, static_cast<uint16_t>(suite.aead));
  return id;
}

using Prk = InlineSecret<Context, max_digest_size>;

/// RFC 9180 §4: LabeledExtract(salt, label, ikm) = Extract(salt, concat("HPKE-v1", suite_id, label, ikm)).
Prk labeled_extract(const HashAlgorithm& hash, Bytes suite, Bytes salt, std::string_view label, Bytes ikm) {
  Prk prk(size_t{hash.digest_size});
  HmacKey(hash, salt).mac({as_bytes("HPKE-v1"), suite, as_bytes(label), ikm}, prk.writable());
  return prk;
}

/// RFC 9180 §4: LabeledExpand(prk, label, info, L) = Expand(prk, concat(I2OSP(L, 2), "HPKE-v1", suite_id,
/// label, info), L).
void labeled_expand(const HashAlgorithm& hash, Bytes suite, const Prk& prk, std::string_view label,
                    Bytes info, MutBytes out) {
  Id labeled;
  append(labeled, static_cast<uint16_t>(out.size()));
  append(labeled, as_bytes("HPKE-v1"));
  append(labeled, suite);
  append(labeled, as_bytes(label));
  append(labeled, info);
  hkdf_expand(hash, prk.reveal(), labeled, out);
}

/// RFC 9180 §4.1, ExtractAndExpand; Nsecret is the size of the hash for every DHKEM (§7.1).
SecretBytes kem_secret(const Algorithms& with, const Suite& suite, Bytes dh, Bytes enc, Bytes public_key) {
  const Id id = kem_suite_id(suite);
  Id kem_context;
  append(kem_context, enc);
  append(kem_context, public_key);
  const Prk prk = labeled_extract(*with.kem_hash, id, {}, "eae_prk", dh);
  SecretBytes secret(size_t{with.kem_hash->digest_size});
  labeled_expand(*with.kem_hash, id, prk, "shared_secret", kem_context, secret.writable());
  return secret;
}

}  // namespace

/// RFC 9180 §5.1, KeySchedule in mode_base, where psk and psk_id are empty.
class Schedule {
 public:
  static Context run(const Algorithms& with, const Suite& suite, Bytes shared_secret, Bytes info) {
    constexpr uint8_t mode_base = 0;
    const HashAlgorithm& hash = *with.hash;
    Context out;
    out.suite_id_ = suite_id(suite);
    out.hash_ = &hash;
    Id schedule_context = {mode_base};
    append(schedule_context, labeled_extract(hash, out.suite_id_, {}, "psk_id_hash", {}).reveal());
    append(schedule_context, labeled_extract(hash, out.suite_id_, {}, "info_hash", info).reveal());
    const Prk secret = labeled_extract(hash, out.suite_id_, shared_secret, "secret", {});
    const auto expand = [&](std::string_view label, MutBytes bytes) {
      labeled_expand(hash, out.suite_id_, secret, label, schedule_context, bytes);
    };
    if (with.aead) {
      SecretBytes key(size_t{with.aead->key_size});
      expand("key", key.writable());
      out.key_ = with.aead->make_key(key.reveal());
      out.base_nonce_ = InlineSecret<Context, aead_nonce_size>(aead_nonce_size);
      expand("base_nonce", out.base_nonce_.writable());
    }
    out.exporter_secret_ = Prk(size_t{hash.digest_size});
    expand("exp", out.exporter_secret_.writable());
    return out;
  }
};

bool supports(const Provider& provider, const Suite& suite) noexcept {
  return algorithms(provider, suite).has_value();
}

std::optional<KeyPair> generate(const Provider& provider, Kem kem, Random& random) {
  const GroupAlgorithm* group = group_of(provider, kem);
  if (!group) return std::nullopt;
  GenerateJob job;
  group->generate(random, {&job, 1});
  if (!job.ok) return std::nullopt;
  return KeyPair{std::move(job.private_key), std::move(job.share)};
}

std::optional<AeadNonce> Context::next_nonce() noexcept {
  if (sequence_ == UINT64_MAX) return std::nullopt;
  AeadNonce nonce{};
  std::ranges::copy(base_nonce_.reveal(), nonce.begin());
  for (size_t i = 0; i < 8; ++i) nonce[aead_nonce_size - 1 - i] ^= static_cast<uint8_t>(sequence_ >> 8 * i);
  return nonce;
}

std::optional<SecretBytes> Context::export_secret(Bytes context, size_t size) const {
  if (exporter_secret_.empty() || size > hkdf_max_output(*hash_)) return std::nullopt;
  SecretBytes out(size);
  labeled_expand(*hash_, suite_id_, exporter_secret_, "sec", context, out.writable());
  return out;
}

std::optional<Sender> Sender::setup(const Provider& provider, const Suite& suite, Bytes public_key,
                                    Bytes info, Random& random) {
  const auto with = algorithms(provider, suite);
  if (!with) return std::nullopt;
  EncapsulateJob job{.peer_share = public_key};
  with->group->encapsulate(random, {&job, 1});
  if (!job.ok) return std::nullopt;
  const SecretBytes secret = kem_secret(*with, suite, job.secret.reveal(), job.share, public_key);
  Sender sender(Schedule::run(*with, suite, secret.reveal(), info));
  sender.encapsulated_ = std::move(job.share);
  return sender;
}

std::optional<std::vector<uint8_t>> Sender::seal(Bytes aad, Bytes plaintext) {
  const auto nonce = next_nonce();
  if (!key_ || !nonce) return std::nullopt;
  std::vector<uint8_t> out(plaintext.size() + aead_tag_size);
  key_->seal(out, *nonce, aad, {&plaintext, 1});
  ++sequence_;
  return out;
}

std::optional<Recipient> Recipient::setup(const Provider& provider, const Suite& suite, const KeyPair& keys,
                                          Bytes encapsulated_key, Bytes info) {
  const auto with = algorithms(provider, suite);
  if (!with) return std::nullopt;
  DecapsulateJob job{.private_key = &keys.private_key, .peer_share = encapsulated_key};
  with->group->decapsulate({&job, 1});
  if (!job.ok) return std::nullopt;
  const SecretBytes secret = kem_secret(*with, suite, job.secret.reveal(), encapsulated_key, keys.public_key);
  return Recipient(Schedule::run(*with, suite, secret.reveal(), info));
}

std::optional<std::vector<uint8_t>> Recipient::open(Bytes aad, Bytes ciphertext) {
  const auto nonce = next_nonce();
  if (!key_ || !nonce) return std::nullopt;
  std::vector<uint8_t> text = to_vector(ciphertext);
  if (!key_->open(text, *nonce, aad)) return std::nullopt;
  ++sequence_;
  text.resize(text.size() - aead_tag_size);
  return text;
}

}  // namespace bulla::crypto::hpke
