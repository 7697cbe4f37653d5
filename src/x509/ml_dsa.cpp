#include "x509/ml_dsa.h"

#include <algorithm>

namespace bulla::x509 {
namespace {

using namespace asn1;

constexpr size_t seed_size = 32;

Error malformed(std::string_view why) {
  return {ErrorCode::key_malformed, std::string(why)};
}

template <class Fits>
const MlDsaSet* find(Fits fits) noexcept {
  const auto* set = std::ranges::find_if(ml_dsa_sets, fits);
  return set == std::end(ml_dsa_sets) ? nullptr : set;
}

}  // namespace

const MlDsaSet* find_ml_dsa_set(Bytes oid) noexcept {
  return find([&](const MlDsaSet& set) { return set.oid == oid; });
}

const MlDsaSet* find_ml_dsa_set(KeyType type) noexcept {
  return find([&](const MlDsaSet& set) { return set.type == type; });
}

const char* wrong_ml_dsa_usage(const PublicKeyView& key, const Extensions& extensions) noexcept {
  if (!extensions.key_usage || !find_ml_dsa_set(key.type)) return nullptr;
  struct Wrong {
    KeyUsage usage;
    const char* name;
  };
  // The other four are those of which at least one must be set: a keyUsage without any bit is malformed.
  constexpr Wrong wrong[] = {{KeyUsage::key_encipherment, "keyEncipherment"},
                             {KeyUsage::data_encipherment, "dataEncipherment"},
                             {KeyUsage::key_agreement, "keyAgreement"},
                             {KeyUsage::encipher_only, "encipherOnly"},
                             {KeyUsage::decipher_only, "decipherOnly"}};
  for (const Wrong& one : wrong)
    if (extensions.allows(one.usage)) return one.name;
  return nullptr;
}

Result<PrivateKeyMaterial> parse_ml_dsa(const MlDsaSet& set, Bytes der,
                                        const std::optional<BitString>& public_key) {
  DerReader r(der);
  std::optional<Bytes> seed, expanded;
  // The tag says which of the three it is, and no length does.
  if (r.next_is(tag::context(0))) {
    seed = r.content(tag::context(0));
  } else if (r.next_is(tag::sequence)) {
    r.sequence([&](DerReader& r) {
      seed = r.octet_string();
      expanded = r.octet_string();
    });
  } else {
    expanded = r.octet_string();
  }
  if (!r.done()) return malformed(r.why());
  if (seed && seed->size() != seed_size) return malformed("the seed of an ML-DSA key has 32 bytes");
  if (expanded && expanded->size() != set.expanded_key)
    return malformed("the expanded form of an " + name_of(set.type) + " key has " +
                     std::to_string(set.expanded_key) + " bytes");
  PrivateKeyMaterial out{.type = set.type};
  if (seed) out.scalar = SecretBytes(*seed);
  if (expanded) out.expanded = SecretBytes(*expanded);
  if (!public_key) return out;
  if (public_key->unused || public_key->octets.size() != set.public_key)
    return malformed("an " + name_of(set.type) + " public key has " + std::to_string(set.public_key) +
                     " bytes");
  out.point = to_vector(public_key->octets);
  return out;
}

}  // namespace bulla::x509
