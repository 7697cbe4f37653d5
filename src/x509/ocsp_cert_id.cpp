#include "x509/ocsp_cert_id.h"

#include "x509/digest.h"

namespace bulla::x509 {

using namespace asn1;

CertId read_cert_id(DerReader& r) {
  CertId out;
  const Element e = r.element(tag::sequence);
  if (!r.ok()) return out;
  out.whole = e.whole;
  DerReader inner(e.content);
  out.hash = hash_id_of(read_algorithm(inner));
  out.name_hash = inner.octet_string();
  out.key_hash = inner.octet_string();
  out.serial = inner.integer();
  if (!inner.done()) r.fail(inner.why());
  return out;
}

std::vector<uint8_t> key_hash_of(const SubjectPublicKey& key, const Provider& provider) {
  return digest_of(provider, HashId::sha1, key.bits);
}

const IssuerHashes::Pair* IssuerHashes::of(HashId hash) {
  auto& known = known_[static_cast<size_t>(hash)];
  if (!known) known = {digest_of(provider_, hash, name_), digest_of(provider_, hash, key_)};
  return known->name.empty() ? nullptr : &*known;
}

bool IssuerHashes::are_in(const CertId& id) {
  const Pair* ours = id.hash ? of(*id.hash) : nullptr;
  return ours && equal_vartime(ours->name, id.name_hash) && equal_vartime(ours->key, id.key_hash);
}

void IssuerHashes::write_cert_id(DerWriter& w, Bytes serial) {
  const Pair* ours = of(HashId::sha1);
  w.sequence([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.oid(oids::sha1);
      w.null();
    });
    w.octet_string(ours ? Bytes(ours->name) : Bytes{});
    w.octet_string(ours ? Bytes(ours->key) : Bytes{});
    w.value(tag::integer, serial);
  });
}

}  // namespace bulla::x509
